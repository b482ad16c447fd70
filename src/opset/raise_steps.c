/* The operators that change on the way from opset 7 to 13, and the table of all. */
#include "opset/raise.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

/* An attribute of numbers becomes an input; absent it is an error if `required`. */
static bool ints_to_input(struct raise_step *s, const char *name, bool required)
{
	const Onnx__AttributeProto *attribute = raise_attribute(s, name);
	ProtobufCBinaryData constant;
	char reason[64];

	if (!attribute && required) {
		snprintf(reason, sizeof(reason), "it has no attribute '%s'", name);
		return raise_refuse(s, reason);
	}
	return !attribute ||
	       (raise_constant_i64(
			s, attribute->ints, attribute->n_ints, false, &constant) &&
		       raise_remove_attribute(s, name) && raise_add_input(s, constant));
}

static bool batch_norm_9(struct raise_step *s)
{
	if (raise_int(s, "spatial", 1) != 1)
		return raise_refuse(s, "'spatial' is not 1");
	return raise_remove_attribute(s, "spatial");
}

static bool upsample_9(struct raise_step *s)
{
	const Onnx__AttributeProto *scales = raise_attribute(s, "scales");
	ProtobufCBinaryData constant;

	if (!scales)
		return raise_refuse(s, "it has no attribute 'scales'");
	return raise_constant_f32(
		       s, scales->floats, scales->n_floats, false, &constant) &&
	       raise_remove_attribute(s, "scales") && raise_add_input(s, constant);
}

static bool scan_9(struct raise_step *s)
{
	return raise_refuse(s, "Scan means something else there");
}

static bool slice_10(struct raise_step *s)
{
	return ints_to_input(s, "starts", true) && ints_to_input(s, "ends", true) &&
	       ints_to_input(s, "axes", false);
}

static bool top_k_10(struct raise_step *s)
{
	const Onnx__AttributeProto *k = raise_attribute(s, "k");
	ProtobufCBinaryData constant;

	if (!k)
		return raise_refuse(s, "it has no attribute 'k'");
	return raise_constant_i64(s, &k->i, 1, false, &constant) &&
	       raise_remove_attribute(s, "k") && raise_add_input(s, constant);
}

/* The text of a string attribute in the model's arena. */
static const char *text_attribute(
	const struct raise_step *s, const char *name, const char *absent)
{
	const Onnx__AttributeProto *attribute = raise_attribute(s, name);
	const char *text = absent;

	if (attribute)
		text = arena_strndup(&s->raise->model->arena,
			(const char *)attribute->s.data, attribute->s.len);
	return text;
}

static bool upsample_10(struct raise_step *s)
{
	const char *mode = text_attribute(s, "mode", "nearest");

	if (!mode)
		return raise_memory(s->raise);
	return raise_replace(s, "Resize", 2) && raise_add_string(s, "mode", mode);
}

static bool clip_11(struct raise_step *s)
{
	const Onnx__AttributeProto *min = raise_attribute(s, "min");
	const Onnx__AttributeProto *max = raise_attribute(s, "max");
	float low = min ? min->f : -FLT_MAX, high = max ? max->f : 0;
	ProtobufCBinaryData constant;

	if (!min && !max)
		return true;
	if (!raise_scalar_like(s, low, &constant) || !raise_remove_attribute(s, "min") ||
		!raise_add_input(s, constant))
		return false;
	return !max ||
	       (raise_scalar_like(s, high, &constant) &&
		       raise_remove_attribute(s, "max") && raise_add_input(s, constant));
}

/* An initializer of the node's graph, INT64; takes two numbers. */
static bool put_initializer(struct raise_step *s, const Onnx__AttributeProto *values,
	ProtobufCBinaryData *name)
{
	int64_t dims[] = {(int64_t)values->n_ints};
	Onnx__TensorProto *tensor;

	*name = raise_new_name(s->graph);
	if (!name->data)
		return false;
	raise_take_number(s->graph);
	tensor = model_new_tensor(s->raise->model, (const char *)name->data, name->len,
		/* INT64 */ 7, dims, 1);
	if (!tensor || !ARRAY_PUSH(&s->graph->new_initializers, tensor))
		return raise_memory(s->raise);
	tensor->n_int64_data = values->n_ints;
	tensor->int64_data = values->ints;
	return true;
}

static bool pad_11(struct raise_step *s)
{
	const Onnx__AttributeProto *pads = raise_attribute(s, "pads");
	const Onnx__AttributeProto *mode = raise_attribute(s, "mode");
	const Onnx__AttributeProto *value = raise_attribute(s, "value");
	ProtobufCBinaryData name;

	if (!pads)
		return raise_refuse(s, "it has no attribute 'pads'");
	if (!put_initializer(s, pads, &name) || !raise_remove_attribute(s, "pads") ||
		!raise_add_input(s, name))
		return false;
	if (mode && !bytes_equal(mode->s, "constant"))
		return true;
	return raise_scalar_like(s, value ? value->f : 0, &name) &&
	       raise_remove_attribute(s, "value") && raise_add_input(s, name);
}

