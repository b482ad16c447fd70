/* The rule for each operator, as onnx's inference has them. They were measured for opsets
 * 7 to 12, where the raise depends on ranks; of later operators the common ones are here.
 */
#include "onnx/rank_rule.h"

#include "onnx/schema.h"
#include "onnx/tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct known_shape rank_function(const struct rank_context *c);

static const struct known_shape unknown = RANK_NOTHING;

/* A rank that no tensor has is the length of something else. */
static struct known_shape of_rank(int64_t rank)
{
	enum { RANK_MAX = 1024 };
	struct known_shape shape = unknown;

	shape.rank = rank < 0 || rank > RANK_MAX ? RANK_UNKNOWN : rank;
	return shape;
}

static struct known_shape of_length(int64_t length)
{
	struct known_shape shape = of_rank(1);

	shape.length = length;
	return shape;
}

struct known_shape rank_input(const struct rank_context *c, size_t slot)
{
	if (slot >= c->node->n_input)
		return unknown;
	return rank_find_outer(c->ranks, c->node->input[slot]);
}

static int64_t input_rank(const struct rank_context *c, size_t slot)
{
	return rank_input(c, slot).rank;
}

const Onnx__AttributeProto *rank_attribute(const struct rank_context *c, const char *name)
{
	return node_attribute(c->node, name);
}

int64_t rank_int(const struct rank_context *c, const char *name, int64_t absent)
{
	const Onnx__AttributeProto *found = rank_attribute(c, name);

	return found ? found->i : absent;
}

struct known_shape rank_derived(struct known_shape shape)
{
	shape.data = NULL;
	shape.is_constant = shape.fails = false;
	return shape;
}

static struct known_shape same(const struct rank_context *c)
{
	return rank_derived(rank_input(c, (size_t)c->argument));
}

/* As the input, with other extents. */
static struct known_shape same_rank(const struct rank_context *c)
{
	return of_rank(input_rank(c, 0));
}

/* The mean and the deviation have other extents. */
static struct known_shape normalized(const struct rank_context *c)
{
	return c->output ? same_rank(c) : same(c);
}

static struct known_shape fixed(const struct rank_context *c)
{
	return of_rank(c->argument);
}

/* Known if inputs 0 and `argument` are. */
static struct known_shape conv(const struct rank_context *c)
{
	return input_rank(c, (size_t)c->argument) < 0 ? unknown : same_rank(c);
}

static struct known_shape both_known_two(const struct rank_context *c)
{
	for (int64_t i = 0; i <= c->argument; i++)
		if (input_rank(c, (size_t)i) < 0)
			return unknown;
	return of_rank(2);
}

static struct known_shape broadcast(const struct rank_context *c)
{
	int64_t rank = 0, length = 1;

	for (size_t i = 0; i < c->node->n_input; i++) {
		struct known_shape shape = rank_input(c, i);

		if (shape.rank < 0)
			return unknown;
		if (shape.rank > rank)
			rank = shape.rank;
		if (shape.rank == 1 && length >= 0 && shape.length != 1)
			length = shape.length;
	}
	return rank == 1 ? of_length(length) : of_rank(rank);
}

static struct known_shape variadic(const struct rank_context *c)
{
	return model_opset(c->model) < 8 ? same_rank(c) : broadcast(c);
}

static struct known_shape concat(const struct rank_context *c)
{
	struct known_shape shape = broadcast(c);
	int64_t length = 0;

	if (shape.rank != 1)
		return shape;
	for (size_t i = 0; i < c->node->n_input; i++) {
		int64_t part = rank_input(c, i).length;

		length = part < 0 || length < 0 ? -1 : length + part;
	}
	return of_length(length);
}

static struct known_shape mat_mul(const struct rank_context *c)
{
	int64_t a = input_rank(c, 0), b = input_rank(c, (size_t)c->argument);

	if (a < 1 || b < 1)
		return unknown;
	return of_rank((a > b ? a : b) - (a == 1) - (b == 1));
}

/* A rank with `sign` times as many dimensions more as there are axes. */
static struct known_shape by_axes(struct rank_list axes, int64_t rank, int sign)
{
	return axes.is_known ? of_rank(rank + sign * (int64_t)axes.count) : unknown;
}

static struct known_shape squeeze(const struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes = rank_axes_of(c);
	int64_t rank = x.rank;

	if (rank < 0)
		return unknown;
	if (!axes.is_absent)
		return by_axes(axes, rank, -1);
	if (!x.dims)
		return unknown;
	for (int64_t i = 0; i < x.rank; i++) {
		if (x.dims[i] < 0)
			return unknown;
		rank -= x.dims[i] == 1;
	}
	return of_rank(rank);
}

