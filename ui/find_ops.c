/* A word that is in no name may be in the name of an operator: Tab looks there. */
#include "base/text.h"
#include "graph/search.h"
#include "ui/find.h"

#include <stdio.h>
#include <string.h>

enum { OPS_MOST = 8 };

/* A bare word: nothing of the query language is in it. */
static bool is_word(const char *text)
{
	return *text && !text[strcspn(text, " \t:!'^$/<>=*?,")];
}

static bool holds(const char *const *ops, uint32_t count, const char *op)
{
	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(ops[i], op))
			return true;
	return false;
}

uint32_t find_ops(const struct ui *ui, const char *text, char *query, size_t room)
{
	const struct graph *graph = ui->rows.graph;
	struct search word = search_prepare(text, strlen(text));
	const char *ops[OPS_MOST];
	uint32_t nodes = 0, count = 0;
	size_t at = 0;

	*query = '\0';
	if (!is_word(text))
		return 0;
	for (uint32_t i = 0; i < ui->rows.count; i++) {
		uint32_t code = ui->rows.all[i];
		const char *op;

		if (code & ROW_TENSOR)
			continue;
		op = graph_op_type(graph, code);
		if (!search_matches(&word, op, strlen(op)))
			continue;
		if (!holds(ops, count, op)) {
			if (count == OPS_MOST)
				continue;
			ops[count++] = op;
		}
		nodes++;
	}
	for (uint32_t i = 0; i < count && at < room; i++)
		at += (size_t)snprintf(
			query + at, room - at, "%s%s", i ? "," : "op:", ops[i]);
	return nodes;
}
