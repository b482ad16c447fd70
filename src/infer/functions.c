/* Operators that onnx infers through their bodies, for want of a rule. */
#include "infer/state.h"

#include "onnx/tensor.h"

#include <string.h>

enum { INPUTS_MAX = 2, NODES_MAX = 12 };

/* A node of a body. An attribute is a scalar constant ("value") or, of another name,
 * the caller's axes. */
struct body_node {
	const char *op_type;
	const char *inputs[INPUTS_MAX];
	const char *output;
	const char *attribute; /* or NULL */
};

/* clang-format off */
#define MEAN_VARIANCE(reduce, data)                                                      \
	{"Pow", {"X_RM", "Exponent"}, "EX_squared", NULL},                               \
	{"Pow", {"X", "Exponent"}, "X_squared", NULL},                                   \
	{"ReduceMean", {"X_squared", data}, "E_Xsquared", reduce},                       \
	{"Sub", {"E_Xsquared", "EX_squared"}, "Variance", NULL},                         \
	{"Sqrt", {"Variance"}, "STD", NULL},                                             \
	{"Sub", {"X", "X_RM"}, "X_variance", NULL},                                      \
	{"Add", {"STD", "Epsilon"}, "Processed_STD", NULL},                              \
	{"Div", {"X_variance", "Processed_STD"}, "Y", NULL}

/* An operator's body from one version on, written for another. */
static const struct body {
	const char *op_type;
	int64_t since, last;
	const char *inputs[INPUTS_MAX];
	const char *output;
	int64_t opset;
	struct body_node nodes[NODES_MAX + 1];
} bodies[] = {
	{"GreaterOrEqual", 12, 15, {"A", "B"}, "C", 12,
		{{"Greater", {"A", "B"}, "O1", NULL}, {"Equal", {"A", "B"}, "O2", NULL},
			{"Or", {"O1", "O2"}, "C", NULL}}},
	{"LessOrEqual", 12, 15, {"A", "B"}, "C", 12,
		{{"Less", {"A", "B"}, "O1", NULL}, {"Equal", {"A", "B"}, "O2", NULL},
			{"Or", {"O1", "O2"}, "C", NULL}}},
	{"MeanVarianceNormalization", 9, 12, {"X"}, "Y", 9,
		{{"Constant", {NULL}, "Exponent", "value"},
			{"Constant", {NULL}, "Epsilon", "value"},
			{"ReduceMean", {"X"}, "X_RM", "axes"},
			MEAN_VARIANCE("axes", NULL)}},
	{"MeanVarianceNormalization", 13, INT64_MAX, {"X"}, "Y", 18,
		{{"Constant", {NULL}, "Exponent", "value"},
			{"Constant", {NULL}, "Epsilon", "value"},
			{"Constant", {NULL}, "axes", "value_ints"},
			{"ReduceMean", {"X", "axes"}, "X_RM", NULL},
			MEAN_VARIANCE(NULL, "axes")}},
};
/* clang-format on */

static ProtobufCBinaryData text(const char *chars)
{
	return (ProtobufCBinaryData){strlen(chars), (uint8_t *)chars};
}

/* As many of the names as there are. */
static bool fill_names(struct infer_values *known, const char *const *from, size_t count,
	ProtobufCBinaryData **names, size_t *named)
{
	ProtobufCBinaryData *list = infer_alloc(known, count, sizeof(*list));

	*names = list;
	for (*named = 0; list && *named < count && from[*named]; ++*named)
		list[*named] = text(from[*named]);
	return list;
}

static bool fill_attribute(
	struct infer_values *known, const char *name, Onnx__NodeProto *node)
{
	Onnx__AttributeProto *a = infer_alloc(known, 1, sizeof(*a));
	Onnx__TensorProto *scalar = infer_alloc(known, 1, sizeof(*scalar));

	node->attribute = infer_alloc(known, 1, sizeof(*node->attribute));
	if (!a || !scalar || !node->attribute)
		return false;
	onnx__attribute_proto__init(a);
	onnx__tensor_proto__init(scalar);
	a->name = text(name);
	if (strcmp(name, "value") == 0) {
		scalar->data_type = ELEMENT_FLOAT;
		a->t = scalar;
	} else {
		a->ref_attr_name = text("axes");
	}
	node->attribute[node->n_attribute++] = a;
	return true;
}

static Onnx__NodeProto *make_node(
	struct infer_values *known, const struct body_node *from)
{
	Onnx__NodeProto *node = infer_alloc(known, 1, sizeof(*node));

	if (!node)
		return NULL;
	onnx__node_proto__init(node);
	node->op_type = text(from->op_type);
	return fill_names(
		       known, from->inputs, INPUTS_MAX, &node->input, &node->n_input) &&
			       fill_names(known, &from->output, 1, &node->output,
				       &node->n_output) &&
			       (!from->attribute ||
				       fill_attribute(known, from->attribute, node))
		       ? node
		       : NULL;
}

static bool fill_import(struct infer_values *known, int64_t opset, Onnx__FunctionProto *f)
{
	Onnx__OperatorSetIdProto *import = infer_alloc(known, 1, sizeof(*import));

	f->opset_import = infer_alloc(known, 1, sizeof(*f->opset_import));
	if (!import || !f->opset_import)
		return false;
	onnx__operator_set_id_proto__init(import);
	import->version = opset;
	f->opset_import[f->n_opset_import++] = import;
	return true;
}

static Onnx__FunctionProto *make(struct infer_values *known, const struct body *body)
{
	Onnx__FunctionProto *f = infer_alloc(known, 1, sizeof(*f));

	if (!f)
		return NULL;
	onnx__function_proto__init(f);
	f->node = infer_alloc(known, NODES_MAX, sizeof(*f->node));
	if (!f->node || !fill_import(known, body->opset, f) ||
		!fill_names(known, body->inputs, INPUTS_MAX, &f->input, &f->n_input) ||
		!fill_names(known, &body->output, 1, &f->output, &f->n_output))
		return NULL;
	for (; body->nodes[f->n_node].op_type; f->n_node++) {
		f->node[f->n_node] = make_node(known, &body->nodes[f->n_node]);
		if (!f->node[f->n_node])
			return NULL;
	}
	return f;
}

bool infer_by_body(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found)
{
	int64_t opset = infer_version(known, node->domain);

	*found = false;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		Onnx__FunctionProto *f;

		if (opset < bodies[i].since || opset > bodies[i].last ||
			!bytes_equal(node->op_type, bodies[i].op_type))
			continue;
		*found = true;
		f = make(known, &bodies[i]);
		return f && infer_call(known, model, node, f, out);
	}
	return true;
}
