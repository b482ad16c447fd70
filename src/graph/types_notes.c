/* Output types that depend on attributes, subgraphs or sequences: the rows marked
 * "see notes" of data/op-schemas.tsv. */
#include "graph/types.h"

#include "onnx/tensor.h"

#include <string.h>

/* A rule: the type of output `slot`, 0 if unknown. */
typedef type_code rule(const struct type_node *node, uint32_t slot);

static type_code tensor_of(int64_t element)
{
	return type_make(HOLDER_TENSOR, element);
}

static type_code by_attribute(
	const struct type_node *node, const char *name, type_code otherwise)
{
	const Onnx__AttributeProto *found = type_attribute(node, name);

	return found && found->i ? tensor_of(found->i) : otherwise;
}

static type_code rule_cast(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return by_attribute(node, "to", 0);
}

static type_code rule_constant(const struct type_node *node, uint32_t slot)
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
	const Onnx__AttributeProto *value = type_attribute(node, "value");

	(void)slot;
	if (value)
		return value->t ? tensor_of(value->t->data_type) : 0;
	value = type_attribute(node, "sparse_value");
	if (value)
		return value->sparse_tensor && value->sparse_tensor->values
			       ? tensor_of(value->sparse_tensor->values->data_type)
			       : 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (type_attribute(node, table[i].name))
			return tensor_of(table[i].element);
	return 0;
}

static type_code rule_constant_of_shape(const struct type_node *node, uint32_t slot)
{
	const Onnx__AttributeProto *value = type_attribute(node, "value");

	(void)slot;
	return tensor_of(value && value->t ? value->t->data_type : ELEMENT_FLOAT);
}

static type_code rule_quantize(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	if (node->proto->n_input > 2 && node->proto->input[2].len)
		return node->input(node, 2);
	return by_attribute(node, "output_dtype", tensor_of(ELEMENT_UINT8));
}

static type_code rule_dequantize(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	if (node->schema->since < 19)
		return tensor_of(ELEMENT_FLOAT);
	if (node->schema->since < 23)
		return node->input(node, 1);
	return by_attribute(node, "output_dtype", node->input(node, 1));
}

/* `dtype`, else as input 0. */
static type_code rule_like(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return by_attribute(node, "dtype", node->input(node, 0));
}

static type_code rule_random(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return by_attribute(node, "dtype", tensor_of(ELEMENT_FLOAT));
}

static type_code rule_multinomial(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return by_attribute(node, "dtype", tensor_of(ELEMENT_INT32));
}

static type_code rule_window(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return by_attribute(node, "output_datatype", tensor_of(ELEMENT_FLOAT));
}

static type_code rule_stash(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return by_attribute(node, "stash_type", tensor_of(ELEMENT_FLOAT));
}

static type_code rule_if(const struct type_node *node, uint32_t slot)
{
	type_code code = 0;

	for (uint32_t b = 0; !code && b < node->body_count; b++)
		code = node->body_output(node, b, slot);
	return code;
}

/* The body's first output is the condition. */
static type_code rule_loop(const struct type_node *node, uint32_t slot)
{
	return node->body_count ? node->body_output(node, 0, slot + 1) : 0;
}

static type_code rule_scan(const struct type_node *node, uint32_t slot)
{
	return node->body_count ? node->body_output(node, 0, slot) : 0;
}

static type_code rule_sequence_map(const struct type_node *node, uint32_t slot)
{
	return type_make(HOLDER_SEQUENCE, type_element(rule_scan(node, slot)));
}

/* A sequence of tensors like input 0. */
static type_code rule_sequence(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return type_make(HOLDER_SEQUENCE, type_element(node->input(node, 0)));
}

static type_code rule_sequence_empty(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return type_make(HOLDER_SEQUENCE,
		type_element(by_attribute(node, "dtype", tensor_of(ELEMENT_FLOAT))));
}

/* A tensor of what the sequence in input 0 holds. */
static type_code rule_element(const struct type_node *node, uint32_t slot)
{
	(void)slot;
	return tensor_of(type_element(node->input(node, 0)));
}

