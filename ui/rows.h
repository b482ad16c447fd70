/* The rows of the outline: graph inputs and nodes of one scope, in an order, and the
 * part of them that filter and folds leave. Arrays of 32-bit numbers, nothing per row. */
#ifndef QDQEDIT_UI_ROWS_H
#define QDQEDIT_UI_ROWS_H

#include "plan/outcome.h"
#include "plan/query.h"
#include "ui/folds.h"

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
	ORDER_ERROR, /* as compared, worst first */
	ORDER_COUNT
};

extern const char *const row_order_names[ORDER_COUNT];

/* Freed by rows_release. Row numbers are positions in `all`. */
struct tensor_error;

struct rows {
	const struct graph *graph; /* borrowed */
	scope_id scope;
	enum row_order order;
	uint32_t *all;
	uint32_t count;
	uint32_t *of_node;   /* row of each node, ROW_NONE if it has none */
	uint32_t *of_tensor; /* the same of graph inputs and captured tensors */
	uint32_t *view;      /* rows left by filter and folds, ascending; NULL: all */
	uint32_t view_count;
	bool ranked;         /* `view` stands in another order: the best match first */
	unsigned char *kept; /* bits of the rows that the filter leaves; NULL: all */
	const struct tensor_error *errors; /* by tensor, borrowed; NULL: none; stays */
	struct folds *folds;               /* borrowed; NULL or of kind FOLD_OFF: none */
};

/* Lists the rows of a scope in an order; filter and folds are dropped. Constant nodes
 * have no row. In a body, what it captures from outside stands with its inputs. */
bool rows_build(struct rows *rows, const struct outcome *outcome, scope_id scope,
	enum row_order order, struct error *err);
void rows_release(struct rows *rows);

/* Keeps the rows that match (NULL: all of them), folded as rows->folds says. */
bool rows_filter(struct rows *rows, const struct query *query, const struct plan *plan,
	const struct outcome *outcome, struct error *err);

/* After rows_filter: the best matches of the query first, until filter or folds change.
 * Very many rows, and groups, stay as they are. */
bool rows_rank(struct rows *rows, const struct query *query, const struct plan *plan,
	const struct outcome *outcome, struct error *err);

/* Takes over what rows->folds says now; the filter stays. */
bool rows_fold(struct rows *rows, struct error *err);

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

/* True if the filter leaves the row. */
static inline bool rows_keeps(const struct rows *rows, uint32_t row)
{
	return !rows->kept || rows->kept[row / 8] >> (row % 8) & 1;
}

/* The position in `all` of the n-th visible row. */
static inline uint32_t rows_index(const struct rows *rows, uint32_t n)
{
	return rows->view ? rows->view[n] : n;
}

/* The closed group that the n-th visible row stands for, or FOLD_NONE. */
uint32_t rows_fold_at(const struct rows *rows, uint32_t n);

/* Where a row is to be seen, the row of its closed group if it is in one; ROW_NONE if
 * the filter hides it. */
uint32_t rows_shown(const struct rows *rows, uint32_t row);

/* The visible position of a node or graph input, or the next one behind it when the
 * filter hides it; that of its closed group if it is in one; ROW_NONE if it has no row
 * at all. */
uint32_t rows_find_node(const struct rows *rows, node_id node);
uint32_t rows_find_tensor(const struct rows *rows, tensor_id tensor);

/* The tensor a row stands for: the input, or the node's first output. */
tensor_id rows_tensor(const struct graph *graph, uint32_t code);

#endif
