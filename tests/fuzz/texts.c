/* Fuzz target: texts for every reader of texts. */
#include "fuzz.h"

#include "export/import.h"
#include "job/demos.h"
#include "plan/outcome.h"
#include "plan/project.h"
#include "plan/query.h"
#include "ui/keys.h"

#include <stdlib.h>
#include <string.h>

/* The model on which all is read; made once and kept. */
static struct world {
	struct model *model;
	struct graph *graph;
	struct plan *plan;
	const struct outcome *outcome;
} world;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void make_world(void)
{
	const struct demo *demo = demo_find("convnet");

	if (world.outcome)
		return;
	world.model = model_open_memory(demo->model, demo->model_size, demo->name, NULL);
	world.graph = graph_build(world.model, NULL);
	world.plan = plan_new(world.graph, NULL);
	world.outcome = plan_outcome(world.plan, NULL);
	require(world.outcome);
}

static void read_overrides(const char *text, size_t length)
{
	struct overrides first = {0}, second = {0};
	struct problem_list problems = {0};
	size_t written, again;
	char *out, *out_again;

	if (overrides_read(&first, world.graph, text, length, "fuzz", &problems, NULL)) {
		out = overrides_write(&first, world.graph, &written, NULL);
		require(out && overrides_read(&second, world.graph, out, written, "again",
				       &problems, NULL));
		out_again = overrides_write(&second, world.graph, &again, NULL);
		require(out_again && again == written && !memcmp(out, out_again, again));
		free(out);
		free(out_again);
	}
	overrides_release(&first);
	overrides_release(&second);
	problem_clear(&problems);
}

static void read_ranges(const char *text, size_t length)
{
	struct ranges first = {0}, second = {0};
	struct problem_list problems = {0};
	size_t written, again;
	char *out, *out_again;

	if (ranges_read(&first, world.graph, text, length, "fuzz", &problems, NULL) &&
		!problem_count(&problems, SEVERITY_ERROR)) {
		out = ranges_write(&first, world.graph, &written);
		require(out && ranges_read(&second, world.graph, out, written, "again",
				       &problems, NULL));
		out_again = ranges_write(&second, world.graph, &again);
		require(out_again && again == written && !memcmp(out, out_again, again));
		free(out);
		free(out_again);
	}
	ranges_release(&first);
	ranges_release(&second);
	problem_clear(&problems);
}

static void read_seeds(const char *text, size_t length)
{
	struct seed_list seeds = {0}, again = {0};

	(void)length;
	if (text[0] != '@' && seed_parse(world.graph, text, &seeds, NULL)) {
		for (size_t i = 0; i < seeds.count; i++) {
			char *out = seed_text(world.graph, &seeds.items[i]);

			require(out && seed_parse(world.graph, out, &again, NULL));
			require(again.count == i + 1);
			require(again.items[i].tensor == seeds.items[i].tensor);
			require(again.items[i].node == seeds.items[i].node);
			require(again.items[i].type == seeds.items[i].type);
			free(out);
		}
	}
	ARRAY_RELEASE(&seeds);
	ARRAY_RELEASE(&again);
}

static void read_query(const char *text, size_t length)
{
	struct query *query = query_parse(text, NULL);
	struct query_span spans[4];
	int score;

	(void)length;
	for (tensor_id t = 0; query && t < world.graph->main_tensors; t++) {
		const char *name = graph_tensor_name(world.graph, t);

		query_match_tensor(query, world.plan, world.outcome, t, &score);
		require(query_spans(query, name, spans, 4) <= 4);
	}
	for (node_id n = 0; query && n < world.graph->main_nodes; n++)
		query_match_node(query, world.plan, world.outcome, n, NULL);
	query_free(query);
}

static void read_keys(const char *text, size_t length)
{
	ui_key keys[64], again[64];
	size_t count = keys_parse(text, length, keys, 64);
	char all[64 * 16] = "";

	require(count <= 64);
	for (size_t i = 0; i < count; i++) {
		char name[16];

		strcat(all, keys_name(keys[i], name));
	}
	require(keys_parse(all, strlen(all), again, 64) == count);
	require(!count || !memcmp(keys, again, count * sizeof(*keys)));
}

static void read_project(const char *text, size_t length)
{
	struct plan *plan = plan_new(world.graph, NULL);
	struct problem_list problems = {0};
	struct project_info info = {0};

	require(plan);
	project_read_info(text, length, "fuzz", &info, NULL);
	project_read(text, length, "fuzz", plan, &problems, NULL);
	project_info_release(&info);
	problem_clear(&problems);
	require(plan_outcome(plan, NULL));
	plan_free(plan);
}

static void read_journal(const char *text, size_t length)
{
	struct plan *plan = plan_new(world.graph, NULL);
	struct problem_list problems = {0};

	require(plan);
	journal_replay(text, length, "fuzz", plan, &problems, NULL, NULL);
	problem_clear(&problems);
	require(plan_outcome(plan, NULL));
	plan_free(plan);
}

static void read_scores(const char *text, size_t length)
{
	struct problem_list problems = {0};
	struct scores scores;

	if (scores_read(&scores, world.graph, text, length, "fuzz", &problems, NULL)) {
		require(scores.count > 0);
		require(scores_sort(&scores, world.graph, SCORES_HIGH_FIRST, NULL));
		for (size_t i = 0; i < scores.count; i++) {
			require(scores.items[i].tensor < world.graph->main_tensors);
			require(!i ||
				!(scores.items[i].value > scores.items[i - 1].value));
		}
	}
	scores_release(&scores);
	problem_clear(&problems);
}

/* Overrides that were imported are such as overrides_check takes. */
static void check_imported(const struct imported *got)
{
	struct problem_list problems = {0};

	require(overrides_check(&got->overrides, world.graph, world.plan->options, "fuzz",
		&problems, NULL));
	require(!problem_count(&problems, SEVERITY_ERROR));
	for (uint32_t i = 0; i < got->overrides.count; i++)
		require(overrides_find(&got->overrides, got->overrides.lists[i].tensor) ==
			&got->overrides.lists[i]);
	for (uint32_t i = 0; i < got->ranges.count; i++) {
		const struct range *range =
			ranges_find(&got->ranges, got->ranges.order[i]);

		require(range && range->low <= range->high);
	}
	for (size_t i = 0; i < got->seeds.count; i++)
		require(got->seeds.items[i].type > QTYPE_NONE &&
			got->seeds.items[i].type < QTYPE_COUNT);
	problem_clear(&problems);
}

static void read_import(const char *text, size_t length)
{
	struct problem_list problems = {0};
	struct imported got;

	if (import_read(&got, world.graph, world.plan->options, text, length, "fuzz",
		    NULL, &problems, NULL))
		check_imported(&got);
	import_release(&got);
	problem_clear(&problems);
}

int fuzz_text(const uint8_t *data, size_t size)
{
	static void (*const readers[FUZZ_READERS])(const char *, size_t) = {
		read_overrides, read_ranges, read_seeds, read_query, read_keys,
		read_project, read_journal, read_scores, read_import, read_import};
	char *text;

	if (!size)
		return 0;
	make_world();
	text = malloc(size);
	require(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	readers[data[0] % FUZZ_READERS](text, size - 1);
	free(text);
	return 0;
}

#ifdef FUZZ_TEXTS
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_text(data, size);
}
#endif
