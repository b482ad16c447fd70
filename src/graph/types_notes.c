/* Output types that depend on attributes, subgraphs or sequences: the rows marked
 * "see notes" of data/op-schemas.tsv. */
#include "graph/types.h"

#include "onnx/tensor.h"

#include <string.h>

/* A rule: the type of output `slot` of `node`, 0 if unknown. */
typedef type_code rule(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot);

static type_code tensor_of(int64_t element)
{
	return type_make(HOLDER_TENSOR, element);
}

static type_code by_attribute(
	const struct type_run *run, node_id node, const char *name, type_code otherwise)
{
	int64_t element = graph_int_attribute(run->graph, node, name, 0);

	return element ? tensor_of(element) : otherwise;
}

static type_code rule_cast(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return by_attribute(run, node, "to", 0);
}

static type_code rule_constant(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	static const struct {
		const char *name;
		int32_t element;
	} table[] = {
		{"value_float", ELEMENT_FLOAT},
		{"value_floats", ELEMENT_FLOAT},
		{"value_int", ELEMENT_INT64},
		{"value_ints", ELEMENT_INT64},
		{"value_string", ELEMENT_STRING},
		{"value_strings", ELEMENT_STRING},
	};
	const Onnx__AttributeProto *value = graph_attribute(run->graph, node, "value");

	(void)s, (void)slot;
	if (value)
		return value->t ? tensor_of(value->t->data_type) : 0;
	value = graph_attribute(run->graph, node, "sparse_value");
	if (value)
		return value->sparse_tensor && value->sparse_tensor->values
			       ? tensor_of(value->sparse_tensor->values->data_type)
			       : 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (graph_attribute(run->graph, node, table[i].name))
			return tensor_of(table[i].element);
	return 0;
}

static type_code rule_constant_of_shape(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	const Onnx__AttributeProto *value = graph_attribute(run->graph, node, "value");

	(void)s, (void)slot;
	return tensor_of(value && value->t ? value->t->data_type : ELEMENT_FLOAT);
}

static type_code rule_quantize(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	if (graph_input_of(run->graph, node, 2) != GRAPH_NONE)
		return type_of_input(run, node, 2);
	return by_attribute(run, node, "output_dtype", tensor_of(ELEMENT_UINT8));
}

static type_code rule_dequantize(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)slot;
	if (s->since < 19)
		return tensor_of(ELEMENT_FLOAT);
	if (s->since < 23)
		return type_of_input(run, node, 1);
	return by_attribute(run, node, "output_dtype", type_of_input(run, node, 1));
}

/* `dtype`, else as input 0. */
static type_code rule_like(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return by_attribute(run, node, "dtype", type_of_input(run, node, 0));
}

static type_code rule_random(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return by_attribute(run, node, "dtype", tensor_of(ELEMENT_FLOAT));
}

static type_code rule_multinomial(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return by_attribute(run, node, "dtype", tensor_of(ELEMENT_INT32));
}

static type_code rule_window(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return by_attribute(run, node, "output_datatype", tensor_of(ELEMENT_FLOAT));
}

static type_code rule_stash(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return by_attribute(run, node, "stash_type", tensor_of(ELEMENT_FLOAT));
}

static type_code rule_if(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	type_code code = 0;

	(void)s;
	for (uint32_t b = 0; !code && b < run->graph->nodes[node].body_count; b++)
		code = type_of_body_output(run, node, b, slot);
	return code;
}

/* The body's first output is the condition. */
static type_code rule_loop(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s;
	return run->graph->nodes[node].body_count
		       ? type_of_body_output(run, node, 0, slot + 1)
		       : 0;
}

static type_code rule_scan(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s;
	return run->graph->nodes[node].body_count
		       ? type_of_body_output(run, node, 0, slot)
		       : 0;
}

static type_code rule_sequence_map(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	return type_make(HOLDER_SEQUENCE, type_element(rule_scan(run, node, s, slot)));
}

