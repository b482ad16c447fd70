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

/* The batch commands; the face adds those of the editor. */
extern const struct command cli_commands[];
extern const size_t cli_command_count;

/* What the editor adds to the program: its commands (the first is the editor itself)
 * and the name and version of its terminal library. */
struct face {
	const struct command *commands;
	size_t command_count;
	const char *(*library_version)(void);
};

/* The whole of main: finds the command and runs it. A first operand that names no
 * command is a model for the editor. Without a face there is none. */
int cli_main(int argc, char **argv, const struct face *face);

/* A command of the program by name, or NULL; all of them, for help and completions. */
const struct command *cli_find_command(const char *name);
/* The name of the command that a wrong word may have meant, or NULL. */
const char *cli_nearest_command(const char *word);
void cli_each_command(void (*each)(void *arg, const struct command *command), void *arg);

/* Prints the error line of a failed command on standard error; returns its exit code. */
int cli_fail(const struct error *err);

#endif
