#include "onnx/tensor.h"
#include "plan/ranges.h"

#include <string.h>

/* The tensor of `new_graph` with the same name, or GRAPH_NONE. */
static tensor_id same_tensor(
	const struct graph *old_graph, tensor_id tensor, const struct graph *new_graph)
{
	name_id name = old_graph->tensors[tensor].name;

	return graph_find_tensor(new_graph, names_text(&old_graph->names, name),
		names_length(&old_graph->names, name));
}

/* A value of an element type. */
static double as_type(double value, int32_t type)
{
	return type == ELEMENT_FLOAT16 ? (double)half_to_float(half_from_double(value))
				       : value;
}

/* Gives a foreign range to the tensor of its name, if there is one without a range. */
static bool bind_foreign(struct ranges *to, const struct ranges *from, name_id id,
	const struct graph *graph, struct error *err)
{
	const struct foreign_range *range = &from->foreign[id];
	tensor_id tensor = graph_find_tensor(graph, names_text(&from->foreign_names, id),
		names_length(&from->foreign_names, id));
	int32_t type = range->type;
	bool typed = type && !range->bare;

	if (tensor == GRAPH_NONE)
		return ranges_set_foreign(to, names_text(&from->foreign_names, id),
			names_length(&from->foreign_names, id), range, err);
	if (ranges_find(to, tensor))
		return true;
	if (!typed)
		type = graph->tensors[tensor].element_type == ELEMENT_FLOAT16
			       ? ELEMENT_FLOAT16
			       : ELEMENT_FLOAT;
	if (!ranges_set(to, graph, tensor,
		    range->bare ? range->low : as_type(range->low, type),
		    range->bare ? range->high : as_type(range->high, type), type, err))
		return false;
	to->of[tensor].bare = range->bare;
	return true;
}

bool ranges_rebind(struct ranges *to, const struct ranges *from,
	const struct graph *old_graph, const struct graph *new_graph, struct error *err)
{
	for (tensor_id t = old_graph->main_tensors;
		from->count && t < old_graph->tensor_count; t++) {
		const struct range *range = ranges_find(from, t);
		const char *name = graph_tensor_name(old_graph, t);
		bool given;

		if (range && !ranges_set_inside(to, new_graph, name, strlen(name), range,
				     &given, err))
			return false;
	}
	for (tensor_id t = 0; from->count && t < old_graph->main_tensors; t++) {
		const struct range *range = ranges_find(from, t);
		tensor_id there =
			range ? same_tensor(old_graph, t, new_graph) : GRAPH_NONE;

		if (there == GRAPH_NONE)
			continue;
		if (!ranges_set(to, new_graph, there, range->low, range->high,
			    range->type, err))
			return false;
		to->of[there].bare = range->bare;
		to->of[there].low_form = range->low_form;
		to->of[there].high_form = range->high_form;
		if (range->histogram &&
			!ranges_set_histogram(to, there, range->histogram, err))
			return false;
	}
	for (size_t i = 0; i < from->file_count; i++)
		if (!ranges_add_file(to, from->files[i], err))
			return false;
	for (name_id i = 0; i < from->foreign_names.count; i++)
		if (!bind_foreign(to, from, i, new_graph, err))
			return false;
	to->method = from->method;
	to->random = from->random;
	to->measured = from->measured;
	memcpy(to->source, from->source, sizeof(to->source));
	return true;
}
