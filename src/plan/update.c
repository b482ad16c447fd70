/* An outcome brought up to date: what the changed choices reach (the scope) is taken out
 * of it, the same rules run over that part, and what they give goes where a run over all
 * choices would put it.
 *
 * What lies outside the scope stands as it does because of choices that did not change:
 * a request of a node follows from the choices on it and its tensors, a request on a
 * tensor from those of its nodes, an entry from the request on its tensor, the state of
 * a tensor from its entry and its provider's, of a node from its tensors. */
#include "plan/cache.h"

#include "base/ids.h"

#include <stdlib.h>

struct update {
	struct outcome *o;
	struct outcome_details *d;
	struct plan *plan;
	struct scope *scope;
	struct changes *changes;
	struct before *before;    /* of the scope's tensors at first */
	size_t tensors;           /* how many those were */
	struct tensor_list moved; /* see scope_find */
	uint32_t first_seed;
	struct id_list ARRAY_OF(uint32_t) lists; /* scratch: positions of entries */
	struct request_refs constants;           /* in the scope */
	uint32_t first_list, last_list;          /* entries that may have moved */
	size_t kept_problems;
};

/* Loaded entries ask nobody as long as there is no seed. */
bool outcome_can_update(
	const struct outcome *o, const struct plan *plan, const struct base *base)
{
	const struct outcome_details *d = o->details;

	return atomic_load(&d->references) == 1 && !d->broken && d->base == base &&
	       d->given == plan->given_value && !plan->options->ort_compatible &&
	       !plan->close_given && !d->close_given &&
	       (!plan->given->count || (plan->seeds.count && d->seeds.count)) &&
	       outcome_bytes(o) < 4 * d->bytes + (1 << 20);
}

size_t outcome_bytes(const struct outcome *o)
{
	return o->entries.arena.used + o->problems.arena.used + o->details->readers.used;
}

/* Positions of the lists on the scope's tensors, ascending. */
static bool find_lists(struct update *u)
{
	u->lists.count = 0;
	for (size_t i = 0; i < u->scope->tensors.count; i++) {
		uint32_t at = u->o->entries.index
				      ? u->o->entries.index[u->scope->tensors.items[i]]
				      : 0;

		if (at && !ARRAY_PUSH(&u->lists, at - 1))
			return false;
	}
	if (u->lists.count)
		ids_sort(u->lists.items, u->lists.count);
	return true;
}

/* ---- taking out */

static bool keep_before(struct update *u)
{
	u->tensors = u->scope->tensors.count;
	u->before = malloc((u->tensors + 1) * sizeof(*u->before));
	for (size_t i = 0; u->before && i < u->tensors; i++)
		u->before[i] = outcome_before(u->o, u->scope->tensors.items[i]);
	return u->before;
}

static void take_out_requests(struct update *u)
{
	struct outcome_details *d = u->d;

	for (size_t i = 0; i < u->scope->nodes.count; i++) {
		struct node_state *state = &d->nodes[u->scope->nodes.items[i]];

		state->flags &= (uint16_t)~STATE_SEED;
		if (state->why != GRAPH_NONE)
			asked_drop_node(&d->asked, &state->why);
	}
	for (size_t i = 0; i < u->tensors; i++) {
		uint32_t why = d->tensors[u->scope->tensors.items[i]].why;

		if (why != GRAPH_NONE)
			asked_strip(&d->asked, why, u->scope->has_node);
	}
}

static void reset_tensors(struct update *u)
{
	for (size_t i = 0; i < u->tensors; i++) {
		tensor_id tensor = u->scope->tensors.items[i];
		uint32_t why = u->d->tensors[tensor].why;

		outcome_weigh(u->o, tensor, -1);
		u->d->tensors[tensor] = u->d->base->tensors[tensor];
		u->d->tensors[tensor].why = why;
	}
}

