/* Types and shapes as text. */
#include "base/text.h"
#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

/* Appends to `out`, as much as there is room for. */
static void append(char *out, size_t room, const char *text)
{
	size_t used = strlen(out), length = strlen(text);

	if (length > room - used - 1)
		length = room - used - 1;
	memcpy(out + used, text, length);
	out[used + length] = '\0';
}

static void append_dim(const struct graph *g, int64_t dim, char *out, size_t room)
{
	char text[80];

	if (dim >= 0)
		snprintf(text, sizeof(text), "%lld", (long long)dim);
	else if (dim == -1)
		snprintf(text, sizeof(text), "?");
	else {
		name_id symbol = g->symbols[-2 - dim];

		text_escape(text, sizeof(text), names_text(&g->names, symbol),
			names_length(&g->names, symbol));
	}
	append(out, room, text);
}

char *graph_shape_text(
	const struct graph *graph, tensor_id tensor, char *out, size_t room)
{
	const struct graph_tensor *t = &graph->tensors[tensor];
	const char *name = element_type_name(t->known_type);
	char number[32];

	if (!room)
		return out;
	out[0] = '\0';
	if (t->flags & TENSOR_CONTAINER) {
		append(out, room, "container");
		return out;
	}
	snprintf(number, sizeof(number), "type %d", t->known_type);
	append(out, room, !t->known_type ? "?" : (name ? name : number));
	if (t->rank < 0) {
		append(out, room, "[?]");
		return out;
	}
	append(out, room, "[");
	for (int32_t i = 0; i < t->rank; i++) {
		append(out, room, i ? "," : "");
		append_dim(graph, graph->dims[t->first_dim + (uint32_t)i], out, room);
	}
	append(out, room, "]");
	return out;
}

uint64_t graph_tensor_elements(const struct graph *graph, tensor_id tensor)
{
	const struct graph_tensor *t = &graph->tensors[tensor];
	uint64_t elements = 1;

	if (t->rank < 0)
		return 0;
	for (int32_t i = 0; i < t->rank; i++) {
		int64_t dim = graph->dims[t->first_dim + (uint32_t)i];

		if (dim < 0 || __builtin_mul_overflow(elements, (uint64_t)dim, &elements))
			return 0;
	}
	return elements;
}
