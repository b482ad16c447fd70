/* When a Relu or Clip goes, and when a Pad shares (qdq-semantics.md 3.8, 3.9). */
#include "base/text.h"
#include "rules/marking.h"

#include <math.h>
#include <string.h>

/* A constant with one float element; false if it is not such a one. */
static bool read_scalar(
	const struct marking *k, const Onnx__TensorProto *tensor, float *value)
{
	struct tensor_reader reader;
	struct error ignored = ERROR_INIT;
	bool ok;

	if (!tensor || !element_is_float(tensor->data_type))
		return false;
	ok = tensor_open(&reader, k->graph->model, tensor, &ignored) &&
	     reader.count == 1 && tensor_read_f32(&reader, 0, 1, value, &ignored);
	tensor_close(&reader);
	return ok;
}

/* ---- removal */

static bool is_read_once(const struct marking *k, tensor_id tensor)
{
	uint32_t count, seen = 0;
	const struct graph_reader *readers = graph_readers_of(k->graph, tensor, &count);

	for (uint32_t i = 0; i < count && seen < 2; i++) {
		if (!graph_is_main(k->graph, readers[i].node))
			break;
		seen += marking_input(k, readers[i].node, readers[i].slot) == tensor;
	}
	return seen == 1;
}

/* A bound of Clip: its value, or that it has none; false if it is not constant. */
static bool clip_bound(const struct marking *k, node_id n, int which, float *value)
{
	const char *name = which ? "max" : "min";
	tensor_id input = marking_input(k, n, which ? 2 : 1);

	*value = which ? INFINITY : -INFINITY;
	if (k->opset < 11) {
		const Onnx__AttributeProto *bound = graph_attribute(k->graph, n, name);

		if (bound)
			*value = bound->f;
		return true;
	}
	if (input == GRAPH_NONE)
		return true;
	return input < k->graph->tensor_count &&
	       read_scalar(k, graph_constant(k->graph, input), value);
}

/* Q8: saturation to the type of y does what the node does. */
static bool clips_the_same(const struct marking *k, node_id n, struct tensor_facts y)
{
	const int32_t *full = qtypes[y.type].full;
	float low = 0, high = INFINITY;

	if (!(y.flags & FACT_KNOWN))
		return true;
	if (strcmp(graph_op_type(k->graph, n), "Clip") == 0 &&
		(!clip_bound(k, n, 0, &low) || !clip_bound(k, n, 1, &high)))
		return false;
	return rintf(low / (float)y.scale) + (float)y.zero_point <= (float)full[0] &&
	       rintf(high / (float)y.scale) + (float)y.zero_point >= (float)full[1];
}

/* What default mode asks beyond ONNX Runtime (Q8, Q9). */
static bool is_harmless(
	const struct marking *k, node_id n, tensor_id u, struct tensor_facts y)
{
	if (k->options->ort_compatible)
		return true;
	return !(k->graph->tensors[u].flags & TENSOR_CAPTURED) &&
	       !selection_choice(&k->selection, n)->without_output &&
	       clips_the_same(k, n, y);
}

static void rename_output(struct marking *k, tensor_id u, tensor_id y)
{
	uint32_t slot = k->live_slot[u];

	if (slot != NO_SLOT)
		k->m->slots[slot] = y;
	k->live_slot[y] = slot;
	k->live_slot[u] = NO_SLOT;
	marking_delete(k, u);
}

bool marking_try_removal(struct marking *k, node_id n, bool *removed)
{
	tensor_id u = marking_input(k, n, 0), y = marking_output(k, n, 0);
	struct tensor_facts of_u, of_y = {0};

	*removed = false;
	if (y != GRAPH_NONE)
		of_y = marking_facts(k, y);
	if ((of_y.flags & (FACT_PARAMETERS | FACT_CONVERTED)) != FACT_PARAMETERS)
		return true;
	of_u = marking_facts(k, u);
	if (!(of_u.flags & FACT_PARAMETERS))
		return error_set(k->err, ERROR_REFUSED,
			"%s: the input %s of this %s has no calibration range, its "
			"output has one; give a range for it too",
			text_quoted_z(graph_node_label(k->graph, n)),
			text_quoted_z(marks_tensor_name(k->m, u)),
			graph_op_type(k->graph, n));
	if ((of_u.flags & FACT_CONVERTED) || !is_read_once(k, u) ||
		(k->graph->tensors[u].flags & (TENSOR_OUTPUT | TENSOR_INPUT)))
		return true;
	if (!is_harmless(k, n, u, of_y)) {
		k->m->node_flags[n] |= NODE_KEPT;
		return true;
	}
	rename_output(k, u, y);
	*removed = true;
	return true;
}

/* ---- Pad */

static bool is_mode(const Onnx__AttributeProto *mode, const char *text)
{
	return bytes_equal(mode->s, text);
}

/* What ONNX Runtime knows of a tensor's type: value_info, inputs and outputs, so not
 * that of a plain initializer. */
static int32_t declared_type(const struct marking *k, tensor_id tensor)
{
	const struct graph_tensor *t;

	if (tensor >= k->graph->tensor_count)
		return ELEMENT_NONE;
	t = &k->graph->tensors[tensor];
	if ((t->flags & TENSOR_INITIALIZER) && !(t->flags & TENSOR_DECLARED))
		return ELEMENT_NONE;
	return t->element_type;
}

static bool has_value_attribute(const struct marking *k, tensor_id tensor)
{
	node_id producer = k->graph->tensors[tensor].producer;

	return producer == GRAPH_NONE || graph_attribute(k->graph, producer, "value");
}

/* The padding value is known to be 0. */
static bool pads_zero(const struct marking *k, node_id n, bool *zero)
{
	int32_t type = declared_type(k, marking_input(k, n, 0));
	const Onnx__AttributeProto *value = graph_attribute(k->graph, n, "value");
	tensor_id input = marking_input(k, n, 2);
	const Onnx__TensorProto *constant;
	float number = 0;

	*zero = false;
	if (type == ELEMENT_NONE)
		return true;
	if (k->opset < 11 || input == GRAPH_NONE) {
		if (k->opset < 11 && value)
			number = value->f;
		if (type == ELEMENT_FLOAT16)
			number = half_to_float(half_from_double(number));
		*zero = element_is_float(type) && number == 0;
		return true;
	}
	input = marks_original(k->m, input);
	constant = graph_constant(k->graph, input);
	if (!constant || !has_value_attribute(k, input) ||
		!element_is_float(constant->data_type))
		return true;
	if (!read_scalar(k, constant, &number))
		return error_set(k->err, ERROR_REFUSED,
			"%s: the padding value %s is not one number; make it a scalar",
			text_quoted_z(graph_node_label(k->graph, n)),
			text_quoted_z(graph_tensor_name(k->graph, input)));
	*zero = number == 0;
	return true;
}

bool marking_pad_shares(const struct marking *k, node_id n, bool *shares)
{
	const Onnx__AttributeProto *mode = graph_attribute(k->graph, n, "mode");

	*shares = mode && (is_mode(mode, "reflect") || is_mode(mode, "edge") ||
				  is_mode(mode, "wrap"));
	if (*shares || (mode && !is_mode(mode, "constant")))
		return true;
	return pads_zero(k, n, shares);
}