static void cut_lists(struct update *u)
{
	struct overrides *entries = &u->o->entries;
	size_t count = entries->count;

	u->first_list = u->lists.count ? u->lists.items[0] : entries->count;
	u->last_list = u->lists.count ? u->lists.items[u->lists.count - 1] : 0;
	for (size_t i = 0; i < u->lists.count; i++)
		entries->index[entries->lists[u->lists.items[i]].tensor] = 0;
	order_cut(entries->lists, &count, sizeof(*entries->lists), u->lists.items,
		u->lists.count);
	entries->count = (uint32_t)count;
}

/* The boundaries go while lists still stand where they did. */
static bool take_out(struct update *u)
{
	if (u->d->front && !scope_add_tensor(u->scope, u->o->entries.lists[0].tensor))
		return false;
	problems_drop(u->o, u->scope);
	u->kept_problems = u->o->problems.count;
	if (!keep_before(u) || !find_lists(u))
		return false;
	outcome_drop_boundaries(u->o, u->lists.items, u->lists.count);
	overrides_put_back(&u->o->entries, u->d->front);
	if (!find_lists(u))
		return false;
	take_out_requests(u);
	reset_tensors(u);
	cut_lists(u);
	return true;
}

/* ---- choices */

static void move_seeds(struct update *u)
{
	bool same = true;

	for (size_t i = 0; i < u->moved.count && same; i++)
		same = u->moved.items[i] == u->first_seed + i;
	if (same)
		return;
	asked_move_seeds(&u->d->asked, u->moved.items, u->first_seed);
	for (size_t i = 0; i < u->d->marks.count; i++)
		asked_move_cause(
			&u->d->marks.items[i].cause, u->moved.items, u->first_seed);
}

/* ---- putting in */

/* Loaded entries stand first, then those of tensor seeds, then those of requests. */
static struct asked_order order_of(const struct update *u, tensor_id tensor)
{
	const struct asked *asked = &u->d->asked;
	uint32_t seed = u->d->seed_on[tensor];
	struct asked_order order;

	if (plan_given(u->plan, tensor))
		return (struct asked_order){0, 0, u->plan->given->index[tensor]};
	if (seed)
		return (struct asked_order){0, 1, seed};
	order = asked_order_of(asked, &asked->requests.items[u->d->tensors[tensor].why]);
	order.event++;
	return order;
}

/* How many of the first `kept` lists stand before one. */
static uint32_t place_of(
	const struct update *u, uint32_t low, uint32_t kept, tensor_id tensor)
{
	struct asked_order order = order_of(u, tensor);

	while (low < kept) {
		uint32_t middle = low + (kept - low) / 2;
		struct asked_order here = order_of(u, u->o->entries.lists[middle].tensor);

		if (asked_compare(&here, &order) < 0)
			low = middle + 1;
		else
			kept = middle;
	}
	return low;
}

/* The new lists, which stand behind the kept ones in their order, go between them; those
 * of parameter edits alone stay last. */
static bool place_lists(struct update *u, uint32_t kept, uint32_t edited)
{
	struct overrides *entries = &u->o->entries;
	uint32_t count = entries->count - kept, low = 0;
	uint32_t *places = malloc((count + (size_t)1) * sizeof(*places));
	void *spare = malloc((count + (size_t)1) * sizeof(*entries->lists));
	bool ok = places && spare;

	for (uint32_t i = 0; ok && i < count; i++)
		places[i] = low =
			kept + i < edited
				? place_of(u, low, kept, entries->lists[kept + i].tensor)
				: kept;
	if (ok && count) {
		order_put(entries->lists, entries->count, sizeof(*entries->lists), kept,
			places, spare);
		if (places[0] < u->first_list)
			u->first_list = places[0];
		if (places[count - 1] + count > u->last_list)
			u->last_list = places[count - 1] + count;
	}
	free(places);
	free(spare);
	return ok;
}

