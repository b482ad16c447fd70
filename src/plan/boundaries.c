/* The conversions that the entries make, and what they cost. */
#include "plan/cache.h"
#include "plan/entry.h"

#include <stdlib.h>

enum qtype outcome_seen(const struct outcome *outcome, tensor_id tensor, node_id node)
{
	return outcome_receives(outcome, tensor, node);
}

const struct boundary *outcome_boundary(const struct outcome *outcome, tensor_id tensor)
{
	uint32_t list = outcome->tensors[tensor].list;
	uint32_t at = list != GRAPH_NONE ? outcome->details->boundary_of[list] : 0;

	return at ? &outcome->boundaries[at - 1] : NULL;
}

/* True if a reader is wired to the converted side: quantized, or named outright. */
static bool is_converted(const struct outcome *o, const struct entry *entry, node_id node)
{
	return entry_converts_for(entry, o->graph, node) &&
	       ((o->nodes[node].flags & STATE_SELECTED) ||
		       (entry->convert.has & ENTRY_RECEIVERS));
}

static bool split_readers(struct outcome *o, struct outcome_details *d,
	const struct entry *entry, struct boundary *b)
{
	const struct graph_tensor *t = &o->graph->tensors[b->tensor];
	node_id *both = arena_alloc(&d->arena, t->reader_count * sizeof(node_id) + 1);
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

static bool set_boundary(struct outcome *o, struct outcome_details *d,
	const struct entry_list *list, struct boundary *b)
{
	const struct tensor_state *state = &o->tensors[list->tensor];

	*b = (struct boundary){.tensor = list->tensor,
		.from = (enum qtype)state->stored,
		.to = (enum qtype)state->converted,
		.region = GRAPH_NONE};
	b->bytes =
		base_tensor_bytes(o->graph, b->tensor, (unsigned)qtypes[b->from].bits) +
		base_tensor_bytes(o->graph, b->tensor, (unsigned)qtypes[b->to].bits);
	o->cost.conversions++;
	o->cost.conversion_bytes += b->bytes;
	o->cost.unknown_shapes += b->bytes == 0;
	return split_readers(o, d, &list->entries[0], b);
}

bool outcome_find_boundaries(struct outcome *o, struct outcome_details *d)
{
	struct boundary *found;
	uint32_t count = 0;

	d->boundary_of = calloc(o->entries.count + (size_t)1, sizeof(uint32_t));
	for (uint32_t i = 0; i < o->entries.count; i++)
		count +=
			!!(o->tensors[o->entries.lists[i].tensor].flags & STATE_BOUNDARY);
	found = arena_zalloc(&d->arena, count + (size_t)1, sizeof(*found));
	if (!d->boundary_of || !found)
		return false;
	o->boundaries = found;
	for (uint32_t i = 0; i < o->entries.count; i++) {
		const struct entry_list *list = &o->entries.lists[i];

		if (!(o->tensors[list->tensor].flags & STATE_BOUNDARY))
			continue;
		if (!set_boundary(o, d, list, &found[o->boundary_count]))
			return false;
		d->boundary_of[i] = ++o->boundary_count;
	}
	return true;
}
