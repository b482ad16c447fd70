#include "plan/ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ranges_method_name(enum calibration_method method)
{
	static const char *const names[] = {
		"MinMax", "Entropy", "Percentile", "Distribution", "MinMax"};

	return names[method];
}

void ranges_release(struct ranges *ranges)
{
	free(ranges->of);
	free(ranges->order);
	free(ranges->foreign);
	while (ranges->file_count)
		free(ranges->files[--ranges->file_count]);
	free(ranges->files);
	names_clear(&ranges->foreign_names);
	arena_clear(&ranges->arena);
	*ranges = (struct ranges){0};
}

bool ranges_add_file(struct ranges *ranges, const char *path, struct error *err)
{
	char *copy = strdup(path);

	if (copy && array_reserve((void **)&ranges->files, &ranges->file_room,
			    ranges->file_count + 1, sizeof(*ranges->files))) {
		ranges->files[ranges->file_count++] = copy;
		return true;
	}
	free(copy);
	return error_set_memory(err, "ranges");
}

const struct range *ranges_find(const struct ranges *ranges, tensor_id tensor)
{
	return ranges->of && ranges->of[tensor].type ? &ranges->of[tensor] : NULL;
}

bool ranges_set(struct ranges *ranges, const struct graph *graph, tensor_id tensor,
	double low, double high, int32_t type, struct error *err)
{
	if (!ranges->of)
		ranges->of = calloc(graph->tensor_count + (size_t)1, sizeof(*ranges->of));
	if (!ranges->of)
		return error_set_memory(err, "ranges");
	if (!ranges->of[tensor].type) {
		if (!array_reserve((void **)&ranges->order, &ranges->room,
			    ranges->count + (size_t)1, sizeof(*ranges->order)))
			return error_set_memory(err, "ranges");
		ranges->order[ranges->count++] = tensor;
	}
	ranges->of[tensor] = (struct range){.low = low, .high = high, .type = type};
	return true;
}

bool ranges_set_inside(struct ranges *ranges, const struct graph *graph, const char *name,
	size_t length, const struct range *range, bool *given, struct error *err)
{
	scope_id scope = 0;
	tensor_id t;

	*given = false;
	while ((t = graph_find_inside(graph, name, length, &scope)) != GRAPH_NONE) {
		if (!ranges_set(
			    ranges, graph, t, range->low, range->high, range->type, err))
			return false;
		ranges->of[t].bare = range->bare;
		*given = true;
	}
	return true;
}

bool ranges_is_repeated(
	const struct ranges *ranges, const struct graph *graph, tensor_id tensor)
{
	const char *name = graph_tensor_name(graph, tensor);
	scope_id scope = 0;
	tensor_id t;

	if (!graph->tensors[tensor].scope)
		return false;
	t = graph_find_tensor(graph, name, strlen(name));
	while (t == GRAPH_NONE || !ranges_find(ranges, t))
		t = graph_find_inside(graph, name, strlen(name), &scope);
	return t != tensor;
}

bool ranges_set_foreign(struct ranges *ranges, const char *name, size_t length,
	const struct foreign_range *range, struct error *err)
{
	name_id id = names_add(&ranges->foreign_names, name, length);

	if (id == NAME_NONE ||
		!array_reserve((void **)&ranges->foreign, &ranges->foreign_room,
			id + (size_t)1, sizeof(*ranges->foreign)))
		return error_set_memory(err, "ranges");
	ranges->foreign[id] = *range;
	return true;
}

static bool copy_one(struct ranges *to, const struct graph *graph, tensor_id tensor,
	const struct range *from, struct error *err)
{
	struct range *r;

	if (!ranges_set(to, graph, tensor, from->low, from->high, from->type, err))
		return false;
	r = &to->of[tensor];
	r->bare = from->bare;
	r->low_form = from->low_form;
	r->high_form = from->high_form;
	return !from->histogram || ranges_set_histogram(to, tensor, from->histogram, err);
}

static bool copy_all(struct ranges *to, const struct ranges *from,
	const struct graph *graph, struct error *err)
{
	for (uint32_t i = 0; i < from->count; i++)
		if (!copy_one(to, graph, from->order[i], &from->of[from->order[i]], err))
			return false;
	for (size_t i = 0; i < from->file_count; i++)
		if (!ranges_add_file(to, from->files[i], err))
			return false;
	for (name_id i = 0; i < from->foreign_names.count; i++)
		if (!ranges_set_foreign(to, names_text(&from->foreign_names, i),
			    names_length(&from->foreign_names, i), &from->foreign[i],
			    err))
			return false;
	return true;
}

bool ranges_copy(struct ranges *to, const struct ranges *from, const struct graph *graph,
	struct error *err)
{
	*to = (struct ranges){.method = from->method,
		.random = from->random,
		.measured = from->measured};
	memcpy(to->source, from->source, sizeof(to->source));
	if (copy_all(to, from, graph, err))
		return true;
	ranges_release(to);
	return false;
}

bool ranges_replace(struct ranges *into, const struct ranges *from,
	const struct graph *graph, struct error *err)
{
	char source[sizeof(into->source)];

	snprintf(source, sizeof(source), "%.120s, %.120s", from->source, into->source);
	memcpy(into->source, source, sizeof(source));
	into->random |= from->random;
	into->measured |= from->measured;
	return copy_all(into, from, graph, err);
}
