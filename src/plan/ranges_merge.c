/* Ranges of several files: the minimum of the lows, the maximum of the highs. */
#include "plan/ranges.h"

#include <math.h>

static bool merge_foreign(
	const struct ranges *from, name_id id, struct ranges *into, struct error *err)
{
	const char *name = names_text(&from->foreign_names, id);
	size_t length = names_length(&from->foreign_names, id);
	name_id there = names_find(&into->foreign_names, name, length);
	struct foreign_range range = from->foreign[id];

	if (there != NAME_NONE) {
		range.low = fmin(range.low, into->foreign[there].low);
		range.high = fmax(range.high, into->foreign[there].high);
	}
	return ranges_set_foreign(into, name, length, &range, err);
}

bool ranges_can_merge(const struct ranges *ranges)
{
	return ranges->method == METHOD_MINMAX || ranges->method == METHOD_PLAIN;
}

bool ranges_merge(struct ranges *into, const struct ranges *from,
	const struct graph *graph, struct error *err)
{
	for (uint32_t i = 0; i < from->count; i++) {
		tensor_id tensor = from->order[i];
		const struct range *more = &from->of[tensor];
		const struct range *old = ranges_find(into, tensor);
		double low = old && old->low < more->low ? old->low : more->low;
		double high = old && old->high > more->high ? old->high : more->high;

		if (!ranges_set(into, graph, tensor, low, high, more->type, err))
			return false;
		into->of[tensor].bare = more->bare;
	}
	for (name_id i = 0; i < from->foreign_names.count; i++)
		if (!merge_foreign(from, i, into, err))
			return false;
	if (into->method == METHOD_PLAIN)
		into->method = from->method;
	into->random = into->random || from->random;
	into->measured |= from->measured;
	return true;
}
