/* A quantized model as its float model, and the choices taken out of it. */
#include "qdq_models.h"

#include "onnx/write.h"
#include "qdq/rewrite.h"
#include "qdq/view.h"
#include "quant/weights.h"
#include "rules/scale.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct qdq_view *view_of(const Onnx__ModelProto *proto)
{
	struct error err = ERROR_INIT;
	struct qdq_view *view = NULL;

	cr_assert(qdq_view_open(&view, proto_open(proto), NULL, &err), "%s", err.text);
	cr_assert(view);
	return view;
}

static tensor_id tensor_of(const struct qdq_view *view, const char *name)
{
	tensor_id found = graph_find_tensor(view->graph, name, strlen(name));

	cr_assert_neq(found, GRAPH_NONE, "no tensor %s", name);
	return found;
}

/* x -> Sigmoid n1 -> a -> Cos n2 -> z, Relu n3 -> y; a is u8, converted for n2. */
static Onnx__ModelProto *converted(void)
{
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;

	proto_input(g, "x", ELEMENT_FLOAT, "1,4");
	qdq_pair(g, "x", 0.01f, ELEMENT_UINT8, 99);
	qdq_nodes(g, "x", "x", "x_dq");
	proto_node(g, "Sigmoid", "n1", "x_dq", "a");
	qdq_pair(g, "a", 1.0f / 255, ELEMENT_UINT8, 0);
	qdq_pair(g, "c", 1.0f / 65535, ELEMENT_UINT16, 0);
	qdq_nodes(g, "a", "a", "a_dq");
	qdq_dq(g, "a_q,a_scale,a_zero_point", "clone");
	qdq_nodes(g, "clone", "c", "c_dq");
	proto_node(g, "Cos", "n2", "c_dq", "z");
	proto_node(g, "Relu", "n3", "a_dq", "y");
	proto_output(g, "z", ELEMENT_FLOAT, "1,4");
	proto_output(g, "y", ELEMENT_FLOAT, "1,4");
	return model;
}

Test(qdq_view, the_float_model)
{
	static const char *const names[] = {"n1", "n2", "n3"};
	struct qdq_view *view = view_of(converted());
	const struct graph *g = view->graph;

	cr_assert_eq(g->main_nodes, 3);
	for (uint32_t i = 0; i < 3; i++) {
		cr_expect_str_eq(graph_node_name(g, i), names[i]);
		cr_expect_str_eq(
			graph_node_name(view->file, view->file_node[i]), names[i]);
		cr_expect_eq(view->node_of[view->file_node[i]], i);
	}
	cr_expect_str_eq(graph_tensor_name(g, graph_input_of(g, 0, 0)), "x");
	cr_expect_eq(graph_input_of(g, 1, 0), tensor_of(view, "a"));
	cr_expect_eq(graph_input_of(g, 2, 0), tensor_of(view, "a"));
	cr_expect_eq(view->named->proto->graph->n_initializer, 0);
}

Test(qdq_view, overrides_of_a_conversion)
{
	struct qdq_view *view = view_of(converted());
	size_t length;

	cr_expect_eq(view->options.activation_type, QTYPE_U8);
	cr_expect_str_eq(overrides_write(&view->overrides, view->graph, &length, NULL),
		"{\n  \"a\": [{\"quant_type\": \"QUInt8\", \"convert\": {\"quant_type\": "
		"\"QUInt16\", \"recv_nodes\": [\"n2\"]}}]\n}\n");
	cr_expect_eq(view->ranges.count, 2);
	cr_expect_eq(ranges_find(&view->ranges, tensor_of(view, "a"))->low, 0);
	cr_expect_eq(ranges_find(&view->ranges, tensor_of(view, "a"))->high, 1);
}

/* Two scales that no one range gives are told outright. */
Test(qdq_view, scales_that_no_range_gives)
{
	Onnx__ModelProto *model = converted();
	Onnx__TensorProto *scale = NULL;
	struct qdq_view *view;
	const struct entry *entry;

	for (size_t i = 0; i < model->graph->n_initializer; i++)
		if (bytes_equal(model->graph->initializer[i]->name, "c_scale"))
			scale = model->graph->initializer[i];
	cr_assert(scale);
	memcpy(scale->raw_data.data, &(float){0.5f}, sizeof(float));
	view = view_of(model);
	entry = &overrides_find(&view->overrides, tensor_of(view, "a"))->entries[0];
	cr_expect_eq(entry->own.has & ENTRY_SCALE, 0);
	cr_expect_neq(entry->convert.has & ENTRY_SCALE, 0);
	cr_expect_eq(entry->convert.scale, 0.5f);
}

/* ---- ranges */

static double unit(void)
{
	return (double)rand() / RAND_MAX;
}

