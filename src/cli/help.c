#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "config.h"
#include "ort/ort.h"
#include "rules/options.h"

#include <protobuf-c/protobuf-c.h>
#include <string.h>
#include <zip.h>

static void print_runtime(const char *library)
{
	struct error err = ERROR_INIT;
	struct ort_runtime *runtime = ort_runtime_open(library, NULL, &err);

	if (runtime)
		answer("ONNX Runtime %s, %s\n", ort_runtime_version(runtime),
			ort_runtime_path(runtime));
	else
		answer("ONNX Runtime: none found (--ort-lib or QDQEDIT_ORT_LIB names "
		       "one)\n");
	ort_runtime_close(runtime);
}

int print_version(const struct args *args)
{
	answer("%s\n", PACKAGE_STRING);
	answer("protobuf-c %s, jansson %s, libzip %s, %s\n", protobuf_c_version(),
		jansson_version_str(), zip_libzip_version(), cli_terminal_library());
	print_runtime(args->ort_lib);
	return EXIT_DONE;
}

static void print_summary(void *arg, const struct command *command)
{
	char left[48];

	(void)arg;
	snprintf(left, sizeof(left), "%s %s", command->name, command->operands);
	answer("  %-24s %s\n", left, command->summary);
}

int print_overview(void)
{
	answer("usage: qdqedit [MODEL]\n       qdqedit COMMAND [OPTION...] "
	       "OPERAND...\n\n");
	answer("Edits mixed-precision quantization of ONNX models.\n\nCommands:\n");
	cli_each_command(print_summary, NULL);
	answer("\n'qdqedit help COMMAND' explains one; 'qdqedit help options' lists "
	       "what\n"
	       "--set takes; --version names the libraries.\n");
	return EXIT_DONE;
}

void print_command_help(const struct command *command)
{
	if (command->bit == CMD_EDIT) {
		print_overview();
		answer("\n");
	} else {
		answer("usage: qdqedit %s [OPTION...] %s\n\n%s\n", command->name,
			command->operands, command->summary);
	}
	if (command->notes)
		answer("\n%s\n", command->notes);
	answer("%sOptions:\n", command->bit == CMD_EDIT ? "" : "\n");
	args_print_options(answer_stream(), command->bit);
}

static int print_extra_options(void)
{
	answer("Extra options, as --set NAME=VALUE (names of ONNX Runtime's "
	       "extra_options):\n");
	for (size_t i = 0; i < option_table_count; i++) {
		char left[80];

		snprintf(left, sizeof(left), "%s=%s", option_table[i].name,
			option_table[i].value);
		answer("  %-50s %s\n", left, option_table[i].help);
	}
	return EXIT_DONE;
}

int run_help(const struct args *args)
{
	struct error err = ERROR_INIT;
	const struct command *command;
	const char *near;

	if (!args->operands.count)
		return print_overview();
	if (!strcmp(args->operands.items[0], "options"))
		return print_extra_options();
	command = cli_find_command(args->operands.items[0]);
	if (!command) {
		near = cli_nearest_command(args->operands.items[0]);
		error_set(&err, ERROR_USAGE,
			"help: there is no command %s; %s'qdqedit help%s%s'%s",
			text_quoted_z(args->operands.items[0]),
			near ? "did you mean " : "see ", near ? " " : "",
			near ? near : "", near ? "?" : "");
		return cli_fail(&err);
	}
	print_command_help(command);
	return EXIT_DONE;
}
