/* From entries to the state of tensors and nodes: only what entries reach is visited. */
#include "plan/cache.h"
#include "plan/entry.h"

struct touch {
	struct outcome *o;
	struct outcome_details *d;
	struct tensor_list work; /* tensors to look at, last in first out */
	bool lost;
};

enum qtype outcome_receives(const struct outcome *o, tensor_id tensor, node_id node)
{
	const struct tensor_state *state = &o->tensors[tensor];

	if (state->converted != QTYPE_NONE && state->list != GRAPH_NONE &&
		entry_converts_for(
			&o->entries.lists[state->list].entries[0], o->graph, node))
		return (enum qtype)state->converted;
	return (enum qtype)state->stored;
}

static void touch_tensor(struct touch *t, tensor_id tensor)
{
	struct tensor_state *state = &t->d->tensors[tensor];

	if (state->flags & STATE_TOUCHED)
		return;
	state->flags |= STATE_TOUCHED;
	if (!ARRAY_PUSH(&t->d->touched_tensors, tensor))
		t->lost = true;
}

static void touch_node(struct touch *t, node_id node)
{
	struct node_state *state = &t->d->nodes[node];

	if (state->flags & STATE_TOUCHED)
		return;
	state->flags |= STATE_TOUCHED;
	if (!ARRAY_PUSH(&t->d->touched_nodes, node))
		t->lost = true;
}

static void look_at(struct touch *t, tensor_id tensor)
{
	if (!ARRAY_PUSH(&t->work, tensor))
		t->lost = true;
}

static const struct entry *entry_on(const struct touch *t, tensor_id tensor)
{
	uint32_t at = t->o->tensors[tensor].list;
	const struct entry_list *list =
		at != GRAPH_NONE ? &t->o->entries.lists[at] : NULL;

	return list && list->count ? &list->entries[0] : NULL;
}

static void set_constant(
	struct touch *t, struct tensor_state *state, const struct entry *entry)
{
	if ((state->flags & STATE_BIAS) && entry) {
		/* a bias with overrides is quantized as a weight (5.1) */
		state->flags &= (uint16_t)~STATE_BIAS;
		state->flags |= STATE_WEIGHT | STATE_QUANTIZED;
		state->stored = (uint8_t)t->d->options->options.weight_type;
	}
	if (state->stored != QTYPE_NONE && entry && (entry->own.has & ENTRY_TYPE))
		state->stored = (uint8_t)entry->own.type;
}

static void set_activation(
	struct touch *t, struct tensor_state *state, const struct entry *entry)
{
	const struct mark *mark;

	if (!(state->flags & STATE_QUANTIZED))
		return;
	if (state->provider != GRAPH_NONE &&
		state->provider < t->o->graph->tensor_count) {
		mark = marks_find(t->d->base->marks, (tensor_id)(state - t->d->tensors));
		state->stored = (uint8_t)outcome_receives(
			t->o, state->provider, mark->provider_node);
	} else if (entry && (entry->own.has & ENTRY_TYPE)) {
		state->stored = (uint8_t)entry->own.type;
	}
	if (entry && (entry->own.has & ENTRY_CONVERT))
		state->converted = (uint8_t)entry->convert.type;
}

/* Tensors that share this one's parameters are looked at next. */
static void look_at_sharers(struct touch *t, tensor_id tensor)
{
	const struct graph *g = t->o->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct graph_node *n = &g->nodes[readers[i].node];

		for (uint32_t k = 0; k < n->output_count; k++) {
			tensor_id out = graph_output_of(g, readers[i].node, k);

			if (out != GRAPH_NONE && t->o->tensors[out].provider == tensor)
				look_at(t, out);
		}
	}
}

static void set_tensor(struct touch *t, tensor_id tensor)
{
	struct tensor_state *state = &t->d->tensors[tensor], before = *state;
	const struct entry *entry = entry_on(t, tensor);

	if (state->flags & STATE_CONSTANT)
		set_constant(t, state, entry);
	else
		set_activation(t, state, entry);
	touch_tensor(t, tensor);
	if (state->stored != before.stored || state->converted != before.converted)
		look_at_sharers(t, tensor);
}

static uint8_t seen_by(const struct touch *t, node_id node)
{
	const struct graph *g = t->o->graph;
	const struct graph_node *n = &g->nodes[node];
	const struct node_state *state = &t->o->nodes[node];

	if (!(state->flags & STATE_SELECTED))
		return QTYPE_NONE;
	if (state->why != GRAPH_NONE)
		return (uint8_t)t->d->node_requests.items[state->why].info.type;
	for (uint32_t i = 0; i < n->output_count; i++) {
		tensor_id out = graph_output_of(g, node, i);

		if (out != GRAPH_NONE && (t->o->tensors[out].flags & STATE_QUANTIZED))
			return t->o->tensors[out].stored;
	}
	for (uint32_t i = 0; i < n->input_count; i++) {
		tensor_id in = graph_input_of(g, node, i);

		if (in != GRAPH_NONE && (t->o->tensors[in].flags & STATE_QUANTIZED) &&
			!(t->o->tensors[in].flags & STATE_CONSTANT))
			return (uint8_t)outcome_receives(t->o, in, node);
	}
	return QTYPE_NONE;
}

