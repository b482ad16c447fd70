/* The names that nodes read and write while a model is quantized: graph names and new
 * ones as ids of one space, so that renaming "all slots that name T" follows a chain. */
#ifndef QDQEDIT_QUANT_WIRING_H
#define QDQEDIT_QUANT_WIRING_H

#include "base/array.h"
#include "graph/graph.h"
#include "rules/marks.h"

/* Ids below graph->names.count are those of the graph's pool. */
typedef uint32_t text_id;
#define NO_TEXT UINT32_MAX
#define NO_LINK UINT32_MAX

enum text_flag {
	TEXT_VALUE = 1 << 0,    /* names a tensor somewhere in the model */
	TEXT_NODE = 1 << 1,     /* names a node somewhere in the model */
	TEXT_OUTPUT = 1 << 2,   /* an output of the main graph */
	TEXT_CAPTURED = 1 << 3, /* taken from outside by a subgraph */
	TEXT_KEPT = 1 << 4,     /* met among the initializers in the clean-up */
	TEXT_DROPPED = 1 << 5,  /* an initializer of this name went */
	TEXT_GONE = 1 << 6,     /* one of them before the clean-up */
};

struct text_info {
	uint32_t readers;     /* chain of input slots with this name */
	uint32_t writers;     /* chain of output slots with this name */
	uint32_t initializer; /* first initializer of this name plus one, 0: none */
	uint32_t stamp;       /* member of the set number `stamp` */
	uint32_t flags;
};

struct slot {
	text_id text; /* NO_TEXT: absent */
	uint32_t next, previous;
	uint32_t node; /* of the main graph, or main_nodes plus index of new_nodes */
};

enum new_kind { NEW_QUANTIZE, NEW_DEQUANTIZE, NEW_CAST };

struct new_node {
	enum new_kind kind;
	text_id name;
	uint32_t first_slot; /* inputs, then the output */
	int32_t axis;        /* -1: none */
	int64_t block;       /* 0: none */
};

struct wiring {
	const struct graph *graph;
	bool keep_collisions; /* new names may equal old ones (--ort-compatible) */
	struct names own;
	struct text_info *texts;
	size_t text_room;
	struct slot *slots; /* those of the graph in front, by the graph's index */
	size_t slot_count, slot_room;
	struct new_node *nodes;
	size_t node_count, node_room;
	uint32_t stamp;
	uint32_t collisions; /* new names that got a suffix */
	text_id first_collision;
	char *scratch;
	size_t scratch_room;
};

/* From the slots that marking left; removed nodes take no part. */
bool wiring_init(struct wiring *w, const struct marks *marks, bool keep_collisions,
	struct error *err);
void wiring_release(struct wiring *w);

const char *wiring_text(const struct wiring *w, text_id text, size_t *length);

/* The id of a text; NO_TEXT when memory is gone. */
text_id wiring_intern(struct wiring *w, const char *bytes, size_t length);

/* The new name BASE SUFFIX; one that is taken gets _1, _2, ... unless collisions are
 * kept. `flag` is TEXT_VALUE or TEXT_NODE. NO_TEXT when memory is gone. */
text_id wiring_fresh(
	struct wiring *w, text_id base, const char *suffix, enum text_flag flag);

/* Every input (output) slot named `from` is named `to`. */
void wiring_rename_inputs(struct wiring *w, text_id from, text_id to);
void wiring_rename_outputs(struct wiring *w, text_id from, text_id to);

/* The same for nodes whose name bears the stamp, and for one node of the main graph. */
void wiring_rename_stamped(struct wiring *w, text_id from, text_id to, uint32_t stamp);
void wiring_rename_node(struct wiring *w, node_id node, text_id from, text_id to);

/* Appends a node of up to three inputs (NO_TEXT ends them) and one output. */
bool wiring_add(struct wiring *w, enum new_kind kind, text_id name,
	const text_id inputs[3], text_id output, int32_t axis, int64_t block);

static inline uint32_t new_node_inputs(const struct new_node *node)
{
	return node->kind == NEW_CAST ? 1 : 3;
}

/* The name of a node of the main graph or a new one. */
text_id wiring_node_name(const struct wiring *w, uint32_t node);

#endif