static void number_lists(struct update *u, uint32_t old_count)
{
	struct overrides *entries = &u->o->entries;
	uint32_t end = entries->count == old_count && u->last_list < old_count
			       ? u->last_list + 1
			       : entries->count;

	for (uint32_t i = u->first_list; i < end; i++)
		entries->index[entries->lists[i].tensor] = i + 1;
}

/* Runs the closure over the scope; the entries then stand in their order. */
static bool put_in(struct update *u, uint32_t old_count)
{
	uint32_t kept = u->o->entries.count, edited;

	if (!outcome_close(u->o, u->plan, u->scope, &edited) ||
		!place_lists(u, kept, edited))
		return false;
	number_lists(u, old_count);
	u->d->front = overrides_put_wide_first(&u->o->entries);
	return outcome_touch(u->o, u->scope, u->before, u->changes);
}

/* The list that was put first has another place now. */
static bool widen_by_front(struct update *u)
{
	tensor_id tensor;

	if (!u->d->front)
		return true;
	tensor = u->o->entries.lists[0].tensor;
	if (u->scope->has_tensor[tensor])
		return true;
	outcome_drop_boundary(u->o, tensor);
	return scope_add_tensor(u->scope, tensor);
}

/* What is said about constants depends on all nodes that read them. */
static bool widen_by_constants(struct update *u)
{
	const struct graph *g = u->o->graph;
	bool ok = true;

	for (size_t i = 0; ok && i < u->scope->nodes.count; i++) {
		node_id node = u->scope->nodes.items[i];

		for (uint32_t k = 0; ok && k < g->nodes[node].input_count; k++) {
			tensor_id in = graph_input_of(g, node, k);

			if (in != GRAPH_NONE &&
				(u->o->tensors[in].flags & STATE_CONSTANT))
				ok = scope_add_tensor(u->scope, in);
		}
	}
	return ok;
}

static bool find_constants(struct update *u)
{
	const struct asked *asked = &u->d->asked;
	bool ok = true;

	for (size_t i = 0; ok && i < u->scope->tensors.count; i++) {
		uint32_t why = u->o->tensors[u->scope->tensors.items[i]].why;

		if (why != GRAPH_NONE && asked->requests.items[why].constant)
			ok = asked_list(asked, &u->constants, why);
	}
	asked_sort(&u->constants);
	return ok;
}

/* All that follows from entries and states. */
static bool follow(struct update *u)
{
	if (!widen_by_front(u) || !widen_by_constants(u) || !find_lists(u) ||
		!find_constants(u) ||
		!outcome_add_boundaries(u->o, u->lists.items, u->lists.count) ||
		!outcome_find_regions(u->o))
		return false;
	problems_drop_found(u->o, u->scope, &u->kept_problems);
	return outcome_find_problems(
		       u->o, u->plan, u->lists.items, u->lists.count, &u->constants) &&
	       problems_finish(u->o, u->plan, u->kept_problems);
}

static bool update(struct update *u)
{
	uint32_t lists = u->o->entries.count;
	bool ok = ARRAY_ROOM(&u->lists, 1) && take_out(u);

	if (ok) {
		move_seeds(u);
		ok = outcome_copy_choices(u->d, u->plan, u->first_seed) &&
		     put_in(u, lists) && follow(u);
	}
	if (ok)
		u->o->generation = u->plan->generation;
	u->d->broken = !ok;
	return ok;
}

bool outcome_update(struct outcome *o, struct plan *plan, struct plan_cache *cache)
{
	struct update u = {.o = o,
		.d = o->details,
		.plan = plan,
		.scope = &cache->scope,
		.changes = &cache->changes};
	bool far;
	bool ok = scope_find(u.scope, plan, o, &u.moved, &u.first_seed, &far) && !far &&
		  update(&u);

	if (u.scope->has_tensor && u.scope->has_node)
		scope_clear(u.scope);
	ARRAY_RELEASE(&u.moved);
	ARRAY_RELEASE(&u.lists);
	ARRAY_RELEASE(&u.constants);
	free(u.before);
	return ok;
}
