/* The conversions that the entries make, and what they cost. */
#include "plan/cache.h"
#include "plan/entry.h"

#include <stdlib.h>

enum qtype outcome_seen(const struct outcome *outcome, tensor_id tensor, node_id node)
{
	return outcome_receives(outcome, tensor, node);
}

/* Where the boundary on a list of the entries stands, or would. */
static size_t place_of(const struct outcome *o, uint32_t list)
{
	size_t low = 0, high = o->boundary_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (o->entries.index[o->boundaries[middle].tensor] <= list)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct boundary *outcome_boundary(const struct outcome *outcome, tensor_id tensor)
{
	if (!(outcome->tensors[tensor].flags & STATE_BOUNDARY))
		return NULL;
	return &outcome->boundaries[place_of(
		outcome, outcome->entries.index[tensor] - 1)];
}

/* True if a reader is wired to the converted side: quantized, or named outright. */
static bool is_converted(const struct outcome *o, const struct entry *entry, node_id node)
{
	return entry_converts_for(entry, o->graph, node) &&
	       ((o->nodes[node].flags & STATE_SELECTED) ||
		       (entry->convert.has & ENTRY_RECEIVERS));
}

static bool split_readers(
	struct outcome *o, const struct entry *entry, struct boundary *b)
{
	const struct graph_tensor *t = &o->graph->tensors[b->tensor];
	node_id *both =
		arena_alloc(&o->details->readers, t->reader_count * sizeof(node_id) + 1);
	uint32_t readers = 0, from_end = t->reader_count;
	node_id last = GRAPH_NONE;

	if (!both)
		return false;
	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = o->graph->readers[t->first_reader + i].node;

		if (node == last || !graph_is_main(o->graph, node))
			continue;
		last = node;
		if (is_converted(o, entry, node))
			both[readers++] = node;
		else if (o->nodes[node].flags & STATE_SELECTED)
			both[--from_end] = node;
	}
	b->readers = both;
	b->reader_count = readers;
	b->stays = both + from_end;
	b->stay_count = t->reader_count - from_end;
	for (uint32_t i = 0; i < b->stay_count / 2; i++) {
		node_id *a = &both[from_end + i], *z = &both[t->reader_count - 1 - i];
		node_id kept = *a;

		*a = *z;
		*z = kept;
	}
	return true;
}

/* What a boundary adds to (sign 1) or takes from the cost. */
static void count_boundary(struct outcome *o, const struct boundary *b, int sign)
{
	o->cost.conversions += (uint32_t)sign;
	o->cost.conversion_bytes += sign > 0 ? b->bytes : -b->bytes;
	o->cost.unknown_shapes += b->bytes ? 0 : (uint32_t)sign;
}

static bool set_boundary(
	struct outcome *o, const struct entry_list *list, struct boundary *b)
{
	const struct tensor_state *state = &o->tensors[list->tensor];
	uint64_t elements = graph_tensor_elements(o->graph, list->tensor);

	*b = (struct boundary){.tensor = list->tensor,
		.from = (enum qtype)state->stored,
		.to = (enum qtype)state->converted,
		.region = GRAPH_NONE};
	b->bytes = base_bytes(elements, (unsigned)qtypes[b->from].bits) +
		   base_bytes(elements, (unsigned)qtypes[b->to].bits);
	count_boundary(o, b, 1);
	return split_readers(o, &list->entries[0], b);
}

static bool push_boundary(struct outcome *o, uint32_t list)
{
	struct outcome_details *d = o->details;
	const struct entry_list *entries = &o->entries.lists[list];

	if (!(o->tensors[entries->tensor].flags & STATE_BOUNDARY))
		return true;
	return ARRAY_ROOM(&d->boundaries, 1) &&
	       set_boundary(o, entries, &d->boundaries.items[d->boundaries.count++]);
}

static void show_boundaries(struct outcome *o)
{
	o->boundaries = o->details->boundaries.items;
	o->boundary_count = (uint32_t)o->details->boundaries.count;
}

/* Brings the new ones, which stand last, to their places. */
static bool place_new(struct outcome *o, size_t kept)
{
	struct outcome_details *d = o->details;
	size_t count = d->boundaries.count - kept;
	uint32_t *places = malloc((count + 1) * sizeof(*places));
	void *spare = malloc((count + 1) * sizeof(*d->boundaries.items));
	bool ok = places && spare;

	o->boundaries = d->boundaries.items;
	o->boundary_count = (uint32_t)kept;
	for (size_t i = 0; ok && i < count; i++)
		places[i] = (uint32_t)place_of(
			o, o->entries.index[d->boundaries.items[kept + i].tensor] - 1);
	if (ok)
		order_put(d->boundaries.items, d->boundaries.count,
			sizeof(*d->boundaries.items), kept, places, spare);
	free(places);
	free(spare);
	return ok;
}

bool outcome_add_boundaries(struct outcome *o, const uint32_t *lists, size_t count)
{
	size_t kept = o->details->boundaries.count;
	bool ok = true;

	for (uint32_t i = 0; ok && i < (lists ? count : o->entries.count); i++)
		ok = push_boundary(o, lists ? lists[i] : i);
	ok = ok && (!lists || place_new(o, kept));
	show_boundaries(o);
	return ok;
}

void outcome_drop_boundaries(struct outcome *o, uint32_t *lists, size_t count)
{
	struct outcome_details *d = o->details;
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		tensor_id tensor = o->entries.lists[lists[i]].tensor;
		const struct boundary *b = outcome_boundary(o, tensor);

		if (!b)
			continue;
		count_boundary(o, b, -1);
		lists[found++] = (uint32_t)(b - o->boundaries);
	}
	order_cut(d->boundaries.items, &d->boundaries.count, sizeof(*d->boundaries.items),
		lists, found);
	show_boundaries(o);
}

void outcome_drop_boundary(struct outcome *o, tensor_id tensor)
{
	struct outcome_details *d = o->details;
	uint32_t at = 0;

	while (at < d->boundaries.count && d->boundaries.items[at].tensor != tensor)
		at++;
	if (at == d->boundaries.count)
		return;
	count_boundary(o, &d->boundaries.items[at], -1);
	order_cut(d->boundaries.items, &d->boundaries.count, sizeof(*d->boundaries.items),
		&at, 1);
	show_boundaries(o);
}
