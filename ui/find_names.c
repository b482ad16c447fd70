/* Going to a name: nodes by their label, tensors by their name. */
#include "ui/command.h"
#include "ui/find.h"

#include <stdlib.h>
#include <string.h>

struct scored {
	uint32_t code;
	int score;
};

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return x->score != y->score ? y->score - x->score : x->code < y->code ? -1 : 1;
}

/* The best so far; once there are enough, the worst of them gives way. */
struct best {
	struct scored items[PROMPT_MATCHES];
	uint32_t count, worst;
};

static void find_worst(struct best *best)
{
	best->worst = 0;
	for (uint32_t i = 1; i < best->count; i++)
		if (best->items[i].score < best->items[best->worst].score)
			best->worst = i;
}

static void keep_best(struct best *best, struct scored one)
{
	if (best->count < PROMPT_MATCHES)
		best->items[best->count++] = one;
	else if (one.score > best->items[best->worst].score)
		best->items[best->worst] = one;
	else
		return;
	if (best->count == PROMPT_MATCHES)
		find_worst(best);
}

void find_near_names(struct ui *ui, const char *text)
{
	const struct graph *graph = ui->rows.graph;
	struct best best = {.count = 0};
	struct prompt *prompt = &ui->prompt;
	size_t n = strlen(text);

	prompt->found = 0;
	for (uint32_t i = 0; i < graph->node_count + graph->tensor_count; i++) {
		bool is_node = i < graph->node_count;
		uint32_t id = is_node ? i : i - graph->node_count;
		struct scored one = {is_node ? id : id | ROW_TENSOR,
			fuzzy_rank(text, n,
				is_node ? graph_node_label(graph, id)
					: graph_tensor_name(graph, id))};

		if (one.score < 0)
			continue;
		prompt->found++;
		keep_best(&best, one);
	}
	qsort(best.items, best.count, sizeof(*best.items), by_score);
	for (uint32_t i = 0; i < best.count; i++)
		prompt->matches[i] = best.items[i].code;
	list_set_count(&prompt->list, best.count);
	list_go(&prompt->list, 0);
}
