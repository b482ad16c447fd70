/* From entries to the state of tensors and nodes: only what entries reach is visited. */
#include "plan/cache.h"
#include "plan/entry.h"

#include "base/ids.h"

struct touch {
	struct outcome *o;
	struct outcome_details *d;
	struct scope *scope;
	const struct before *before; /* in the order of the scope's tensors, or NULL */
	struct changes *changes;
	struct tensor_list work; /* tensors to look at, last in first out */
	bool left;               /* a member is none any more */
	bool lost;
};

enum qtype outcome_receives(const struct outcome *o, tensor_id tensor, node_id node)
{
	const struct tensor_state *state = &o->tensors[tensor];

	const struct entry *entry = state->converted != QTYPE_NONE
					    ? overrides_entry(&o->entries, tensor)
					    : NULL;

	if (entry && entry_converts_for(entry, o->graph, node))
		return (enum qtype)state->converted;
	return (enum qtype)state->stored;
}

static void look_at(struct touch *t, tensor_id tensor)
{
	if (!ARRAY_PUSH(&t->work, tensor))
		t->lost = true;
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

static void set_tensor(struct touch *t, tensor_id tensor)
{
	struct tensor_state *state = &t->d->tensors[tensor], before = *state;
	const struct entry *entry = overrides_entry(&t->o->entries, tensor);

	if (state->flags & STATE_CONSTANT)
		set_constant(t, state, entry);
	else
		set_activation(t, state, entry);
	if (state->stored != before.stored || state->converted != before.converted)
		t->lost |= !outcome_list_sharers(t->o, tensor, &t->work);
}

static uint8_t seen_by(const struct touch *t, node_id node)
{
	const struct graph *g = t->o->graph;
	const struct graph_node *n = &g->nodes[node];
	const struct node_state *state = &t->o->nodes[node];

	if (!(state->flags & STATE_SELECTED))
		return QTYPE_NONE;
	if (state->why != GRAPH_NONE)
		return (uint8_t)t->d->asked.nodes.items[state->why].info.type;
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

static bool reads_converted(const struct touch *t, node_id node)
{
	const struct graph *g = t->o->graph;

	for (uint32_t i = 0; i < g->nodes[node].input_count; i++) {
		tensor_id in = graph_input_of(g, node, i);

		if (in != GRAPH_NONE && t->o->tensors[in].converted != QTYPE_NONE &&
			(t->o->tensors[in].flags & STATE_QUANTIZED) &&
			entry_converts_for(overrides_entry(&t->o->entries, in), g, node))
			return true;
	}
	return false;
}

static void see(struct touch *t, node_id node, uint8_t seen)
{
	struct node_state *state = &t->d->nodes[node];
	bool was = outcome_is_member(t->o, node);

	if (t->changes)
		t->lost |= !changes_note_node(t->changes, node, state->seen);
	t->o->cost.wide_nodes -= state->seen && qtypes[state->seen].bits == 16;
	t->o->cost.wide_nodes += seen && qtypes[seen].bits == 16;
	state->seen = seen;
	if (was && !outcome_is_member(t->o, node)) {
		state->region = GRAPH_NONE;
		t->left = true;
	} else if (!was && outcome_is_member(t->o, node)) {
		t->lost |= !ARRAY_PUSH(&t->d->members, node);
	}
}

static void set_node(struct touch *t, node_id node)
{
	struct node_state *state = &t->d->nodes[node];
	uint8_t seen = seen_by(t, node);

	state->flags &= (uint16_t) ~(STATE_CONVERTS | STATE_IMPLIED);
	if ((state->flags & STATE_SELECTED) && reads_converted(t, node))
		state->flags |= STATE_CONVERTS;
	if (seen != state->seen)
		see(t, node, seen);
	if (seen != t->d->base->nodes[node].seen && !(state->flags & STATE_SEED))
		state->flags |= STATE_IMPLIED;
}

void outcome_weigh(struct outcome *o, tensor_id tensor, int sign)
{
	const struct tensor_state *old = &o->details->base->tensors[tensor];
	const struct tensor_state *new = &o->tensors[tensor];
	const struct graph *g = o->graph;
	uint64_t factor = sign > 0 ? 1 : UINT64_MAX; /* minus one */

	if (!(new->flags &STATE_CONSTANT) || old->stored == new->stored)
		return;
	if (!(old->flags & STATE_BIAS))
		o->cost.weight_bytes[old->stored] -=
			factor * base_tensor_bytes(g, tensor,
					 old->stored ? (unsigned)qtypes[old->stored].bits
						     : base_float_bits(g, tensor));
	o->cost.weight_bytes[new->stored] +=
		factor * base_tensor_bytes(g, tensor,
				 new->stored ? (unsigned)qtypes[new->stored].bits
					     : base_float_bits(g, tensor));
}

static void mark_seeds(struct touch *t)
{
	for (size_t i = 0; i < t->d->seeds.count; i++) {
		const struct seed *seed = &t->d->seeds.items[i];

		if (seed->kind != SEED_NODE) {
			if (t->scope->has_tensor[seed->tensor])
				t->d->tensors[seed->tensor].flags |= STATE_SEED;
		} else if (t->scope->has_node[seed->node]) {
			t->d->nodes[seed->node].flags |= STATE_SEED;
		}
	}
	for (size_t i = 0; i < t->d->params.count; i++)
		t->d->tensors[t->d->params.items[i].tensor].flags |= STATE_EDITED;
}

/* Once all tensors are set: what follows from one. */
static void finish_tensor(struct touch *t, size_t at)
{
	tensor_id tensor = t->scope->tensors.items[at];
	struct tensor_state *state = &t->d->tensors[tensor];
	const struct tensor_state *base = &t->d->base->tensors[tensor];
	const struct before none = {.state = *base};
	const struct before *before = t->before ? &t->before[at] : &none;

	if (state->converted && (state->flags & STATE_QUANTIZED))
		state->flags |= STATE_BOUNDARY;
	if ((state->stored != base->stored || state->converted) &&
		!(state->flags & (STATE_SEED | STATE_GIVEN)))
		state->flags |= STATE_IMPLIED;
	outcome_weigh(t->o, tensor, 1);
	if (!outcome_tensor_differs(t->o, tensor, before))
		return;
	t->lost |= !scope_add_around(t->scope, t->o->graph, tensor);
	if (t->changes)
		t->lost |= !changes_note_tensor(t->changes, tensor, before);
}

/* Members in order again: those that are none leave, new ones stand last. */
static void sort_members(struct touch *t, size_t old_count)
{
	struct node_list *members = &t->d->members;
	size_t kept = 0, now = members->count;

	if (!t->left && now == old_count)
		return;
	for (size_t i = 0; i < now; i++)
		if (outcome_is_member(t->o, members->items[i]))
			members->items[kept++] = members->items[i];
	members->count = kept;
	ids_sort(members->items, kept);
}

bool outcome_touch(struct outcome *o, struct scope *scope, const struct before *before,
	struct changes *changes)
{
	struct touch t = {.o = o,
		.d = o->details,
		.scope = scope,
		.before = before,
		.changes = changes};
	size_t members = t.d->members.count;

	for (size_t i = scope->tensors.count; i > 0; i--)
		look_at(&t, scope->tensors.items[i - 1]);
	while (t.work.count && !t.lost)
		set_tensor(&t, t.work.items[--t.work.count]);
	mark_seeds(&t);
	for (size_t i = 0; i < scope->tensors.count && !t.lost; i++)
		finish_tensor(&t, i);
	for (size_t i = 0; i < scope->nodes.count && !t.lost; i++)
		set_node(&t, scope->nodes.items[i]);
	sort_members(&t, members);
	ARRAY_RELEASE(&t.work);
	return !t.lost;
}