static type_code rule_optional(const struct type_node *node, uint32_t slot)
{
	const Onnx__AttributeProto *type = type_attribute(node, "type");
	type_code inner = node->input(node, 0);

	(void)slot;
	if (type && type->tp)
		inner = type_declared(type->tp);
	return type_make(type_holder(inner) == HOLDER_SEQUENCE ? HOLDER_OPTIONAL_SEQUENCE
							       : HOLDER_OPTIONAL,
		type_element(inner));
}

static type_code rule_optional_get(const struct type_node *node, uint32_t slot)
{
	type_code code = node->input(node, 0);

	(void)slot;
	if (type_holder(code) == HOLDER_OPTIONAL)
		return tensor_of(type_element(code));
	if (type_holder(code) == HOLDER_OPTIONAL_SEQUENCE)
		return type_make(HOLDER_SEQUENCE, type_element(code));
	return code;
}

static type_code rule_cast_map(const struct type_node *node, uint32_t slot)
{
	const Onnx__AttributeProto *to = type_attribute(node, "cast_to");

	(void)slot;
	if (to && bytes_equal(to->s, "TO_STRING"))
		return tensor_of(ELEMENT_STRING);
	return tensor_of(
		to && bytes_equal(to->s, "TO_INT64") ? ELEMENT_INT64 : ELEMENT_FLOAT);
}

/* Numbers become texts and the other way round. */
static type_code rule_swap(const struct type_node *node, uint32_t slot)
{
	int32_t element = type_element(node->input(node, 0));

	(void)slot;
	if (!element)
		return 0;
	return tensor_of(element == ELEMENT_STRING ? ELEMENT_INT64 : ELEMENT_STRING);
}

static type_code rule_label_encoder(const struct type_node *node, uint32_t slot)
{
	const Onnx__AttributeProto *values = type_attribute(node, "values_tensor");

	if (node->schema->since < 2)
		return rule_swap(node, slot);
	if (values && values->t)
		return tensor_of(values->t->data_type);
	if (type_attribute(node, "values_strings"))
		return tensor_of(ELEMENT_STRING);
	if (type_attribute(node, "values_int64s"))
		return tensor_of(ELEMENT_INT64);
	return type_attribute(node, "values_floats") ? tensor_of(ELEMENT_FLOAT) : 0;
}

/* The labels of a classifier. */
static type_code rule_labels(const struct type_node *node, uint32_t slot)
{
	const Onnx__AttributeProto *texts = type_attribute(node, "classlabels_strings");

	(void)slot;
	return tensor_of(texts && texts->n_strings ? ELEMENT_STRING : ELEMENT_INT64);
}

static type_code rule_other(const struct type_node *node, uint32_t slot)
{
	(void)node, (void)slot;
	return type_make(HOLDER_SEQUENCE, 0);
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
	{"ai.onnx.ml:CastMap", rule_cast_map},
	{"ai.onnx.ml:CategoryMapper", rule_swap},
	{"ai.onnx.ml:DictVectorizer", rule_element},
	{"ai.onnx.ml:LabelEncoder", rule_label_encoder},
	{"ai.onnx.ml:LinearClassifier", rule_labels},
	{"ai.onnx.ml:SVMClassifier", rule_labels},
	{"ai.onnx.ml:TreeEnsembleClassifier", rule_labels},
	{"ai.onnx.ml:ZipMap", rule_other},
};

type_code type_by_notes(const struct type_node *node, uint32_t slot)
{
	size_t low = 0, high = sizeof(rules) / sizeof(*rules);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(rules[middle].op_type, node->schema->op_type);

		if (!order)
			return rules[middle].rule(node, slot);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

type_code type_given_to_body(const struct type_node *node, uint32_t position)
{
	const char *op = node->schema ? node->schema->op_type : "";

	if (!strcmp(op, "Loop")) {
		if (position < 2)
			return tensor_of(position ? ELEMENT_BOOL : ELEMENT_INT64);
		return node->input(node, position);
	}
	if (!strcmp(op, "Scan"))
		return node->input(node, position + (node->schema->since < 9));
	if (!strcmp(op, "SequenceMap"))
		return tensor_of(type_element(node->input(node, position)));
	return 0;
}
