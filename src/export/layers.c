/* Layered layout: layers, bends, and the order in each layer by barycentres. */
#include "export/layers.h"

#include "base/array.h"

#include <stdlib.h>

enum { SWEEPS = 12 };
#define BEND_WIDTH 2.0

/* ---- Layers. */

/* Longest paths from above; nothing moves any more after as many rounds as the longest
 * path has edges. */
static void find_layers(struct layers *l)
{
	bool moved = true;

	for (uint32_t round = 0; moved && round <= l->item_count; round++) {
		moved = false;
		for (uint32_t i = 0; i < l->edge_count; i++) {
			uint32_t least = l->items[l->edges[i].from].layer + 1;
			struct layers_item *to = &l->items[l->edges[i].to];

			moved |= to->layer < least;
			to->layer = to->layer < least ? least : to->layer;
		}
	}
}

/* Items that nothing points to stand right above the first that they point to. */
static bool pull_down(struct layers *l)
{
	uint32_t *least = malloc((l->item_count + 1) * sizeof(*least));
	bool *below = calloc(l->item_count + 1, sizeof(*below));
	bool fine = least && below;

	for (uint32_t i = 0; fine && i < l->item_count; i++)
		least[i] = UINT32_MAX;
	for (uint32_t i = 0; fine && i < l->edge_count; i++) {
		const struct layers_edge *e = &l->edges[i];
		uint32_t layer = l->items[e->to].layer;

		below[e->to] = true;
		least[e->from] = layer < least[e->from] ? layer : least[e->from];
	}
	for (uint32_t i = 0; fine && i < l->item_count; i++)
		if (!below[i] && least[i] != UINT32_MAX)
			l->items[i].layer = least[i] - 1;
	free(least);
	free(below);
	return fine;
}

static bool add_bends(struct layers *l)
{
	for (uint32_t i = 0; i < l->edge_count; i++) {
		struct layers_edge *e = &l->edges[i];
		uint32_t from = l->items[e->from].layer, to = l->items[e->to].layer;

		e->first_bend = l->item_count;
		e->bends = to > from + 1 ? to - from - 1 : 0;
		if (!array_reserve((void **)&l->items, &l->item_room,
			    (size_t)l->item_count + e->bends, sizeof(*l->items)))
			return false;
		for (uint32_t k = 0; k < e->bends; k++)
			l->items[l->item_count++] = (struct layers_item){
				.width = BEND_WIDTH, .layer = from + 1 + k};
	}
	return true;
}

/* ---- Lists. */

static bool list_layers(struct layers *l)
{
	for (uint32_t i = 0; i < l->item_count; i++)
		if (l->items[i].layer >= l->layer_count)
			l->layer_count = l->items[i].layer + 1;
	l->order = malloc(((size_t)l->item_count + 1) * sizeof(*l->order));
	l->first = calloc((size_t)l->layer_count + 2, sizeof(*l->first));
	if (!l->order || !l->first)
		return false;
	for (uint32_t i = 0; i < l->item_count; i++)
		l->first[l->items[i].layer + 2]++;
	for (uint32_t i = 2; i <= l->layer_count + 1; i++)
		l->first[i] += l->first[i - 1];
	for (uint32_t i = 0; i < l->item_count; i++) {
		uint32_t *next = &l->first[l->items[i].layer + 1];

		l->items[i].place = *next - l->first[l->items[i].layer];
		l->order[(*next)++] = i;
	}
	return true;
}

/* Calls for each piece of each edge: above and below, in neighbouring layers. */
static void each_piece(
	struct layers *l, void (*call)(struct layers *l, uint32_t above, uint32_t below))
{
	for (uint32_t i = 0; i < l->edge_count; i++) {
		const struct layers_edge *e = &l->edges[i];
		uint32_t above = e->from;

		for (uint32_t k = 0; k < e->bends; k++) {
			call(l, above, e->first_bend + k);
			above = e->first_bend + k;
		}
		call(l, above, e->to);
	}
}

