/* What a drawing of a plan shows: which nodes, and the edges between them. */
#include "export/drawing.h"

#include "base/array.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct maker {
	struct drawing *d;
	const struct export_source *s;
	uint32_t *stamp; /* by main node: the tensor whose edge it has, plus one */
	node_id *queue;
	uint32_t queued;
	uint32_t most;
	bool failed;
};

/* ---- Which nodes. */

/* Nodes that only hold a constant are no part of the picture. */
static bool is_drawable(const struct export_source *s, node_id node)
{
	tensor_id t = graph_output_of(s->graph, node, 0);

	return t == GRAPH_NONE || !graph_is_constant(s->graph, t);
}

static void choose(struct maker *m, node_id node)
{
	if (node == GRAPH_NONE || m->queued >= m->most || !is_drawable(m->s, node) ||
		m->d->item_of[node] != GRAPH_NONE)
		return;
	m->d->item_of[node] = 0;
	m->queue[m->queued++] = node;
}

/* The node of the main graph that reads, perhaps inside its body. */
static node_id reader_of(const struct export_source *s, const struct graph_reader *reader)
{
	return graph_ancestor(s->graph, reader->node, 0);
}

static void choose_readers(struct maker *m, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(m->s->graph, tensor, &count);

	for (uint32_t i = 0; i < count; i++)
		choose(m, reader_of(m->s, &readers[i]));
}

static void choose_neighbours(struct maker *m, node_id node)
{
	const struct graph *g = m->s->graph;

	for (uint32_t i = 0; i < g->nodes[node].input_count; i++) {
		tensor_id t = graph_input_of(g, node, i);

		if (t != GRAPH_NONE)
			choose(m, g->tensors[t].producer);
	}
	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id t = graph_output_of(g, node, i);

		if (t != GRAPH_NONE)
			choose_readers(m, t);
	}
}

/* What the picture is about: conversions, then regions; without any the beginning. */
static void choose_middle(struct maker *m)
{
	const struct outcome *o = m->s->outcome;

	for (uint32_t i = 0; i < o->boundary_count; i++) {
		const struct boundary *b = &o->boundaries[i];

		choose(m, m->s->graph->tensors[b->tensor].producer);
		for (uint32_t r = 0; r < b->reader_count; r++)
			choose(m, b->readers[r]);
	}
	for (uint32_t i = 0; i < o->region_count; i++)
		for (uint32_t n = 0; n < o->regions[i].node_count; n++)
			choose(m, o->regions[i].nodes[n]);
	for (uint32_t i = 0; i < m->s->graph->main_nodes && !m->queued; i++)
		choose(m, m->s->graph->order[i]);
}

static void choose_nodes(struct maker *m)
{
	uint32_t drawable = 0;

	for (node_id n = 0; n < m->s->graph->main_nodes; n++)
		drawable += is_drawable(m->s, n);
	choose_middle(m);
	for (uint32_t i = 0; i < m->queued; i++)
		choose_neighbours(m, m->queue[i]);
	/* what hangs on nothing that was drawn */
	for (uint32_t i = 0; i < m->s->graph->main_nodes; i++)
		choose(m, m->s->graph->order[i]);
	m->d->nodes = m->queued;
	m->d->hidden = drawable - m->queued;
}

/* ---- Items and edges. */

static uint32_t add_item(struct maker *m, enum drawn_kind kind, uint32_t id)
{
	struct drawing *d = m->d;
	uint32_t at = (uint32_t)d->item_count;

	if (!array_reserve((void **)&d->items, &d->item_room, d->item_count + 1,
		    sizeof(*d->items))) {
		m->failed = true;
		return 0;
	}
	d->items[d->item_count++] = (struct drawn_item){kind, id,
		kind == DRAWN_NODE ? m->s->outcome->nodes[id].region : GRAPH_NONE, 0};
	return at;
}

static void add_edge(struct maker *m, struct drawn_edge edge)
{
	struct drawing *d = m->d;

	if (!array_reserve((void **)&d->edges, &d->edge_room, d->edge_count + 1,
		    sizeof(*d->edges)))
		m->failed = true;
	else
		d->edges[d->edge_count++] = edge;
}

/* One tensor on its way to its readers. */
struct way {
	tensor_id tensor;
	uint32_t from;       /* item, GRAPH_NONE: not drawn */
	uint32_t conversion; /* item, GRAPH_NONE: not yet */
	uint32_t hidden;     /* readers that are not drawn */
	bool named;
};

static void add_way(
	struct maker *m, struct way *way, uint32_t from, uint32_t to, enum qtype type)
{
	add_edge(m, (struct drawn_edge){from, to, way->tensor, type, !way->named});
	way->named = true;
}

static bool is_converted_for(const struct boundary *b, node_id node)
{
	for (uint32_t i = 0; b && i < b->reader_count; i++)
		if (b->readers[i] == node)
			return true;
	return false;
}

static void add_reader(struct maker *m, struct way *way, node_id node, node_id exact)
{
	const struct outcome *o = m->s->outcome;
	const struct boundary *b = outcome_boundary(o, way->tensor);
	enum qtype stored = (enum qtype)o->tensors[way->tensor].stored;
	uint32_t to = m->d->item_of[node];

	if (to == GRAPH_NONE || way->from == GRAPH_NONE)
		return;
	if (!is_converted_for(b, exact)) {
		add_way(m, way, way->from, to,
			graph_is_main(m->s->graph, exact)
				? outcome_seen(o, way->tensor, exact)
				: stored);
		return;
	}
	if (way->conversion == GRAPH_NONE) {
		way->conversion =
			add_item(m, DRAWN_CONVERSION, (uint32_t)(b - o->boundaries));
		add_way(m, way, way->from, way->conversion, b->from);
	}
	add_way(m, way, way->conversion, to, b->to);
}

