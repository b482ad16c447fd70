/* The operators that change on the way from opset 13 to 21. */
#include "opset/raise.h"

bool raise_layout(struct raise_step *s)
{
	return raise_add_int(s, "layout", 0);
}

bool raise_batch_norm_14(struct raise_step *s)
{
	return s->node->proto->n_output <= 3 ||
	       raise_refuse(s, "it has more than three outputs");
}

bool raise_roi_align(struct raise_step *s)
{
	return raise_add_string(s, "coordinate_transformation_mode", "output_half_pixel");
}

bool raise_ceil_mode(struct raise_step *s)
{
	return raise_add_int(s, "ceil_mode", 0);
}

bool raise_num_outputs(struct raise_step *s)
{
	const Onnx__NodeProto *node = s->node->proto;

	return node->n_input == 2 || raise_attribute(s, "num_outputs") ||
	       raise_add_int(s, "num_outputs", (int64_t)node->n_output);
}

/* A slot that is filled takes a name that graphs around must not give. */
bool raise_dft(struct raise_step *s)
{
	int64_t axis = raise_int(s, "axis", 1);
	ProtobufCBinaryData constant, nothing = {0, NULL};

	if (!raise_remove_attribute(s, "axis"))
		return false;
	while (s->node->proto->n_input < 2) {
		if (!raise_new_name(s->graph).data || !raise_add_input(s, nothing))
			return false;
	}
	return raise_constant_i64(s, &axis, 1, true, &constant) &&
	       raise_add_input(s, constant);
}

/* `mode` keeps its place among the attributes. */
static bool rename_mode(struct raise_step *s, const char *from, const char *to)
{
	const Onnx__AttributeProto *mode = raise_attribute(s, "mode");
	Onnx__NodeProto *node;

	if (!mode || !bytes_equal(mode->s, from))
		return true;
	if (!raise_add_string(s, "mode", to))
		return false;
	node = s->node->proto;
	for (size_t i = 0; i < node->n_attribute; i++)
		if (node->attribute[i] == mode)
			node->attribute[i] = node->attribute[node->n_attribute - 1];
	node->n_attribute--;
	return true;
}

bool raise_grid_sample(struct raise_step *s)
{
	return rename_mode(s, "bilinear", "linear") && rename_mode(s, "bicubic", "cubic");
}

/* Q36: scale and bias mean something else at 21, and the converter does not care. */
bool raise_group_norm(struct raise_step *s)
{
	return !s->raise->mended || raise_refuse(s, "it means something else there");
}
