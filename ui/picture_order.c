/* The order of a picture's items in their layers: bends for long edges, barycentres,
 * then swaps that take crossings away. */
#include "ui/picture.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEPS = 8 };

static int find_bend(const struct picture *p, tensor_id tensor, int layer)
{
	for (uint32_t i = 0; i < p->item_count; i++)
		if (p->items[i].kind == ITEM_BEND && p->items[i].id == tensor &&
			p->items[i].layer == layer)
			return (int)i;
	return -1;
}

/* Splits an edge over several layers; readers of one tensor share the bends. */
static bool split_edge(struct picture *p, uint32_t index)
{
	struct picture_edge edge = p->edges[index];
	int from = edge.from, last = p->items[edge.to].layer;

	for (int layer = p->items[from].layer + 1; layer < last; layer++) {
		int bend = find_bend(p, edge.tensor, layer);

		if (bend < 0) {
			struct picture_item item = {.kind = ITEM_BEND,
				.id = edge.tensor,
				.layer = layer,
				.w = 1};
			struct picture_edge piece = {.from = from, .tensor = edge.tensor};

			bend = piece.to = picture_add_item(p, item);
			if (bend < 0 || !picture_add_edge(p, piece))
				return false;
		}
		from = bend;
	}
	p->edges[index].from = from;
	return true;
}

static bool list_layers(struct picture *p)
{
	int *order, *first, at = 0;

	p->layers = 0;
	for (uint32_t i = 0; i < p->item_count; i++)
		if (p->items[i].layer >= p->layers)
			p->layers = p->items[i].layer + 1;
	order = realloc(p->order, (p->item_count + 1) * sizeof(int));
	p->order = order ? order : p->order;
	first = realloc(p->first, ((size_t)p->layers + 2) * sizeof(int));
	p->first = first ? first : p->first;
	if (!order || !first)
		return false;
	for (int layer = 0; layer < p->layers; layer++) {
		p->first[layer] = at;
		for (uint32_t i = 0; i < p->item_count; i++)
			if (p->items[i].layer == layer) {
				p->items[i].place = at - p->first[layer];
				p->order[at++] = (int)i;
			}
	}
	p->first[p->layers] = at;
	return true;
}

/* Neighbours of every item, above and below, as one list with its beginnings. */
static bool list_neighbours(struct picture *p)
{
	size_t slots = 2 * (size_t)p->item_count + 2;
	int *near = realloc(p->near, (2 * (size_t)p->edge_count + 1) * sizeof(int));
	int *first = calloc(slots, sizeof(int));

	free(p->near_first);
	p->near_first = first;
	p->near = near ? near : p->near;
	if (!near || !first)
		return false;
	for (uint32_t i = 0; i < p->edge_count; i++) {
		first[2 * p->edges[i].to + 1]++;
		first[2 * p->edges[i].from + 2]++;
	}
	for (size_t i = 1; i < slots; i++)
		first[i] += first[i - 1];
	/* filled from the end of each part, which then has moved to its beginning */
	for (uint32_t i = p->edge_count; i-- > 0;) {
		p->near[--first[2 * p->edges[i].to + 1]] = p->edges[i].from;
		p->near[--first[2 * p->edges[i].from + 2]] = p->edges[i].to;
	}
	for (size_t i = 0; i + 1 < slots; i++)
		first[i] = first[i + 1];
	first[slots - 1] = 2 * (int)p->edge_count;
	return true;
}

const int *picture_near(const struct picture *p, int item, bool above, int *count)
{
	const int *first = p->near_first + 2 * item + (above ? 0 : 1);

	*count = first[1] - first[0];
	return p->near + first[0];
}

tensor_id picture_tensor(const struct picture *p, int item)
{
	for (uint32_t i = 0; i < p->edge_count; i++)
		if (p->edges[i].from == item)
			return p->edges[i].tensor;
	return GRAPH_NONE;
}

/* The mean place of the neighbours above or below, or the own place without any. */
static void wish_place(struct picture *p, int layer, bool above)
{
	for (int i = p->first[layer]; i < p->first[layer + 1]; i++) {
		struct picture_item *item = &p->items[p->order[i]];
		int count;
		const int *near = picture_near(p, p->order[i], above, &count);
		double sum = 0;

		for (int k = 0; k < count; k++)
			sum += p->items[near[k]].place;
		item->wish = count ? sum / count : item->place;
	}
}

