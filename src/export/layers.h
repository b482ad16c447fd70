/* Private to src/export: a layered layout of an acyclic drawing. Layers lie one below
 * the other; an edge over several layers bends in each layer that it passes. */
#ifndef QDQEDIT_EXPORT_LAYERS_H
#define QDQEDIT_EXPORT_LAYERS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct layers_item {
	double width; /* given; of a bend: small */
	double x;     /* its middle, from 0 */
	uint32_t layer, place;
	double wish; /* while it is worked out */
};

/* The way of an edge: `from`, then `bends` items from first_bend on, then `to`. */
struct layers_edge {
	uint32_t from, to;
	uint32_t first_bend, bends;
};

struct layers {
	struct layers_item *items; /* those given, then the bends */
	struct layers_edge *edges;
	uint32_t item_count, edge_count, layer_count;
	double width;         /* of all */
	uint32_t *order;      /* items layer by layer */
	uint32_t *first;      /* where each layer begins; layer_count + 1 */
	uint32_t *near;       /* neighbours of item i: above from near_first[2i] on, */
	uint32_t *near_first; /* below from near_first[2i + 1] on */
	size_t item_room;
};

/* Lays out `count` items of the widths given, with `gap` between, and edges of which from
 * and to are given. Edges that would close a cycle must not be there. Released by
 * layers_release, also after failure. */
bool layers_make(struct layers *layers, const double *widths, uint32_t count,
	const struct layers_edge *edges, uint32_t edge_count, double gap,
	struct error *err);
void layers_release(struct layers *layers);

/* ---- layers_place.c: where the items of each layer stand, once their order is known:
 * near their neighbours without overlapping. */
bool layers_place(struct layers *layers, double gap);

#endif
