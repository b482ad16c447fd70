/* Ranks and dims for people: as declared, of constants, and through operators whose
 * output is as large as an input. No shape inference. */
#include "graph/build.h"

#include <stdlib.h>
#include <string.h>

struct shaper {
	struct graph *graph;
	struct build_dims dims;
	struct names symbols;
	struct error *err;
};

/* Operators whose first output has the shape of their first input. */
static const char *const as_first[] = {"Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan",
	"Atanh", "BatchNormalization", "Bernoulli", "BitCast", "BitwiseNot", "Cast",
	"CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh", "CumSum", "DequantizeLinear",
	"Dropout", "Elu", "Erf", "Exp", "EyeLike", "Floor", "Gelu", "GroupNormalization",
	"HardSigmoid", "HardSwish", "Hardmax", "Identity", "InstanceNormalization",
	"IsInf", "IsNaN", "LRN", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax",
	"LpNormalization", "MeanVarianceNormalization", "Mish", "Neg", "Not", "PRelu",
	"QuantizeLinear", "RMSNormalization", "RandomNormalLike", "RandomUniformLike",
	"Reciprocal", "Relu", "ReverseSequence", "RotaryEmbedding", "Round",
	"ScatterElements", "ScatterND", "Selu", "Shrink", "Sigmoid", "Sign", "Sin",
	"Sinh", "Softmax", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh",
	"TensorScatter", "ThresholdedRelu", "Trilu"};

/* Operators that broadcast their inputs; done only where one input has the shape. */
static const char *const broadcast[] = {"Add", "And", "BitShift", "BitwiseAnd",
	"BitwiseOr", "BitwiseXor", "Div", "Equal", "Greater", "GreaterOrEqual", "Less",
	"LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "Sub", "Sum",
	"Where", "Xor"};

enum { SHAPE_NONE, SHAPE_AS_FIRST, SHAPE_BROADCAST };

/* A symbol as a dim: -2 minus its index. */
static bool add_symbol(struct shaper *shaper, ProtobufCBinaryData text)
{
	name_id id =
		names_add(&shaper->symbols, text.len ? (char *)text.data : "", text.len);

	if (id == NAME_NONE)
		return build_no_memory(shaper->err);
	return ARRAY_PUSH(&shaper->dims, -2 - (int64_t)id) ||
	       build_no_memory(shaper->err);
}

static void set_shape(struct shaper *shaper, tensor_id t, size_t rank)
{
	shaper->graph->tensors[t].rank = (int32_t)rank;
	shaper->graph->tensors[t].first_dim = (uint32_t)(shaper->dims.count - rank);
}

/* Makes a shape of known extents; negative ones count as unknown. */
static bool put_extents(
	struct shaper *shaper, tensor_id t, const int64_t *extents, size_t rank)
{
	if (!ARRAY_ROOM(&shaper->dims, rank))
		return build_no_memory(shaper->err);
	for (size_t i = 0; i < rank; i++)
		shaper->dims.items[shaper->dims.count++] =
			extents[i] >= 0 ? extents[i] : -1;
	set_shape(shaper, t, rank);
	return true;
}

static bool put_declared(
	struct shaper *shaper, tensor_id t, const Onnx__TensorShapeProto *shape)
{
	for (size_t i = 0; i < shape->n_dim; i++) {
		const Onnx__TensorShapeProto__Dimension *dim = shape->dim[i];
		int64_t extent =
			dim->has_dim_value && dim->dim_value >= 0 ? dim->dim_value : -1;

		if (extent < 0 && dim->dim_param.len) {
			if (!add_symbol(shaper, dim->dim_param))
				return false;
		} else if (!ARRAY_PUSH(&shaper->dims, extent)) {
			return build_no_memory(shaper->err);
		}
	}
	set_shape(shaper, t, shape->n_dim);
	return true;
}

