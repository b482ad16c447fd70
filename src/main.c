/* The program: the batch commands of cli/ and the editor of ui/ in one table. */
#include "cli/command.h"
#include "cli/run.h"
#include "ui/options.h"

#include <stddef.h>

/* What the command line says, as the editor wants it; texts stay the arguments'. */
static struct ui_options options_of(const struct args *args)
{
	return (struct ui_options){
		.request =
			{
				.overrides = args->overrides,
				.seeds = &args->seeds,
				.ranges = &args->ranges,
				.options = &args->quant,
				.strict_external_data = args->strict_external_data,
			},
		.samples =
			{
				.request =
					{
						.data = &args->data,
						.random = args->random,
						.seed = args->random_seed,
						.shape = args->shape,
					},
				.method = args->method,
				.ort_lib = args->ort_lib,
				.threads = args->threads,
			},
		.color = (enum ui_color)args->color,
		.ascii = args->ascii,
		.no_mouse = args->no_mouse,
		.slow = args->slow,
		.plain = args->plain,
		.force = args->force,
		.show = args->show,
	};
}

static const char *operand(const struct args *args, size_t index)
{
	return index < args->operands.count ? args->operands.items[index] : NULL;
}

static int run_edit(const struct args *args)
{
	struct ui_options options = options_of(args);

	options.request.model = operand(args, 0);
	if (!options.request.model) {
		options.request.demo = "mixed8";
		options.start_card = true;
	}
	return ui_main(&options);
}

static int run_demo(const struct args *args)
{
	struct ui_options options = options_of(args);
	const char *name = operand(args, 0);

	if (args->list || args->output)
		return run_demo_files(args);
	options.request.demo = name ? name : "mixed8";
	return ui_main(&options);
}

static int run_script(const struct args *args)
{
	struct ui_options options = options_of(args);

	options.script = operand(args, 0);
	options.request.model = operand(args, 1);
	if (!options.request.model)
		options.request.demo = "mixed8";
	return ui_script_main(&options);
}

static const struct command editor_commands[] = {
	{"edit", CMD_EDIT, "[MODEL]", 0, 1,
		"the editor; without MODEL the start card over the built-in demo", NULL,
		run_edit},
	{"demo", CMD_DEMO, "[NAME]", 0, 1,
		"the editor on a built-in model with its ranges and options",
		"--list names the demos; -o FOLDER writes the files of one out.",
		run_demo},
	{"script", CMD_SCRIPT, "FILE [MODEL]", 1, 2,
		"keys and commands of the editor, without a terminal",
		"FILE - is standard input. Without MODEL the script runs on the demo.",
		run_script},
};

static const struct face face = {editor_commands,
	sizeof(editor_commands) / sizeof(editor_commands[0]), ui_library_version};

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &face);
}
