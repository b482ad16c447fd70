/* Softmax to opset 13: `axis` no longer flattens what lies behind it. */
#include "opset/raise.h"

#include <string.h>

static bool is_captured(const struct raise_step *s, ProtobufCBinaryData name)
{
	return names_find(&s->graph->captured, (const char *)name.data, name.len) !=
	       NAME_NONE;
}

/* Shape(x) -> s, Flatten(x) -> f, both before the node. */
static bool put_before(struct raise_step *s, ProtobufCBinaryData x, int64_t axis,
	ProtobufCBinaryData *shape, ProtobufCBinaryData *flat)
{
	Onnx__NodeProto *node;

	*shape = raise_new_name(s->graph);
	if (!shape->data || !raise_new_node(s, &s->out, "Shape", x, *shape))
		return false;
	*flat = raise_new_name(s->graph);
	if (!flat->data || !raise_new_node(s, &s->out, "Flatten", x, *flat))
		return false;
	node = s->out.items[s->out.count - 1].proto;
	return model_add_int_attribute(
		s->raise->model, node, "axis", axis, s->raise->err);
}

/* Reshape(y_intermediate, s) -> y behind the node; while it takes its number, the name
 * y is not in use. */
static bool put_behind(struct raise_step *s, ProtobufCBinaryData shape,
	ProtobufCBinaryData middle, ProtobufCBinaryData y)
{
	Onnx__NodeProto *node;

	if (!raise_new_node(s, &s->after, "Reshape", middle, y))
		return false;
	node = s->after.items[s->after.count - 1].proto;
	node->input = arena_zalloc(&s->raise->model->arena, 2, sizeof(*node->input));
	if (!node->input)
		return raise_memory(s->raise);
	node->input[0] = middle;
	node->input[1] = shape;
	node->n_input = 2;
	raise_drop_name(s->graph, y);
	raise_take_number(s->graph);
	return raise_use_name(s->graph, y);
}

bool raise_softmax(struct raise_step *s)
{
	const Onnx__NodeProto *node = s->node->proto;
	int64_t axis = raise_int(s, "axis", 1), rank;
	ProtobufCBinaryData x, y, shape, flat, middle;

	if (node->n_input < 1 || node->n_output < 1)
		return raise_refuse(s, "it lacks inputs or outputs");
	x = node->input[0];
	y = node->output[0];
	rank = infer_find(s->graph->known, x).rank;
	rank = rank < 0 ? 0 : rank;
	axis += axis < 0 ? rank : 0;
	if (axis == rank - 1)
		return raise_set_int(s, "axis", -1);
	if (is_captured(s, y))
		return raise_refuse(s, "a body of another node reads its output");
	middle = raise_join(s->raise, y, "_intermediate");
	if (!middle.data || !put_before(s, x, axis, &shape, &flat) || !raise_own(s) ||
		!raise_set_int(s, "axis", -1) || !put_behind(s, shape, middle, y))
		return false;
	s->node->proto->input[0] = flat;
	s->node->proto->output[0] = middle;
	return raise_note(s->raise, y, middle,
		bytes_equal(node->op_type, "LogSoftmax") ? RENAME_TENSOR
							 : RENAME_SOFTMAX_INTERMEDIATE,
		0);
}