static bool declare(struct shaper *shaper, scope_id scope,
	const Onnx__ValueInfoProto *info, tensor_id t)
{
	const Onnx__TypeProto__Tensor *type = info->type ? info->type->tensor_type : NULL;

	if (t == GRAPH_NONE || shaper->graph->tensors[t].scope != scope || !type ||
		!type->shape || type->shape->n_dim > INT32_MAX)
		return true;
	return put_declared(shaper, t, type->shape);
}

/* value_info, then outputs, then inputs, as for element types. */
static bool declare_scope(struct shaper *shaper, scope_id scope)
{
	const struct graph *g = shaper->graph;
	const struct graph_scope *s = &g->scopes[scope];

	for (size_t i = 0; i < s->proto->n_value_info; i++) {
		const Onnx__ValueInfoProto *info = s->proto->value_info[i];
		name_id name = names_find(
			&g->names, (const char *)info->name.data, info->name.len);

		if (name != NAME_NONE &&
			!declare(shaper, scope, info, build_lookup(g, scope, name)))
			return false;
	}
	for (uint32_t i = 0; i < s->output_count; i++)
		if (!declare(shaper, scope, s->proto->output[i],
			    g->ports[s->first_output + i]))
			return false;
	for (uint32_t i = 0; i < s->input_count; i++)
		if (!declare(shaper, scope, s->proto->input[i],
			    g->ports[s->first_input + i]))
			return false;
	return true;
}

static bool shape_initializer(struct shaper *shaper, tensor_id t)
{
	const struct graph_tensor *tensor = &shaper->graph->tensors[t];
	const Onnx__GraphProto *proto = shaper->graph->scopes[tensor->scope].proto;

	if (tensor->flags & TENSOR_SPARSE) {
		const Onnx__SparseTensorProto *sparse =
			proto->sparse_initializer[tensor->initializer];

		return put_extents(shaper, t, sparse->dims, sparse->n_dims);
	}
	const Onnx__TensorProto *dense = proto->initializer[tensor->initializer];

	return put_extents(shaper, t, dense->dims, dense->n_dims);
}

/* The value of a Constant node in any of its forms. */
static bool shape_constant(struct shaper *shaper, tensor_id t)
{
	const Onnx__NodeProto *node =
		shaper->graph->nodes[shaper->graph->tensors[t].producer].proto;

	for (size_t i = 0; i < node->n_attribute; i++) {
		const Onnx__AttributeProto *a = node->attribute[i];
		int64_t count =
			(int64_t)(a->n_floats ? a->n_floats
					      : (a->n_ints ? a->n_ints : a->n_strings));

		if (a->t)
			return put_extents(shaper, t, a->t->dims, a->t->n_dims);
		if (a->sparse_tensor)
			return put_extents(shaper, t, a->sparse_tensor->dims,
				a->sparse_tensor->n_dims);
		if (bytes_equal(a->name, "value_float") ||
			bytes_equal(a->name, "value_int") ||
			bytes_equal(a->name, "value_string"))
			return put_extents(shaper, t, NULL, 0);
		if (bytes_equal(a->name, "value_floats") ||
			bytes_equal(a->name, "value_ints") ||
			bytes_equal(a->name, "value_strings"))
			return put_extents(shaper, t, &count, 1);
	}
	return true;
}

static void copy_shape(struct graph *g, tensor_id to, tensor_id from)
{
	g->tensors[to].rank = g->tensors[from].rank;
	g->tensors[to].first_dim = g->tensors[from].first_dim;
}

/* True if broadcasting `small` into `large` gives the shape of `large`. */
static bool fits_into(const struct shaper *shaper, tensor_id small, tensor_id large)
{
	const struct graph_tensor *s = &shaper->graph->tensors[small];
	const struct graph_tensor *l = &shaper->graph->tensors[large];
	const int64_t *s_dims, *l_dims;

	if (s->rank < 0 || s->rank > l->rank)
		return false;
	if (!s->rank)
		return true;
	s_dims = shaper->dims.items + s->first_dim;
	l_dims = shaper->dims.items + l->first_dim + (l->rank - s->rank);
	for (int32_t i = 0; i < s->rank; i++)
		if (s_dims[i] != 1 && (s_dims[i] == -1 || s_dims[i] != l_dims[i]))
			return false;
	return true;
}

