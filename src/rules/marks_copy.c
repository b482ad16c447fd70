/* Marks that do not come from the rules: made by others, and copied. */
#include "rules/marks.h"

#include <stdlib.h>
#include <string.h>

struct marks *marks_new(const struct graph *graph, uint32_t mark_count,
	uint32_t bias_count, struct error *err)
{
	struct marks *m = calloc(1, sizeof(*m));
	size_t room = (size_t)graph->tensor_count + 2;

	if (m) {
		m->graph = graph;
		m->tensor_count = graph->tensor_count;
		m->marks = calloc((size_t)mark_count + 1, sizeof(*m->marks));
		m->biases = calloc((size_t)bias_count + 1, sizeof(*m->biases));
		m->place = calloc(room, sizeof(*m->place));
		m->bias_place = calloc(room, sizeof(*m->bias_place));
		m->dequantized = calloc(room, sizeof(*m->dequantized));
		m->first_receiver = calloc(room, sizeof(*m->first_receiver));
		m->receivers =
			calloc((size_t)graph->slot_count + 1, sizeof(*m->receivers));
		m->slots = calloc((size_t)graph->slot_count + 1, sizeof(*m->slots));
		m->node_flags =
			calloc((size_t)graph->main_nodes + 1, sizeof(*m->node_flags));
	}
	if (!m || !m->marks || !m->biases || !m->place || !m->bias_place ||
		!m->dequantized || !m->first_receiver || !m->receivers || !m->slots ||
		!m->node_flags) {
		marks_free(m);
		error_set_memory(err, "marks");
		return NULL;
	}
	if (graph->slot_count)
		memcpy(m->slots, graph->slots,
			(size_t)graph->slot_count * sizeof(*m->slots));
	return m;
}

#define COPY(to, from, field, count)                                                     \
	memcpy((to)->field, (from)->field, (size_t)(count) * sizeof(*(to)->field))

struct marks *marks_copy(const struct marks *from, struct error *err)
{
	const struct graph *graph = from->graph;
	struct marks *m = marks_new(graph, from->count, from->bias_count, err);
	size_t tensors = from->tensor_count;

	if (!m)
		return NULL;
	m->count = from->count;
	m->bias_count = from->bias_count;
	COPY(m, from, marks, from->count);
	COPY(m, from, biases, from->bias_count);
	COPY(m, from, place, tensors);
	COPY(m, from, bias_place, tensors);
	COPY(m, from, dequantized, tensors);
	COPY(m, from, first_receiver, tensors + 2);
	COPY(m, from, receivers, from->first_receiver[tensors]);
	COPY(m, from, node_flags, graph->main_nodes);
	return m;
}
