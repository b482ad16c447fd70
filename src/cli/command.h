/* The table of subcommands. */
#ifndef QDQEDIT_CLI_COMMAND_H
#define QDQEDIT_CLI_COMMAND_H

#include "cli/args.h"

/* Exit codes of command-line.md section 1. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_WRONG_USAGE = 2,
	EXIT_FOUND = 3,
	EXIT_INTERRUPTED = 130,
};

struct command {
	const char *name;
	unsigned bit;
	const char *operands;           /* "MODEL SEED..." */
	int min_operands, max_operands; /* max -1: any number */
	const char *summary;
	const char *notes; /* a paragraph for --help, may be NULL */
	int (*run)(const struct args *args);
};

/* The batch commands; the program's main adds those of the editor. */
extern const struct command cli_commands[];
extern const size_t cli_command_count;

/* The whole of main but the editor: finds the command in both tables and runs it. A
 * first operand that names no command is a model for editor[0]. */
int cli_main(int argc, char **argv, const struct command *editor, size_t editor_count);

/* A command of the program by name, or NULL; all of them, for help and completions. */
const struct command *cli_find_command(const char *name);
void cli_each_command(void (*each)(void *arg, const struct command *command), void *arg);

/* Prints the error line of a failed command on standard error; returns its exit code. */
int cli_fail(const struct error *err);

#endif