static void add_readers(struct maker *m, struct way *way)
{
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(m->s->graph, way->tensor, &count);

	for (uint32_t i = 0; i < count; i++) {
		node_id node = reader_of(m->s, &readers[i]);

		if (node == GRAPH_NONE || m->stamp[node] == way->tensor + 1)
			continue;
		m->stamp[node] = way->tensor + 1;
		way->hidden += m->d->item_of[node] == GRAPH_NONE;
		add_reader(m, way, node, readers[i].node);
	}
}

/* True if a reader of the tensor is drawn. */
static bool is_read(const struct maker *m, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(m->s->graph, tensor, &count);

	for (uint32_t i = 0; i < count; i++) {
		node_id node = reader_of(m->s, &readers[i]);

		if (node != GRAPH_NONE && m->d->item_of[node] != GRAPH_NONE)
			return true;
	}
	return false;
}

/* Where a tensor comes from, as far as that is drawn. */
static uint32_t source_of(struct maker *m, tensor_id tensor)
{
	const struct graph_tensor *t = &m->s->graph->tensors[tensor];

	if (t->producer != GRAPH_NONE)
		return graph_is_main(m->s->graph, t->producer)
			       ? m->d->item_of[t->producer]
			       : GRAPH_NONE;
	return (t->flags & TENSOR_INPUT) && !graph_is_constant(m->s->graph, tensor) &&
			       ((t->flags & TENSOR_OUTPUT) || is_read(m, tensor))
		       ? add_item(m, DRAWN_INPUT, tensor)
		       : GRAPH_NONE;
}

/* The tensors of the main graph in turn; returns how many readers are not drawn. */
static uint32_t add_tensor(struct maker *m, tensor_id tensor)
{
	const struct graph_tensor *t = &m->s->graph->tensors[tensor];
	struct way way = {tensor, source_of(m, tensor), GRAPH_NONE, 0, false};

	add_readers(m, &way);
	if ((t->flags & TENSOR_OUTPUT) && way.from != GRAPH_NONE) {
		uint32_t to = add_item(m, DRAWN_OUTPUT, tensor);

		add_way(m, &way, way.from, to,
			(enum qtype)m->s->outcome->tensors[tensor].stored);
	}
	return way.hidden;
}

static void add_more(struct maker *m, node_id node, uint32_t count, bool above)
{
	uint32_t item = m->d->item_of[node], more;

	if (!count || item == GRAPH_NONE)
		return;
	more = add_item(m, DRAWN_MORE, node);
	if (m->failed)
		return;
	m->d->items[more].count = count;
	add_edge(m, (struct drawn_edge){above ? more : item, above ? item : more,
			    GRAPH_NONE, QTYPE_NONE, false});
}

/* How many producers of a node are not drawn. */
static uint32_t hidden_above(const struct maker *m, node_id node)
{
	const struct graph *g = m->s->graph;
	uint32_t count = 0;

	for (uint32_t i = 0; i < g->nodes[node].input_count; i++) {
		tensor_id t = graph_input_of(g, node, i);
		node_id producer = t == GRAPH_NONE ? GRAPH_NONE : g->tensors[t].producer;

		count += producer != GRAPH_NONE && is_drawable(m->s, producer) &&
			 m->d->item_of[producer] == GRAPH_NONE;
	}
	return count;
}

static void add_all(struct maker *m)
{
	const struct graph *g = m->s->graph;

	for (node_id n = 0; n < g->main_nodes; n++)
		if (m->d->item_of[n] != GRAPH_NONE)
			m->d->item_of[n] = add_item(m, DRAWN_NODE, n);
	for (uint32_t i = 0; i < g->input_count; i++)
		add_tensor(m, g->inputs[i]);
	for (node_id n = 0; n < g->main_nodes; n++) {
		uint32_t hidden = 0;

		if (!is_drawable(m->s, n))
			continue;
		for (uint32_t i = 0; i < g->nodes[n].output_count; i++) {
			tensor_id t = graph_output_of(g, n, i);

			hidden += t != GRAPH_NONE ? add_tensor(m, t) : 0;
		}
		add_more(m, n, hidden, false);
		add_more(m, n, hidden_above(m, n), true);
	}
}

bool drawing_make(struct drawing *d, const struct export_source *s, uint32_t most,
	struct error *err)
{
	size_t nodes = (size_t)s->graph->main_nodes + 1;
	struct maker m = {.d = d, .s = s, .most = most};

	*d = (struct drawing){.source = s};
	d->item_of = malloc(nodes * sizeof(*d->item_of));
	m.stamp = calloc(nodes, sizeof(*m.stamp));
	m.queue = malloc(nodes * sizeof(*m.queue));
	m.failed = !d->item_of || !m.stamp || !m.queue;
	if (!m.failed) {
		memset(d->item_of, 0xff, nodes * sizeof(*d->item_of));
		choose_nodes(&m);
		add_all(&m);
	}
	free(m.stamp);
	free(m.queue);
	return !m.failed || error_set_memory(err, "the drawing");
}

void drawing_release(struct drawing *d)
{
	free(d->items);
	free(d->edges);
	free(d->item_of);
	*d = (struct drawing){0};
}
