/* What a picture shows: nodes around the root, graph inputs and outputs, stubs, edges,
 * and in which layer each stands. */
#include "ui/picture.h"

#include "base/array.h"
#include "ui/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MOST = 400, FAN_MOST = 12, LABEL_MOST = 24 };

/* While it is collected. */
struct collect {
	struct picture *p;
	const struct outcome *outcome;
	const struct graph *graph;
	struct frame measure; /* tells columns of names */
	scope_id scope;       /* of the root: nodes of others are left out */
	bool constants;
	unsigned parts;
	uint32_t capacity;
	uint32_t nodes; /* items [0, nodes) are nodes */
	bool failed;
};

int picture_add_item(struct picture *p, struct picture_item item)
{
	if (!array_reserve(
		    (void **)&p->items, &p->item_room, p->item_count + 1, sizeof(item)))
		return -1;
	p->items[p->item_count] = item;
	return (int)p->item_count++;
}

bool picture_add_edge(struct picture *p, struct picture_edge edge)
{
	if (!array_reserve(
		    (void **)&p->edges, &p->edge_room, p->edge_count + 1, sizeof(edge)))
		return false;
	p->edges[p->edge_count++] = edge;
	return true;
}

const struct picture_item *picture_find(const struct picture *p, node_id node)
{
	for (uint32_t i = 0; i < p->item_count; i++)
		if (p->items[i].kind == ITEM_NODE && p->items[i].id == node)
			return &p->items[i];
	return NULL;
}

static int find_item(const struct picture *p, enum item_kind kind, uint32_t id)
{
	for (uint32_t i = 0; i < p->item_count; i++)
		if (p->items[i].kind == kind && p->items[i].id == id)
			return (int)i;
	return -1;
}

static int label_columns(const struct collect *c, const char *name, int around)
{
	int w = name_columns(&c->measure, name);

	return (w > LABEL_MOST ? LABEL_MOST : w < 1 ? 1 : w) + around;
}

static int add_item(struct collect *c, enum item_kind kind, uint32_t id, int w)
{
	struct picture_item item = {.kind = kind, .id = id, .w = w};
	int at = picture_add_item(c->p, item);

	c->failed |= at < 0;
	return at;
}

static void add_node(struct collect *c, node_id node, int distance)
{
	int at;

	if (c->graph->nodes[node].scope != c->scope || c->p->item_count >= c->capacity ||
		c->failed || find_item(c->p, ITEM_NODE, node) >= 0)
		return;
	at = add_item(c, ITEM_NODE, node,
		label_columns(c, graph_node_label(c->graph, node), 2));
	if (at >= 0)
		c->p->items[at].layer = distance;
}

static bool is_opened(const struct picture *p, node_id node)
{
	for (int i = 0; i < p->opened_count; i++)
		if (p->opened[i] == node)
			return true;
	return false;
}

static void add_neighbours(struct collect *c, node_id node, int distance)
{
	const struct graph_node *n = &c->graph->nodes[node];
	uint32_t most = is_opened(c->p, node) ? ITEMS_MOST : FAN_MOST;

	for (uint32_t i = 0; i < n->input_count && i < most; i++) {
		tensor_id in = graph_input_of(c->graph, node, i);

		if (in != GRAPH_NONE && !graph_is_constant(c->graph, in) &&
			c->graph->tensors[in].producer != GRAPH_NONE)
			add_node(c, c->graph->tensors[in].producer, distance);
	}
	for (uint32_t i = 0; i < n->output_count && i < most; i++) {
		tensor_id out = graph_output_of(c->graph, node, i);
		const struct graph_reader *readers;
		uint32_t count;

		if (out == GRAPH_NONE)
			continue;
		readers = graph_readers_of(c->graph, out, &count);
		for (uint32_t k = 0; k < count && k < most; k++)
			add_node(c, readers[k].node, distance);
	}
}

static void collect_nodes(struct collect *c, node_id root, int radius)
{
	add_node(c, root, 0);
	for (uint32_t i = 0; i < c->p->item_count && !c->failed; i++)
		if (c->p->items[i].layer < radius || is_opened(c->p, c->p->items[i].id))
			add_neighbours(c, c->p->items[i].id, c->p->items[i].layer + 1);
	c->nodes = c->p->item_count;
}

