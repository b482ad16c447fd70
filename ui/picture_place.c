/* Where the items of a picture stand in their layers: the least squares that keep the
 * order, then small kinks taken out. */
#include "ui/picture.h"

#include <stdlib.h>

enum { SWEEPS = 8 };

/* What of a label lies before its anchor, in the direction of the layer. */
static int before_anchor(const struct picture *p, const struct picture_item *item)
{
	return p->across ? 0 : (item->w - 1) / 2;
}

/* Columns (or rows) that two neighbours need between their anchors. */
static int apart(const struct picture *p, int a, int b)
{
	const struct picture_item *x = &p->items[a], *y = &p->items[b];
	bool bend = x->kind == ITEM_BEND || y->kind == ITEM_BEND;
	/* nodes have a blank or a bracket around their names */
	bool names = x->kind != ITEM_NODE && y->kind != ITEM_NODE;

	int label = x->label && !p->across ? LABEL_BEHIND_MARK + x->label + 1 : 0,
	    names_need;

	if (p->across)
		return bend ? 1 : 2;
	names_need = x->w - 1 - before_anchor(p, x) + (names && !bend ? 2 : 1) + 1 +
		     before_anchor(p, y);
	return names_need > label ? names_need : label;
}

/* Which neighbours an item is drawn to. */
enum { DRAWN_UP = 1, DRAWN_DOWN = 2 };

/* Adds the columns of the neighbours on one side; an edge with a bend counts more, for
 * long lines are to be straight. */
static void add_columns(
	const struct picture *p, int self, bool above, double *sum, double *weight)
{
	int count;
	const int *near = picture_near(p, self, above, &count);

	for (int i = 0; i < count; i++) {
		bool bends = p->items[self].kind == ITEM_BEND ||
			     p->items[near[i]].kind == ITEM_BEND;
		double w = bends ? 4 : 1;

		*sum += w * p->items[near[i]].anchor;
		*weight += w;
	}
}

/* The weighted mean of the neighbours' columns, or the own one without any. */
static void wish_anchor(struct picture *p, int layer, int sides)
{
	for (int i = p->first[layer]; i < p->first[layer + 1]; i++) {
		struct picture_item *item = &p->items[p->order[i]];
		double sum = 0, weight = 0;

		if (sides & DRAWN_UP)
			add_columns(p, p->order[i], true, &sum, &weight);
		if (sides & DRAWN_DOWN)
			add_columns(p, p->order[i], false, &sum, &weight);
		item->wish = weight > 0 ? sum / weight : item->anchor;
	}
}

/* Items that would overlap are pooled and share the mean of their wishes. */
struct pool {
	double sum, weight;
	int first, count, shift;
};

static void place_layer(struct picture *p, int layer, struct pool *pools)
{
	int first = p->first[layer], last = p->first[layer + 1], n = 0, shift = 0;

	for (int i = first; i < last; i++) {
		const struct picture_item *item = &p->items[p->order[i]];
		double weight = item->kind == ITEM_BEND ? 4 : 1;

		if (i > first)
			shift += apart(p, p->order[i - 1], p->order[i]);
		pools[n++] =
			(struct pool){(item->wish - shift) * weight, weight, i, 1, shift};
		while (n > 1 && pools[n - 2].sum / pools[n - 2].weight >
					pools[n - 1].sum / pools[n - 1].weight) {
			pools[n - 2].sum += pools[n - 1].sum;
			pools[n - 2].weight += pools[n - 1].weight;
			pools[n - 2].count += pools[n - 1].count;
			n--;
		}
	}
	for (int k = 0; k < n; k++) {
		double at = pools[k].sum / pools[k].weight;
		int base = (int)(at + (at < 0 ? -0.5 : 0.5)), run = pools[k].shift;

		for (int i = pools[k].first; i < pools[k].first + pools[k].count; i++) {
			if (i > pools[k].first)
				run += apart(p, p->order[i - 1], p->order[i]);
			p->items[p->order[i]].anchor = base + run;
		}
	}
}

/* The only neighbour on one side, or -1. */
static int only_neighbour(const struct picture *p, int self, bool above)
{
	int count;
	const int *near = picture_near(p, self, above, &count);

	return count == 1 ? near[0] : -1;
}

static bool has_room(const struct picture *p, int at, int layer, int anchor)
{
	int self = p->order[at];

	if (at > p->first[layer] && anchor - p->items[p->order[at - 1]].anchor <
					    apart(p, p->order[at - 1], self))
		return false;
	return at + 1 >= p->first[layer + 1] ||
	       p->items[p->order[at + 1]].anchor - anchor >=
		       apart(p, self, p->order[at + 1]);
}

/* Takes small kinks out of lines that have only one way to go. */
static void straighten(struct picture *p, bool above)
{
	for (int k = 0; k < p->layers; k++) {
		int layer = above ? k : p->layers - 1 - k;

		for (int i = p->first[layer]; i < p->first[layer + 1]; i++) {
			struct picture_item *item = &p->items[p->order[i]];
			int other = only_neighbour(p, p->order[i], above), wish;

			if (other < 0)
				continue;
			wish = p->items[other].anchor;
			if (abs(wish - item->anchor) <= 3 && has_room(p, i, layer, wish))
				item->anchor = wish;
		}
	}
}

static void shift_to_zero(struct picture *p)
{
	int least = 0;

	for (uint32_t i = 0; i < p->item_count; i++) {
		struct picture_item *item = &p->items[i];
		int start = item->anchor - before_anchor(p, item);

		least = !i || start < least ? start : least;
	}
	for (uint32_t i = 0; i < p->item_count; i++) {
		struct picture_item *item = &p->items[i];

		item->anchor -= least;
		if (p->across)
			item->y = item->anchor;
		else
			item->x = item->anchor - before_anchor(p, item);
	}
}

bool picture_place(struct picture *p, struct error *err)
{
	struct pool *pools = malloc((p->item_count + 1) * sizeof(*pools));

	if (!pools)
		return error_set_memory(err, "the picture");
	for (uint32_t i = 0; i < p->item_count; i++)
		p->items[i].anchor = 0, p->items[i].wish = 0;
	for (int layer = 0; layer < p->layers; layer++)
		place_layer(p, layer, pools);
	for (int round = 0; round < 2 * SWEEPS; round++)
		for (int i = 0; i < p->layers; i++) {
			int layer = round % 2 ? p->layers - 1 - i : i;
			int sides = round >= 4  ? DRAWN_UP | DRAWN_DOWN
				    : round % 2 ? DRAWN_DOWN
						: DRAWN_UP;

			wish_anchor(p, layer, sides);
			place_layer(p, layer, pools);
		}
	free(pools);
	straighten(p, true);
	straighten(p, false);
	straighten(p, true);
	shift_to_zero(p);
	return true;
}
