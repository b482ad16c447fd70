/* The rows that a filter leaves, best match first: while it is being typed. */
#include "ui/rows.h"

#include <stdlib.h>

/* With more matches than these, so little was typed that no order means anything; and a
 * key has to be answered at once. */
enum { RANKED_MOST = 16384 };

struct ranked {
	uint32_t row;
	int score;
};

static int by_score(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->row < y->row ? -1 : 1;
}

static int score_of(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, uint32_t code)
{
	int score = 0;

	if (code & ROW_TENSOR)
		query_match_tensor(query, plan, outcome, code & ~ROW_TENSOR, &score);
	else
		query_match_node(query, plan, outcome, code, &score);
	return score;
}

bool rows_rank(struct rows *rows, const struct query *query, const struct plan *plan,
	const struct outcome *outcome, struct error *err)
{
	uint32_t count = rows->view_count;
	struct ranked *ranked;

	if (!rows->view || count > RANKED_MOST || (rows->folds && rows->folds->kind))
		return true;
	ranked = malloc(((size_t)count + 1) * sizeof(*ranked));
	if (!ranked)
		return error_set_memory(err, "the filter");
	for (uint32_t i = 0; i < count; i++)
		ranked[i] = (struct ranked){rows->view[i],
			score_of(query, plan, outcome, rows->all[rows->view[i]])};
	qsort(ranked, count, sizeof(*ranked), by_score);
	for (uint32_t i = 0; i < count; i++)
		rows->view[i] = ranked[i].row;
	free(ranked);
	rows->ranked = true;
	return true;
}
