/* What a graph marks: order, sharing, removal, copies of biases, readers. */
#include "build.h"
#include "graph/graph.h"
#include "rules/marks.h"
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

/* Facts by name: every tensor has parameters but those listed. */
struct facts {
	const struct graph *graph;
	const char *without;   /* ",a,b,": no parameters */
	const char *converted; /* with a converted part */
	const char *overridden;
};

static bool lists(const char *list, const char *name)
{
	return list && strstr(list, test_text(",%s,", name));
}

static void facts_of(const void *arg, tensor_id tensor, struct tensor_facts *facts)
{
	const struct facts *f = arg;
	const char *name = graph_tensor_name(f->graph, tensor);

	facts->axis = -1;
	facts->flags = lists(f->without, name) ? 0 : FACT_PARAMETERS;
	if (lists(f->converted, name))
		facts->flags |= FACT_CONVERTED;
	if (lists(f->overridden, name))
		facts->flags |= FACT_OVERRIDE;
}

static struct marks *mark(Onnx__ModelProto *proto, struct quant_options *options,
	struct facts facts, struct error *err)
{
	struct graph *graph = graph_build(proto_open(proto), err);
	struct marks_facts interface = {facts_of, &facts};

	cr_assert(graph, "%s", err->text);
	facts.graph = graph;
	options->ort_compatible = true;
	return marks_build(graph, options, &interface, err);
}

/* M as text: "x; w weight; y<x" (y shares the parameters of x). */
static const char *marks_text(const struct marks *m)
{
	const char *text = "";

	for (uint32_t i = 0; i < m->count; i++) {
		const struct mark *k = &m->marks[i];

		text = test_text("%s%s%s%s%s%s", text, *text ? "; " : "",
			marks_tensor_name(m, k->tensor),
			k->kind == MARK_WEIGHT ? " weight" : "",
			k->provider == GRAPH_NONE ? "" : "<",
			k->provider == GRAPH_NONE ? ""
						  : marks_tensor_name(m, k->provider));
	}
	return text;
}

static const char *mark_text(
	Onnx__ModelProto *proto, struct quant_options *options, struct facts facts)
{
	struct error err = ERROR_INIT;
	struct marks *m = mark(proto, options, facts, &err);

	return m ? marks_text(m) : test_text("refused: %s", err.text);
}

/* Conv -> Relu -> Reshape -> MatMul, a bias each for Conv. */
static Onnx__ModelProto *chain(void)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *g = model->graph;

	proto_input(g, "x", ELEMENT_FLOAT, "1,1,4,4");
	proto_initializer(g, "w", ELEMENT_FLOAT, "2,1,2,2", NULL);
	proto_initializer(g, "b", ELEMENT_FLOAT, "2", NULL);
	proto_initializer(g, "shape", ELEMENT_INT64, "2", NULL);
	proto_initializer(g, "m", ELEMENT_FLOAT, "18,3", NULL);
	proto_node(g, "Conv", "conv", "x,w,b", "c");
	proto_node(g, "Relu", "relu", "c", "r");
	proto_node(g, "Reshape", "reshape", "r,shape", "s");
	proto_node(g, "MatMul", "matmul", "s,m", "y");
	proto_output(g, "y", ELEMENT_FLOAT, NULL);
	return model;
}

Test(rules_marks, order_sharing_and_removal)
{
	struct quant_options o;

	options_init(&o);
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){0}),
		"x; w weight; r; s<r; m weight; y");
	o.keep_removable_activations = true;
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){0}),
		"x; c; w weight; r; s<r; m weight; y");
	options_init(&o);
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){.converted = ",c,"}),
		"x; c; w weight; r; s<r; m weight; y");
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){.without = ",r,"}),
		"x; c; w weight; r; s<r; m weight; y");
	cr_expect(strstr(mark_text(chain(), &o, (struct facts){.without = ",c,"}),
		"refused: 'relu'"));
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){.overridden = ",b,"}),
		"x; w weight; b weight; r; s<r; m weight; y");
	cr_assert(text_list_add(&o.op_types_to_exclude_output, "Conv,Reshape", NULL));
	cr_expect_str_eq(
		mark_text(chain(), &o, (struct facts){0}), "x; w weight; s; m weight; y");
}

