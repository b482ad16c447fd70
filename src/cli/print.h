/* What the batch commands print: errors and notes on standard error, answers on
 * standard output. */
#ifndef QDQEDIT_CLI_PRINT_H
#define QDQEDIT_CLI_PRINT_H

#include "base/error.h"
#include "base/problem.h"
#include "cli/command.h"

#include <jansson.h>

void print_verbosity(bool quiet, bool verbose);
bool print_is_quiet(void);
bool print_is_verbose(void);

/* "qdqedit: TEXT (and N more: qdqedit check)". */
void print_error(const struct error *err);

/* "qdqedit: note: TEXT" unless quiet. */
void print_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Every problem of the list as a note. */
void print_notes(const struct problem_list *list);

/* Flushes standard output; a write error turns the exit code into 1 with a message. */
int print_flush(int code);

int print_version(void);
int print_overview(void);
void print_command_help(const struct command *command);

/* The name of a terminal library and its version, for print_version. */
const char *cli_terminal_library(void);

/* A table with columns as wide as their widest cell; the last is not padded. */
struct print_table {
	const char *const *heads;
	size_t columns;
	char **cells;
	size_t count, room;
};

/* Adds a cell (copied; in row order); false when memory is gone. */
bool print_cell(struct print_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints head and rows, then frees the cells. */
void print_table(struct print_table *table);

/* Strings of a JSON answer: names are escaped when they are not UTF-8. */
json_t *print_json_text(const char *bytes, size_t length);
json_t *print_json_problems(const struct problem_list *list);
/* Prints the document with a newline and releases it; NULL is out of memory. */
int print_json(json_t *owned);

#endif
