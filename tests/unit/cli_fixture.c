#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

void cli_begin(void)
{
	struct test_result r;

	r = cli_shell("$Q demo mixed8 -o . && mv mixed8.onnx m.onnx && "
		      "$Q promote m.onnx Op4_out=QUInt16 --op-types all >o.json && "
		      "echo 'no model' >bad.onnx");
	cr_assert_eq(r.status, 0, "%s", r.err);
}

struct test_result cli_shell(const char *script)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	const char *environment[] = {test_text("Q=%s", test_program()), NULL};

	return test_run_with(&(struct test_command){
		.argv = argv, .folder = test_folder(), .environment = environment});
}

struct test_result cli_run_with(const char *line, const char *input)
{
	const char *argv[40] = {test_program()};
	char *state = NULL, *text = test_text("%s", line);
	size_t count = 1;

	for (char *word = strtok_r(text, " ", &state); word && count < 39;
		word = strtok_r(NULL, " ", &state))
		argv[count++] = word;
	return test_run_with(&(struct test_command){.argv = argv,
		.folder = test_folder(),
		.input = input,
		.input_length = input ? strlen(input) : 0,
		.seconds = 60});
}

struct test_result cli_run(const char *line)
{
	return cli_run_with(line, NULL);
}

char *cli_answer(const char *line)
{
	struct test_result r = cli_run(line);

	cr_assert_eq(r.status, 0, "%s: %d %s", line, r.status, r.err);
	return r.out;
}

/* Names, modes and contents of everything in the folder. */
static char *folder_state(void)
{
	return cli_shell("find . -printf '%p %m %s %l\\n' | sort; "
			 "find . -type f -exec md5sum {} + | sort")
		.out;
}

void cli_refuses(const char *line, int status, const char *part)
{
	char *before = folder_state();
	struct test_result r = cli_run(line);

	cr_expect_eq(r.status, status, "%s: exit %d, not %d: %s", line, r.status, status,
		r.err);
	cr_expect_str_eq(r.out, "", "%s: says %s", line, r.out);
	cr_expect(!strncmp(r.err, "qdqedit: ", 9) && r.err_length > 0 &&
			  strchr(r.err, '\n') == r.err + r.err_length - 1,
		"%s: not one line: %s", line, r.err);
	cr_expect(strstr(r.err, part), "%s: no '%s' in: %s", line, part, r.err);
	cr_expect(strstr(r.err, "; ") || strchr(r.err, '?'), "%s: no next step: %s", line,
		r.err);
	cr_expect_str_eq(folder_state(), before, "%s: changed the folder", line);
}

json_t *cli_json(const char *line)
{
	struct test_result r = cli_run(line);
	json_error_t error;
	json_t *json = json_loadb(r.out, r.out_length, JSON_REJECT_DUPLICATES, &error);

	cr_assert(json, "%s: exit %d, %s at line %d of: %s%s", line, r.status, error.text,
		error.line, r.out, r.err);
	return json;
}
