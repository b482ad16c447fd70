/* The rules of QuantizeLinear and DequantizeLinear (onnx-facts.md sections 7, 13). */
#include "onnx/check_state.h"
#include "onnx/tensor.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define BIT(type) (UINT64_C(1) << (type))
#define BITS_8 (BIT(ELEMENT_UINT8) | BIT(ELEMENT_INT8))
#define BITS_16 (BIT(ELEMENT_UINT16) | BIT(ELEMENT_INT16))
#define BITS_4 (BIT(ELEMENT_UINT4) | BIT(ELEMENT_INT4))
#define BITS_2 (BIT(ELEMENT_UINT2) | BIT(ELEMENT_INT2))
#define FLOATS_8                                                                         \
	(BIT(ELEMENT_FLOAT8E4M3FN) | BIT(ELEMENT_FLOAT8E4M3FNUZ) |                       \
		BIT(ELEMENT_FLOAT8E5M2) | BIT(ELEMENT_FLOAT8E5M2FNUZ))
#define FLOATS_6 (BIT(ELEMENT_FLOAT6E2M3) | BIT(ELEMENT_FLOAT6E3M2))

/* Quantized types that begin with a version of the default domain. */
static const struct {
	int64_t since;
	uint64_t types;
} type_table[] = {
	{10, BITS_8},
	{19, FLOATS_8},
	{21, BITS_16 | BITS_4},
	{23, BIT(ELEMENT_FLOAT4E2M1)},
	{25, BITS_2},
	{28, FLOATS_6},
};

struct qdq {
	struct check *c;
	const Onnx__NodeProto *node;
	bool is_quantize;
	struct known_value x, scale, zero; /* copies; level 0 if absent */
	int64_t axis, block_size, output_dtype;
};

static const char *who(const struct qdq *q)
{
	return check_node_name(q->node);
}

static uint64_t allowed_types(const struct qdq *q)
{
	bool contrib = bytes_equal(q->node->domain, "com.microsoft");
	int64_t opset = check_version(q->c, q->node->domain);
	uint64_t types = q->is_quantize ? 0 : BIT(ELEMENT_INT32);

	if (contrib)
		return types | BITS_8 | BITS_16 | BITS_4;
	for (size_t i = 0; i < sizeof(type_table) / sizeof(*type_table); i++)
		if (opset >= type_table[i].since)
			types |= type_table[i].types;
	return types;
}

static const char *type_text(int32_t type)
{
	const char *name = element_type_name(type);

	return name ? name : "of an unknown type";
}

static void check_type(const struct qdq *q, int32_t type)
{
	if (type <= 0 || type >= ELEMENT_COUNT || (allowed_types(q) >> type & 1))
		return;
	check_report(q->c, "node %s: %s is no type of %s at opset %" PRId64, who(q),
		type_text(type), quoted(q->node->op_type),
		check_version(q->c, q->node->domain));
}

static bool same_dims(const Onnx__TensorProto *a, const Onnx__TensorProto *b)
{
	return a->n_dims == b->n_dims &&
	       (!a->n_dims ||
		       memcmp(a->dims, b->dims, a->n_dims * sizeof(*a->dims)) == 0);
}

/* One element in any rank: ONNX Runtime writes a bias scale [1] with a zero point []. */
static bool is_single(const Onnx__TensorProto *tensor)
{
	uint64_t count;

	return tensor_count(tensor, &count, NULL) && count == 1;
}

enum { BLOCK = 512 };

static bool all_positive(struct tensor_reader *reader, struct error *err, bool *good)
{
	float values[BLOCK];

	*good = true;
	for (uint64_t at = 0; at < reader->count; at += BLOCK) {
		uint64_t left = reader->count - at, part = left < BLOCK ? left : BLOCK;

		if (!tensor_read_f32(reader, at, part, values, err))
			return false;
		for (uint64_t i = 0; i < part; i++)
			*good = *good && isfinite(values[i]) && values[i] > 0;
	}
	return true;
}

static void check_scale_values(const struct qdq *q)
{
	struct tensor_reader reader;
	struct error err = ERROR_INIT;
	const Onnx__TensorProto *scale = q->scale.constant;
	bool good = true, ok;

	if (scale->payload_kind == PAYLOAD_MADE || scale->data_type == ELEMENT_FLOAT8E8M0)
		return;
	ok = tensor_open(&reader, q->c->model, scale, &err) &&
	     all_positive(&reader, &err, &good);
	tensor_close(&reader);
	if (!ok)
		check_report(
			q->c, "node %s: its scale cannot be read (%s)", who(q), err.text);
	else if (!good)
		check_report(q->c, "node %s: its scale %s is not finite and positive",
			who(q), quoted(q->node->input[1]));
}

/* A DQ of int32 has a zero point of zeros or none. */
static void check_int32_zero(const struct qdq *q)
{
	const Onnx__TensorProto *zero = q->zero.constant;
	struct tensor_reader reader;
	struct error err = ERROR_INIT;
	unsigned char bytes[4];
	bool bad = false;

	if (!zero || zero->data_type != ELEMENT_INT32 ||
		zero->payload_kind == PAYLOAD_MADE)
		return;
	if (tensor_open(&reader, q->c->model, zero, &err))
		for (uint64_t i = 0; i < reader.count && !bad; i++)
			bad = !tensor_read_raw(&reader, i, 1, bytes, &err) || bytes[0] ||
			      bytes[1] || bytes[2] || bytes[3];
	tensor_close(&reader);
	if (bad || error_is_set(&err))
		check_report(q->c, "node %s: its int32 zero point is not 0", who(q));
}

