#include "export_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void add_seeds(struct text_list *list, const char *seeds)
{
	struct error err = ERROR_INIT;
	char *save = NULL, *text = test_text("%s", seeds);

	for (char *seed = strtok_r(text, "\n", &save); seed;
		seed = strtok_r(NULL, "\n", &save))
		cr_assert(text_list_push(list, seed, strlen(seed), &err));
}

void export_again(struct exported *e, const char *name)
{
	struct error err = ERROR_INIT;
	const struct export_format *format = export_find(name, &err);

	cr_assert(format, "%s", err.text);
	cr_assert(export_make(&e->source, format, "m", &e->made, &err), "%s: %s", name,
		err.text);
	e->text = e->made.items[0].text;
	e->json = json_loads(e->text, JSON_REJECT_DUPLICATES, NULL);
}

struct exported export_plan(const char *path, const char *demo, const char *ranges,
	const struct quant_options *options, const char *seeds, const char *format)
{
	struct exported e = {0};
	struct error err = ERROR_INIT;
	struct text_list seed_list = {0}, range_list = {0};
	struct session_request request = {.model = path,
		.demo = demo,
		.seeds = &seed_list,
		.ranges = &range_list,
		.options = options};

	add_seeds(&seed_list, seeds);
	if (ranges)
		cr_assert(text_list_push(&range_list, ranges, strlen(ranges), &err));
	e.session = session_open(&request, false, &progress_never, &err);
	cr_assert(e.session, "%s", err.text);
	cr_assert(export_open(&e.source, e.session->plan,
			  plan_outcome(e.session->plan, &err), e.session->input,
			  e.session->title, &err),
		"%s", err.text);
	if (format)
		export_again(&e, format);
	return e;
}

struct exported export_eight(const char *format)
{
	return export_plan(NULL, "mixed8", NULL, NULL, "Op4_out=QUInt16", format);
}

/* A range for each tensor that can have one, told apart by their sizes. */
static const char *write_ranges(const char *path)
{
	struct exported e = export_plan(path, NULL, NULL, NULL, "", NULL);
	const char *name = test_path("rec_ranges.json");
	FILE *file = fopen(name, "w");

	cr_assert(file);
	fputs("{", file);
	for (tensor_id t = 0, n = 0; t < e.source.graph->main_tensors; t++)
		if (export_is_row(&e.source, t) && !graph_is_constant(e.source.graph, t))
			fprintf(file, "%s\n\"%s\": [%g, %g]", n++ ? "," : "",
				graph_tensor_name(e.source.graph, t), -0.5 - t % 7,
				1.25 + t % 11);
	fputs("}\n", file);
	fclose(file);
	return name;
}

struct exported export_rec(const char *format)
{
	const char *path = test_need_model("rec.onnx");
	struct quant_options options;

	options_init(&options);
	options.per_channel = true;
	return export_plan(path, NULL, write_ranges(path), &options,
		"node:p2o.Conv.35=QUInt16\nconv2d_206.tmp_0=QUInt16", format);
}

size_t losses_of(const struct exported *e, const char *word, const char *why)
{
	size_t count = 0;

	for (size_t i = 0; i < e->made.losses.count; i++) {
		const struct loss *loss = &e->made.losses.items[i];

		count += !strcmp(loss->word, word) &&
			 (!why || strstr(loss->why, why) != NULL);
	}
	return count;
}

const struct loss *loss_of(
	const struct exported *e, const char *word, const char *subject)
{
	for (size_t i = 0; i < e->made.losses.count; i++) {
		const struct loss *loss = &e->made.losses.items[i];

		if (!strcmp(loss->word, word) && !strcmp(loss->subject, subject))
			return loss;
	}
	return NULL;
}

const char *json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const json_t *json_find(const json_t *list, const char *key, const char *value)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_text(json_array_get(list, i), key), value))
			return json_array_get(list, i);
	return NULL;
}

bool json_has(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_string(json_array_get(list, i)) &&
			!strcmp(json_string_value(json_array_get(list, i)), text))
			return true;
	return false;
}

const char *export_through(
	const struct exported *e, const char *python, const char *program)
{
	const char *argv[] = {python, "-c", program, NULL};
	struct test_result r = test_run_with(&(struct test_command){
		.argv = argv, .input = e->text, .input_length = strlen(e->text)});

	cr_assert_eq(r.status, 0, "%s", r.err);
	return r.out;
}
