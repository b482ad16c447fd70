/* What the batch commands print: errors and notes on standard error, answers on
 * standard output. */
#ifndef QDQEDIT_CLI_PRINT_H
#define QDQEDIT_CLI_PRINT_H

#include "base/error.h"
#include "base/problem.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "export/export.h"

#include <jansson.h>

void print_verbosity(bool quiet, bool verbose);
bool print_is_quiet(void);

/* "qdqedit: TEXT (and N more: qdqedit check)". */
void print_error(const struct error *err);

/* "qdqedit: note: TEXT" unless quiet, held back until print_notes_end: a command that
 * fails tells its error and no notes. */
void print_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Lines of a report among the notes, as they are. */
void print_lines(const char *text);

/* Every problem of the list as a note. */
void print_notes(const struct problem_list *list);
void print_notes_end(bool keep);

/* Those of a foreign file as notes; of what has no place in the model (plan/unplaced.h)
 * the first ten, then how many more, with `hint` behind. */
void print_foreign(const struct problem_list *list, const char *hint);

/* Shows how far a job is on standard error, in the place of what was shown before;
 * print_progress_end takes it away. Whatever is printed does so too. */
void print_progress(const char *text);
void print_progress_end(void);

/* The program's log lines, with --verbose. */
void print_log(void);

int print_version(const struct args *args);
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
json_t *print_json_losses(const struct loss_list *losses);
/* Prints the document with a newline and releases it; NULL is out of memory. */
int print_json(json_t *owned);

#endif