Test(rules_marks, selection_by_name_and_type)
{
	struct quant_options o;

	options_init(&o);
	cr_assert(text_list_add(&o.nodes_to_exclude, "conv,matmul", NULL));
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){0}), "");
	o.force_quantize_no_input_check = true;
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){0}), "r; s<r");
	options_release(&o);
	options_init(&o);
	cr_assert(text_list_add(&o.op_types, "MatMul", NULL));
	cr_expect_str_eq(mark_text(chain(), &o, (struct facts){0}), "s; m weight; y");
}

Test(rules_marks, removal_renames_and_readers_are_listed)
{
	struct quant_options o;
	struct error err = ERROR_INIT;
	struct marks *m;
	tensor_id x, s;
	const struct graph_node *conv;

	options_init(&o);
	m = mark(chain(), &o, (struct facts){0}, &err);
	cr_assert(m, "%s", err.text);
	conv = &m->graph->nodes[0];
	cr_expect_eq(m->slots[conv->first_output], graph_find_tensor(m->graph, "r", 1));
	cr_expect_eq(m->node_flags[1], NODE_SELECTED | NODE_REMOVED);
	x = graph_find_tensor(m->graph, "x", 1);
	s = graph_find_tensor(m->graph, "s", 1);
	cr_expect_eq(m->first_receiver[x + 1] - m->first_receiver[x], 1);
	cr_expect_eq(m->receivers[m->first_receiver[s]], 3);
	cr_expect_eq(m->bias_count, 1);
	cr_expect(marks_find_bias(m, graph_find_tensor(m->graph, "b", 1)));
	marks_free(m);
}

/* Three Convs that share one bias; other initializers have names like its copies'. */
static Onnx__ModelProto *sharing(const char *bias, const char *other)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *g = model->graph;

	proto_input(g, "x", ELEMENT_FLOAT, "1,1,4,4");
	proto_initializer(g, "w", ELEMENT_FLOAT, "2,1,2,2", NULL);
	proto_initializer(g, bias, ELEMENT_FLOAT, "2", NULL);
	if (other)
		proto_initializer(g, other, ELEMENT_FLOAT, "2", NULL);
	for (int i = 0; i < 3; i++) {
		proto_node(g, "Conv", test_text("conv%d", i), test_text("x,w,%s", bias),
			test_text("y%d", i));
		proto_output(g, test_text("y%d", i), ELEMENT_FLOAT, NULL);
	}
	return model;
}

static const char *copies(const char *bias, const char *other)
{
	struct quant_options o;
	struct error err = ERROR_INIT;
	struct marks *m;
	const char *text = "";

	options_init(&o);
	m = mark(sharing(bias, other), &o, (struct facts){0}, &err);
	cr_assert(m, "%s", err.text);
	cr_assert_eq(m->bias_count, 3);
	for (uint32_t i = 0; i < m->copy_count; i++) {
		const struct graph_node *conv = &m->graph->nodes[i + 1];

		cr_expect_eq(m->slots[conv->first_input + 2], m->graph->tensor_count + i);
		text = test_text("%s%s,", text, m->copies[i].name);
	}
	return text;
}

Test(rules_marks, names_of_copied_biases)
{
	cr_expect_str_eq(copies("b", NULL), "b0,b1,");
	cr_expect_str_eq(copies("b", "b7"), "b8,b9,");
	cr_expect_str_eq(copies("b", "b-7"), "b0,b1,");
	cr_expect_str_eq(copies("b", "b 1_0 "), "b11,b12,");
	cr_expect_str_eq(copies("b", "b1__0"), "b0,b1,");
	cr_expect_str_eq(copies("b", "b+3"), "b4,b5,");
	cr_expect_str_eq(copies("b", "b3x"), "b0,b1,");
	cr_expect_str_eq(copies("b", "b-0"), "b1,b2,");
	cr_expect_str_eq(copies("b1", "b"), "b10,b11,");
}

