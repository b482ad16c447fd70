/* Matching rows against a parsed query. */
#include "plan/query_terms.h"

#include <ctype.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A row: a tensor, or a node with its first output. */
struct row {
	const struct plan *plan;
	const struct outcome *o;
	const struct graph *graph;
	tensor_id tensor; /* GRAPH_NONE: a node without outputs */
	node_id node;     /* GRAPH_NONE: a tensor row */
};

static bool same_letters(const struct query_term *t, const char *a, size_t length)
{
	return t->search.fold ? !strncasecmp(a, t->text, length)
			      : !strncmp(a, t->text, length);
}

static bool matches_exactly(const struct query_term *t, const char *name)
{
	size_t length = strlen(t->text), whole = strlen(name);

	if (!(t->flags & (TERM_BEGINS | TERM_ENDS)))
		return search_contains(&t->search, name, whole);
	if (whole < length ||
		((t->flags & TERM_BEGINS) && (t->flags & TERM_ENDS) && whole != length))
		return false;
	return (!(t->flags & TERM_BEGINS) || same_letters(t, name, length)) &&
	       (!(t->flags & TERM_ENDS) ||
		       same_letters(t, name + whole - length, length));
}

static bool matches_regex(const struct query_term *t, const char *name, regmatch_t *found)
{
	const regex_t *regex = &t->regex;
	char small[256];
	size_t n = 0;

	if (t->has_small) {
		for (; name[n] > 0 && n < sizeof(small) - 1; n++)
			small[n] = search_lower(name[n]);
		small[n] = '\0';
		if (!name[n]) {
			regex = &t->small;
			name = small;
		}
	}
	return !regexec(regex, name, found ? 1 : 0, found, 0);
}

static bool matches_name(const struct query_term *t, const char *name, int *score)
{
	int32_t found;

	if (t->kind == TERM_REGEX && t->simple.usable) {
		size_t length = strlen(name);

		if (simple_is_ascii(name, length))
			return simple_matches(&t->simple, name, length);
	}
	if (t->kind == TERM_REGEX)
		return matches_regex(t, name, NULL);
	if (t->kind == TERM_EXACT)
		return matches_exactly(t, name);
	if (!score)
		return search_matches(&t->search, name, strlen(name));
	found = search_score(&t->search, name, strlen(name), NULL, 0);
	if (found == SEARCH_NO_MATCH)
		return false;
	*score += found;
	return true;
}

/* A node row answers to its own name and to that of its first output. */
static bool row_has_name(const struct row *row, const struct query_term *t, int *score)
{
	if (row->node != GRAPH_NONE &&
		matches_name(t, graph_node_label(row->graph, row->node), score))
		return true;
	return row->tensor != GRAPH_NONE &&
	       matches_name(t, graph_tensor_name(row->graph, row->tensor), score);
}

static bool is_glob_of(const char *text, size_t length, const char *op)
{
	char glob[128];

	snprintf(glob, sizeof(glob), "%.*s", (int)length, text);
	return !fnmatch(glob, op, FNM_NOESCAPE);
}

static bool row_has_op(const struct row *row, const struct query_term *t)
{
	node_id node = row->node != GRAPH_NONE
			       ? row->node
			       : row->graph->tensors[row->tensor].producer;
	const char *op = node == GRAPH_NONE ? NULL : graph_op_type(row->graph, node);

	for (const char *at = t->text; op && *at; at += *at == ',') {
		size_t length = strcspn(at, ",");

		if ((!strncasecmp(at, op, length) && !op[length]) ||
			(t->has_glob && is_glob_of(at, length, op)))
			return true;
		at += length;
	}
	return false;
}

static bool row_has_type(const struct row *row, const struct query_term *t)
{
	unsigned types;

	if (row->node != GRAPH_NONE)
		return t->types >> row->o->nodes[row->node].seen & 1;
	types = 1u << row->o->tensors[row->tensor].stored;
	if (row->o->tensors[row->tensor].converted)
		types |= 1u << row->o->tensors[row->tensor].converted;
	return t->types & types;
}

/* One extent against one part of the pattern. */
static bool extent_is(const struct graph *g, int64_t dim, const char *part, size_t length)
{
	char text[32];
	const char *name = text;

	if (length == 1 && *part == '*')
		return true;
	if (dim >= 0)
		snprintf(text, sizeof(text), "%lld", (long long)dim);
	else if (dim == -1)
		snprintf(text, sizeof(text), "?");
	else
		name = names_text(&g->names, g->symbols[-2 - dim]);
	return strlen(name) == length && !strncmp(name, part, length);
}

static bool shape_matches(
	const struct graph *g, const int64_t *dims, int32_t rank, const char *pattern)
{
	size_t length = strcspn(pattern, "x,");
	const char *rest = pattern + length + (pattern[length] != '\0');

	if (!*pattern)
		return rank == 0;
	if (length == 2 && !strncmp(pattern, "**", 2)) {
		for (int32_t skip = 0; skip <= rank; skip++)
			if (shape_matches(g, dims + skip, rank - skip, rest))
				return true;
		return false;
	}
	return rank > 0 && extent_is(g, dims[0], pattern, length) &&
	       shape_matches(g, dims + 1, rank - 1, rest);
}

static bool row_has_shape(const struct row *row, const struct query_term *t)
{
	const struct graph_tensor *tensor;

	if (row->tensor == GRAPH_NONE)
		return false;
	tensor = &row->graph->tensors[row->tensor];
	return tensor->rank >= 0 &&
	       shape_matches(row->graph, row->graph->dims + tensor->first_dim,
		       tensor->rank, t->text);
}