static struct known_shape unsqueeze(const struct rank_context *c)
{
	int64_t rank = input_rank(c, 0);

	return rank < 0 ? unknown : by_axes(rank_axes_of(c), rank, 1);
}

static struct known_shape reduce(const struct rank_context *c)
{
	struct rank_list axes = rank_axes_of(c);
	int64_t rank = input_rank(c, 0);

	if (rank < 0 || rank_int(c, "keepdims", 1))
		return of_rank(rank);
	return axes.is_absent ? of_rank(0) : by_axes(axes, rank, -1);
}

static struct known_shape arg_reduce(const struct rank_context *c)
{
	int64_t rank = input_rank(c, 0);

	return of_rank(rank_int(c, "keepdims", 1) ? rank : rank - 1);
}

static struct known_shape gather(const struct rank_context *c)
{
	struct known_shape data = rank_input(c, 0), indices = rank_input(c, 1);

	if (data.rank < 0 || indices.rank < 0)
		return unknown;
	if (data.rank == 1 && indices.rank == 1)
		return of_length(indices.length);
	return of_rank(data.rank + indices.rank - 1);
}

static struct known_shape one_hot(const struct rank_context *c)
{
	int64_t rank = input_rank(c, 0);

	return rank < 0 ? unknown : of_rank(rank + 1);
}

static struct known_shape shape_of(const struct rank_context *c)
{
	return of_length(input_rank(c, 0));
}

/* The length of a constant shape only: the constant's dims are its extents. */
static struct known_shape reshape(const struct rank_context *c)
{
	struct known_shape shape = rank_input(c, 1);

	return shape.rank == 1 && shape.is_constant ? of_rank(shape.length) : unknown;
}

static struct known_shape filled(const struct rank_context *c)
{
	struct known_shape shape = rank_input(c, 0);

	return shape.rank == 1 ? of_rank(shape.length) : unknown;
}

static struct known_shape expand(const struct rank_context *c)
{
	struct known_shape shape = rank_input(c, 1);
	int64_t rank = input_rank(c, 0);

	if (rank < 0 || shape.rank != 1 || shape.length < 0)
		return unknown;
	return of_rank(rank > shape.length ? rank : shape.length);
}

static struct known_shape recurrent(const struct rank_context *c)
{
	return of_rank(c->output == 0 ? 4 : 3);
}

static struct known_shape first_only(const struct rank_context *c)
{
	return c->output == 0 ? same_rank(c) : of_rank(0);
}

static struct known_shape random_numbers(const struct rank_context *c)
{
	const Onnx__AttributeProto *shape = rank_attribute(c, "shape");
	struct known_shape drawn = of_rank(shape ? (int64_t)shape->n_ints : RANK_UNKNOWN);

	drawn.dims = drawn.rank > 0 ? shape->ints : NULL;
	return drawn;
}

static struct known_shape constant(const struct rank_context *c)
{
	for (size_t i = 0; i < c->node->n_attribute; i++) {
		const Onnx__AttributeProto *a = c->node->attribute[i];
		struct known_shape shape;

		if (a->t) {
			shape = of_rank((int64_t)a->t->n_dims);
			shape.dims = a->t->dims;
			shape.data = a->t;
		} else if (a->sparse_tensor) {
			shape = of_rank((int64_t)a->sparse_tensor->n_dims);
		} else if (a->n_floats || a->n_ints || a->n_strings) {
			shape = of_length(
				(int64_t)(a->n_floats + a->n_ints + a->n_strings));
		} else {
			shape = of_rank(0);
		}
		shape.is_constant = true;
		return shape;
	}
	return unknown;
}

/* NonMaxSuppression has a shape from opset 11 on. */
static struct known_shape selected(const struct rank_context *c)
{
	return model_opset(c->model) < 11 ? unknown : fixed(c);
}

