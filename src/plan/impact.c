/* What promoting one row would change, from the structure alone. */
#include "plan/cache.h"

static bool is_quantized_activation(const struct outcome *o, tensor_id tensor)
{
	return tensor != GRAPH_NONE &&
	       (o->tensors[tensor].flags & (STATE_QUANTIZED | STATE_CONSTANT)) ==
		       STATE_QUANTIZED;
}

/* Tensors that a promoted node touches, apart from one. */
static uint32_t around(const struct outcome *o, node_id node, tensor_id but)
{
	const struct graph_node *n = &o->graph->nodes[node];
	uint32_t count = 0;

	if (!(o->nodes[node].flags & STATE_SELECTED))
		return 0;
	for (uint32_t i = 0; i < n->output_count; i++) {
		tensor_id out = graph_output_of(o->graph, node, i);

		count += out != but && is_quantized_activation(o, out);
	}
	for (uint32_t i = 0; i < n->input_count; i++) {
		tensor_id in = graph_input_of(o->graph, node, i);

		count += in != but && is_quantized_activation(o, in);
	}
	return count;
}

uint32_t outcome_impact_of_tensor(const struct outcome *o, tensor_id tensor)
{
	const struct graph_tensor *t = &o->graph->tensors[tensor];
	uint32_t count = 1;
	node_id last = GRAPH_NONE;

	if (!is_quantized_activation(o, tensor))
		return o->tensors[tensor].stored != QTYPE_NONE;
	if (t->producer != GRAPH_NONE && graph_is_main(o->graph, t->producer))
		count += around(o, t->producer, tensor);
	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = o->graph->readers[t->first_reader + i].node;

		if (node != last && graph_is_main(o->graph, node))
			count += around(o, node, tensor);
		last = node;
	}
	return count;
}