static void add_random_pair(Onnx__GraphProto *g, const char *name, int32_t element,
	enum qtype type, double low, double high)
{
	struct scale_rule rule = {.type = type, .element = ELEMENT_FLOAT};
	struct scale scale;

	cr_assert(scale_from_range(&rule, low, high, &scale));
	qdq_pair(g, name, (float)scale.value, element, scale.zero_point);
}

/* For scales that came from any range one is found that gives them again, conversions
 * included. */
Test(qdq_view, ranges_give_the_scales)
{
	static const enum qtype types[] = {QTYPE_U8, QTYPE_S8, QTYPE_U16, QTYPE_S16};
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;
	struct qdq_view *view;

	proto_input(g, "x", ELEMENT_FLOAT, "1,4");
	for (int i = 0; i < 2000; i++) {
		char *name = test_text("t%d", i);
		enum qtype own = types[i % 4], other = types[(i + 1 + i / 4 % 3) % 4];
		double scale = pow(10, 8 * unit() - 4);
		double low = (float)(-unit() * scale), high = (float)(unit() * scale);

		proto_node(g, "Cos", test_text("n%d", i), "x", name);
		add_random_pair(g, name, qtypes[own].element_type, own, low, high);
		add_random_pair(g, test_text("%s_c", name), qtypes[other].element_type,
			other, low, high);
		qdq_nodes(g, name, name, test_text("%s_d", name));
		qdq_nodes(g, test_text("%s_d", name), test_text("%s_c", name),
			test_text("%s_e", name));
		proto_node(g, "Sin", test_text("m%d", i), test_text("%s_e", name),
			test_text("y%d", i));
	}
	proto_output(g, "y0", ELEMENT_FLOAT, "1,4");
	view = view_of(model);
	cr_assert_eq(view->qdq->groups.count, 2000);
	cr_assert_eq(view->overrides.count, 2000);
	for (uint32_t i = 0; i < view->overrides.count; i++) {
		const struct entry *entry = &view->overrides.lists[i].entries[0];

		cr_expect_eq((entry->own.has | entry->convert.has) & ENTRY_SCALE, 0, "%s",
			graph_tensor_name(view->graph, view->overrides.lists[i].tensor));
	}
}

/* ---- values */

static const float *values_of(const struct qdq_view *view, const char *name, size_t count)
{
	const Onnx__TensorProto *proto =
		graph_constant(view->graph, tensor_of(view, name));
	struct tensor_reader reader;
	struct error err = ERROR_INIT;
	float *values = malloc(count * sizeof(*values));

	cr_assert(proto);
	cr_assert(tensor_open(&reader, view->named, proto, &err), "%s", err.text);
	cr_assert_eq(reader.count, count);
	cr_assert(tensor_read_f32(&reader, 0, count, values, &err), "%s", err.text);
	tensor_close(&reader);
	return values;
}

Test(qdq_view, weights_are_what_their_integers_stand_for)
{
	static const signed char bytes[6] = {1, -2, 3, -4, 5, 127};
	static const float scales[2] = {0.5f, 0.25f};
	static const signed char zeros[2] = {1, 0};
	static const float wanted[6] = {0, -1.5f, 1, -1, 1.25f, 31.75f};
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;
	const float *values;

	proto_input(g, "x", ELEMENT_FLOAT, "2,3");
	proto_initializer(g, "w_quantized", ELEMENT_INT8, "2,3", bytes);
	proto_floats(g, "s", "2", scales);
	proto_initializer(g, "z", ELEMENT_INT8, "2", zeros);
	proto_int(qdq_dq(g, "w_quantized,s,z", "w_dq"), "axis", 0);
	proto_node(g, "Add", "n", "x,w_dq", "y");
	proto_output(g, "y", ELEMENT_FLOAT, "2,3");
	values = values_of(view_of(model), "w", 6);
	cr_expect_arr_eq(values, wanted, sizeof(wanted));
}

Test(qdq_view, packed_weights_with_blocks)
{
	static const unsigned char bytes[4] = {0x21, 0x43, 0xf8, 0x07};
	static const float scales[4] = {1, 10, 100, 1000};
	static const float wanted[8] = {1, 20, 3, 40, -800, -1000, 700, 0};
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;
	Onnx__NodeProto *node;
	const float *values;

	proto_input(g, "x", ELEMENT_FLOAT, "4,2");
	proto_initializer(g, "w_quantized", ELEMENT_INT4, "4,2", bytes);
	proto_floats(g, "s", "2,2", scales);
	node = qdq_dq(g, "w_quantized,s", "w_dq");
	proto_int(node, "axis", 0);
	proto_int(node, "block_size", 2);
	proto_node(g, "Add", "n", "x,w_dq", "y");
	proto_output(g, "y", ELEMENT_FLOAT, "4,2");
	values = values_of(view_of(model), "w", 8);
	cr_expect_arr_eq(values, wanted, sizeof(wanted));
}