/* A sequence of tensors like input 0. */
static type_code rule_sequence(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return type_make(HOLDER_SEQUENCE, type_element(type_of_input(run, node, 0)));
}

static type_code rule_sequence_empty(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return type_make(HOLDER_SEQUENCE,
		graph_int_attribute(run->graph, node, "dtype", ELEMENT_FLOAT));
}

/* A tensor of what the sequence in input 0 holds. */
static type_code rule_element(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	(void)s, (void)slot;
	return tensor_of(type_element(type_of_input(run, node, 0)));
}

static type_code rule_optional(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	const Onnx__AttributeProto *type = graph_attribute(run->graph, node, "type");
	type_code inner = type_of_input(run, node, 0);

	(void)s, (void)slot;
	if (type && type->tp)
		inner = type_declared(type->tp);
	return type_make(type_holder(inner) == HOLDER_SEQUENCE ? HOLDER_OPTIONAL_SEQUENCE
							       : HOLDER_OPTIONAL,
		type_element(inner));
}

static type_code rule_optional_get(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	type_code code = type_of_input(run, node, 0);

	(void)s, (void)slot;
	if (type_holder(code) == HOLDER_OPTIONAL)
		return tensor_of(type_element(code));
	if (type_holder(code) == HOLDER_OPTIONAL_SEQUENCE)
		return type_make(HOLDER_SEQUENCE, type_element(code));
	return code;
}

static const struct {
	const char *op_type;
	rule *rule;
} rules[] = {
	{"Bernoulli", rule_like},
	{"BitCast", rule_cast},
	{"BlackmanWindow", rule_window},
	{"Cast", rule_cast},
	{"ConcatFromSequence", rule_element},
	{"Constant", rule_constant},
	{"ConstantOfShape", rule_constant_of_shape},
	{"DequantizeLinear", rule_dequantize},
	{"EyeLike", rule_like},
	{"HammingWindow", rule_window},
	{"HannWindow", rule_window},
	{"If", rule_if},
	{"LayerNormalization", rule_stash},
	{"Loop", rule_loop},
	{"MelWeightMatrix", rule_window},
	{"Multinomial", rule_multinomial},
	{"Optional", rule_optional},
	{"OptionalGetElement", rule_optional_get},
	{"QuantizeLinear", rule_quantize},
	{"RandomNormal", rule_random},
	{"RandomNormalLike", rule_like},
	{"RandomUniform", rule_random},
	{"RandomUniformLike", rule_like},
	{"Scan", rule_scan},
	{"SequenceAt", rule_element},
	{"SequenceConstruct", rule_sequence},
	{"SequenceEmpty", rule_sequence_empty},
	{"SequenceMap", rule_sequence_map},
	{"SplitToSequence", rule_sequence},
};

type_code type_by_notes(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	size_t low = 0, high = sizeof(rules) / sizeof(*rules);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(rules[middle].op_type, s->op_type);

		if (!order)
			return rules[middle].rule(run, node, s, slot);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* What input `position` of the body of a Loop, Scan or SequenceMap is given. */
static type_code given_to_body(
	const struct type_run *run, node_id node, uint32_t position)
{
	const char *op = graph_op_type(run->graph, node);

	if (!strcmp(op, "Loop")) {
		if (position < 2)
			return tensor_of(position ? ELEMENT_BOOL : ELEMENT_INT64);
		return type_of_input(run, node, position);
	}
	if (!strcmp(op, "Scan")) {
		const struct schema *s = run->schemas[run->graph->nodes[node].op_type];

		return type_of_input(run, node, position + (s->since < 9));
	}
	if (!strcmp(op, "SequenceMap")) {
		type_code code = type_of_input(run, node, position);

		return tensor_of(type_element(code));
	}
	return 0;
}

void type_body_inputs(struct type_run *run, node_id node, const struct graph_scope *body)
{
	for (uint32_t i = 0; i < body->input_count; i++) {
		tensor_id t = run->graph->ports[body->first_input + i];

		if (!run->codes[t])
			run->codes[t] = given_to_body(run, node, i);
	}
}
