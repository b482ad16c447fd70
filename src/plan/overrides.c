#include "plan/overrides.h"

#include "plan/entry.h"

#include <stdlib.h>
#include <string.h>

void overrides_release(struct overrides *overrides)
{
	free(overrides->lists);
	free(overrides->index);
	arena_clear(&overrides->arena);
	*overrides = (struct overrides){0};
}

const struct entry_list *overrides_find(
	const struct overrides *overrides, tensor_id tensor)
{
	uint32_t at = overrides->index ? overrides->index[tensor] : 0;

	return at ? &overrides->lists[at - 1] : NULL;
}

const struct entry *overrides_entry(const struct overrides *overrides, tensor_id tensor)
{
	const struct entry_list *list = overrides_find(overrides, tensor);

	return list && list->count ? &list->entries[0] : NULL;
}

static bool is_wide(const struct entry_list *list)
{
	const struct entry *entry = list->count ? &list->entries[0] : NULL;
	bool own = entry && (entry->own.has & ENTRY_TYPE);
	bool convert = entry && (entry->own.has & ENTRY_CONVERT);

	return (own && qtypes[entry->own.type].bits != 8) ||
	       (convert && qtypes[entry->convert.type].bits != 8);
}

/* Moves one list; those between give way. */
static void move_list(struct overrides *overrides, uint32_t from, uint32_t to)
{
	struct entry_list moved = overrides->lists[from];
	int step = from < to ? 1 : -1;

	for (uint32_t i = from; i != to; i += (uint32_t)step) {
		overrides->lists[i] = overrides->lists[i + (uint32_t)step];
		overrides->index[overrides->lists[i].tensor] = i + 1;
	}
	overrides->lists[to] = moved;
	overrides->index[moved.tensor] = to + 1;
}

uint32_t overrides_put_wide_first(struct overrides *overrides)
{
	uint32_t wide = 0;

	while (wide < overrides->count && !is_wide(&overrides->lists[wide]))
		wide++;
	if (wide == overrides->count)
		return 0;
	move_list(overrides, wide, 0);
	return wide;
}

void overrides_put_back(struct overrides *overrides, uint32_t place)
{
	if (place)
		move_list(overrides, 0, place);
}

struct entry_list *overrides_add(
	struct overrides *overrides, const struct graph *graph, tensor_id tensor)
{
	struct entry_list *list;

	if (!overrides->index)
		overrides->index =
			calloc(graph->tensor_count + (size_t)1, sizeof(uint32_t));
	if (!overrides->index)
		return NULL;
	if (overrides->index[tensor])
		return &overrides->lists[overrides->index[tensor] - 1];
	if (!array_reserve((void **)&overrides->lists, &overrides->room,
		    overrides->count + (size_t)1, sizeof(*overrides->lists)))
		return NULL;
	list = &overrides->lists[overrides->count++];
	*list = (struct entry_list){tensor, NULL, 0};
	overrides->index[tensor] = overrides->count;
	return list;
}

bool entry_list_set_count(
	struct overrides *overrides, struct entry_list *list, uint32_t count)
{
	struct entry *entries = arena_zalloc(&overrides->arena, count, sizeof(*entries));

	if (!entries)
		return false;
	list->entries = entries;
	list->count = count;
	return true;
}

bool entry_list_copy(
	struct overrides *to, struct entry_list *out, const struct entry_list *in)
{
	if (!entry_list_set_count(to, out, in->count))
		return false;
	for (uint32_t i = 0; i < in->count; i++) {
		const struct entry *from = &in->entries[i];

		out->entries[i] = *from;
		if (from->receiver_count &&
			!entry_set_receivers(to, &out->entries[i], from->receivers,
				from->receiver_count))
			return false;
	}
	return true;
}

bool overrides_copy(struct overrides *to, const struct overrides *from,
	const struct graph *graph, struct error *err)
{
	*to = (struct overrides){0};
	for (uint32_t i = 0; i < from->count; i++) {
		struct entry_list *list = overrides_add(to, graph, from->lists[i].tensor);

		if (!list || !entry_list_copy(to, list, &from->lists[i])) {
			overrides_release(to);
			return error_set_memory(err, MEMORY_FOR_OVERRIDES);
		}
	}
	return true;
}

static bool both(unsigned has, unsigned key, bool equal)
{
	return !(has & key) || equal;
}

bool entry_params_equal(const struct entry_params *a, const struct entry_params *b)
{
	return a->has == b->has && both(a->has, ENTRY_TYPE, a->type == b->type) &&
	       both(a->has, ENTRY_AXIS, a->axis == b->axis) &&
	       both(a->has, ENTRY_SCALE, a->scale == b->scale) &&
	       both(a->has, ENTRY_ZERO_POINT, a->zero_point == b->zero_point) &&
	       both(a->has, ENTRY_SYMMETRIC, a->symmetric == b->symmetric) &&
	       both(a->has, ENTRY_REDUCE_RANGE, a->reduce_range == b->reduce_range) &&
	       both(a->has, ENTRY_RMIN, a->rmin == b->rmin) &&
	       both(a->has, ENTRY_RMAX, a->rmax == b->rmax);
}

bool entry_equal(const struct entry *a, const struct entry *b)
{
	return entry_params_equal(&a->own, &b->own) &&
	       (!(a->own.has & ENTRY_CONVERT) ||
		       (entry_params_equal(&a->convert, &b->convert) &&
			       a->receiver_count == b->receiver_count &&
			       (!a->receiver_count ||
				       !memcmp(a->receivers, b->receivers,
					       a->receiver_count * sizeof(name_id)))));
}

bool entry_list_equal(const struct entry_list *a, const struct entry_list *b)
{
	if (a->tensor != b->tensor || a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!entry_equal(&a->entries[i], &b->entries[i]))
			return false;
	return true;
}

bool overrides_equal(const struct overrides *a, const struct overrides *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!entry_list_equal(&a->lists[i], &b->lists[i]))
			return false;
	return true;
}

struct entry *entry_single(
	struct overrides *overrides, const struct graph *graph, tensor_id tensor)
{
	const struct entry_list *list = overrides_find(overrides, tensor);

	return list && list->count == 1 ? overrides_add(overrides, graph, tensor)->entries
					: NULL;
}

struct entry *entry_add_single(
	struct overrides *overrides, const struct graph *graph, tensor_id tensor)
{
	struct entry_list *list = overrides_add(overrides, graph, tensor);

	return list && entry_list_set_count(overrides, list, 1) ? list->entries : NULL;
}
