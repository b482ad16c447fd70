/* Layered layout: where the items of a layer stand. Each wants to be at the mean of its
 * neighbours; the nearest places that keep order and distance are the isotonic
 * regression of the wishes, found by pooling neighbours that would overlap. */
#include "export/layers.h"

#include <stdlib.h>

enum { ROUNDS = 24 };

/* Neighbours that stand as close as they may. */
struct pool {
	double sum, weight;
	uint32_t first, count;
};

/* Bends pull and hold on stronger: long lines are to be straight. */
static double weight_of(const struct layers_item *item)
{
	return item->width > 4 ? 1 : 8;
}

static void wish_x(struct layers *l, uint32_t layer, unsigned sides)
{
	for (uint32_t i = l->first[layer]; i < l->first[layer + 1]; i++) {
		struct layers_item *item = &l->items[l->order[i]];
		const uint32_t *first = l->near_first + 2 * (size_t)l->order[i];
		uint32_t from = sides & 1 ? first[0] : first[1],
			 to = sides & 2 ? first[2] : first[1];
		double sum = 0, weight = 0;

		for (uint32_t k = from; k < to; k++) {
			const struct layers_item *near = &l->items[l->near[k]];

			sum += weight_of(near) * near->x;
			weight += weight_of(near);
		}
		item->wish = weight > 0 ? sum / weight : item->x;
	}
}

/* From the first item of the layer to this one at the least distances. */
static double shift_to(const struct layers *l, uint32_t at, double before, double gap)
{
	const struct layers_item *left = &l->items[l->order[at - 1]],
				 *right = &l->items[l->order[at]];

	return before + left->width / 2 + gap + right->width / 2;
}

static void place_layer(struct layers *l, uint32_t layer, double gap, struct pool *pools)
{
	uint32_t first = l->first[layer], last = l->first[layer + 1], n = 0;
	double shift = 0;

	for (uint32_t i = first; i < last; i++) {
		const struct layers_item *item = &l->items[l->order[i]];
		double weight = weight_of(item);

		shift = i > first ? shift_to(l, i, shift, gap) : 0;
		pools[n++] = (struct pool){(item->wish - shift) * weight, weight, i, 1};
		while (n > 1 && pools[n - 2].sum * pools[n - 1].weight >
					pools[n - 1].sum * pools[n - 2].weight) {
			pools[n - 2].sum += pools[n - 1].sum;
			pools[n - 2].weight += pools[n - 1].weight;
			pools[n - 2].count += pools[n - 1].count;
			n--;
		}
	}
	shift = 0;
	for (uint32_t k = 0; k < n; k++)
		for (uint32_t i = pools[k].first; i < pools[k].first + pools[k].count;
			i++) {
			shift = i > first ? shift_to(l, i, shift, gap) : 0;
			l->items[l->order[i]].x = pools[k].sum / pools[k].weight + shift;
		}
}

static void shift_to_zero(struct layers *l)
{
	double least = 0, most = 0;

	for (uint32_t i = 0; i < l->item_count; i++) {
		const struct layers_item *item = &l->items[i];
		double left = item->x - item->width / 2, right = left + item->width;

		least = !i || left < least ? left : least;
		most = !i || right > most ? right : most;
	}
	for (uint32_t i = 0; i < l->item_count; i++)
		l->items[i].x -= least;
	l->width = most - least;
}

bool layers_place(struct layers *l, double gap)
{
	struct pool *pools = malloc(((size_t)l->item_count + 1) * sizeof(*pools));

	if (!pools)
		return false;
	for (uint32_t layer = 0; layer < l->layer_count; layer++)
		place_layer(l, layer, gap, pools);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (uint32_t i = 0; i < l->layer_count; i++) {
			uint32_t layer = round % 2 ? l->layer_count - 1 - i : i;

			wish_x(l, layer, round >= 6 ? 3 : round % 2 ? 2 : 1);
			place_layer(l, layer, gap, pools);
		}
	free(pools);
	shift_to_zero(l);
	return true;
}
