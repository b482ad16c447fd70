#include "cli/command.h"

#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED_NOTE                                                                        \
	"A SEED is TENSOR=TYPE, node:NODE=TYPE, op:OPERATOR=TYPE, TENSOR>NODE=TYPE "     \
	"(one\n"                                                                         \
	"reader), a glob or /expression/ over tensor names, or @FILE with one a line;\n" \
	"',symmetric' may follow the type."

const struct command cli_commands[] = {
	{"info", CMD_INFO, "MODEL", 1, 1, "what the model is", NULL, run_info},
	{"promote", CMD_PROMOTE, "MODEL SEED...", 1, -1,
		"seeds -> complete, consistent overrides", SEED_NOTE, run_promote},
	{"bounds", CMD_BOUNDS, "MODEL", 1, 1,
		"every DQ->Q conversion, with its readers and its cost", NULL,
		run_bounds},
	{"why", CMD_WHY, "MODEL NAME...", 2, -1,
		"the chain of reasons for a tensor's or node's type", NULL, run_why},
	{"check", CMD_CHECK, "MODEL", 1, 1,
		"all problems of model, overrides, ranges and options",
		"Exit status 3 when there are errors.", run_check},
	{"prepare", CMD_PREPARE, "MODEL", 1, 1,
		"make a model fit to be quantized: Constants, names, shapes",
		"Needs -o OUT; --optimize needs ONNX Runtime.", run_prepare},
	{"calibrate", CMD_CALIBRATE, "MODEL", 1, 1,
		"samples -> ranges, with ONNX Runtime",
		"Needs --data or --random. The ranges go to -o FILE or standard output.",
		run_calibrate},
	{"quantize", CMD_QUANTIZE, "MODEL", 1, 1,
		"model + ranges + overrides -> the quantized model",
		"Needs -o OUT and --ranges, --data or --random; of a model that is "
		"quantized\n"
		"already what was changed is rewritten without them.",
		run_quantize},
	{"compare", CMD_COMPARE, "FLOAT QUANT", 2, 2,
		"accuracy, tensor by tensor, with ONNX Runtime",
		"Needs --data or --random. Values are those of the written arithmetic.",
		run_compare},
	{"suggest", CMD_SUGGEST, "MODEL", 1, 1,
		"which few tensors to promote, by measurement",
		"Needs --data or --random. Without --goal, --within and "
		"--max-conversions half\n"
		"of the way from all-8 to all-16 is the goal. -o writes the overrides.",
		run_suggest},
	{"export", CMD_EXPORT, "MODEL", 0, 1, "the plan in a format of another tool",
		"Needs --format (--list shows them). What the format cannot carry is "
		"told on\n"
		"standard error; with --strict it makes exit status 3.",
		run_export},
	{"import", CMD_IMPORT, "FILE [MODEL]", 1, 2,
		"another tool's file, or a quantized model, -> overrides (and ranges)",
		"The format is seen from the content (--list, --format). Overrides go "
		"to -o FILE\n"
		"or standard output, a project if it ends with .qdq; ranges to "
		"--save-ranges.\n"
		"Scores alone are listed; --top promotes the worst. A quantized FILE "
		"needs "
		"no MODEL.",
		run_import},
	{"help", CMD_HELP, "[COMMAND|options]", 0, 1, "this help, or that of a command",
		NULL, run_help},
};

const size_t cli_command_count = sizeof(cli_commands) / sizeof(cli_commands[0]);

static const struct face *program_face;

void cli_each_command(void (*each)(void *arg, const struct command *command), void *arg)
{
	for (size_t i = 0; program_face && i < program_face->command_count; i++)
		each(arg, &program_face->commands[i]);
	for (size_t i = 0; i < cli_command_count; i++)
		each(arg, &cli_commands[i]);
}

struct search {
	const char *name;
	const struct command *found;
};

static void match_name(void *arg, const struct command *command)
{
	struct search *search = arg;

	if (!strcmp(command->name, search->name))
		search->found = command;
}

static void offer_name(void *arg, const struct command *command)
{
	text_offer(arg, command->name);
}

const char *cli_nearest_command(const char *word)
{
	struct text_nearest near = {word, strlen(word), 3, NULL};

	cli_each_command(offer_name, &near);
	return near.found;
}

