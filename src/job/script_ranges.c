#include "job/script_ranges.h"

#include "onnx/tensor.h"

#include <math.h>
#include <string.h>

bool script_keep_carried(const struct session *session, const struct ranges *raised,
	const struct graph *raised_graph, struct ranges *more, struct error *err)
{
	for (uint32_t i = 0; i < raised->count; i++) {
		const struct range *r = &raised->of[raised->order[i]];
		const char *name = graph_tensor_name(raised_graph, raised->order[i]);
		const struct foreign_range range = {r->low, r->high, r->type, r->bare};
		size_t length = strlen(name);

		if (graph_find_tensor(session->graph, name, length) == GRAPH_NONE &&
			!ranges_set_foreign(more, name, length, &range, err))
			return false;
	}
	return true;
}

enum { BLOCK = 2048 };

/* Smallest and largest value; NaN is passed over. */
static bool find_extremes(const struct model *model, const Onnx__TensorProto *value,
	struct foreign_range *range, struct error *err)
{
	struct tensor_reader reader;
	float block[BLOCK];
	bool read = true;

	range->low = INFINITY;
	range->high = -INFINITY;
	if (!tensor_open(&reader, model, value, err))
		return false;
	for (uint64_t at = 0; read && at < reader.count; at += BLOCK) {
		uint64_t count = reader.count - at < BLOCK ? reader.count - at : BLOCK;

		read = tensor_read_f32(&reader, at, count, block, err);
		for (uint64_t i = 0; read && i < count; i++) {
			range->low = fmin(range->low, (double)block[i]);
			range->high = fmax(range->high, (double)block[i]);
		}
	}
	tensor_close(&reader);
	return read;
}

static bool add_constant(const struct session *session, ProtobufCBinaryData output,
	struct ranges *more, struct error *err)
{
	const struct graph *graph = session->graph;
	const char *name = (const char *)output.data;
	tensor_id tensor = graph_find_tensor(graph, name, output.len);
	const Onnx__TensorProto *value =
		tensor != GRAPH_NONE ? graph_constant(graph, tensor) : NULL;
	struct foreign_range range = {0};

	if (!value || !element_is_float(value->data_type) ||
		ranges_find(session->plan->ranges, tensor))
		return true;
	range.type = value->data_type;
	return find_extremes(graph->model, value, &range, err) &&
	       (range.low > range.high ||
		       ranges_set_foreign(more, name, output.len, &range, err));
}

bool script_add_constants(
	const struct session *session, struct ranges *more, struct error *err)
{
	const Onnx__GraphProto *graph = session->input->proto->graph;
	bool fine = true;

	for (size_t i = 0; fine && i < graph->n_node; i++) {
		const Onnx__NodeProto *node = graph->node[i];

		if (node->n_output && bytes_equal(node->op_type, "Constant"))
			fine = add_constant(session, node->output[0], more, err);
	}
	return fine;
}
