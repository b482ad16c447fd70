/* The layered picture of a neighbourhood (tui-design.md 6.3): what is in it, where it
 * stands, and the lines between. Positions are columns and rows of an endless sheet. */
#ifndef QDQEDIT_UI_PICTURE_H
#define QDQEDIT_UI_PICTURE_H

#include "plan/outcome.h"

#include <stdbool.h>
#include <stdint.h>

enum item_kind {
	ITEM_NODE,
	ITEM_TENSOR, /* graph input or graph output */
	ITEM_STUB,   /* readers or producers that were cut off */
	ITEM_BEND,   /* where an edge passes a layer */
};

struct picture_item {
	enum item_kind kind;
	uint32_t id;      /* node, or tensor */
	uint32_t count;   /* of a stub: readers; 0: producers above */
	int layer, place; /* place: order in its layer */
	int x, y, w;      /* label: leftmost column, row, columns */
	int anchor;       /* column (row, if across) in which its lines run */
	int label;        /* columns of the text on the line that leaves it; 0: none */
	double wish;      /* while it is worked out */
};

/* An edge between neighbouring layers. `mark` shows the conversion on it. */
struct picture_edge {
	int from, to; /* items */
	tensor_id tensor;
	enum qtype mark; /* QTYPE_NONE: none */
	bool mark_above; /* at the source, not at the reader */
};

/* One cell of a line. */
struct picture_cell {
	uint8_t sides; /* enum line_side */
	tensor_id tensor;
};

/* What stands on lines: bits of picture_wish.parts. */
enum edge_part { EDGE_NAME = 1, EDGE_SHAPE = 2, EDGE_TYPE = 4 };

enum { PICTURE_OPENED = 16 };

/* Zero-initialized is empty; buffers are kept for the next picture. */
struct picture {
	struct picture_item *items;
	struct picture_edge *edges;
	struct picture_cell *cells; /* w * h */
	uint32_t item_count, edge_count;
	size_t item_room, edge_room, cell_room;
	int w, h, layers;
	node_id root; /* it was drawn around this node */
	int radius, width, height;
	uint64_t generation;
	const struct graph *graph;
	bool ascii, constants;
	unsigned parts;                 /* on lines: enum edge_part */
	node_id opened[PICTURE_OPENED]; /* nodes drawn with all their neighbours */
	int opened_count;
	bool across;            /* drawn from left to right, not from top to bottom */
	int view_x, view_y;     /* what the pane shows of the sheet */
	int *order, *first;     /* items layer by layer; where each layer begins */
	int *near, *near_first; /* neighbours of item i: above from near_first[2i] on,
				   below from near_first[2i + 1] on */
};

/* What is asked for. */
struct picture_wish {
	const struct outcome *outcome;
	node_id root;
	int radius;
	int width, height; /* of the pane: it holds at most width * height / 12 items */
	bool ascii;
	bool constants; /* draw them too */
	unsigned parts; /* on lines: enum edge_part */
};

/* Draws unless the picture at hand is still good: same plan and size, and the root in
 * it with its neighbours. */
bool picture_update(
	struct picture *picture, const struct picture_wish *wish, struct error *err);

/* The item of a node, or NULL. */
const struct picture_item *picture_find(const struct picture *picture, node_id node);

/* The next update draws all neighbours of a node, however many; the last few such nodes
 * stay so until the picture is forgotten. False if the node was opened already. */
bool picture_open(struct picture *picture, node_id node);

/* A stub beside the item of a node, or NULL: neighbours that are not drawn. */
const struct picture_item *picture_stub(const struct picture *picture, node_id node);

/* The text on the line of a tensor; returns `out`. */
char *picture_label(const struct outcome *outcome, unsigned edges, tensor_id tensor,
	char *out, size_t room);

/* Forgets the picture, so that the next update draws around its root. */
void picture_forget(struct picture *picture);
void picture_release(struct picture *picture);

/* Columns from a line to its label; with a conversion's mark on the line, behind that. */
enum { LABEL_AT = 2, LABEL_BEHIND_MARK = 4 };

/* ---- Private to the picture's files. */

/* Adds an item or edge; the index, or -1 when memory is gone. */
int picture_add_item(struct picture *picture, struct picture_item item);
bool picture_add_edge(struct picture *picture, struct picture_edge edge);

/* The neighbours of an item on one side, and the tensor whose line leaves it. */
const int *picture_near(const struct picture *picture, int item, bool above, int *count);
tensor_id picture_tensor(const struct picture *picture, int item);

/* Steps in this order: what, in which layer and order; where; the lines. */
bool picture_collect(
	struct picture *picture, const struct picture_wish *wish, struct error *err);
bool picture_order(struct picture *picture, struct error *err);
bool picture_place(struct picture *picture, struct error *err);
bool picture_route(struct picture *picture, struct error *err);

#endif