Test(rules_marks, unnamed_nodes_share_their_copies)
{
	Onnx__ModelProto *model = sharing("b", "b05");
	struct quant_options o;
	struct error err = ERROR_INIT;
	struct marks *m;

	for (int i = 0; i < 3; i++)
		model->graph->node[i]->name.len = 0;
	options_init(&o);
	m = mark(model, &o, (struct facts){0}, &err);
	cr_assert(m, "%s", err.text);
	cr_assert_eq(m->copy_count, 2);
	cr_expect_str_eq(m->copies[0].name, "b6");
	cr_expect_str_eq(m->copies[1].name, "b60");
	cr_expect_eq(m->bias_count, 3);
	for (int i = 0; i < 3; i++) /* each copy takes all of them along */
		cr_expect_eq(m->slots[m->graph->nodes[i].first_input + 2],
			m->graph->tensor_count + 1);
	marks_free(m);
}

Test(rules_marks, copy_with_a_taken_name_is_that_tensor)
{
	Onnx__ModelProto *model = sharing("b", NULL);
	struct quant_options o;
	struct error err = ERROR_INIT;
	struct marks *m;
	tensor_id taken;

	proto_node(model->graph, "Neg", "neg", "x", "b0");
	options_init(&o);
	m = mark(model, &o, (struct facts){0}, &err);
	cr_assert(m, "%s", err.text);
	taken = graph_find_tensor(m->graph, "b0", 2);
	cr_expect_eq(m->copy_count, 2);
	cr_expect_eq(marks_original(m, taken), graph_find_tensor(m->graph, "b", 1));
	cr_expect(marks_find_bias(m, taken));
	cr_expect_str_eq(m->copies[1].name, "b1");
	marks_free(m);
}

static const char *pad(const char *mode, float value, int64_t opset)
{
	Onnx__ModelProto *model = proto_model(opset);
	Onnx__NodeProto *node;
	struct quant_options o;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,4");
	if (opset >= 11) {
		proto_initializer(model->graph, "pads", ELEMENT_INT64, "4", NULL);
		proto_floats(model->graph, "v", "", &value);
	}
	node = proto_node(model->graph, "Pad", "pad", opset < 11 ? "x" : "x,pads,v", "y");
	if (mode)
		proto_string(node, "mode", mode);
	if (opset < 11)
		proto_float(node, "value", value);
	proto_output(model->graph, "y", ELEMENT_FLOAT, NULL);
	options_init(&o);
	return mark_text(model, &o, (struct facts){0});
}

Test(rules_marks, pad_shares_when_it_pads_with_what_is_there)
{
	cr_expect_str_eq(pad(NULL, 0, 13), "x; v; y<x");
	cr_expect_str_eq(pad(NULL, 1, 13), "x; v; y");
	cr_expect_str_eq(pad("reflect", 1, 13), "x; v; y<x");
	cr_expect_str_eq(pad("constant", -0.0f, 10), "x; y<x");
	cr_expect_str_eq(pad("constant", 2, 10), "x; y");
}

/* Inputs that a broken export leaves out: nothing to mark, no crash. */
Test(rules_marks, absent_inputs_mark_nothing)
{
	static const char *const ops[] = {"Conv", "Gemm", "MatMul", "Relu", "Reshape",
		"Gather", "Where", "Pad", "LayerNormalization", "Add"};
	struct quant_options o;

	options_init(&o);
	o.per_channel = true;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		Onnx__ModelProto *model = proto_model(17);

		proto_node(model->graph, ops[i], "n", ",,", "y");
		mark_text(model, &o, (struct facts){0});
	}
	Onnx__ModelProto *split = proto_model(17);

	proto_node(split->graph, "Split", "n", ",", "y");
	proto_output(split->graph, "y", ELEMENT_FLOAT, NULL);
	cr_expect(strstr(mark_text(split, &o, (struct facts){0}), "refused: 'n'"));
}