/* The item a tensor comes from: its producer, a graph input, or a stub. */
static int source_of(struct collect *c, tensor_id tensor)
{
	const struct graph_tensor *t = &c->graph->tensors[tensor];
	const char *name = graph_tensor_name(c->graph, tensor);
	int at = t->producer == GRAPH_NONE ? -1 : find_item(c->p, ITEM_NODE, t->producer);
	bool whole = t->producer == GRAPH_NONE || graph_is_constant(c->graph, tensor);
	enum item_kind kind = whole ? ITEM_TENSOR : ITEM_STUB;

	if (at >= 0)
		return at;
	at = find_item(c->p, kind, tensor);
	return at >= 0 ? at
		       : add_item(c, kind, tensor,
				 label_columns(c, name, kind == ITEM_STUB));
}

static bool has_edge(const struct picture *p, int from, int to, tensor_id tensor)
{
	for (uint32_t i = 0; i < p->edge_count; i++)
		if (p->edges[i].from == from && p->edges[i].to == to &&
			p->edges[i].tensor == tensor)
			return true;
	return false;
}

static void add_input_edges(struct collect *c, int to, node_id node)
{
	uint32_t count = c->graph->nodes[node].input_count;

	uint32_t most = is_opened(c->p, node) ? ITEMS_MOST : FAN_MOST;

	for (uint32_t i = 0; i < count && i < most && !c->failed; i++) {
		tensor_id in = graph_input_of(c->graph, node, i);
		struct picture_edge edge = {.to = to, .tensor = in};

		if (in == GRAPH_NONE ||
			(graph_is_constant(c->graph, in) && !c->constants))
			continue;
		edge.from = source_of(c, in);
		edge.mark = outcome_seen(c->outcome, in, node);
		if (edge.mark == c->outcome->tensors[in].stored)
			edge.mark = QTYPE_NONE;
		if (edge.from >= 0 && !has_edge(c->p, edge.from, to, in))
			c->failed |= !picture_add_edge(c->p, edge);
	}
}

static uint32_t edges_of(const struct picture *p, tensor_id tensor)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < p->edge_count; i++)
		count += p->edges[i].tensor == tensor;
	return count;
}

static uint32_t distinct_readers(const struct graph *graph, tensor_id tensor)
{
	uint32_t count, distinct = 0;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	if (count > 1000)
		return count;
	for (uint32_t i = 0; i < count; i++)
		distinct += !i || readers[i - 1].node != readers[i].node;
	return distinct;
}

/* Below a node: a graph output, and a stub for the readers that are not shown. */
static void add_ends(struct collect *c, int from, node_id node)
{
	uint32_t outputs = c->graph->nodes[node].output_count;

	for (uint32_t i = 0; i < outputs && i < FAN_MOST && !c->failed; i++) {
		tensor_id out = graph_output_of(c->graph, node, i);
		struct picture_edge edge = {.from = from, .tensor = out};
		uint32_t all, shown;

		if (out == GRAPH_NONE)
			continue;
		all = distinct_readers(c->graph, out);
		shown = edges_of(c->p, out);
		if (c->graph->tensors[out].flags & TENSOR_OUTPUT) {
			edge.to = add_item(c, ITEM_TENSOR, out,
				label_columns(c, graph_tensor_name(c->graph, out), 0));
			c->failed |= edge.to < 0 || !picture_add_edge(c->p, edge);
		}
		if (all <= shown || c->failed)
			continue;
		edge.to = add_item(c, ITEM_STUB, out, 0);
		if (edge.to < 0)
			return;
		c->p->items[edge.to].count = all - shown;
		c->p->items[edge.to].w = snprintf(NULL, 0, "+%u", all - shown);
		c->failed |= !picture_add_edge(c->p, edge);
	}
}

/* The text on the line that leaves each item. */
static void add_labels(struct collect *c)
{
	char text[160];

	for (uint32_t i = 0; i < c->p->edge_count; i++) {
		const struct picture_edge *edge = &c->p->edges[i];
		struct picture_item *from = &c->p->items[edge->from];

		if (!from->label)
			from->label = text_columns(
				&c->measure, picture_label(c->outcome, c->parts,
						     edge->tensor, text, sizeof(text)));
	}
}

/* Longest paths; what only feeds others moves down next to its reader. */
static void find_layers(struct picture *p, uint32_t nodes)
{
	bool moved = true;

	for (uint32_t i = 0; i < p->item_count; i++)
		p->items[i].layer = 0;
	for (uint32_t round = 0; moved && round <= p->item_count; round++) {
		moved = false;
		for (uint32_t i = 0; i < p->edge_count; i++) {
			int least = p->items[p->edges[i].from].layer + 1;
			struct picture_item *to = &p->items[p->edges[i].to];

			if (to->layer < least) {
				to->layer = least;
				moved = true;
			}
		}
	}
	for (uint32_t i = nodes; i < p->item_count; i++) {
		int least = -1;

		for (uint32_t k = 0; k < p->edge_count; k++)
			if (p->edges[k].from == (int)i) {
				int layer = p->items[p->edges[k].to].layer - 1;

				least = least < 0 || layer < least ? layer : least;
			}
		if (least >= 0)
			p->items[i].layer = least;
	}
}

