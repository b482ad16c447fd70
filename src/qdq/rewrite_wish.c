/* What becomes of each group: its numbers, and who sees which side. */
#include "qdq/rewrite_parts.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Keys that ask for numbers outright. */
enum {
	EXPLICIT = ENTRY_SCALE | ENTRY_ZERO_POINT | ENTRY_RMIN | ENTRY_RMAX |
		   ENTRY_SYMMETRIC | ENTRY_REDUCE_RANGE
};

bool rewriting_no_memory(const struct rewriting *r)
{
	return error_set_memory(r->err, text_path(r->file->model->path));
}

static const struct entry *entry_of(const struct rewriting *r, tensor_id tensor)
{
	return overrides_entry(&r->outcome->entries, tensor);
}

bool rewriting_converts(const struct rewriting *r, uint32_t group, node_id node)
{
	tensor_id tensor = r->view->tensor_of[group];
	const struct entry *entry = entry_of(r, tensor);

	return r->wishes[group].converted.count && entry &&
	       (entry->own.has & ENTRY_CONVERT) &&
	       entry_converts_for(entry, r->view->graph, node);
}

/* A node that reads a tensor twice can see both sides in a file, but not in a plan. */
static bool sees_converted(const struct rewriting *r, node_id file_node, uint32_t group)
{
	for (uint32_t i = 0; i < r->file->nodes[file_node].input_count; i++) {
		tensor_id t = graph_input_of(r->file, file_node, i);

		if (t != GRAPH_NONE && r->qdq->of_tensor[t].side == SIDE_CONVERTED &&
			r->qdq->of_tensor[t].group == group)
			return true;
	}
	return false;
}

enum qdq_side rewriting_side(const struct rewriting *r, node_id file_node, uint32_t slot)
{
	tensor_id tensor = graph_input_of(r->file, file_node, slot);
	enum qdq_side side = view_slot_side(r->view, file_node, slot);
	node_id node = r->view->node_of[file_node];
	uint32_t group;

	if (!view_side_is_quantized(side) || node == GRAPH_NONE)
		return side;
	group = r->qdq->of_tensor[tensor].group;
	if (!rewriting_converts(r, group, node))
		return SIDE_OWN;
	return side == SIDE_OWN && sees_converted(r, file_node, group) ? SIDE_OWN
								       : SIDE_CONVERTED;
}

/* ---- numbers */

static bool set_one(struct rewriting *r, struct numbers *n, enum qtype type,
	int32_t element, double scale, int32_t zero)
{
	double *scales = arena_alloc(&r->model->arena, sizeof(*scales));
	int32_t *zeros = arena_alloc(&r->model->arena, sizeof(*zeros));

	if (!scales || !zeros)
		return rewriting_no_memory(r);
	*scales = scale;
	*zeros = zero;
	*n = (struct numbers){type, element, 1, scales, zeros};
	return true;
}

static bool keep(struct rewriting *r, struct numbers *n, const struct qdq_params *p)
{
	return set_one(r, n, p->type, p->scale_element, p->value, p->zero);
}

static bool differs(const struct numbers *n, const struct qdq_params *p)
{
	return n->count != p->count || n->type != p->type || n->scales[0] != p->value ||
	       n->zeros[0] != p->zero;
}

/* One side of an activation: as in the file, or computed. */
static bool set_side(struct rewriting *r, tensor_id tensor, enum qtype type, unsigned has,
	const struct scale *computed, const struct qdq_params *file, struct numbers *n)
{
	if (file->element && type == file->type && !(has & EXPLICIT))
		return keep(r, n, file);
	if (!r->parameters->of[tensor].known)
		return error_set(r->err, ERROR_REFUSED,
			"%s: has no range to compute its scale from; give one with "
			"--ranges",
			text_quoted_z(graph_tensor_name(r->view->graph, tensor)));
	return set_one(
		r, n, type, computed->element, computed->value, computed->zero_point);
}