static bool reads_converted(const struct touch *t, tensor_id tensor, node_id node)
{
	const struct tensor_state *state = &t->o->tensors[tensor];

	return state->converted != QTYPE_NONE && (state->flags & STATE_QUANTIZED) &&
	       entry_converts_for(entry_on(t, tensor), t->o->graph, node);
}

static void set_node(struct touch *t, node_id node, tensor_id read)
{
	struct node_state *state = &t->d->nodes[node];
	uint8_t seen;

	if (read != GRAPH_NONE && (state->flags & STATE_SELECTED) &&
		reads_converted(t, read, node)) {
		state->flags |= STATE_CONVERTS;
		touch_node(t, node);
	}
	seen = seen_by(t, node);
	if (seen == state->seen)
		return;
	touch_node(t, node);
	if (state->seen)
		t->o->cost.wide_nodes -= qtypes[state->seen].bits == 16;
	if (seen)
		t->o->cost.wide_nodes += qtypes[seen].bits == 16;
	state->seen = seen;
}

static void set_nodes_around(struct touch *t, tensor_id tensor)
{
	const struct graph *g = t->o->graph;
	node_id producer = g->tensors[tensor].producer;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);

	if (producer != GRAPH_NONE)
		set_node(t, producer, GRAPH_NONE);
	for (uint32_t i = 0; i < count; i++)
		if (graph_is_main(g, readers[i].node))
			set_node(t, readers[i].node, tensor);
}

static void count_constant(struct touch *t, tensor_id tensor)
{
	const struct tensor_state *old = &t->d->base->tensors[tensor];
	const struct tensor_state *new = &t->o->tensors[tensor];
	const struct graph *g = t->o->graph;

	if (!(new->flags &STATE_CONSTANT) || old->stored == new->stored)
		return;
	if (!(old->flags & STATE_BIAS))
		t->o->cost.weight_bytes[old->stored] -= base_tensor_bytes(g, tensor,
			old->stored ? (unsigned)qtypes[old->stored].bits
				    : base_float_bits(g, tensor));
	t->o->cost.weight_bytes[new->stored] += base_tensor_bytes(g, tensor,
		new->stored ? (unsigned)qtypes[new->stored].bits
			    : base_float_bits(g, tensor));
}

static void mark_seeds(struct touch *t)
{
	for (size_t i = 0; i < t->d->seed_count; i++) {
		const struct seed *seed = &t->d->seeds[i];

		if (seed->tensor != GRAPH_NONE) {
			touch_tensor(t, seed->tensor);
			t->d->tensors[seed->tensor].flags |= STATE_SEED;
		}
		if (seed->kind == SEED_NODE) {
			touch_node(t, seed->node);
			t->d->nodes[seed->node].flags |= STATE_SEED;
		}
	}
	for (size_t i = 0; i < t->d->param_count; i++) {
		touch_tensor(t, t->d->params[i].tensor);
		t->d->tensors[t->d->params[i].tensor].flags |= STATE_EDITED;
	}
}

static void mark_implied(struct touch *t)
{
	for (size_t i = 0; i < t->d->touched_tensors.count; i++) {
		tensor_id tensor = t->d->touched_tensors.items[i];
		struct tensor_state *state = &t->d->tensors[tensor];
		const struct tensor_state *old = &t->d->base->tensors[tensor];

		if (state->converted && (state->flags & STATE_QUANTIZED))
			state->flags |= STATE_BOUNDARY;
		if ((state->stored != old->stored || state->converted) &&
			!(state->flags & (STATE_SEED | STATE_GIVEN)))
			state->flags |= STATE_IMPLIED;
	}
	for (size_t i = 0; i < t->d->touched_nodes.count; i++) {
		node_id node = t->d->touched_nodes.items[i];
		struct node_state *state = &t->d->nodes[node];

		if (state->seen != t->d->base->nodes[node].seen &&
			!(state->flags & STATE_SEED))
			state->flags |= STATE_IMPLIED;
	}
}

bool outcome_touch(struct outcome *o, struct outcome_details *d)
{
	struct touch t = {.o = o, .d = d};

	for (uint32_t i = o->entries.count; i > 0; i--) {
		tensor_id tensor = o->entries.lists[i - 1].tensor;

		d->tensors[tensor].list = i - 1;
		look_at(&t, tensor);
	}
	while (t.work.count && !t.lost)
		set_tensor(&t, t.work.items[--t.work.count]);
	mark_seeds(&t);
	for (size_t i = 0; i < d->touched_tensors.count && !t.lost; i++) {
		set_nodes_around(&t, d->touched_tensors.items[i]);
		count_constant(&t, d->touched_tensors.items[i]);
	}
	for (size_t i = 0; i < d->node_requests.count && !t.lost; i++)
		set_node(&t, d->node_requests.items[i].node, GRAPH_NONE);
	mark_implied(&t);
	ARRAY_RELEASE(&t.work);
	o->touched_tensors = d->touched_tensors.items;
	o->touched_nodes = d->touched_nodes.items;
	o->touched_tensor_count = (uint32_t)d->touched_tensors.count;
	o->touched_node_count = (uint32_t)d->touched_nodes.count;
	return !t.lost;
}
