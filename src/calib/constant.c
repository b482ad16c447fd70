#include "calib/constant.h"

enum { BLOCK = 2048 };

bool constant_is(const struct graph *graph, tensor_id tensor)
{
	return (graph->tensors[tensor].flags & TENSOR_CONSTANT) &&
	       graph_constant(graph, tensor);
}

bool constant_blocks(const struct graph *graph, tensor_id tensor,
	void (*each)(void *arg, const float *values, size_t count), void *arg,
	struct error *err)
{
	struct tensor_reader reader;
	float block[BLOCK];
	bool read = true;

	if (!tensor_open(&reader, graph->model, graph_constant(graph, tensor), err))
		return false;
	for (uint64_t at = 0; read && at < reader.count; at += BLOCK) {
		uint64_t count = reader.count - at < BLOCK ? reader.count - at : BLOCK;

		read = tensor_read_f32(&reader, at, count, block, err);
		if (read)
			each(arg, block, count);
	}
	tensor_close(&reader);
	return read;
}