/* clang-format off */
/* Sorted by name. */
static const struct {
	const char *op_type;
	rank_function *function;
	int64_t argument;
} rules[] = {
	{"Abs", same, 0}, {"Acos", same, 0}, {"Acosh", same, 0},
	{"Add", broadcast, 0}, {"And", broadcast, 0}, {"ArgMax", arg_reduce, 0},
	{"ArgMin", arg_reduce, 0}, {"Asin", same, 0}, {"Asinh", same, 0},
	{"Atan", same, 0}, {"Atanh", same, 0}, {"AveragePool", same_rank, 0},
	{"BatchNormalization", same_rank, 0}, {"Bernoulli", same, 0},
	{"BitShift", broadcast, 0}, {"BitwiseAnd", broadcast, 0},
	{"BitwiseNot", same, 0}, {"BitwiseOr", broadcast, 0},
	{"BitwiseXor", broadcast, 0}, {"Cast", same, 0}, {"CastLike", same, 0},
	{"Ceil", same, 0}, {"Celu", same, 0}, {"Clip", same, 0},
	{"Concat", concat, 0}, {"Constant", constant, 0},
	{"ConstantOfShape", filled, 0}, {"Conv", conv, 1}, {"ConvInteger", conv, 1},
	{"ConvTranspose", conv, 1}, {"Cos", same, 0}, {"Cosh", same, 0},
	{"CumSum", same, 0}, {"DepthToSpace", same_rank, 0},
	{"DequantizeLinear", same, 0}, {"Det", fixed, 0}, {"Div", broadcast, 0},
	{"Dropout", same, 0}, {"DynamicQuantizeLinear", first_only, 0},
	{"Elu", same, 0}, {"Equal", broadcast, 0}, {"Erf", same, 0},
	{"Exp", same, 0}, {"Expand", expand, 0}, {"EyeLike", same, 0},
	{"Flatten", both_known_two, 0}, {"Floor", same, 0}, {"GRU", recurrent, 0},
	{"Gather", gather, 0}, {"GatherElements", same, 1}, {"Gelu", same, 0},
	{"Gemm", both_known_two, 1}, {"GlobalAveragePool", same_rank, 0},
	{"GlobalLpPool", same_rank, 0}, {"GlobalMaxPool", same_rank, 0},
	{"Greater", broadcast, 0}, {"GreaterOrEqual", broadcast, 0},
	{"GridSample", same_rank, 0}, {"GroupNormalization", same, 0},
	{"HardSigmoid", same, 0}, {"HardSwish", same, 0}, {"Hardmax", same, 0},
	{"Identity", same, 0}, {"InstanceNormalization", same, 0},
	{"IsInf", same, 0}, {"IsNaN", same, 0}, {"LRN", same, 0},
	{"LSTM", recurrent, 0}, {"LayerNormalization", normalized, 0},
	{"LeakyRelu", same, 0}, {"Less", broadcast, 0},
	{"LessOrEqual", broadcast, 0}, {"Log", same, 0}, {"LogSoftmax", same, 0},
	{"LpNormalization", same, 0}, {"LpPool", same_rank, 0},
	{"MatMul", mat_mul, 1}, {"MatMulInteger", mat_mul, 1}, {"Max", variadic, 0},
	{"MaxPool", same_rank, 0}, {"MaxRoiPool", fixed, 4},
	{"MaxUnpool", same_rank, 0}, {"Mean", variadic, 0},
	{"MeanVarianceNormalization", same, 0}, {"Min", variadic, 0},
	{"Mish", same, 0}, {"Mod", broadcast, 0}, {"Mul", broadcast, 0},
	{"Multinomial", fixed, 2}, {"Neg", same, 0},
	{"NonMaxSuppression", selected, 2}, {"NonZero", fixed, 2}, {"Not", same, 0},
	{"OneHot", one_hot, 0}, {"Or", broadcast, 0}, {"PRelu", same, 0},
	{"Pad", same_rank, 0}, {"Pow", broadcast, 0}, {"QLinearConv", conv, 3},
	{"QLinearMatMul", mat_mul, 3}, {"QuantizeLinear", same, 0},
	{"RMSNormalization", same, 0}, {"RNN", recurrent, 0},
	{"RandomNormal", random_numbers, 0}, {"RandomNormalLike", same, 0},
	{"RandomUniform", random_numbers, 0}, {"RandomUniformLike", same, 0},
	{"Range", fixed, 1}, {"Reciprocal", same, 0}, {"ReduceL1", reduce, 0},
	{"ReduceL2", reduce, 0}, {"ReduceLogSum", reduce, 0},
	{"ReduceLogSumExp", reduce, 0}, {"ReduceMax", reduce, 0},
	{"ReduceMean", reduce, 0}, {"ReduceMin", reduce, 0},
	{"ReduceProd", reduce, 0}, {"ReduceSum", reduce, 0},
	{"ReduceSumSquare", reduce, 0}, {"Relu", same, 0}, {"Reshape", reshape, 0},
	{"Resize", same_rank, 0}, {"ReverseSequence", same, 0},
	{"RoiAlign", fixed, 4}, {"Round", same, 0}, {"Scatter", same, 0},
	{"ScatterElements", same, 0}, {"ScatterND", same, 0}, {"Selu", same, 0},
	{"Shape", shape_of, 0}, {"Shrink", same, 0}, {"Sigmoid", same, 0},
	{"Sign", same, 0}, {"Sin", same, 0}, {"Sinh", same, 0}, {"Size", fixed, 0},
	{"Slice", same_rank, 0}, {"Softmax", same, 0}, {"Softplus", same, 0},
	{"Softsign", same, 0}, {"SpaceToDepth", same_rank, 0},
	{"Split", same_rank, 0}, {"Sqrt", same, 0}, {"Squeeze", squeeze, 0},
	{"Sub", broadcast, 0}, {"Sum", variadic, 0}, {"Swish", same, 0},
	{"Tan", same, 0}, {"Tanh", same, 0}, {"ThresholdedRelu", same, 0},
	{"Tile", same_rank, 0}, {"TopK", same_rank, 0}, {"Transpose", same_rank, 0},
	{"Trilu", same, 0}, {"Unique", fixed, 1}, {"Unsqueeze", unsqueeze, 0},
	{"Upsample", same_rank, 0}, {"Where", broadcast, 0}, {"Xor", broadcast, 0},
};
/* clang-format on */

