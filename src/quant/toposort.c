/* The order of nodes in the file: exactly ONNX Runtime's (qdq-semantics.md 7.5). By
 * default what subgraphs take from outside is a dependency too. */
#include "base/text.h"
#include "quant/quantizer.h"

#include <stdlib.h>
#include <string.h>

struct sorting {
	struct quantizer *q;
	bool captures;   /* what subgraphs take from outside counts */
	uint32_t *need;  /* by node */
	uint32_t *first; /* users of a text: users[first[t] .. first[t + 1]) */
	uint32_t *users;
	uint32_t *result;
	size_t count, total;
};

static bool is_live(const struct quantizer *q, uint32_t node)
{
	return node >= q->graph->main_nodes ||
	       !(q->marks->node_flags[node] & NODE_REMOVED);
}

static uint32_t node_count(const struct quantizer *q)
{
	return q->graph->main_nodes + (uint32_t)q->wiring.node_count;
}

static void slots_of(const struct quantizer *q, uint32_t node, bool output,
	uint32_t *first, uint32_t *count)
{
	uint32_t main_nodes = q->graph->main_nodes;

	if (node < main_nodes) {
		const struct graph_node *n = &q->graph->nodes[node];

		*first = output ? n->first_output : n->first_input;
		*count = output ? n->output_count : n->input_count;
		return;
	}
	const struct new_node *n = &q->wiring.nodes[node - main_nodes];

	*first = n->first_slot + (output ? new_node_inputs(n) : 0);
	*count = output ? 1 : new_node_inputs(n);
}

/* Every (node, text) dependency in order of nodes. */
static void visit_inputs(
	struct sorting *s, void (*visit)(struct sorting *, uint32_t, text_id))
{
	const struct quantizer *q = s->q;
	size_t capture = 0;
	uint32_t first, count;

	for (uint32_t node = 0; node < node_count(q); node++) {
		if (!is_live(q, node))
			continue;
		slots_of(q, node, false, &first, &count);
		for (uint32_t i = first; i < first + count; i++) {
			if (q->wiring.slots[i].text != NO_TEXT)
				visit(s, node, q->wiring.slots[i].text);
		}
		if (!s->captures)
			continue;
		while (capture < q->captures.count &&
			q->captures.items[capture].node <= node) {
			if (q->captures.items[capture].node == node)
				visit(s, node, q->captures.items[capture].text);
			capture++;
		}
	}
}

static void count_use(struct sorting *s, uint32_t node, text_id text)
{
	s->need[node]++;
	s->first[text + 2]++;
}

static void enter_use(struct sorting *s, uint32_t node, text_id text)
{
	s->users[s->first[text + 1]++] = node;
}

static void provide(struct sorting *s, text_id text)
{
	for (uint32_t i = s->first[text]; i < s->first[text + 1]; i++) {
		if (--s->need[s->users[i]] == 0)
			s->result[s->count++] = s->users[i];
	}
}

/* ---- names of initializers and inputs, sorted bytewise */

struct sorted_name {
	const char *bytes;
	size_t length;
	text_id text;
};

static int by_bytes(const void *a, const void *b)
{
	const struct sorted_name *x = a, *y = b;
	size_t length = x->length < y->length ? x->length : y->length;
	int order = length ? memcmp(x->bytes, y->bytes, length) : 0;

	return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* ONNX Runtime's sort does not know sparse initializers, and refuses who reads one. */
static size_t list_sparse(const struct quantizer *q, struct sorted_name *names)
{
	size_t count = 0;

	if (q->compatible || !q->graph->model->proto->graph->n_sparse_initializer)
		return 0;
	for (tensor_id t = 0; t < q->graph->tensor_count; t++) {
		const struct graph_tensor *tensor = &q->graph->tensors[t];

		if ((tensor->flags & TENSOR_SPARSE) && tensor->scope == 0)
			names[count++].text = tensor->name;
	}
	return count;
}

static size_t list_sources(const struct quantizer *q, struct sorted_name *names)
{
	size_t count = list_sparse(q, names);

	for (size_t i = 0; i < q->initializers.count; i++) {
		if (!q->initializers.items[i].removed)
			names[count++].text = q->initializers.items[i].name;
	}
	for (uint32_t i = 0; i < q->graph->input_count; i++) {
		text_id text = q->graph->tensors[q->graph->inputs[i]].name;

		if (!quantizer_input_is_dropped(q, text))
			names[count++].text = text;
	}
	for (size_t i = 0; i < count; i++)
		names[i].bytes = wiring_text(&q->wiring, names[i].text, &names[i].length);
	qsort(names, count, sizeof(*names), by_bytes);
	return count;
}

static bool provide_sources(struct sorting *s)
{
	const struct quantizer *q = s->q;
	struct sorted_name *names =
		malloc((q->initializers.count + q->graph->input_count +
			       q->graph->model->proto->graph->n_sparse_initializer + 1) *
			sizeof(*names));
	size_t count;

	if (!names)
		return quantizer_no_memory(q);
	count = list_sources(q, names);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || names[i].text != names[i - 1].text)
			provide(s, names[i].text);
	}
	free(names);
	return true;
}

