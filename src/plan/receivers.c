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

void entry_rename_receiver(struct entry *entry, name_id from, name_id to)
{
	for (uint32_t i = 0; i < entry->receiver_count; i++)
		if (entry->receivers[i] == from)
			entry->receivers[i] = to;
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

/* A receiver and where the first node of its name stands. */
struct place {
	node_id node;
	name_id name;
};

static node_id first_node(const struct graph *graph, name_id name)
{
	node_id node = 0;

	if (names_length(&graph->names, name))
		return graph_find_node(graph, names_text(&graph->names, name),
			names_length(&graph->names, name));
	while (node < graph->main_nodes && graph->nodes[node].name != name)
		node++;
	return node;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

bool entry_add_receivers(struct overrides *overrides, const struct graph *graph,
	struct entry_list *list, const name_id *names, uint32_t count)
{
	struct entry *entry = &list->entries[0];
	uint32_t all = entry->receiver_count + count, kept = 0;
	struct place *places = calloc((size_t)all + 1, sizeof(*places));
	name_id *sorted = calloc((size_t)all + 1, sizeof(*sorted));
	bool ok = places && sorted;

	for (uint32_t i = 0; ok && i < all; i++) {
		places[i].name = i < entry->receiver_count
					 ? entry->receivers[i]
					 : names[i - entry->receiver_count];
		places[i].node = first_node(graph, places[i].name);
	}
	if (ok)
		qsort(places, all, sizeof(*places), compare_places);
	for (uint32_t i = 0; ok && i < all; i++)
		if (!kept || sorted[kept - 1] != places[i].name)
			sorted[kept++] = places[i].name;
	ok = ok && entry_set_receivers(overrides, entry, sorted, kept);
	free(places);
	free(sorted);
	return ok;
}