bool picture_collect(
	struct picture *p, const struct picture_wish *wish, struct error *err)
{
	uint32_t capacity = (uint32_t)(wish->width * wish->height / 12);
	struct collect c = {.p = p,
		.outcome = wish->outcome,
		.graph = wish->outcome->graph,
		.scope = wish->outcome->graph->nodes[wish->root].scope};

	c.measure.ascii = wish->ascii;
	c.constants = wish->constants;
	c.parts = wish->parts;
	if (p->opened_count)
		capacity = ITEMS_MOST;
	c.capacity = capacity < 8 ? 8 : capacity > ITEMS_MOST ? ITEMS_MOST : capacity;
	p->item_count = p->edge_count = 0;
	collect_nodes(&c, wish->root, wish->radius);
	for (uint32_t i = 0; i < c.nodes && !c.failed; i++)
		add_input_edges(&c, (int)i, p->items[i].id);
	for (uint32_t i = 0; i < c.nodes && !c.failed; i++)
		add_ends(&c, (int)i, p->items[i].id);
	if (c.failed)
		return error_set_memory(err, "the picture");
	if (wish->parts)
		add_labels(&c);
	find_layers(p, c.nodes);
	return true;
}

static bool is_good(const struct picture *p, const struct picture_wish *wish)
{
	return p->graph == wish->outcome->graph && p->radius == wish->radius &&
	       p->width == wish->width && p->height == wish->height &&
	       p->ascii == wish->ascii && p->constants == wish->constants &&
	       p->parts == wish->parts && p->item_count && picture_find(p, wish->root);
}

static bool make(struct picture *p, const struct picture_wish *wish, bool across,
	struct error *err)
{
	p->across = across;
	return picture_collect(p, wish, err) && picture_order(p, err) &&
	       picture_place(p, err) && picture_route(p, err);
}

/* Across where the pane is wide and the whole picture fits so; else downwards. */
static bool make_fitting(
	struct picture *p, const struct picture_wish *wish, struct error *err)
{
	if (2 * wish->width >= 5 * wish->height) {
		if (!make(p, wish, true, err))
			return false;
		if (p->w <= wish->width && p->h <= wish->height)
			return true;
	}
	return make(p, wish, false, err);
}

bool picture_update(struct picture *p, const struct picture_wish *wish, struct error *err)
{
	struct picture_wish same = *wish;

	if (is_good(p, wish)) {
		if (p->generation == wish->outcome->generation)
			return true;
		same.root = p->root;
	}
	p->graph = NULL;
	if (!make_fitting(p, &same, err))
		return false;
	p->graph = wish->outcome->graph;
	p->generation = wish->outcome->generation;
	p->root = same.root;
	p->radius = wish->radius;
	p->width = wish->width;
	p->height = wish->height;
	p->ascii = wish->ascii;
	p->constants = wish->constants;
	p->parts = wish->parts;
	return true;
}

bool picture_open(struct picture *p, node_id node)
{
	if (is_opened(p, node))
		return false;
	if (p->opened_count == PICTURE_OPENED)
		memmove(p->opened, p->opened + 1,
			(size_t)--p->opened_count * sizeof(*p->opened));
	p->opened[p->opened_count++] = node;
	p->generation = 0;
	return true;
}

const struct picture_item *picture_stub(const struct picture *p, node_id node)
{
	for (uint32_t i = 0; i < p->edge_count; i++) {
		const struct picture_item *from = &p->items[p->edges[i].from];
		const struct picture_item *to = &p->items[p->edges[i].to];

		if (from->kind == ITEM_NODE && from->id == node && to->kind == ITEM_STUB)
			return to;
		if (to->kind == ITEM_NODE && to->id == node && from->kind == ITEM_STUB)
			return from;
	}
	return NULL;
}

void picture_forget(struct picture *p)
{
	p->graph = NULL;
	p->opened_count = 0;
}

void picture_release(struct picture *p)
{
	free(p->items);
	free(p->edges);
	free(p->cells);
	free(p->order);
	free(p->first);
	free(p->near);
	free(p->near_first);
	memset(p, 0, sizeof(*p));
}
