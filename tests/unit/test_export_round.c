/* What is exported of real models and demos, imported again: nothing of it may be told as
 * without a place, and a second export is the first one. */
#include "export_fixture.h"

#include "job/demos.h"
#include "job/import.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A plan to be exported, and how a session is opened that it is imported into. */
struct trip {
	const char *path, *demo;
	struct quant_options options; /* of the import */
	const char *excluded;         /* of the export besides, or NULL */
	const char *seeds, *ranges;
};

static const char *const formats[] = {"encodings", "encodings-0.6.1", "encodings-2.0.0",
	"ort", "ort-calibration", "quark-subgraphs"};

/* A range for every tensor that can have one, told apart by their sizes. */
static const char *write_ranges(const struct exported *e)
{
	const struct graph *g = e->source.graph;
	const char *name = test_path("round_ranges.json");
	FILE *file = fopen(name, "w");

	cr_assert(file);
	fputs("{", file);
	for (tensor_id t = 0, n = 0; t < g->main_tensors; t++)
		if (export_is_row(&e->source, t) && !graph_is_constant(g, t))
			fprintf(file, "%s\n\"%s\": [%g, %g]", n++ ? "," : "",
				graph_tensor_name(g, t), -0.5 - t % 7, 1.25 + t % 11);
	fputs("}\n", file);
	fclose(file);
	return name;
}

/* The n-th node from behind with a name of its own that is quantized. */
static const char *quantized_node(const struct exported *e, unsigned n)
{
	const struct graph *g = e->source.graph;

	for (node_id i = g->main_nodes; i-- > 0;)
		if ((e->source.outcome->nodes[i].flags & STATE_QUANTIZED) && !n--)
			return graph_node_name(g, i);
	return "";
}

static struct exported open_trip(const struct trip *trip, bool whole)
{
	struct quant_options options = trip->options;
	char *name = (char *)trip->excluded;

	if (whole && name)
		options.nodes_to_exclude = (struct text_list){&name, 1, 1};
	return export_plan(trip->path, trip->demo, whole ? trip->ranges : NULL,
		trip->demo ? NULL : &options, whole ? trip->seeds : "", NULL);
}

static void import_into(const struct exported *to, const char *path, const char *format)
{
	struct import_request request = {
		.path = path, .format = import_find(format, NULL)};
	struct import_report report;
	struct error err = ERROR_INIT;

	cr_assert(session_import(to->session, &request, &report, &err), "%s: %s", format,
		err.text);
	for (size_t i = 0; i < report.losses.count; i++)
		cr_expect(false, "%s: %s: %s", format, report.losses.items[i].subject,
			report.losses.items[i].why);
	import_report_release(&report);
}

static void reopen(struct exported *e)
{
	struct error err = ERROR_INIT;

	export_close(&e->source);
	cr_assert(export_open(&e->source, e->session->plan,
			  plan_outcome(e->session->plan, &err), e->session->input,
			  e->session->title, &err),
		"%s", err.text);
}

/* Tells the first line that differs. */
static void expect_same(const char *got, const char *wanted, const char *format)
{
	size_t line = 0, at = 0;

	for (; got[at] && got[at] == wanted[at]; at++)
		line = got[at] == '\n' ? at + 1 : line;
	cr_expect_eq(got[at], wanted[at], "%s:\n%.*s\n%.*s", format,
		(int)strcspn(got + line, "\n"), got + line,
		(int)strcspn(wanted + line, "\n"), wanted + line);
}

/* What the other tools cannot say: conversions, and in 2.0.0 what is float. */
static bool is_whole(const struct exported *from)
{
	return !losses_of(from, "convert", NULL) && !losses_of(from, "exclude", NULL);
}

static void goes_round(const struct trip *trip)
{
	struct exported from = open_trip(trip, true);

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		struct exported to = open_trip(trip, false);
		const char *path = test_path("round.json");

		export_again(&from, formats[i]);
		test_write_text(path, from.text);
		import_into(&to, path, formats[i]);
		reopen(&to);
		if (is_whole(&from)) {
			export_again(&to, formats[i]);
			expect_same(to.text, from.text, formats[i]);
		}
		session_free(to.session);
	}
	session_free(from.session);
}

/* Per tensor and per channel; plain, and with a promoted node and one that stays float.
 */
static void model_goes_round(const char *model, bool all_op_types)
{
	struct trip trip = {.path = test_need_model(model)};

	options_init(&trip.options);
	trip.options.all_op_types = all_op_types;
	for (unsigned i = 0; i < 2; i++) {
		struct exported e;

		trip.options.per_channel = i;
		trip.seeds = "";
		e = open_trip(&trip, false);
		trip.ranges = write_ranges(&e);
		goes_round(&trip);
		trip.excluded = quantized_node(&e, 4);
		trip.seeds = test_text("node:%s=QUInt16", quantized_node(&e, 9));
		if (*trip.excluded)
			goes_round(&trip);
		trip.excluded = NULL;
	}
}

Test(export_round, demos)
{
	for (size_t i = 0; i < demo_count(); i++)
		for (int promoted = 0; promoted < 2; promoted++)
			goes_round(&(struct trip){.demo = demo_at(i)->name,
				.seeds = promoted ? demo_at(i)->seeds : ""});
}

Test(export_round, det)
{
	model_goes_round("det.onnx", false);
}

Test(export_round, rec)
{
	model_goes_round("rec.onnx", true);
}

Test(export_round, cls)
{
	model_goes_round("cls.onnx", false);
}

/* It has nothing to quantize in its main graph: empty files. */
Test(export_round, silero)
{
	model_goes_round("silero_vad.onnx", true);
}
