/* The rows of the outline: graph inputs and nodes of the main graph, in an order, and
 * the part of them that a filter leaves. Arrays of 32-bit numbers, nothing per row. */
#ifndef QDQEDIT_UI_ROWS_H
#define QDQEDIT_UI_ROWS_H

#include "plan/outcome.h"
#include "plan/query.h"

/* A node id, or a tensor id with this bit for a graph input. */
#define ROW_TENSOR 0x80000000u
#define ROW_NONE UINT32_MAX

enum row_order {
	ORDER_GRAPH,
	ORDER_FILE,
	ORDER_NAME,
	ORDER_OP,
	ORDER_TYPE,
	ORDER_FANOUT,
	ORDER_IMPACT,
	ORDER_REGION,
	ORDER_COUNT
};

extern const char *const row_order_names[ORDER_COUNT];

/* Freed by rows_release. Row numbers are positions in `all`. */
struct rows {
	const struct graph *graph; /* borrowed */
	enum row_order order;
	uint32_t *all;
	uint32_t count;
	uint32_t *of_node;   /* row of each main node, ROW_NONE if it has none */
	uint32_t *of_tensor; /* the same of graph inputs, by tensor of the main graph */
	uint32_t *view;      /* rows left by the filter, ascending; NULL: all */
	uint32_t view_count;
};

/* Lists the rows in an order; the filter is dropped. Constant nodes have no row. */
bool rows_build(struct rows *rows, const struct graph *graph,
	const struct outcome *outcome, enum row_order order, struct error *err);
void rows_release(struct rows *rows);

/* Keeps the rows that match; NULL: all of them. */
bool rows_filter(struct rows *rows, const struct query *query, const struct plan *plan,
	const struct outcome *outcome, struct error *err);

/* Does the thing in the row match? */
bool rows_match(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, uint32_t code);

static inline uint32_t rows_visible(const struct rows *rows)
{
	return rows->view ? rows->view_count : rows->count;
}

/* The code of the n-th visible row. */
static inline uint32_t rows_at(const struct rows *rows, uint32_t n)
{
	return rows->all[rows->view ? rows->view[n] : n];
}

/* The visible position of a node or graph input, or the next one behind it when the
 * filter hides it; ROW_NONE if it has no row at all. */
uint32_t rows_find_node(const struct rows *rows, node_id node);
uint32_t rows_find_tensor(const struct rows *rows, tensor_id tensor);

/* The tensor a row stands for: the input, or the node's first output. */
tensor_id rows_tensor(const struct graph *graph, uint32_t code);

#endif
