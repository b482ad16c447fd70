/* What is quantized in the file, in the form of the rules. */
#include "qdq/values.h"
#include "qdq/view_parts.h"

#include <string.h>

struct marking {
	const struct qdq_view *view;
	const struct marks *rules; /* may be NULL */
	struct marks *marks;
	struct error *err;
};

/* The parameters with which a node reads the tensor of a group. */
static const struct qdq_params *seen_by(
	const struct marking *m, const struct qdq_group *group, node_id node, tensor_id t)
{
	const struct graph *g = m->view->graph;
	node_id file_node = m->view->file_node[node];

	for (uint32_t i = 0; i < g->nodes[node].input_count; i++)
		if (graph_input_of(g, node, i) == t &&
			view_slot_side(m->view, file_node, i) == SIDE_CONVERTED)
			return &group->converted;
	return &group->own;
}

/* Shares the scale of another tensor, as the rules ask and the file has it. */
static void set_provider(
	const struct marking *m, const struct qdq_group *group, struct mark *mark)
{
	const struct mark *rule = m->rules ? marks_find(m->rules, mark->tensor) : NULL;
	const struct qdq_group *other;
	const struct qdq_params *p;

	if (!rule || rule->provider == GRAPH_NONE ||
		rule->provider >= m->view->graph->tensor_count ||
		m->view->file_node[rule->provider_node] == GRAPH_NONE)
		return;
	other = view_group(m->view, rule->provider);
	if (!other || other->kind == QDQ_BIAS)
		return;
	p = seen_by(m, other, rule->provider_node, rule->provider);
	if (!qdq_params_equal(p, &group->own))
		return;
	mark->provider = rule->provider;
	mark->provider_node = rule->provider_node;
}

/* Weight or activation: what the rules say, else by its type. */
static enum mark_kind kind_of(
	const struct marking *m, const struct qdq_group *group, tensor_id tensor)
{
	const struct mark *rule = m->rules ? marks_find(m->rules, tensor) : NULL;

	if (group->kind == QDQ_ACTIVATION)
		return MARK_ACTIVATION;
	if (rule)
		return rule->kind;
	return group->own.type == m->view->options.activation_type &&
			       group->own.type != m->view->options.weight_type
		       ? MARK_ACTIVATION
		       : MARK_WEIGHT;
}

/* The numbers of a constant, kept with the float model. */
static bool set_stored(
	struct marking *m, const struct qdq_group *group, struct mark *mark)
{
	struct arena *arena = &m->view->model->arena;
	const struct qdq_params *own = &group->own;
	struct stored_numbers *stored = arena_alloc(arena, sizeof(*stored));
	double *scales = arena_zalloc(arena, own->count, sizeof(*scales));
	int32_t *zeros = arena_zalloc(arena, own->count, sizeof(*zeros));
	struct qdq_numbers numbers = {0};
	bool fine = (stored && scales && zeros) ||
		    error_set_memory(m->err, "the scales of constants");

	fine = fine && qdq_numbers_read(m->view->file, own, &numbers, m->err);
	for (uint64_t i = 0; fine && i < own->count; i++) {
		scales[i] = (double)numbers.scales[i];
		zeros[i] = numbers.zeros[i];
	}
	qdq_numbers_release(&numbers);
	if (fine)
		*stored = (struct stored_numbers){own->type, own->count, scales, zeros};
	mark->stored = stored;
	return fine;
}

static bool add_mark(struct marking *m, const struct qdq_group *group, tensor_id tensor)
{
	struct mark mark = {tensor, kind_of(m, group, tensor), group->own.axis,
		GRAPH_NONE, GRAPH_NONE, NULL};

	if (group->kind == QDQ_ACTIVATION)
		set_provider(m, group, &mark);
	else if (!set_stored(m, group, &mark))
		return false;
	m->marks->marks[m->marks->count++] = mark;
	m->marks->place[tensor] = m->marks->count;
	return true;
}

/* The node whose third input it is; its first two tell the scale. */
static void add_bias(struct marking *m, tensor_id tensor)
{
	const struct graph *g = m->view->graph;
	struct bias_mark mark = {tensor, 0, GRAPH_NONE, GRAPH_NONE, 1.0f};
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);

	if (count) {
		mark.node = readers[0].node;
		mark.input = graph_input_of(g, mark.node, 0);
		mark.weight = graph_input_of(g, mark.node, 1);
	}
	m->marks->biases[m->marks->bias_count++] = mark;
	m->marks->bias_place[tensor] = m->marks->bias_count;
}

static bool add_groups(struct marking *m)
{
	const struct qdq_group_list *groups = &m->view->qdq->groups;

	for (size_t i = 0; i < groups->count; i++) {
		tensor_id tensor = m->view->tensor_of[i];

		if (tensor == GRAPH_NONE)
			continue;
		if (groups->items[i].kind == QDQ_BIAS)
			add_bias(m, tensor);
		else if (!add_mark(m, &groups->items[i], tensor))
			return false;
	}
	return true;
}

/* True if the node reads the slot behind a DQ. */
static bool receives(const struct marking *m, node_id n, uint32_t slot)
{
	return m->view->file_node[n] != GRAPH_NONE &&
	       view_side_is_quantized(
		       view_slot_side(m->view, m->view->file_node[n], slot));
}

static void list_receivers(struct marking *m)
{
	const struct graph *g = m->view->graph;
	struct marks *marks = m->marks;
	uint32_t at = 0;

	for (tensor_id t = 0; t < g->tensor_count; t++) {
		uint32_t count;
		const struct graph_reader *readers = graph_readers_of(g, t, &count);

		marks->first_receiver[t] = at;
		for (uint32_t i = 0; i < count; i++)
			if (graph_is_main(g, readers[i].node) &&
				receives(m, readers[i].node, readers[i].slot))
				marks->receivers[at++] = readers[i].node;
	}
	marks->first_receiver[g->tensor_count] = at;
	marks->first_receiver[g->tensor_count + 1] = at;
}

bool view_make_marks(struct qdq_view *view, const struct marks *rules, struct error *err)
{
	struct marking m = {view, rules, NULL, err};

	m.marks = view->marks = marks_new(view->graph, (uint32_t)view->qdq->groups.count,
		view->qdq->kinds[QDQ_BIAS], err);
	if (!m.marks || !add_groups(&m))
		return false;
	for (node_id n = 0; n < view->graph->main_nodes; n++)
		if (view_is_quantized(view, n))
			m.marks->node_flags[n] |= NODE_SELECTED;
	list_receivers(&m);
	return true;
}
