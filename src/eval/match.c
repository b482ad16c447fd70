#include "eval/match.h"

#include "base/text.h"

#include <string.h>

static bool is_op(const struct graph *graph, node_id node, const char *op_type)
{
	return node != GRAPH_NONE && graph_is_main(graph, node) &&
	       !strcmp(graph_op_type(graph, node), op_type);
}

/* The output of the first reader of that type that reads the tensor as its value. */
static tensor_id behind(const struct graph *graph, tensor_id tensor, const char *op_type)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	for (uint32_t i = 0; i < count; i++)
		if (readers[i].slot == 0 && is_op(graph, readers[i].node, op_type))
			return graph_output_of(graph, readers[i].node, 0);
	return GRAPH_NONE;
}

/* What a tensor is read from by its producer of that type, or GRAPH_NONE. */
static tensor_id ahead(const struct graph *graph, tensor_id tensor, const char *op_type)
{
	node_id producer = graph->tensors[tensor].producer;

	return is_op(graph, producer, op_type) ? graph_input_of(graph, producer, 0)
					       : GRAPH_NONE;
}

/* A Q and DQ pair behind `from`: the rounded value in *after. */
static bool follow_pair(
	const struct graph *graph, tensor_id from, tensor_id *after, int32_t *type)
{
	tensor_id integer = behind(graph, from, "QuantizeLinear");

	*after = integer == GRAPH_NONE ? GRAPH_NONE
				       : behind(graph, integer, "DequantizeLinear");
	if (*after == GRAPH_NONE)
		return false;
	*type = graph->tensors[integer].element_type;
	return true;
}

/* A graph output keeps its name behind the pair. */
static void look_ahead(const struct graph *graph, struct match *match)
{
	tensor_id integer = ahead(graph, match->after, "DequantizeLinear");

	if (integer == GRAPH_NONE)
		return;
	match->before = ahead(graph, integer, "QuantizeLinear");
	match->type = graph->tensors[integer].element_type;
}

static bool add_conversions(
	const struct graph *graph, struct match match, struct match_list *list)
{
	match.before = match.after;
	match.converted = true;
	match.output = false;
	if (!follow_pair(graph, match.before, &match.after, &match.type))
		return true;
	return ARRAY_PUSH(list, match);
}

/* The tensor of the same name. */
static tensor_id find_same(
	const struct graph *real, const struct graph *quantized, tensor_id tensor)
{
	name_id name = real->tensors[tensor].name;

	return graph_find_tensor(quantized, names_text(&real->names, name),
		names_length(&real->names, name));
}

static bool add_match(const struct graph *real, const struct graph *quantized,
	tensor_id tensor, struct match_list *list)
{
	struct match match = {.real = tensor,
		.before = GRAPH_NONE,
		.after = find_same(real, quantized, tensor)};

	if (match.after == GRAPH_NONE)
		return true;
	match.output = real->tensors[tensor].flags & TENSOR_OUTPUT;
	look_ahead(quantized, &match);
	if (!match.type) {
		match.before = match.after;
		if (!follow_pair(quantized, match.before, &match.after, &match.type)) {
			match.after = match.before;
			match.before = GRAPH_NONE;
		}
	}
	return ARRAY_PUSH(list, match) &&
	       (!match.type || add_conversions(quantized, match, list));
}

/* Where both models round a tensor, what its readers see has a name of its own. */
static bool is_told_rounded(
	const struct graph *real, const struct graph *quantized, tensor_id tensor)
{
	tensor_id rounded;
	int32_t type;

	return !is_op(real, real->tensors[tensor].producer, "DequantizeLinear") &&
	       follow_pair(real, tensor, &rounded, &type) &&
	       find_same(real, quantized, rounded) != GRAPH_NONE;
}

bool match_can(const struct graph *real, const struct graph *quantized, tensor_id tensor)
{
	const struct graph_tensor *t = &real->tensors[tensor];

	return element_is_float(t->element_type) && !graph_is_constant(real, tensor) &&
	       (t->producer != GRAPH_NONE || (t->flags & TENSOR_INPUT)) &&
	       !is_told_rounded(real, quantized, tensor);
}

bool match_models(const struct graph *real, const struct graph *quantized,
	struct match_list *list, struct error *err)
{
	size_t produced = 0;

	for (tensor_id i = 0; i < real->main_tensors; i++)
		if (match_can(real, quantized, i) && !add_match(real, quantized, i, list))
			return error_set_memory(err, "comparison");
	for (size_t i = 0; i < list->count; i++)
		produced += real->tensors[list->items[i].real].producer != GRAPH_NONE;
	return produced || error_set(err, ERROR_REFUSED,
				   "%s: none of its tensors has the name of one in %s; "
				   "give the float model that was quantized",
				   text_quoted_z(quantized->model->path),
				   text_quoted_z(real->model->path));
}
