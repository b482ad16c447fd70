/* Receiver sets: names of nodes that see a tensor's converted side. */
#include "plan/entry.h"

#include <stdlib.h>
#include <string.h>

bool entry_has_receiver(const struct entry *entry, name_id name)
{
	for (uint32_t i = 0; i < entry->receiver_count; i++)
		if (entry->receivers[i] == name)
			return true;
	return false;
}

bool entry_converts_for(
	const struct entry *entry, const struct graph *graph, node_id node)
{
	if (!(entry->own.has & ENTRY_CONVERT))
		return false;
	return !(entry->convert.has & ENTRY_RECEIVERS) ||
	       entry_has_receiver(entry, graph->nodes[node].name);
}

bool entry_set_receivers(struct overrides *overrides, struct entry *entry,
	const name_id *names, uint32_t count)
{
	name_id *copy = arena_alloc(&overrides->arena, (size_t)count * sizeof(name_id));

	if (!copy)
		return false;
	if (count)
		memcpy(copy, names, (size_t)count * sizeof(name_id));
	entry->receivers = copy;
	entry->receiver_count = count;
	entry->convert.has |= ENTRY_RECEIVERS;
	return true;
}

/* A set of names: scanned while it is small, a bit for each name beyond that. */
struct name_set {
	const struct graph *graph;
	name_id *names; /* in order of addition */
	uint32_t count;
	uint64_t *bits; /* NULL while small */
};

enum { SCANNED = 24 };

static bool set_has(const struct name_set *set, name_id name)
{
	if (set->bits)
		return set->bits[name / 64] >> (name % 64) & 1;
	for (uint32_t i = 0; i < set->count; i++)
		if (set->names[i] == name)
			return true;
	return false;
}

static bool set_add(struct name_set *set, name_id name)
{
	if (set_has(set, name))
		return true;
	if (set->count == SCANNED && !set->bits) {
		set->bits = calloc(set->graph->names.count / 64 + 1, sizeof(uint64_t));
		if (!set->bits)
			return false;
		for (uint32_t i = 0; i < set->count; i++)
			set->bits[set->names[i] / 64] |= UINT64_C(1)
							 << (set->names[i] % 64);
	}
	if (set->bits)
		set->bits[name / 64] |= UINT64_C(1) << (name % 64);
	set->names[set->count++] = name;
	return true;
}

static void set_release(struct name_set *set)
{
	free(set->names);
	free(set->bits);
}

/* Moves the names of `from` that readers of the tensor have into `to`, then the rest. */
static bool order_by_file(const struct graph *graph, tensor_id tensor,
	struct name_set *to, const struct name_set *from)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	for (uint32_t i = 0; i < count && to->count < from->count; i++) {
		name_id name = graph->nodes[readers[i].node].name;

		if (graph_is_main(graph, readers[i].node) && set_has(from, name) &&
			!set_add(to, name))
			return false;
	}
	for (uint32_t i = 0; i < from->count && to->count < from->count; i++)
		if (!set_add(to, from->names[i]))
			return false;
	return true;
}

bool entry_add_receivers(struct overrides *overrides, const struct graph *graph,
	struct entry_list *list, const name_id *names, uint32_t count)
{
	struct entry *entry = &list->entries[0];
	size_t room = (size_t)entry->receiver_count + count + 1;
	struct name_set all = {graph, calloc(room, sizeof(name_id)), 0, NULL};
	struct name_set sorted = {graph, calloc(room, sizeof(name_id)), 0, NULL};
	bool ok = all.names && sorted.names;

	for (uint32_t i = 0; ok && i < entry->receiver_count; i++)
		ok = set_add(&all, entry->receivers[i]);
	for (uint32_t i = 0; ok && i < count; i++)
		ok = set_add(&all, names[i]);
	ok = ok && order_by_file(graph, list->tensor, &sorted, &all) &&
	     entry_set_receivers(overrides, entry, sorted.names, sorted.count);
	set_release(&all);
	set_release(&sorted);
	return ok;
}