const struct command *cli_find_command(const char *name)
{
	struct search search = {name, NULL};

	cli_each_command(match_name, &search);
	return search.found;
}

const char *cli_terminal_library(void)
{
	return program_face && program_face->library_version
		       ? program_face->library_version()
		       : "none";
}

int cli_fail(const struct error *err)
{
	print_error(err);
	switch (err->kind) {
	case ERROR_USAGE:
		return EXIT_WRONG_USAGE;
	case ERROR_CANCELLED:
		return EXIT_INTERRUPTED;
	default:
		return EXIT_REFUSED;
	}
}

/* A job that was interrupted but has something to show. */
static bool has_best(int code)
{
	return code == EXIT_INTERRUPTED && ftell(answer_stream()) > 0;
}

/* Gives out what a command has to say: all of it, or its error alone. */
static int finish(int code)
{
	struct error err = ERROR_INIT;
	bool keep = code == EXIT_DONE || code == EXIT_FOUND || has_best(code);

	print_progress_end();
	if (!answer_end(keep, &err))
		code = cli_fail(&err);
	print_notes_end(keep);
	print_log();
	return code;
}

static int run_parsed(const struct command *command, const struct args *args)
{
	if (args->version)
		return print_version(args);
	if (args->help) {
		print_command_help(command);
		return EXIT_DONE;
	}
	if (args->output && (command->bit & CMD_ANSWERS))
		answer_send_to(args->output, args->force);
	return command->run(args);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct args args;
	int code;

	if (!args_parse(&args, command, argc, argv, &err)) {
		code = cli_fail(&err);
	} else if (!answer_begin()) {
		error_set_memory(&err, "answer");
		code = cli_fail(&err);
	} else {
		print_verbosity(args.quiet, args.verbose);
		code = finish(run_parsed(command, &args));
	}
	args_release(&args);
	return code;
}

/* A word that names no file and could not be meant as a path. */
static bool is_bare(const char *word)
{
	return !strchr(word, '/') && !strchr(word, '.') && access(word, F_OK) != 0;
}

/* A first word that is neither a command nor a file, but near a command's name. */
static const char *misspelt(const char *word)
{
	return is_bare(word) ? cli_nearest_command(word) : NULL;
}

static int run_no_editor(const struct args *args)
{
	struct error err = ERROR_INIT;

	(void)args;
	error_set(&err, ERROR_USAGE,
		"editor: this program was built without it; see 'qdqedit help'");
	return cli_fail(&err);
}

static const struct command no_editor = {"edit", CMD_EDIT, "[MODEL]", 0, 1,
	"the editor, which this program was built without", NULL, run_no_editor};

/* `first`: where its first operand stands. */
static int run_editor(int argc, char **argv, int first)
{
	struct error err = ERROR_INIT;
	const char *near;
	bool has_face = program_face && program_face->command_count;

	near = first < argc ? misspelt(argv[first]) : NULL;
	if (near) {
		error_set(&err, ERROR_USAGE,
			"%s: neither a command nor a file; did you mean 'qdqedit %s'?",
			text_quoted_z(argv[first]), near);
		return cli_fail(&err);
	}
	if (first < argc && is_bare(argv[first])) {
		error_set(&err, ERROR_USAGE,
			"%s: neither a command nor a file; see 'qdqedit help'",
			text_quoted_z(argv[first]));
		return cli_fail(&err);
	}
	return run_command(
		has_face ? &program_face->commands[0] : &no_editor, argc, argv);
}

/* Options may stand in front of the command: it goes before them. */
static void put_first(char **argv, int command)
{
	char *name = argv[command];

	memmove(argv + 2, argv + 1, (size_t)(command - 1) * sizeof(*argv));
	argv[1] = name;
}

int cli_main(int argc, char **argv, const struct face *face)
{
	const struct command *command;
	int first;

	/* Full disks and closed pipes are errors of write, not the end. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	program_face = face;
	first = argc > 1 ? args_first_operand(argc, argv) : argc;
	command = first < argc ? cli_find_command(argv[first]) : NULL;
	if (!command)
		return run_editor(argc, argv, first);
	put_first(argv, first);
	return run_command(command, argc - 1, argv + 1);
}