/* Extents of scale against those of x, where x is a constant. */
static void check_extents(const struct qdq *q)
{
	const Onnx__TensorProto *x = q->x.constant, *scale = q->scale.constant;
	int64_t rank, axis = q->axis;

	if (!x || scale->n_dims == 0 || (scale->n_dims == 1 && scale->dims[0] == 1))
		return;
	rank = (int64_t)x->n_dims;
	if (axis < -rank || axis >= rank) {
		check_report(q->c,
			"node %s: axis %" PRId64 " of a tensor of rank %" PRId64, who(q),
			axis, rank);
		return;
	}
	if (axis < 0)
		axis += rank;
	if (scale->n_dims == 1 && q->block_size == 0 && scale->dims[0] != x->dims[axis])
		check_report(q->c, "node %s: %" PRId64 " scales for an axis of %" PRId64,
			who(q), scale->dims[0], x->dims[axis]);
	if (q->block_size > 0 && scale->n_dims == x->n_dims &&
		scale->dims[axis] != x->dims[axis] / q->block_size +
					     (x->dims[axis] % q->block_size != 0))
		check_report(q->c,
			"node %s: %" PRId64 " blocks of %" PRId64
			" for an axis of %" PRId64,
			who(q), scale->dims[axis], q->block_size, x->dims[axis]);
}

static void check_parameters(const struct qdq *q)
{
	const Onnx__TensorProto *scale = q->scale.constant, *zero = q->zero.constant;

	if (scale && zero && !same_dims(scale, zero) &&
		!(is_single(scale) && is_single(zero)))
		check_report(q->c, "node %s: scale and zero point have different shapes",
			who(q));
	if (!scale)
		return;
	check_scale_values(q);
	check_extents(q);
}

/* What the versions of the default domain allow a scale to be. */
static void check_scale_version(const struct qdq *q)
{
	int64_t opset = check_version(q->c, q->node->domain);
	const Onnx__TensorProto *scale = q->scale.constant;

	if (bytes_equal(q->node->domain, "com.microsoft")) {
		if (node_attribute(q->node, "block_size"))
			check_report(q->c,
				"node %s: the operator of com.microsoft has no "
				"block_size",
				who(q));
		return;
	}
	if (opset < 13 && node_attribute(q->node, "axis"))
		check_report(q->c, "node %s: axis needs opset 13, this is %" PRId64,
			who(q), opset);
	if (opset < 21 && node_attribute(q->node, "block_size"))
		check_report(q->c, "node %s: block_size needs opset 21, this is %" PRId64,
			who(q), opset);
	if (q->scale.type == ELEMENT_FLOAT16 && opset < 19)
		check_report(q->c,
			"node %s: a float16 scale needs opset 19, this is %" PRId64,
			who(q), opset);
	if (scale && opset < 13 && !is_single(scale))
		check_report(q->c,
			"node %s: scales per channel need opset 13, this is %" PRId64,
			who(q), opset);
}

static int64_t int_attribute(
	const Onnx__NodeProto *node, const char *name, int64_t absent)
{
	const Onnx__AttributeProto *found = node_attribute(node, name);

	return found ? found->i : absent;
}

static bool look_up(struct qdq *q, size_t slot, struct known_value *value)
{
	struct known_value *found;

	*value = (struct known_value){0};
	if (slot >= q->node->n_input || q->node->input[slot].len == 0)
		return true;
	found = check_value(q->c, q->node->input[slot]);
	if (found)
		*value = *found;
	return found;
}

static void check_quantize(const struct qdq *q, struct known_value *y)
{
	bool has_zero = q->node->n_input > 2 && q->node->input[2].len;

	y->type = (int32_t)q->output_dtype;
	if (has_zero)
		y->type = q->zero.type;
	else if (!q->output_dtype)
		y->type = ELEMENT_UINT8;
	if (has_zero && q->output_dtype && y->type && y->type != q->output_dtype)
		check_report(q->c, "node %s: output_dtype and zero point differ", who(q));
	check_type(q, y->type);
}

static void check_dequantize(const struct qdq *q, struct known_value *y)
{
	check_type(q, q->x.type);
	if (q->x.type && q->zero.type && q->x.type != q->zero.type)
		check_report(q->c, "node %s: reads %s with a zero point of type %s",
			who(q), type_text(q->x.type), type_text(q->zero.type));
	check_int32_zero(q);
	y->type = q->scale.type;
}

bool check_qdq_node(struct check *c, const Onnx__NodeProto *node)
{
	struct qdq q = {.c = c, .node = node};
	struct known_value *y;

	q.is_quantize = bytes_equal(node->op_type, "QuantizeLinear");
	if (!q.is_quantize && !bytes_equal(node->op_type, "DequantizeLinear"))
		return true;
	if (node->domain.len && !bytes_equal(node->domain, "ai.onnx") &&
		!bytes_equal(node->domain, "com.microsoft"))
		return true;
	if (node->n_input < 2 || node->n_output < 1) {
		check_report(c, "node %s: lacks inputs or outputs", who(&q));
		return true;
	}
	q.axis = int_attribute(node, "axis", 1);
	q.block_size = int_attribute(node, "block_size", 0);
	q.output_dtype = int_attribute(node, "output_dtype", 0);
	if (!look_up(&q, 0, &q.x) || !look_up(&q, 1, &q.scale) ||
		!look_up(&q, 2, &q.zero))
		return false;
	check_parameters(&q);
	check_scale_version(&q);
	y = check_value(c, node->output[0]);
	if (!y)
		return false;
	if (q.is_quantize)
		check_quantize(&q, y);
	else
		check_dequantize(&q, y);
	return true;
}
