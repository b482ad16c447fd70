#include "cli/print.h"
#include "cli/run.h"
#include "config.h"
#include "rules/options.h"

#include <protobuf-c/protobuf-c.h>
#include <string.h>
#include <zip.h>

int print_version(void)
{
	printf("%s\n", PACKAGE_STRING);
	printf("protobuf-c %s, jansson %s, libzip %s, %s\n", protobuf_c_version(),
		jansson_version_str(), zip_libzip_version(), cli_terminal_library());
	return EXIT_DONE;
}

static void print_summary(void *arg, const struct command *command)
{
	char left[48];

	(void)arg;
	snprintf(left, sizeof(left), "%s %s", command->name, command->operands);
	printf("  %-24s %s\n", left, command->summary);
}

int print_overview(void)
{
	puts("usage: qdqedit [MODEL]\n       qdqedit COMMAND [OPTION...] OPERAND...\n");
	puts("Edits mixed-precision quantization of ONNX models.\n\nCommands:");
	cli_each_command(print_summary, NULL);
	puts("\n'qdqedit help COMMAND' explains one; 'qdqedit help options' lists what\n"
	     "--set takes; --version names the libraries.");
	return EXIT_DONE;
}

void print_command_help(const struct command *command)
{
	bool editor = command->bit == CMD_EDIT;

	printf("usage: qdqedit %s%s[OPTION...] %s\n\n%s\n", editor ? "" : command->name,
		editor ? "" : " ", command->operands, command->summary);
	if (command->notes)
		printf("\n%s\n", command->notes);
	puts("\nOptions:");
	args_print_options(stdout, command->bit);
}

static int print_extra_options(void)
{
	puts("Extra options, as --set NAME=VALUE (names of ONNX Runtime's "
	     "extra_options):");
	for (size_t i = 0; i < option_table_count; i++) {
		char left[80];

		snprintf(left, sizeof(left), "%s=%s", option_table[i].name,
			option_table[i].value);
		printf("  %-50s %s\n", left, option_table[i].help);
	}
	return EXIT_DONE;
}

int run_help(const struct args *args)
{
	struct error err = ERROR_INIT;
	const struct command *command;

	if (!args->operands.count)
		return print_overview();
	if (!strcmp(args->operands.items[0], "options"))
		return print_extra_options();
	command = cli_find_command(args->operands.items[0]);
	if (!command) {
		error_set(&err, ERROR_USAGE,
			"help: there is no command '%s'; see 'qdqedit help'",
			args->operands.items[0]);
		return cli_fail(&err);
	}
	print_command_help(command);
	return EXIT_DONE;
}