enum { RULE_COUNT = sizeof(rules) / sizeof(*rules) };

static int compare(ProtobufCBinaryData name, const char *text)
{
	size_t length = strlen(text), common = name.len < length ? name.len : length;
	int order = common ? memcmp(name.data, text, common) : 0;

	return order ? order : (name.len > length) - (name.len < length);
}

static uint32_t rule_of(ProtobufCBinaryData op_type)
{
	uint32_t low = 0, high = RULE_COUNT;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		int order = compare(op_type, rules[middle].op_type);

		if (order == 0)
			return middle + 1;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

static const int64_t *one_dim(const struct rank_context *c, int64_t extent)
{
	int64_t *dims = arena_alloc(&c->ranks->names.arena, sizeof(*dims));

	if (dims)
		*dims = extent;
	return dims;
}

static struct known_shape rule(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, uint32_t operator_rule, size_t output)
{
	rank_function *function = rules[operator_rule - 1].function;
	struct rank_context c = {.ranks = ranks,
		.model = model,
		.node = node,
		.output = output,
		.argument = rules[operator_rule - 1].argument};
	struct known_shape shape = function(&c);
	bool broadcasts = function == broadcast ||
			  (function == variadic && model_opset(model) >= 8);

	if (shape.rank >= 0 && !shape.dims)
		shape.dims = broadcasts ? rank_broadcast_dims(&c, shape.rank)
					: rank_dims(&c, shape.rank);
	if (shape.rank == 1 && shape.length < 0 && shape.dims)
		shape.length = shape.dims[0];
	if (shape.rank == 1 && shape.length >= 0 && !shape.dims)
		shape.dims = one_dim(&c, shape.length);
	return shape;
}

/* The element type of an output by the operator's schema, 0 if it is not known. */
static int32_t output_type(const struct ranks *ranks, const Onnx__NodeProto *node,
	size_t output, int64_t opset)
{
	char name[64];
	const struct schema *schema;
	const struct schema_output *rule;

	snprintf(name, sizeof(name), "%.*s", (int)node->op_type.len,
		(const char *)node->op_type.data);
	schema = schema_find(name, opset);
	rule = schema_output_at(schema, (uint32_t)output);
	if (!rule || rule->rule == SCHEMA_TYPE_UNKNOWN)
		return 0;
	if (rule->rule == SCHEMA_TYPE_FIXED)
		return rule->value;
	if (rule->rule == SCHEMA_TYPE_INPUT)
		return rule->value < node->n_input
			       ? rank_find_outer(ranks, node->input[rule->value]).type
			       : 0;
	for (size_t i = 0; i < node->n_attribute; i++) {
		const Onnx__AttributeProto *attribute = node->attribute[i];

		if (bytes_equal(attribute->name, "to") && attribute->has_i)
			return (int32_t)attribute->i;
		if (bytes_equal(attribute->name, "value") && attribute->t)
			return attribute->t->data_type;
	}
	return bytes_equal(node->op_type, "ConstantOfShape") ? ELEMENT_FLOAT : 0;
}

bool rank_infer_outputs(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *gives_up)
{
	bool is_default = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	uint32_t number = is_default ? rule_of(node->op_type) : 0;

	*gives_up = is_default && rank_gives_up(&(struct rank_context){
					  .ranks = ranks, .model = model, .node = node});
	for (size_t i = 0; is_default && !*gives_up && i < node->n_output; i++) {
		if (node->output[i].len == 0)
			continue;
		if (number)
			out[i] = rule(ranks, model, node, number, i);
		out[i].type = output_type(ranks, node, i, model_opset(model));
	}
	return true;
}