static void shape_broadcast(struct shaper *shaper, const struct graph_node *node)
{
	struct graph *g = shaper->graph;
	const tensor_id *inputs = g->slots + node->first_input;
	tensor_id best = GRAPH_NONE;

	for (uint32_t k = 0; k < node->input_count; k++) {
		if (inputs[k] == GRAPH_NONE)
			return;
		if (best == GRAPH_NONE || fits_into(shaper, best, inputs[k]))
			best = inputs[k];
	}
	for (uint32_t k = 0; k < node->input_count; k++)
		if (inputs[k] != best && !fits_into(shaper, inputs[k], best))
			return;
	if (best != GRAPH_NONE)
		copy_shape(g, g->slots[node->first_output], best);
}

static void shape_node(struct shaper *shaper, node_id id, const unsigned char *kinds)
{
	struct graph *g = shaper->graph;
	const struct graph_node *node = &g->nodes[id];
	tensor_id output = graph_output_of(g, id, 0), input = graph_input_of(g, id, 0);

	if (output == GRAPH_NONE || g->tensors[output].rank >= 0 ||
		names_length(&g->names, node->domain))
		return;
	if (kinds[node->op_type] == SHAPE_AS_FIRST && input != GRAPH_NONE)
		copy_shape(g, output, input);
	if (kinds[node->op_type] == SHAPE_BROADCAST)
		shape_broadcast(shaper, node);
}

static void mark(const struct graph *g, const char *const *names, size_t count,
	unsigned char kind, unsigned char *kinds)
{
	for (size_t i = 0; i < count; i++) {
		name_id id = names_find(&g->names, names[i], strlen(names[i]));

		if (id != NAME_NONE)
			kinds[id] = kind;
	}
}

static bool shape_constants(struct shaper *shaper)
{
	const struct graph *g = shaper->graph;

	for (tensor_id t = 0; t < g->tensor_count; t++) {
		unsigned flags = g->tensors[t].flags;

		if (flags & TENSOR_INITIALIZER && !shape_initializer(shaper, t))
			return false;
		if (flags & TENSOR_CONSTANT && !shape_constant(shaper, t))
			return false;
	}
	return true;
}

static bool enter_symbols(struct shaper *shaper)
{
	struct graph *g = shaper->graph;

	g->symbol_count = shaper->symbols.count;
	g->symbols = malloc(((size_t)g->symbol_count + 1) * sizeof(name_id));
	if (!g->symbols)
		return build_no_memory(shaper->err);
	for (uint32_t i = 0; i < g->symbol_count; i++) {
		g->symbols[i] = names_add(&g->names, names_text(&shaper->symbols, i),
			names_length(&shaper->symbols, i));
		if (g->symbols[i] == NAME_NONE)
			return build_no_memory(shaper->err);
	}
	return true;
}

bool build_shapes(struct graph *g, struct error *err)
{
	struct shaper shaper = {.graph = g, .err = err};
	unsigned char *kinds = calloc((size_t)g->names.count + 1, 1);
	bool ok = kinds || build_no_memory(err);

	for (scope_id s = 0; ok && s < g->scope_count; s++)
		ok = declare_scope(&shaper, s);
	ok = ok && shape_constants(&shaper);
	if (ok) {
		mark(g, as_first, sizeof(as_first) / sizeof(*as_first), SHAPE_AS_FIRST,
			kinds);
		mark(g, broadcast, sizeof(broadcast) / sizeof(*broadcast),
			SHAPE_BROADCAST, kinds);
		for (node_id n = 0; n < g->node_count; n++)
			shape_node(&shaper, g->order[n], kinds);
	}
	g->dims = shaper.dims.items;
	g->dim_count = (uint32_t)shaper.dims.count;
	ok = ok && enter_symbols(&shaper);
	names_clear(&shaper.symbols);
	free(kinds);
	return ok;
}
