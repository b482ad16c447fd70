#include "job/carry.h"

#include "plan/entry.h"

#include <string.h>

static tensor_id find(const struct graph *graph, const char *name)
{
	return name ? graph_find_tensor(graph, name, strlen(name)) : GRAPH_NONE;
}

static bool is_op(const struct graph *graph, node_id node, const char *op)
{
	return node != GRAPH_NONE &&
	       !strcmp(names_text(&graph->names, graph->nodes[node].op_type), op);
}

static tensor_id first_input(const struct graph *graph, node_id node)
{
	const struct graph_node *n = &graph->nodes[node];

	return n->input_count ? graph->slots[n->first_input] : GRAPH_NONE;
}

bool carry_find_parts(const struct graph *graph, tensor_id inner, tensor_id output,
	struct carry_parts *parts)
{
	parts->inner = inner;
	parts->output = output;
	if (inner == GRAPH_NONE || output == GRAPH_NONE)
		return false;
	parts->softmax = graph->tensors[inner].producer;
	if (parts->softmax == GRAPH_NONE)
		return false;
	parts->flat = first_input(graph, parts->softmax);
	if (parts->flat == GRAPH_NONE)
		return false;
	parts->flatten = graph->tensors[parts->flat].producer;
	if (!is_op(graph, parts->flatten, "Flatten"))
		return false;
	parts->outside = first_input(graph, parts->flatten);
	return parts->outside != GRAPH_NONE;
}

/* False if the rename tells of something else. */
static bool find_parts(
	const struct carry *c, const struct opset_rename *r, struct carry_parts *parts)
{
	const struct graph *graph = c->new_graph;

	if (r->kind != RENAME_TENSOR && r->kind != RENAME_SOFTMAX_INTERMEDIATE)
		return false;
	return carry_find_parts(
		graph, find(graph, r->new_name), find(graph, r->old_name), parts);
}

/* The range of what was renamed or made; false if none is known. */
static bool range_of(const struct carry *c, const struct opset_rename *r,
	const struct ranges *from, struct range *out)
{
	tensor_id old = find(c->old_graph, r->old_name);
	const struct range *range = old == GRAPH_NONE ? NULL : ranges_find(from, old);

	*out = range ? *range : (struct range){.type = ELEMENT_FLOAT};
	if (r->kind == RENAME_CONSTANT)
		out->low = out->high = r->constant;
	return range || r->kind == RENAME_CONSTANT;
}

static bool give_range(const struct carry *c, struct ranges *to, tensor_id tensor,
	struct range range, bool *given, struct error *err)
{
	if (tensor == GRAPH_NONE || ranges_find(to, tensor))
		return true;
	*given = true;
	return ranges_set(
		to, c->new_graph, tensor, range.low, range.high, range.type, err);
}

static bool give_ranges(const struct carry *c, const struct opset_rename *r,
	struct ranges *to, const struct ranges *from, bool *given, struct error *err)
{
	struct carry_parts parts;
	struct range range;
	const struct range *outside;

	if (r->kind == RENAME_MENDED)
		return true;
	if (range_of(c, r, from, &range) &&
		!give_range(c, to, find(c->new_graph, r->new_name), range, given, err))
		return false;
	outside = find_parts(c, r, &parts) ? ranges_find(to, parts.outside) : NULL;
	return !outside || give_range(c, to, parts.flat, *outside, given, err);
}

bool carry_ranges(const struct carry *c, struct ranges *to, const struct ranges *from,
	struct problem_list *notes, struct error *err)
{
	bool given = false;

	for (size_t i = 0; i < c->renames->count; i++)
		if (!give_ranges(c, &c->renames->items[i], to, from, &given, err))
			return false;
	return !given ||
	       problem_add(notes, SEVERITY_NOTE, "Q40", PROBLEM_NOWHERE, PROBLEM_NOWHERE,
		       "",
		       "ranges measured before the opset raise were carried over "
		       "to the tensors it made",
		       "");
}

/* The tensor is stored as `params` say, unless it has an entry. */
static bool store_as(const struct carry *c, struct overrides *overrides, tensor_id tensor,
	struct entry_params params)
{
	struct entry *entry;

	params.has &= (uint16_t) ~(ENTRY_CONVERT | ENTRY_RECEIVERS);
	if (!params.has || overrides_find(overrides, tensor))
		return true;
	entry = entry_add_single(overrides, c->new_graph, tensor);
	if (entry)
		entry->own = params;
	return entry;
}

static bool store_parts(const struct carry *c, struct overrides *overrides,
	const struct carry_parts *parts)
{
	const struct graph *graph = c->new_graph;
	struct entry *in = entry_single(overrides, graph, parts->outside);
	struct entry *out = entry_single(overrides, graph, parts->output);
	struct entry_params before = {0}, behind = {0};

	if (in) {
		before = entry_converts_for(in, graph, parts->softmax) ? in->convert
								       : in->own;
		/* the Flatten reads in the Softmax's place */
		entry_rename_receiver(in, graph->nodes[parts->softmax].name,
			graph->nodes[parts->flatten].name);
	}
	if (out)
		behind = out->own;
	return store_as(c, overrides, parts->flat, before) &&
	       store_as(c, overrides, parts->inner, behind);
}

bool carry_overrides(
	const struct carry *c, struct overrides *overrides, struct error *err)
{
	struct carry_parts parts;

	for (size_t i = 0; i < c->renames->count; i++)
		if (find_parts(c, &c->renames->items[i], &parts) &&
			!store_parts(c, overrides, &parts))
			return error_set_memory(err, MEMORY_FOR_OVERRIDES);
	return true;
}