static bool prepare(struct sorting *s)
{
	const struct quantizer *q = s->q;
	size_t texts = (size_t)q->graph->names.count + q->wiring.own.count;
	size_t uses = 0;

	s->need = calloc((size_t)node_count(q) + 1, sizeof(*s->need));
	s->first = calloc(texts + 3, sizeof(*s->first));
	s->result = malloc(((size_t)node_count(q) + 1) * sizeof(*s->result));
	if (!s->need || !s->first || !s->result)
		return quantizer_no_memory(q);
	visit_inputs(s, count_use);
	for (size_t t = 2; t < texts + 2; t++)
		s->first[t] += s->first[t - 1];
	uses = s->first[texts + 1];
	s->users = malloc((uses + 1) * sizeof(*s->users));
	if (!s->users)
		return quantizer_no_memory(q);
	visit_inputs(s, enter_use);
	for (uint32_t node = 0; node < node_count(q); node++) {
		if (!is_live(q, node))
			continue;
		s->total++;
		if (s->need[node] == 0)
			s->result[s->count++] = node;
	}
	return true;
}

static void walk(struct sorting *s)
{
	uint32_t first, count;

	for (size_t at = 0; at < s->count; at++) {
		slots_of(s->q, s->result[at], true, &first, &count);
		for (uint32_t i = first; i < first + count; i++) {
			if (s->q->wiring.slots[i].text != NO_TEXT)
				provide(s, s->q->wiring.slots[i].text);
		}
	}
}

/* A sparse initializer that ONNX Runtime's sort waits for, or a quantized graph input
 * that is an output too: its DequantizeLinear writes what the input gives already. */
static tensor_id find_culprit(const struct quantizer *q, bool sparse)
{
	for (tensor_id t = 0; t < q->graph->main_tensors; t++) {
		uint32_t flags = q->graph->tensors[t].flags;

		if (sparse ? q->compatible && (flags & TENSOR_SPARSE) &&
					q->graph->tensors[t].reader_count
			   : (flags & TENSOR_INPUT) && (flags & TENSOR_OUTPUT) &&
					q->values[t].done)
			return t;
	}
	return GRAPH_NONE;
}

static bool refuse_order(struct quantizer *q)
{
	tensor_id t = find_culprit(q, true);

	if (t != GRAPH_NONE)
		return quantizer_refuse(q, t,
			"is a sparse initializer, which ONNX Runtime does not find when "
			"it sorts the nodes",
			"leave out --ort-compatible, or make it dense");
	t = find_culprit(q, false);
	if (t != GRAPH_NONE)
		return quantizer_refuse(q, t,
			"is an input and an output of the graph, so it cannot be "
			"quantized between them",
			"put an Identity before the output, or exclude its readers");
	return error_set(q->err, ERROR_REFUSED,
		"%s: the quantized graph has a cycle or reads a tensor that nothing "
		"makes; rename tensors that end in _scale or _zero_point",
		text_quoted_z(q->graph->model->path));
}

static bool sort(struct quantizer *q, bool captures, uint32_t **order, size_t *count)
{
	struct sorting s = {.q = q, .captures = captures};
	bool ok = prepare(&s) && provide_sources(&s);

	if (ok)
		walk(&s);
	if (ok && s.count != s.total)
		ok = refuse_order(q);
	*order = s.result;
	*count = s.count;
	free(s.need);
	free(s.first);
	free(s.users);
	return ok;
}

/* Says so if the order is another than ONNX Runtime's. */
static bool note_order(struct quantizer *q, const uint32_t *order, size_t count)
{
	uint32_t *other;
	size_t other_count;
	bool ok = sort(q, false, &other, &other_count);
	bool same = ok && count == other_count &&
		    memcmp(order, other, count * sizeof(*order)) == 0;

	free(other);
	return ok &&
	       (same || quantizer_note(q, "order", PROBLEM_NOWHERE, PROBLEM_NOWHERE, "",
				"nodes that own subgraphs stand behind what these "
				"take from outside"));
}

bool quantizer_sort(struct quantizer *q, uint32_t **order, size_t *count)
{
	if (!sort(q, !q->compatible, order, count))
		return false;
	return q->compatible || !q->captures.count || note_order(q, *order, *count);
}