static bool row_is(const struct row *row, const struct is_word *is)
{
	unsigned state = 0, tensor = 0;
	uint16_t own = STATE_SELECTED | STATE_QUANTIZED;

	if (row->tensor != GRAPH_NONE) {
		state = row->o->tensors[row->tensor].flags;
		tensor = row->graph->tensors[row->tensor].flags;
	}
	if (row->node != GRAPH_NONE)
		state = (state & ~(unsigned)own) | row->o->nodes[row->node].flags;
	if (is->absent)
		return !(state & is->state);
	return (state & is->state) || (tensor & is->tensor);
}

static bool row_is_in(const struct row *row, const struct query_term *t)
{
	uint32_t region = GRAPH_NONE;
	const struct boundary *b;
	node_id node = row->node;

	if (node == GRAPH_NONE)
		node = row->graph->tensors[row->tensor].producer;
	if (node != GRAPH_NONE)
		region = row->o->nodes[node].region;
	if (region == GRAPH_NONE && row->node == GRAPH_NONE &&
		(b = outcome_boundary(row->o, row->tensor)))
		region = b->region;
	return region != GRAPH_NONE &&
	       (!strcasecmp(row->o->regions[region].letter, t->text) ||
		       !strcasecmp(row->o->regions[region].name, t->text));
}

static bool compares(const struct query_term *t, double value)
{
	return t->compare == '>'   ? value > t->number
	       : t->compare == '<' ? value < t->number
				   : value == t->number;
}

static bool row_has_fan(const struct row *row, const struct query_term *t)
{
	return row->tensor != GRAPH_NONE &&
	       compares(t, row->graph->tensors[row->tensor].reader_count);
}

static bool row_has_range(const struct row *row, const struct query_term *t)
{
	const struct range *range = row->tensor == GRAPH_NONE
					    ? NULL
					    : ranges_find(row->plan->ranges, row->tensor);

	return range && compares(t, fmax(fabs(range->low), fabs(range->high)));
}

static bool row_matches(const struct row *row, const struct query_term *t, int *score)
{
	switch (t->kind) {
	case TERM_OP:
		return row_has_op(row, t);
	case TERM_TYPE:
		return row_has_type(row, t);
	case TERM_SHAPE:
		return row_has_shape(row, t);
	case TERM_IS:
		return row_is(row, t->is);
	case TERM_IN:
		return row_is_in(row, t);
	case TERM_FAN:
		return row_has_fan(row, t);
	case TERM_RANGE:
		return row_has_range(row, t);
	default:
		return row_has_name(row, t, t->flags & TERM_NOT ? NULL : score);
	}
}

static bool match(const struct query *query, const struct row *row, int *score)
{
	if (score)
		*score = 0;
	for (size_t i = 0; i < query->count; i++)
		if (row_matches(row, &query->terms[i], score) ==
			(bool)(query->terms[i].flags & TERM_NOT))
			return false;
	return true;
}

bool query_match_tensor(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, tensor_id tensor, int *score)
{
	struct row row = {plan, outcome, outcome->graph, tensor, GRAPH_NONE};

	return match(query, &row, score);
}

bool query_match_node(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, node_id node, int *score)
{
	struct row row = {plan, outcome, outcome->graph,
		graph_output_of(outcome->graph, node, 0), node};

	return match(query, &row, score);
}

/* ---- lighting up */

struct spans {
	struct query_span *items;
	size_t count, room;
};

static void add_span(struct spans *s, uint32_t from, uint32_t to)
{
	if (s->count && s->items[s->count - 1].to == from)
		s->items[s->count - 1].to = to;
	else if (s->count < s->room && to > from)
		s->items[s->count++] = (struct query_span){from, to};
}

static void fuzzy_spans(struct spans *s, const struct query_term *t, const char *name)
{
	uint32_t at[64];
	size_t letters = strlen(t->text);

	if (search_score(&t->search, name, strlen(name), at, 64) == SEARCH_NO_MATCH)
		return;
	for (size_t i = 0; i < letters && i < 64; i++)
		add_span(s, at[i], at[i] + 1);
}

static void exact_spans(struct spans *s, const struct query_term *t, const char *name)
{
	size_t length = strlen(t->text), whole = strlen(name);

	if (!length || whole < length || !matches_exactly(t, name))
		return;
	for (size_t i = 0; i + length <= whole; i++)
		if (same_letters(t, name + i, length) &&
			(!(t->flags & TERM_BEGINS) || !i) &&
			(!(t->flags & TERM_ENDS) || i + length == whole)) {
			add_span(s, (uint32_t)i, (uint32_t)(i + length));
			return;
		}
}

static void regex_spans(struct spans *s, const struct query_term *t, const char *name)
{
	regmatch_t found;

	if (matches_regex(t, name, &found))
		add_span(s, (uint32_t)found.rm_so, (uint32_t)found.rm_eo);
}

static int compare_spans(const void *a, const void *b)
{
	const struct query_span *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

size_t query_spans(
	const struct query *query, const char *name, struct query_span *out, size_t room)
{
	struct spans s = {out, 0, room};
	size_t merged = 0;

	for (size_t i = 0; i < query->count; i++) {
		const struct query_term *t = &query->terms[i];

		if (t->flags & TERM_NOT)
			continue;
		if (t->kind == TERM_FUZZY)
			fuzzy_spans(&s, t, name);
		else if (t->kind == TERM_EXACT)
			exact_spans(&s, t, name);
		else if (t->kind == TERM_REGEX)
			regex_spans(&s, t, name);
	}
	if (!s.count)
		return 0;
	qsort(out, s.count, sizeof(*out), compare_spans);
	for (size_t i = 1; i < s.count; i++) {
		if (out[i].from <= out[merged].to)
			out[merged].to =
				out[i].to > out[merged].to ? out[i].to : out[merged].to;
		else
			out[++merged] = out[i];
	}
	return merged + 1;
}