/* Data do not tell the scale that a weight has; the file does, while the type stays. */
Test(qdq_view, weights_keep_their_scales)
{
	static const signed char bytes[4] = {1, -2, 3, -4};
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;
	struct weight_list list = {0};
	struct quant_options options;
	struct overrides none = {0};
	struct error err = ERROR_INIT;
	struct quant_work work = {.threads = 1};
	struct qdq_view *view;

	options_init(&options);
	proto_input(g, "x", ELEMENT_FLOAT, "2,2");
	proto_initializer(g, "w_quantized", ELEMENT_INT8, "2,2", bytes);
	qdq_pair(g, "w", 0.5f, ELEMENT_INT8, 7);
	qdq_dq(g, "w_quantized,w_scale,w_zero_point", "w_dq");
	proto_node(g, "MatMul", "n", "x,w_dq", "y");
	proto_output(g, "y", ELEMENT_FLOAT, "2,2");
	view = view_of(model);
	cr_assert(options_copy(&options, &view->options, &err));
	cr_assert(weights_measure(&list, view->marks, &options, &none, &work, &err), "%s",
		err.text);
	cr_assert_eq(list.count, 1);
	cr_expect(list.items[0].stored);
	cr_expect_eq(list.items[0].scales[0], 0.5);
	cr_expect_eq(list.items[0].zero_points[0], 7);
	weights_release(&list);
	options.weight_type = QTYPE_S16;
	cr_assert(weights_measure(&list, view->marks, &options, &none, &work, &err));
	cr_expect_not(list.items[0].stored);
}

/* ---- opening */