/* What the node that makes a sharing tensor sees of its provider. */
static const struct numbers *provided(const struct rewriting *r, const struct mark *mark)
{
	uint32_t at = r->view->group_of[mark->provider];
	const struct wish *wish;

	if (!at)
		return NULL;
	wish = &r->wishes[at - 1];
	return rewriting_converts(r, at - 1, mark->provider_node) ? &wish->converted
								  : &wish->own;
}

static bool wish_own(struct rewriting *r, uint32_t index, tensor_id tensor)
{
	const struct qdq_group *group = rewriting_group(r, index);
	const struct mark *mark = marks_find(r->view->marks, tensor);
	const struct parameters *p = &r->parameters->of[tensor];
	const struct entry *entry = entry_of(r, tensor);
	struct wish *wish = &r->wishes[index];
	const struct numbers *from = NULL;

	if (mark && mark->provider != GRAPH_NONE)
		from = provided(r, mark);
	if (from && from->count)
		wish->own = *from;
	else if (!set_side(r, tensor, (enum qtype)r->outcome->tensors[tensor].stored,
			 entry ? entry->own.has : 0, &p->original, &group->own,
			 &wish->own))
		return false;
	wish->own_changed = differs(&wish->own, &group->own);
	return true;
}

static bool wish_converted(struct rewriting *r, uint32_t index, tensor_id tensor)
{
	const struct qdq_group *group = rewriting_group(r, index);
	const struct entry *entry = entry_of(r, tensor);
	enum qtype type = (enum qtype)r->outcome->tensors[tensor].converted;
	struct wish *wish = &r->wishes[index];

	wish->moves = (type != QTYPE_NONE) != (group->converted.element != 0);
	if (type == QTYPE_NONE || !entry)
		return true;
	if (!set_side(r, tensor, type, entry->convert.has,
		    &r->parameters->of[tensor].converted, &group->converted,
		    &wish->converted))
		return false;
	wish->converted_changed =
		group->converted.element && differs(&wish->converted, &group->converted);
	return true;
}

static bool readers_move(const struct rewriting *r, uint32_t index)
{
	const struct graph *g = r->file;
	const struct qdq_group *group = rewriting_group(r, index);

	for (uint32_t i = 0; i < group->node_count; i++) {
		tensor_id out =
			graph_output_of(g, r->qdq->nodes[group->first_node + i], 0);
		uint32_t count;
		const struct graph_reader *readers = graph_readers_of(g, out, &count);

		if (r->qdq->of_tensor[out].side == SIDE_INTEGER)
			continue;
		for (uint32_t k = 0; k < count; k++)
			if (graph_is_main(g, readers[k].node) &&
				!r->qdq->of_node[readers[k].node].role &&
				rewriting_side(r, readers[k].node, readers[k].slot) !=
					(enum qdq_side)r->qdq->of_tensor[out].side)
				return true;
	}
	return false;
}

static bool wish_activation(struct rewriting *r, uint32_t index)
{
	tensor_id tensor = r->view->tensor_of[index];

	if (tensor == GRAPH_NONE || !r->outcome->tensors[tensor].stored)
		return keep(r, &r->wishes[index].own, &rewriting_group(r, index)->own);
	if (!wish_own(r, index, tensor) || !wish_converted(r, index, tensor))
		return false;
	r->wishes[index].moves |= readers_move(r, index);
	return true;
}

/* Providers first: tensors that no node makes, then by the order of nodes. */
static bool wish_activations(struct rewriting *r)
{
	const struct graph *g = r->view->graph;

	for (uint32_t i = 0; i < r->qdq->groups.count; i++) {
		tensor_id t = r->view->tensor_of[i];

		if (rewriting_group(r, i)->kind == QDQ_ACTIVATION &&
			(t == GRAPH_NONE || g->tensors[t].producer == GRAPH_NONE) &&
			!wish_activation(r, i))
			return false;
	}
	for (uint32_t i = 0; i < g->main_nodes; i++) {
		const struct graph_node *node = &g->nodes[g->order[i]];

		for (uint32_t k = 0; k < node->output_count; k++) {
			tensor_id t = g->slots[node->first_output + k];
			uint32_t at = t == GRAPH_NONE ? 0 : r->view->group_of[t];

			if (at && rewriting_group(r, at - 1)->kind == QDQ_ACTIVATION &&
				!wish_activation(r, at - 1))
				return false;
		}
	}
	return true;
}

