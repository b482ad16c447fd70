/* Fuzz target: bytes as a model that is quantized already: its groups, its view, and
 * what a few choices make of it. */
#include "fuzz.h"

#include "onnx/write.h"
#include "plan/outcome.h"
#include "qdq/rewrite.h"

#include <stdlib.h>
#include <string.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool take_choices(struct plan *plan, const struct qdq_view *view)
{
	struct overrides given = {0};
	struct ranges ranges = {0};
	bool fine = plan_set_options(plan, &view->options, NULL) &&
		    overrides_copy(&given, &view->overrides, view->graph, NULL) &&
		    plan_set_overrides(plan, &given, "file", NULL) &&
		    ranges_copy(&ranges, &view->ranges, view->graph, NULL) &&
		    plan_set_ranges(plan, &ranges, NULL);

	overrides_release(&given);
	ranges_release(&ranges);
	return fine;
}

/* Every third tensor gets another type. */
static void promote_some(struct plan *plan)
{
	uint32_t count;

	for (tensor_id t = 0; t < plan->graph->main_tensors; t += 3)
		plan_promote_tensor(plan, t, t % 2 ? QTYPE_U16 : QTYPE_S8, UNSET, NULL);
	plan_yield_given(plan, &count, NULL, 0, NULL);
}

/* What is written opens again. */
static void rewrite(const struct qdq_view *view, struct plan *plan, bool unchanged)
{
	const struct outcome *outcome = plan_outcome(plan, NULL);
	struct problem_list notes = {0};
	struct qdq_changes changes;
	struct model *model, *again;
	struct model_image image;

	model = outcome ? qdq_rewrite(view, plan, outcome, &changes, &notes, NULL) : NULL;
	if (model && unchanged)
		require(changes.tensors + changes.conversions + changes.biases == 0);
	if (model && model_encode(model, &image, NULL, NULL)) {
		again = model_open_memory(image.bytes, image.size, "again", NULL);
		require(again);
		model_free(again);
		model_image_release(&image);
	}
	model_free(model);
	problem_clear(&notes);
}

static void read_values(const struct qdq_view *view)
{
	const Onnx__GraphProto *graph = view->named->proto->graph;
	struct tensor_reader reader;
	float value;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *tensor = graph->initializer[i];

		if (tensor_open(&reader, view->named, tensor, NULL) && reader.count)
			tensor_read_f32(&reader, reader.count - 1, 1, &value, NULL);
		tensor_close(&reader);
	}
}

int fuzz_quantized(const uint8_t *data, size_t size)
{
	struct model *model = model_open_memory(data, size, "fuzz", NULL);
	struct qdq_view *view = NULL;
	struct plan *plan = NULL;

	if (model && qdq_view_open(&view, model, NULL, NULL) && view) {
		free(qdq_options_text(view));
		read_values(view);
		plan = plan_new(view->graph, NULL);
		if (plan && take_choices(plan, view)) {
			rewrite(view, plan, true);
			promote_some(plan);
			rewrite(view, plan, false);
		}
	}
	plan_free(plan);
	qdq_view_free(view);
	model_free(model);
	return 0;
}

#ifdef FUZZ_QUANTIZED
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_quantized(data, size);
}
#endif
