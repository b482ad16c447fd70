/* The program on a command line, in the test's own folder. */
#ifndef QDQEDIT_TESTS_CLI_FIXTURE_H
#define QDQEDIT_TESTS_CLI_FIXTURE_H

#include "support.h"

#include <jansson.h>

/* Makes the folder: m.onnx (the demo mixed8), ranges.json, o.json (what `promote m.onnx
 * Op4_out=QUInt16 --op-types all` gives), bad.onnx (text). */
void cli_begin(void);

/* Runs the words of `line` (divided by blanks) in that folder, with `input` as standard
 * input (NULL: empty). */
struct test_result cli_run(const char *line);
struct test_result cli_run_with(const char *line, const char *input);

/* The same by a shell; $Q is the program. */
struct test_result cli_shell(const char *script);

/* Runs and expects success; returns standard output. */
char *cli_answer(const char *line);

/* Runs a line that must fail with `status`: nothing on standard output, one line
 * "qdqedit: PLACE: CAUSE; NEXT STEP" that holds `part`, and the folder as it was. */
void cli_refuses(const char *line, int status, const char *part);

/* The standard output of a line, as JSON. */
json_t *cli_json(const char *line);

#endif