/* ---- constants */

static bool constant_changes(const struct rewriting *r, uint32_t index)
{
	const struct qdq_group *group = rewriting_group(r, index);
	tensor_id tensor = r->view->tensor_of[index];
	const struct entry *entry;

	if ((group->kind != QDQ_WEIGHT && group->kind != QDQ_FLOAT_WEIGHT) ||
		tensor == GRAPH_NONE || !r->outcome->tensors[tensor].stored)
		return false;
	entry = entry_of(r, tensor);
	return r->outcome->tensors[tensor].stored != group->own.type ||
	       (entry && (entry->own.has & EXPLICIT));
}

/* The marks of those that change, to be measured all at once. */
static bool choose_constants(struct rewriting *r)
{
	const struct marks *all = r->view->marks;
	struct marks *some = &r->changed_weights;

	*some = *all;
	some->count = 0;
	some->marks = calloc((size_t)all->count + 1, sizeof(*some->marks));
	if (!some->marks)
		return rewriting_no_memory(r);
	for (uint32_t i = 0; i < r->qdq->groups.count; i++) {
		const struct mark *mark =
			r->view->tensor_of[i] == GRAPH_NONE
				? NULL
				: marks_find(all, r->view->tensor_of[i]);

		if (mark && constant_changes(r, i))
			some->marks[some->count++] = *mark;
	}
	return true;
}

static bool wish_constant(struct rewriting *r, const struct weight *w)
{
	uint32_t at = r->view->group_of[w->tensor];
	const struct qdq_group *group = rewriting_group(r, at - 1);
	struct wish *wish = &r->wishes[at - 1];

	if (w->axis != group->own.axis || w->block != group->own.block ||
		w->scale_count != group->own.count)
		return error_set(r->err, ERROR_REFUSED,
			"%s: has other channels or blocks in this quantized model; leave "
			"its layout as it is, or quantize the float model",
			text_quoted_z(graph_tensor_name(r->view->graph, w->tensor)));
	wish->weight = w;
	wish->own_changed = true;
	wish->own = (struct numbers){
		w->type, w->element, w->scale_count, w->scales, w->zero_points};
	return true;
}

static bool wish_constants(struct rewriting *r)
{
	const struct quant_work work = {0, NULL};

	if (!choose_constants(r))
		return false;
	if (!r->changed_weights.count)
		return true;
	if (!weights_measure(&r->weights, &r->changed_weights, r->plan->options,
		    &r->outcome->entries, &work, r->err))
		return false;
	for (size_t i = 0; i < r->weights.count; i++)
		if (!wish_constant(r, &r->weights.items[i]))
			return false;
	return true;
}

/* ---- domains */

/* A type that the standard operators do not have yet in this opset. */
static bool needs_contrib(const struct rewriting *r, enum qtype type)
{
	return type != QTYPE_NONE && qtypes[type].bits != 8 &&
	       model_opset(r->view->input) < 21;
}

static void choose_domains(struct rewriting *r)
{
	for (size_t i = 0; i < r->qdq->groups.count; i++) {
		struct wish *wish = &r->wishes[i];

		wish->contrib = wish->own_changed && needs_contrib(r, wish->own.type);
		wish->contrib_converted = wish->converted.count &&
					  (wish->converted_changed || wish->moves) &&
					  needs_contrib(r, wish->converted.type);
	}
}

bool rewriting_wish(struct rewriting *r)
{
	r->wishes = calloc(r->qdq->groups.count + 1, sizeof(*r->wishes));
	if (!r->wishes)
		return rewriting_no_memory(r);
	if (!wish_activations(r) || !wish_constants(r))
		return false;
	choose_domains(r);
	return true;
}