/* Q39: what Resize meant before opset 11. */
static bool keep_meaning(struct raise_step *s)
{
	return !s->raise->mended ||
	       (raise_add_string(s, "coordinate_transformation_mode", "asymmetric") &&
		       raise_add_string(s, "nearest_mode", "floor") &&
		       raise_note_mended(s));
}

static bool resize_11(struct raise_step *s)
{
	ProtobufCBinaryData roi, scales;
	int64_t rank;
	float *values;
	bool ok;

	if (s->node->proto->n_input < 2)
		return raise_refuse(s, "it lacks inputs");
	rank = infer_find(s->graph->known, s->node->proto->input[0]).rank;
	rank = rank < 0 ? 0 : rank;
	values = arena_zalloc(&s->raise->model->arena, (size_t)rank * 2, sizeof(*values));
	if (!values)
		return raise_memory(s->raise);
	for (int64_t i = rank; i < rank * 2; i++)
		values[i] = 1;
	ok = raise_constant_f32(s, values, (size_t)rank * 2, false, &roi) && raise_own(s);
	if (!ok)
		return false;
	scales = s->node->proto->input[1];
	s->node->proto->input[1] = roi;
	s->node->proto->n_input = 2;
	return raise_add_input(s, scales) && keep_meaning(s);
}

static bool scatter_11(struct raise_step *s)
{
	int64_t axis = raise_int(s, "axis", 0);

	return raise_replace(s, "ScatterElements", 3) && raise_add_int(s, "axis", axis);
}

static bool dropout_12(struct raise_step *s)
{
	const Onnx__AttributeProto *ratio = raise_attribute(s, "ratio");
	float value = ratio ? ratio->f : 0.5f;
	ProtobufCBinaryData constant;

	return raise_constant_f32(s, &value, 1, true, &constant) &&
	       raise_remove_attribute(s, "ratio") && raise_add_input(s, constant);
}

bool raise_axes(struct raise_step *s)
{
	return ints_to_input(s, "axes", false);
}

static bool split_13(struct raise_step *s)
{
	return ints_to_input(s, "split", false);
}

/* Q39: without mending nothing is done, although the meaning changes. */
static bool hardmax_13(struct raise_step *s)
{
	return !s->raise->mended || (raise_note_mended(s) && raise_softmax(s));
}

static const struct {
	int64_t opset;
	const char *op_type;
	raise_adapter *adapter;
} table[] = {
	{9, "BatchNormalization", batch_norm_9},
	{9, "Upsample", upsample_9},
	{9, "Scan", scan_9},
	{10, "Slice", slice_10},
	{10, "TopK", top_k_10},
	{10, "Upsample", upsample_10},
	{11, "Clip", clip_11},
	{11, "Pad", pad_11},
	{11, "Resize", resize_11},
	{11, "Scatter", scatter_11},
	{12, "Dropout", dropout_12},
	{13, "ReduceSum", raise_axes},
	{13, "Squeeze", raise_axes},
	{13, "Unsqueeze", raise_axes},
	{13, "Split", split_13},
	{13, "Softmax", raise_softmax},
	{13, "LogSoftmax", raise_softmax},
	{13, "Hardmax", hardmax_13},
	{14, "LSTM", raise_layout},
	{14, "GRU", raise_layout},
	{14, "RNN", raise_layout},
	{14, "BatchNormalization", raise_batch_norm_14},
	{16, "RoiAlign", raise_roi_align},
	{18, "LpPool", raise_ceil_mode},
	{18, "Split", raise_num_outputs},
	{18, "ReduceL1", raise_axes},
	{18, "ReduceL2", raise_axes},
	{18, "ReduceLogSum", raise_axes},
	{18, "ReduceLogSumExp", raise_axes},
	{18, "ReduceMax", raise_axes},
	{18, "ReduceMean", raise_axes},
	{18, "ReduceMin", raise_axes},
	{18, "ReduceProd", raise_axes},
	{18, "ReduceSumSquare", raise_axes},
	{20, "DFT", raise_dft},
	{20, "GridSample", raise_grid_sample},
	{21, "GroupNormalization", raise_group_norm},
};

raise_adapter *raise_find_adapter(ProtobufCBinaryData op_type, int64_t opset)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].opset == opset && bytes_equal(op_type, table[i].op_type))
			return table[i].adapter;
	return NULL;
}
