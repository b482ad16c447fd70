#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "job/demo_files.h"

static int list_demos(const struct args *args)
{
	json_t *array = args->json ? json_array() : NULL;

	for (size_t i = 0; i < demo_count(); i++) {
		const struct demo *demo = demo_at(i);

		if (array)
			json_array_append_new(array,
				json_pack("{s:s, s:s, s:s}", "name", demo->name, "title",
					demo->title, "seeds", demo->seeds));
		else
			answer("%-12s %s\n", demo->name, demo->title);
	}
	return array ? print_json(array) : EXIT_DONE;
}

int run_demo_files(const struct args *args)
{
	struct error err = ERROR_INIT;
	const struct demo *demo;

	if (args->list)
		return list_demos(args);
	demo = args->operands.count ? demo_get(args->operands.items[0], &err)
				    : demo_at(0);
	run_progress(); /* an interruption waits for the last of the files */
	if (demo && demo_write_files(demo, args->output, args->force, &err))
		return EXIT_DONE;
	return cli_fail(&err);
}
