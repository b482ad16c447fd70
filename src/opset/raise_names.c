/* The numbers that onnx's converter gives to values, and the names made of them. */
#include "opset/raise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "_v_";
enum { PREFIX = sizeof(prefix) - 1 };

static bool is_made_name(ProtobufCBinaryData name)
{
	if (name.len <= PREFIX || memcmp(name.data, prefix, PREFIX) != 0)
		return false;
	for (size_t i = PREFIX; i < name.len; i++)
		if (name.data[i] < '0' || name.data[i] > '9')
			return false;
	return true;
}

static bool count_name(struct raise_graph *graph, ProtobufCBinaryData name)
{
	name_id id = names_add(&graph->used, (const char *)name.data, name.len);

	if (id == NAME_NONE || !ARRAY_ROOM(&graph->use_count, 1))
		return false;
	if (id == graph->use_count.count)
		graph->use_count.items[graph->use_count.count++] = 0;
	graph->use_count.items[id]++;
	return true;
}

bool raise_use_name(struct raise_graph *graph, ProtobufCBinaryData name)
{
	if (!is_made_name(name))
		return true;
	for (; graph; graph = graph->parent)
		if (!count_name(graph, name))
			return raise_memory(graph->raise);
	return true;
}

static void uncount_name(struct raise_graph *graph, ProtobufCBinaryData name)
{
	name_id id = names_find(&graph->used, (const char *)name.data, name.len);

	if (id != NAME_NONE && graph->use_count.items[id])
		graph->use_count.items[id]--;
}

void raise_drop_name(struct raise_graph *graph, ProtobufCBinaryData name)
{
	if (!is_made_name(name))
		return;
	for (; graph; graph = graph->parent)
		uncount_name(graph, name);
}

static bool holds(const struct names *names, ProtobufCBinaryData name)
{
	return names_find(names, (const char *)name.data, name.len) != NAME_NONE;
}

static bool is_below(const struct raise_graph *body, const struct raise_graph *graph)
{
	while (body && body != graph)
		body = body->parent;
	return body;
}

bool raise_rename_below(
	struct raise_graph *graph, ProtobufCBinaryData old, ProtobufCBinaryData now)
{
	struct raise_graph *body = graph->raise->graphs;

	if (!holds(&graph->captured, old))
		return true;
	for (; body; body = body->next) {
		if (!holds(&body->taken, old) || !is_below(body, graph))
			continue;
		for (struct raise_graph *g = body; g != graph; g = g->parent) {
			uncount_name(g, old);
			if (!count_name(g, now))
				return raise_memory(graph->raise);
		}
	}
	return true;
}

static bool is_used(const struct raise_graph *graph, uint64_t number)
{
	char text[32];
	int length;
	name_id id;

	if (graph->used.count == 0)
		return false;
	length = snprintf(text, sizeof(text), "%s%" PRIu64, prefix, number);
	id = names_find(&graph->used, text, (size_t)length);
	return id != NAME_NONE && graph->use_count.items[id];
}

uint64_t raise_take_number(struct raise_graph *graph)
{
	do
		graph->number++;
	while (is_used(graph, graph->number));
	return graph->number;
}

static uint8_t *block_take(struct raise *r, size_t length)
{
	enum { BLOCK = 1 << 14 };
	size_t count = r->made.count;
	struct raise_block *last = count ? &r->made.items[count - 1] : NULL;

	if (!last || last->room - last->used < length) {
		struct raise_block block = {.room = length > BLOCK ? length : BLOCK};

		block.start = arena_alloc(&r->model->arena, block.room);
		if (!block.start || !ARRAY_PUSH(&r->made, block))
			return NULL;
		last = &r->made.items[count];
	}
	last->used += length;
	return last->start + last->used - length;
}

ProtobufCBinaryData raise_join(struct raise *r, ProtobufCBinaryData a, const char *b)
{
	ProtobufCBinaryData name = {a.len + strlen(b), NULL};

	name.data = block_take(r, name.len + 1);
	if (!name.data) {
		raise_memory(r);
		return name;
	}
	if (a.len)
		memcpy(name.data, a.data, a.len);
	memcpy(name.data + a.len, b, name.len - a.len + 1);
	return name;
}

bool raise_is_made(const struct raise *r, ProtobufCBinaryData name)
{
	uintptr_t at = (uintptr_t)name.data;

	for (size_t i = 0; i < r->made.count; i++) {
		uintptr_t start = (uintptr_t)r->made.items[i].start;

		if (at >= start && at - start < r->made.items[i].room)
			return true;
	}
	return false;
}

/* Names of the graph's own are higher than all numbers to come, but graphs around it
 * have to see them. */
ProtobufCBinaryData raise_new_name(struct raise_graph *graph)
{
	ProtobufCBinaryData name, nothing = {0, NULL};
	char text[32];

	snprintf(text, sizeof(text), "%s%" PRIu64, prefix, raise_take_number(graph));
	name = raise_join(graph->raise, nothing, text);
	if (name.data && graph->parent && !raise_use_name(graph->parent, name))
		name.data = NULL;
	return name;
}