Test(qdq_view, a_model_without_groups_has_no_view)
{
	struct error err = ERROR_INIT;
	struct qdq_view *view;
	Onnx__ModelProto *model = proto_model(21);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1");
	proto_node(model->graph, "Cos", "n", "x", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1");
	cr_expect_not(qdq_is_quantized(proto_open(model)));
	cr_assert(qdq_view_open(&view, proto_open(model), NULL, &err), "%s", err.text);
	cr_expect_null(view);
}

/* Every reason why a node stays is told, once. */
Test(qdq_view, strangers_are_told)
{
	Onnx__ModelProto *model = converted();
	struct qdq_view *view;

	qdq_dq(model->graph, "x_q,c_scale", "odd");
	qdq_q(model->graph, "z,z", "odd2");
	qdq_q(model->graph, "y,y", "odd3");
	view = view_of(model);
	cr_assert_eq(view->notes.count, 3, "%zu", view->notes.count);
	cr_expect(strstr(view->notes.items[2].cause, "nor is 1 like it"), "%s",
		view->notes.items[2].cause);
}

/* ---- rewriting in memory */

struct rewritten {
	struct qdq_view *view;
	struct model *model;
	struct qdq_changes changes;
	struct problem_list notes;
};

static struct rewritten rewrite(const Onnx__ModelProto *proto, const char *seed)
{
	struct rewritten r = {.view = view_of(proto)};
	struct error err = ERROR_INIT;
	struct plan *plan = plan_new(r.view->graph, &err);
	struct seed_list seeds = {0};
	struct overrides given = {0};
	struct ranges ranges = {0};

	cr_assert(plan && plan_set_options(plan, &r.view->options, &err));
	cr_assert(overrides_copy(&given, &r.view->overrides, r.view->graph, &err));
	cr_assert(plan_set_overrides(plan, &given, "file", &err));
	cr_assert(ranges_copy(&ranges, &r.view->ranges, r.view->graph, &err));
	cr_assert(plan_set_ranges(plan, &ranges, &err));
	if (seed)
		cr_assert(seed_parse(r.view->graph, seed, &seeds, &err), "%s", err.text);
	for (size_t i = 0; i < seeds.count; i++)
		cr_assert(plan_add_seed(plan, &seeds.items[i], &err), "%s", err.text);
	r.model = qdq_rewrite(
		r.view, plan, plan_outcome(plan, &err), &r.changes, &r.notes, &err);
	cr_assert(r.model, "%s", err.text);
	return r;
}

static struct model_image image_of(const struct model *model)
{
	struct model_image image;
	struct error err = ERROR_INIT;

	cr_assert(model_encode(model, &image, NULL, &err), "%s", err.text);
	return image;
}

Test(qdq_view, nothing_changed_is_the_same_bytes)
{
	struct rewritten r = rewrite(converted(), NULL);
	struct model_image before = image_of(r.view->input), after = image_of(r.model);

	cr_assert_eq(after.size, before.size);
	cr_expect_arr_eq(after.bytes, before.bytes, before.size);
	cr_expect_eq(r.changes.tensors + r.changes.conversions + r.changes.biases, 0);
}

static const Onnx__TensorProto *initializer(const struct rewritten *r, const char *name)
{
	const Onnx__GraphProto *g = r->model->proto->graph;

	for (size_t i = 0; i < g->n_initializer; i++)
		if (bytes_equal(g->initializer[i]->name, name))
			return g->initializer[i];
	return NULL;
}

static const Onnx__NodeProto *writer(const struct rewritten *r, const char *output)
{
	const Onnx__GraphProto *g = r->model->proto->graph;

	for (size_t i = 0; i < g->n_node; i++)
		if (bytes_equal(g->node[i]->output[0], output))
			return g->node[i];
	return NULL;
}

/* The conversion of `a` goes when n3 sees it in 16 bit as n2 does. */
Test(qdq_view, a_type_changes_in_place)
{
	struct rewritten r = rewrite(converted(), "x=u16");
	const Onnx__TensorProto *zero = initializer(&r, "x_zero_point");

	cr_expect_eq(zero->data_type, ELEMENT_UINT16);
	cr_expect_eq(zero->int32_data[0], 99 * 257);
	cr_expect_float_eq(initializer(&r, "x_scale")->float_data[0], 0.01f / 257, 1e-9);
	cr_expect_eq(r.changes.tensors, 1);
	cr_expect_eq(writer(&r, "x_q")->has_src_length, 1);
}

/* x and a share a scale; one of them gets another. */
Test(qdq_view, shared_scales_part)
{
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;
	struct rewritten r;

	proto_input(g, "x", ELEMENT_FLOAT, "1,4");
	qdq_pair(g, "s", 0.01f, ELEMENT_UINT8, 99);
	qdq_q(g, "x,s_scale,s_zero_point", "xq");
	qdq_dq(g, "xq,s_scale,s_zero_point", "xd");
	proto_node(g, "Sigmoid", "n1", "xd", "a");
	qdq_q(g, "a,s_scale,s_zero_point", "aq");
	qdq_dq(g, "aq,s_scale,s_zero_point", "ad");
	proto_node(g, "Cos", "n2", "ad", "y");
	proto_output(g, "y", ELEMENT_FLOAT, "1,4");
	r = rewrite(model, "node:n1=u16");
	cr_expect_eq(initializer(&r, "s_zero_point")->data_type, ELEMENT_UINT8);
	cr_expect(bytes_equal(writer(&r, "xq")->input[1], "s_scale"));
	cr_expect(bytes_equal(writer(&r, "aq")->input[1], "a_scale"));
	cr_expect(bytes_equal(writer(&r, "ad")->input[2], "a_zero_point"));
	cr_expect_eq(initializer(&r, "a_zero_point")->data_type, ELEMENT_UINT16);
}

/* New names that are taken get another ending. */
Test(qdq_view, new_names_are_free)
{
	Onnx__ModelProto *model = converted();
	struct rewritten r;

	proto_floats(model->graph, "x_scale_convert", "", &(float){1});
	proto_node(model->graph, "Add", "n4", "y,x_scale_convert", "w");
	r = rewrite(model, "node:n1=u16");
	cr_expect_not_null(initializer(&r, "x_scale_convert_1"));
	cr_expect_not_null(initializer(&r, "x_zero_point_convert"));
}

/* A conversion that nobody needs any more goes with its scales. */
Test(qdq_view, a_conversion_goes)
{
	Onnx__ModelProto *model = converted();
	struct rewritten r;
	struct error err = ERROR_INIT;
	struct overrides none = {0};
	struct qdq_view *view = view_of(model);
	struct plan *plan = plan_new(view->graph, &err);
	struct ranges ranges = {0};

	cr_assert(ranges_copy(&ranges, &view->ranges, view->graph, &err));
	cr_assert(plan_set_options(plan, &view->options, &err) &&
		  plan_set_overrides(plan, &none, "", &err) &&
		  plan_set_ranges(plan, &ranges, &err));
	r.view = view;
	r.notes = (struct problem_list){0};
	r.model = qdq_rewrite(
		view, plan, plan_outcome(plan, &err), &r.changes, &r.notes, &err);
	cr_assert(r.model, "%s", err.text);
	cr_expect_null(initializer(&r, "c_scale"));
	cr_expect_null(writer(&r, "clone"));
	cr_expect_null(writer(&r, "c_dq"));
	cr_expect(bytes_equal(writer(&r, "z")->input[0], "a_dq"));
	cr_expect_eq(r.changes.conversions, 1);
	cr_expect_eq(r.changes.tensors, 0);
}