static void count_piece(struct layers *l, uint32_t above, uint32_t below)
{
	l->near_first[2 * (size_t)above + 2]++;
	l->near_first[2 * (size_t)below + 1]++;
}

static void put_piece(struct layers *l, uint32_t above, uint32_t below)
{
	l->near[--l->near_first[2 * (size_t)above + 2]] = below;
	l->near[--l->near_first[2 * (size_t)below + 1]] = above;
}

/* Filled from the end of each part, which then has moved to its beginning. */
static bool list_neighbours(struct layers *l)
{
	size_t slots = 2 * (size_t)l->item_count + 2, pieces = l->edge_count;

	for (uint32_t i = 0; i < l->edge_count; i++)
		pieces += l->edges[i].bends;
	l->near = malloc((2 * pieces + 1) * sizeof(*l->near));
	l->near_first = calloc(slots, sizeof(*l->near_first));
	if (!l->near || !l->near_first)
		return false;
	each_piece(l, count_piece);
	for (size_t i = 1; i < slots; i++)
		l->near_first[i] += l->near_first[i - 1];
	each_piece(l, put_piece);
	for (size_t i = 0; i + 1 < slots; i++)
		l->near_first[i] = l->near_first[i + 1];
	l->near_first[slots - 1] = 2 * (uint32_t)pieces;
	return true;
}

/* ---- Order. */

static void wish_places(struct layers *l, uint32_t layer, bool above)
{
	for (uint32_t i = l->first[layer]; i < l->first[layer + 1]; i++) {
		struct layers_item *item = &l->items[l->order[i]];
		const uint32_t *first = l->near_first + 2 * (size_t)l->order[i] + !above;
		double sum = 0;

		for (uint32_t k = first[0]; k < first[1]; k++)
			sum += l->items[l->near[k]].place;
		item->wish =
			first[1] > first[0] ? sum / (first[1] - first[0]) : item->place;
	}
}

/* Insertion sort: layers are nearly sorted, and equal wishes keep their order. */
static void sort_layer(struct layers *l, uint32_t layer)
{
	uint32_t first = l->first[layer], last = l->first[layer + 1];

	for (uint32_t i = first + 1; i < last; i++) {
		uint32_t item = l->order[i], at = i;

		for (; at > first &&
			l->items[l->order[at - 1]].wish > l->items[item].wish + 1e-9;
			at--)
			l->order[at] = l->order[at - 1];
		l->order[at] = item;
	}
	for (uint32_t i = first; i < last; i++)
		l->items[l->order[i]].place = i - first;
}

static void order_layers(struct layers *l)
{
	for (int round = 0; round < SWEEPS; round++)
		for (uint32_t i = 1; i < l->layer_count; i++) {
			bool down = round % 2 == 0;
			uint32_t layer = down ? i : l->layer_count - 1 - i;

			wish_places(l, layer, down);
			sort_layer(l, layer);
		}
}

bool layers_make(struct layers *l, const double *widths, uint32_t count,
	const struct layers_edge *edges, uint32_t edge_count, double gap,
	struct error *err)
{
	bool fine;

	*l = (struct layers){.item_count = count, .edge_count = edge_count};
	l->edges = malloc(((size_t)edge_count + 1) * sizeof(*l->edges));
	fine = l->edges && array_reserve((void **)&l->items, &l->item_room,
				   (size_t)count + 1, sizeof(*l->items));
	for (uint32_t i = 0; fine && i < count; i++)
		l->items[i] = (struct layers_item){.width = widths[i]};
	for (uint32_t i = 0; fine && i < edge_count; i++)
		l->edges[i] = edges[i];
	if (fine)
		find_layers(l);
	fine = fine && pull_down(l) && add_bends(l) && list_layers(l) &&
	       list_neighbours(l);
	if (fine)
		order_layers(l);
	fine = fine && layers_place(l, gap);
	return fine || error_set_memory(err, "the layout");
}

void layers_release(struct layers *l)
{
	free(l->items);
	free(l->edges);
	free(l->order);
	free(l->first);
	free(l->near);
	free(l->near_first);
	*l = (struct layers){0};
}