/* Insertion sort: layers are short and nearly sorted, equal wishes keep their order. */
static void sort_layer(struct picture *p, int layer)
{
	int first = p->first[layer];

	for (int i = first + 1; i < p->first[layer + 1]; i++) {
		int item = p->order[i], at = i;

		for (; at > first &&
			p->items[p->order[at - 1]].wish > p->items[item].wish + 1e-9;
			at--)
			p->order[at] = p->order[at - 1];
		p->order[at] = item;
	}
	for (int i = first; i < p->first[layer + 1]; i++)
		p->items[p->order[i]].place = i - first;
}

/* Crossings between the edges of two items of a layer on one side, `a` standing left
 * of `b`. */
static int side_crossings(const struct picture *p, int a, int b, bool above)
{
	int na, nb, count = 0;
	const int *x = picture_near(p, a, above, &na),
		  *y = picture_near(p, b, above, &nb);

	for (int i = 0; i < na; i++)
		for (int k = 0; k < nb; k++)
			count += p->items[x[i]].place > p->items[y[k]].place;
	return count;
}

static int pair_crossings(const struct picture *p, int a, int b)
{
	return side_crossings(p, a, b, true) + side_crossings(p, a, b, false);
}

static long crossings(const struct picture *p)
{
	long count = 0;

	for (int layer = 0; layer < p->layers; layer++)
		for (int i = p->first[layer]; i < p->first[layer + 1]; i++)
			for (int k = i + 1; k < p->first[layer + 1]; k++)
				count += side_crossings(
					p, p->order[i], p->order[k], false);
	return count;
}

static void sweep(struct picture *p, bool down)
{
	for (int i = 1; i < p->layers; i++) {
		int layer = down ? i : p->layers - 1 - i;

		wish_place(p, layer, down);
		sort_layer(p, layer);
	}
}

static void restore(struct picture *p, const int *best)
{
	for (int layer = 0; layer < p->layers; layer++)
		for (int i = p->first[layer]; i < p->first[layer + 1]; i++) {
			p->order[i] = best[i];
			p->items[best[i]].place = i - p->first[layer];
		}
}

static void swap_places(struct picture *p, int at)
{
	int a = p->order[at], b = p->order[at + 1];

	p->order[at] = b;
	p->order[at + 1] = a;
	p->items[a].place++;
	p->items[b].place--;
}

/* Swaps neighbours where that takes crossings away, or (`even`) makes none. */
static void transpose(struct picture *p, bool even)
{
	for (int layer = 0; layer < p->layers; layer++)
		for (int i = p->first[layer]; i + 1 < p->first[layer + 1]; i++) {
			int a = p->order[i], b = p->order[i + 1];
			int now = pair_crossings(p, a, b);
			int then = pair_crossings(p, b, a);

			if (then < now || (even && then == now && now))
				swap_places(p, i);
		}
}

static bool order_layers(struct picture *p)
{
	size_t size = p->item_count * sizeof(int);
	int *best = malloc(size + 1);
	long least = crossings(p);

	if (!best)
		return false;
	memcpy(best, p->order, size);
	for (int i = 0; i < SWEEPS && least; i++) {
		long now;

		sweep(p, i % 2 == 0);
		now = crossings(p);
		if (now < least) {
			least = now;
			memcpy(best, p->order, size);
		} else if (i > 2) {
			break;
		}
	}
	restore(p, best);
	for (int i = 0; i < SWEEPS && least; i++) {
		long now;

		transpose(p, i % 2);
		now = crossings(p);
		if (now < least) {
			least = now;
			memcpy(best, p->order, size);
		}
	}
	restore(p, best);
	free(best);
	return true;
}

bool picture_order(struct picture *p, struct error *err)
{
	uint32_t edges = p->edge_count;

	for (uint32_t i = 0; i < edges; i++)
		if (!split_edge(p, i))
			return error_set_memory(err, "the picture");
	if (!list_layers(p) || !list_neighbours(p) || !order_layers(p))
		return error_set_memory(err, "the picture");
	return true;
}
