/* Private to src/export: what a drawing of a plan shows, for Graphviz, Mermaid and SVG
 * alike: nodes, the graph's inputs and outputs, and a box for each conversion. Constants
 * are left out. A large graph is drawn around its regions and conversions only. */
#ifndef QDQEDIT_EXPORT_DRAWING_H
#define QDQEDIT_EXPORT_DRAWING_H

#include "export/writer.h"

enum drawn_kind {
	DRAWN_NODE,
	DRAWN_INPUT,      /* of the graph */
	DRAWN_OUTPUT,     /* of the graph */
	DRAWN_CONVERSION, /* id: index of the boundary */
	DRAWN_MORE,       /* neighbours of node id that are not drawn */
};

struct drawn_item {
	enum drawn_kind kind;
	uint32_t id;     /* node, tensor or boundary */
	uint32_t region; /* of a node; else GRAPH_NONE */
	uint32_t count;  /* of DRAWN_MORE */
};

struct drawn_edge {
	uint32_t from, to; /* items */
	tensor_id tensor;  /* GRAPH_NONE: to or from DRAWN_MORE */
	enum qtype type;   /* it is seen in; QTYPE_NONE: not quantized */
	bool first;        /* of the tensor: shows its name */
};

struct drawing {
	const struct export_source *source;
	struct drawn_item *items;
	struct drawn_edge *edges;
	size_t item_count, item_room, edge_count, edge_room;
	uint32_t *item_of;      /* by main node, GRAPH_NONE: not drawn */
	uint32_t nodes, hidden; /* drawn, and not */
};

/* At most `most` nodes. Released by drawing_release, also after failure. */
bool drawing_make(struct drawing *drawing, const struct export_source *source,
	uint32_t most, struct error *err);
void drawing_release(struct drawing *drawing);

/* Reports the new names of what is drawn; and what is not drawn: how many nodes, and each
 * thing of the plan about them. */
void drawing_report(const struct drawing *drawing, struct export_writer *writer);

/* Static losses of a drawing: constants. */
const char *export_lost_drawing(
	const struct export_source *source, const struct export_item *item);

/* "u16", "float", "int64", or "" if nothing is known. */
const char *drawing_type(
	const struct export_source *source, tensor_id tensor, enum qtype type);

/* The text of an item, up to two lines; names escaped as text_escape does, and cut to
 * `most` columns. `second` is "" for most kinds. */
struct drawn_text {
	char first[200], second[200];
};
void drawing_text(const struct drawing *drawing, const struct drawn_item *item,
	size_t most, struct drawn_text *text);

/* "A heart: QUInt16", escaped. */
char *drawing_region(
	const struct export_source *source, uint32_t region, char *out, size_t room);

#endif
