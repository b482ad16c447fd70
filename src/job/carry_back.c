#include "job/carry_back.h"

#include "base/text.h"
#include "job/carry.h"
#include "plan/entry.h"

#include <stdio.h>
#include <string.h>

struct back {
	struct qdq_view *view;
	struct unplaced *unplaced;
	struct carry_parts parts;
	name_id softmax; /* what the model before calls it, in the view's names */
};

static struct entry *single_entry(const struct back *b, tensor_id tensor)
{
	return entry_single(&b->view->overrides, b->view->graph, tensor);
}

static struct entry *add_entry(const struct back *b, tensor_id tensor)
{
	return entry_add_single(&b->view->overrides, b->view->graph, tensor);
}

static bool stored_alike(struct entry_params a, struct entry_params b)
{
	const uint16_t conversion = ENTRY_CONVERT | ENTRY_RECEIVERS;

	a.has &= (uint16_t)~conversion;
	b.has &= (uint16_t)~conversion;
	return entry_params_equal(&a, &b);
}

/* True if the file has the tensor in float, or by the parameters of another. */
static bool has_none_of_its_own(const struct back *b, tensor_id tensor)
{
	const struct mark *mark = marks_find(b->view->marks, tensor);

	return !mark || mark->provider != GRAPH_NONE;
}

/* What is behind the Softmax; *placed if its output can have it. */
static bool place_inner(const struct back *b, const struct entry *inner, bool *placed)
{
	const struct entry *output = single_entry(b, b->parts.output);
	struct entry *added;

	*placed = output && stored_alike(output->own, inner->own);
	if (output || (inner->own.has & ENTRY_CONVERT) ||
		!has_none_of_its_own(b, b->parts.output))
		return true;
	*placed = true;
	added = add_entry(b, b->parts.output);
	if (added)
		added->own = inner->own;
	return added;
}

/* The Softmax alone gets its input so. */
static bool convert_input(const struct back *b, const struct entry *flat)
{
	uint32_t group = b->view->group_of[b->parts.outside];
	struct entry *in = add_entry(b, b->parts.outside);

	if (!in)
		return false;
	if (!group) {
		in->own = flat->own;
		return true;
	}
	in->own.has = ENTRY_TYPE | ENTRY_CONVERT;
	in->own.type = (uint8_t)b->view->qdq->groups.items[group - 1].own.type;
	in->convert = flat->own;
	in->convert.has |= ENTRY_RECEIVERS;
	return entry_set_receivers(&b->view->overrides, in, &b->softmax, 1);
}

/* The same before it. */
static bool place_flat(const struct back *b, const struct entry *flat, bool *placed)
{
	const struct entry *in = single_entry(b, b->parts.outside);
	bool converts = in && (in->own.has & ENTRY_CONVERT) &&
			(!in->receiver_count || entry_has_receiver(in, b->softmax));

	*placed = in && stored_alike(converts ? in->convert : in->own, flat->own);
	if (in || (flat->own.has & ENTRY_CONVERT))
		return true;
	*placed = true;
	return convert_input(b, flat);
}

static void tell(const struct back *b, tensor_id made)
{
	const struct graph *graph = b->view->graph;
	const char *name = graph_tensor_name(graph, made);
	const char *output = graph_tensor_name(graph, b->parts.output);

	unplaced_add(b->unplaced, PROBLEM_NOWHERE, name, strlen(name),
		"choose the types around that Softmax anew",
		"the opset raise made this tensor of the Softmax of %s, which cannot be "
		"stored as this is",
		text_quoted(output, strlen(output)));
}

/* Deals with the list of a tensor that the raise made. */
static bool settle(const struct back *b, tensor_id made,
	bool (*place)(const struct back *, const struct entry *, bool *))
{
	struct overrides *overrides = &b->view->overrides;
	const struct entry *found = single_entry(b, made);
	struct entry entry;
	bool placed = false;

	if (!overrides_find(overrides, made))
		return true;
	if (found) {
		entry = *found;
		if (!place(b, &entry, &placed))
			return false;
	}
	if (!placed)
		tell(b, made);
	overrides_add(overrides, b->view->graph, made)->count = 0;
	return true;
}

/* The Softmax reads in the Flatten's place. */
static void replace_receiver(const struct back *b)
{
	const struct graph *graph = b->view->graph;
	struct entry *in = single_entry(b, b->parts.outside);

	if (in)
		entry_rename_receiver(
			in, graph->nodes[b->parts.flatten].name, b->softmax);
}

static tensor_id there(const struct back *b, tensor_id tensor)
{
	const char *name = graph_tensor_name(b->view->graph, tensor);

	return graph_find_tensor(b->unplaced->graph, name, strlen(name));
}

/* The name of what writes the output in the model before, if it is that operator. */
static bool name_softmax(struct back *b)
{
	struct graph *raised = b->view->graph;
	const struct graph *graph = b->unplaced->graph;
	node_id node = graph->tensors[there(b, b->parts.output)].producer;
	const struct graph_node *before, *after = &raised->nodes[b->parts.softmax];

	if (node == GRAPH_NONE)
		return false;
	before = &graph->nodes[node];
	if (strcmp(names_text(&graph->names, before->op_type),
		    names_text(&raised->names, after->op_type)) != 0)
		return false;
	b->softmax = names_add(&raised->names, names_text(&graph->names, before->name),
		names_length(&graph->names, before->name));
	return true;
}

/* The parts around a tensor that the model before does not have; false if there are
 * none: it was there before, or comes from elsewhere. */
static bool find_parts(struct back *b, tensor_id inner)
{
	const struct graph *graph = b->view->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, inner, &count);
	const struct graph_node *reshape;

	if (count != 1 || !graph_is_main(graph, readers->node))
		return false;
	reshape = &graph->nodes[readers->node];
	return !strcmp(names_text(&graph->names, reshape->op_type), "Reshape") &&
	       there(b, inner) == GRAPH_NONE &&
	       carry_find_parts(
		       graph, inner, graph->slots[reshape->first_output], &b->parts) &&
	       there(b, b->parts.flat) == GRAPH_NONE &&
	       there(b, b->parts.output) != GRAPH_NONE && name_softmax(b);
}

bool carry_back(struct qdq_view *view, struct unplaced *unplaced, struct error *err)
{
	struct back b = {.view = view, .unplaced = unplaced};

	for (tensor_id t = 0; t < view->graph->main_tensors; t++) {
		if (!find_parts(&b, t))
			continue;
		if (b.softmax == NAME_NONE)
			return error_set_memory(err, MEMORY_FOR_OVERRIDES);
		replace_receiver(&b);
		if (!settle(&b, b.parts.flat, place_flat) || !settle(&b, t, place_inner))
			return error_set_memory(err, MEMORY_FOR_OVERRIDES);
	}
	return true;
}
