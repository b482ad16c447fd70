/* The numbers that are explained are those in the written model. */
#include "quant/inspect.h"

#include "job/session.h"
#include "onnx/tensor.h"
#include "plan/outcome.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct session *open_demo(const char *name, const char *seed)
{
	struct session_request request = {.demo = name};
	struct text_list seeds = {0};
	struct error err = ERROR_INIT;
	struct session *session;

	cr_assert(text_list_add(&seeds, seed, &err));
	request.seeds = &seeds;
	session = session_open(&request, false, &progress_never, &err);
	cr_assert(session, "%s", err.text);
	return session;
}

static const Onnx__TensorProto *initializer(
	const struct model *model, const char *name, const char *suffix)
{
	const Onnx__GraphProto *g = model->proto->graph;
	const char *want = test_text("%s%s", name, suffix);

	for (size_t i = 0; i < g->n_initializer; i++)
		if (g->initializer[i]->name.len == strlen(want) &&
			!memcmp(g->initializer[i]->name.data, want, strlen(want)))
			return g->initializer[i];
	return NULL;
}

/* Element 0. */
static double first(const struct model *model, const Onnx__TensorProto *tensor)
{
	struct tensor_reader reader;
	struct error err = ERROR_INIT;
	float value = 0;
	int64_t whole = 0;
	unsigned char raw[8] = {0};

	cr_assert(tensor_open(&reader, model, tensor, &err), "%s", err.text);
	if (element_is_float(tensor->data_type)) {
		cr_assert(tensor_read_f32(&reader, 0, 1, &value, &err), "%s", err.text);
		tensor_close(&reader);
		return (double)value;
	}
	cr_assert(tensor_read_raw(&reader, 0, 1, raw, &err), "%s", err.text);
	tensor_close(&reader);
	if (tensor->data_type == ELEMENT_INT32) {
		int32_t wide;

		memcpy(&wide, raw, sizeof(wide));
		whole = wide;
	} else if (tensor->data_type == ELEMENT_UINT16) {
		whole = raw[0] | raw[1] << 8;
	} else if (tensor->data_type == ELEMENT_INT16) {
		whole = (int16_t)(raw[0] | raw[1] << 8);
	} else {
		whole = tensor->data_type == ELEMENT_INT8 ? (int8_t)raw[0] : raw[0];
	}
	return (double)whole;
}

static unsigned compare_side(const struct model *model, const char *name, const char *end,
	const struct side_numbers *side)
{
	const Onnx__TensorProto *s = initializer(model, name, test_text("_scale%s", end));
	const Onnx__TensorProto *z =
		initializer(model, name, test_text("_zero_point%s", end));

	if (!s)
		return 0;
	cr_assert(z);
	cr_assert_eq(first(model, s), side->scale.value, "%s%s", name, end);
	cr_assert_eq(first(model, z), side->scale.zero_point, "%s%s", name, end);
	return 1;
}

/* Every tensor of the session against the quantized model; how many had a scale. */
static unsigned compare(struct session *session)
{
	struct error err = ERROR_INIT;
	struct quantize_result result;
	struct problem_list notes = {0};
	const struct outcome *o = plan_outcome(session->plan, &err);
	const struct plan *plan = session->plan;
	struct quant_work work = {0, NULL};
	struct model *model = quantize_model(session->graph, plan->options, &o->entries,
		plan->ranges, &work, &result, &notes, &err);
	unsigned found = 0;

	cr_assert(model, "%s", err.text);
	for (tensor_id t = 0; t < session->graph->main_tensors; t++) {
		const char *name = graph_tensor_name(session->graph, t);
		struct tensor_numbers n;

		cr_assert(inspect_tensor(session->graph, plan->options, &o->entries,
				  plan->ranges, t, &n, &err),
			"%s", err.text);
		if (n.kind == NUMBERS_BIAS) {
			const Onnx__TensorProto *s =
				initializer(model, name, "_quantized_scale");

			cr_assert(s, "%s", name);
			cr_assert_eq(first(model, s), n.bias.scale, "%s", name);
			cr_assert_eq(first(model, initializer(model, name, "_quantized")),
				n.bias.quantized, "%s", name);
			found++;
		} else if (n.kind != NUMBERS_FLOAT && n.kind != NUMBERS_NO_RANGE) {
			name = graph_tensor_name(session->graph, n.tensor);
			found += compare_side(model, name, "", &n.first);
			if (n.converted)
				found += compare_side(model, name, "_convert", &n.second);
		}
	}
	model_free(model);
	session_free(session);
	return found;
}

Test(quant_inspect, explains_what_is_written)
{
	cr_assert_geq(compare(open_demo("mixed8", "Op4_out=u16")), 13);
	cr_assert_geq(compare(open_demo("convnet", "op:Conv=u16")), 12);
	cr_assert_geq(compare(open_demo("attention", "op:Softmax=u16")), 12);
}

Test(quant_inspect, per_channel_and_symmetric_too)
{
	struct session *session = open_demo("convnet", "op:Conv=u16");
	struct quant_options options;
	struct error err = ERROR_INIT;

	options_init(&options);
	cr_assert(options_copy(&options, session->plan->options, &err));
	options.per_channel = options.activation_symmetric = true;
	cr_assert(session_set_options(session, &options, &err), "%s", err.text);
	cr_assert_geq(compare(session), 12);
}

/* The table of qdq-semantics.md 1.3. */
Test(quant_inspect, the_steps_are_those_of_the_specification)
{
	struct scale_rule rule = {.type = QTYPE_U8, .element = ELEMENT_FLOAT};
	struct scale_steps steps;
	struct scale scale;

	cr_assert(scale_trace_range(&rule, (double)-1.3f, (double)2.7f, &steps, &scale));
	cr_assert_eq(scale.zero_point, 83);
	cr_assert_eq(scale.value, 0.01568627543747425);
	cr_assert_eq(steps.qmax - steps.qmin, 255);
	cr_assert_float_eq(steps.zero, 82.875, 1e-4);
	rule.symmetric = true;
	cr_assert(scale_trace_range(&rule, (double)-1.3f, (double)2.7f, &steps, &scale));
	cr_assert_eq(steps.used_low, -(double)2.7f);
	cr_assert_eq(scale.zero_point, 128);
	cr_assert(scale_trace_range(&rule, 0, 0, &steps, &scale));
	cr_assert(steps.too_small);
	cr_assert_eq(scale.zero_point, 0);
}
