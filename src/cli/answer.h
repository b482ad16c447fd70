/* The answer of a command: held back until the command has succeeded, then written to
 * standard output or to the file of -o, so that nothing half done is ever seen. */
#ifndef QDQEDIT_CLI_ANSWER_H
#define QDQEDIT_CLI_ANSWER_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

/* Starts an answer; false when memory is gone. */
bool answer_begin(void);

/* Where the answer is gathered, and printf to it. */
FILE *answer_stream(void);
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A first field of CSV, its quotation marks doubled; a further one with its comma. */
void answer_csv_text(const char *text);
void answer_csv_number(double value);

/* The answer goes to this file ("-": standard output), which is borrowed. */
void answer_send_to(const char *path, bool force);

/* Ends the answer: written if `keep`, dropped else. */
bool answer_end(bool keep, struct error *err);

#endif
