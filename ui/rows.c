#include "ui/rows.h"

#include "ui/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const row_order_names[ORDER_COUNT] = {
	"graph",
	"file",
	"name",
	"op",
	"type",
	"fan-out",
	"impact",
	"region",
	"error",
};

/* The walk that lists every node behind its producers, near them. */
struct walk {
	struct rows *rows;
	node_id *stack;
	uint32_t *slot; /* next input of each node on the stack */
	uint32_t depth;
	unsigned char *seen; /* by main node */
};

static const struct graph_scope *scope_of(const struct rows *rows)
{
	return &rows->graph->scopes[rows->scope];
}

static bool is_hidden(const struct graph *graph, node_id node)
{
	tensor_id out = graph_output_of(graph, node, 0);

	return out != GRAPH_NONE && graph->tensors[out].flags & TENSOR_CONSTANT;
}

static void add_row(struct rows *rows, uint32_t code)
{
	rows->all[rows->count++] = code;
}

static void add_input(struct rows *rows, tensor_id tensor)
{
	if (rows->graph->tensors[tensor].flags & TENSOR_INITIALIZER ||
		rows->of_tensor[tensor] != ROW_NONE)
		return;
	rows->of_tensor[tensor] = rows->count;
	add_row(rows, tensor | ROW_TENSOR);
}

static void push(struct walk *walk, node_id node)
{
	if (walk->seen[node] || is_hidden(walk->rows->graph, node))
		return;
	walk->seen[node] = 1;
	walk->stack[walk->depth] = node;
	walk->slot[walk->depth++] = 0;
}

static void visit_input(struct walk *walk, tensor_id tensor)
{
	const struct graph *graph = walk->rows->graph;
	node_id producer;

	if (tensor == GRAPH_NONE)
		return;
	producer = graph->tensors[tensor].producer;
	if (producer != GRAPH_NONE && graph_is_main(graph, producer))
		push(walk, producer);
	else if (graph->tensors[tensor].flags & TENSOR_INPUT)
		add_input(walk->rows, tensor);
}

/* Lists what is on the stack and all it needs, deepest first, without recursion. */
static void run(struct walk *walk)
{
	const struct graph *graph = walk->rows->graph;

	while (walk->depth) {
		node_id top = walk->stack[walk->depth - 1];
		uint32_t slot = walk->slot[walk->depth - 1]++;

		if (slot < graph->nodes[top].input_count) {
			visit_input(walk, graph_input_of(graph, top, slot));
			continue;
		}
		walk->depth--;
		add_row(walk->rows, top);
	}
}

static bool walk_graph(struct rows *rows, struct error *err)
{
	const struct graph *graph = rows->graph;
	size_t n = graph->main_nodes ? graph->main_nodes : 1;
	struct walk walk = {rows, malloc(n * sizeof(node_id)),
		malloc(n * sizeof(uint32_t)), 0, calloc(n, 1)};

	if (walk.stack && walk.slot && walk.seen) {
		for (uint32_t i = 0; i < graph->output_count; i++) {
			visit_input(&walk, graph->outputs[i]);
			run(&walk);
		}
		for (uint32_t i = 0; i < graph->main_nodes; i++) {
			push(&walk, i);
			run(&walk);
		}
	} else {
		error_set_memory(err, "the outline");
	}
	free(walk.stack);
	free(walk.slot);
	free(walk.seen);
	return !error_is_set(err);
}

static bool is_inside(const struct rows *rows, scope_id scope)
{
	const struct graph *graph = rows->graph;

	while (scope != rows->scope && scope && scope != GRAPH_NONE)
		scope = graph->scopes[scope].parent;
	return scope == rows->scope;
}

/* What nodes of the scope, and of bodies in it, read from around it. */
static void add_captured(struct rows *rows)
{
	const struct graph *graph = rows->graph;

	for (node_id node = graph->main_nodes; rows->scope && node < graph->node_count;
		node++) {
		if (!is_inside(rows, graph->nodes[node].scope))
			continue;
		for (uint32_t i = 0; i < graph->nodes[node].input_count; i++) {
			tensor_id in = graph_input_of(graph, node, i);

			if (in != GRAPH_NONE &&
				!is_inside(rows, graph->tensors[in].scope) &&
				!graph_is_constant(graph, in))
				add_input(rows, in);
		}
	}
}

/* With subgraphs, which read tensors that no slot names, the graph's own order. */
static void follow_order(struct rows *rows)
{
	const struct graph *graph = rows->graph;
	const struct graph_scope *scope = scope_of(rows);

	for (uint32_t i = 0; i < scope->node_count; i++) {
		node_id node = graph->order[scope->first_node + i];

		for (uint32_t k = 0; k < graph->nodes[node].input_count; k++) {
			tensor_id in = graph_input_of(graph, node, k);

			if (in != GRAPH_NONE && graph->tensors[in].flags & TENSOR_INPUT)
				add_input(rows, in);
		}
		if (!is_hidden(graph, node))
			add_row(rows, node);
	}
}

static void add_inputs(struct rows *rows)
{
	const struct graph_scope *scope = scope_of(rows);

	for (uint32_t i = 0; i < scope->input_count; i++)
		add_input(rows, rows->graph->ports[scope->first_input + i]);
}

static void list_file(struct rows *rows)
{
	const struct graph_scope *scope = scope_of(rows);

	add_inputs(rows);
	for (uint32_t i = 0; i < scope->node_count; i++)
		if (!is_hidden(rows->graph, scope->first_node + i))
			add_row(rows, scope->first_node + i);
}

/* What rows are compared by; equal rows stay in file order. */
struct key {
	const struct rows *rows;
	const struct outcome *outcome;
};

tensor_id rows_tensor(const struct graph *graph, uint32_t code)
{
	return code & ROW_TENSOR ? code & ~ROW_TENSOR : graph_output_of(graph, code, 0);
}

static const char *row_name(const struct graph *graph, uint32_t code)
{
	return code & ROW_TENSOR ? graph_tensor_name(graph, code & ~ROW_TENSOR)
				 : graph_node_label(graph, code);
}

/* Thousandths of a decibel; what was not measured stands last. */
static int64_t error_number(const struct rows *rows, tensor_id tensor)
{
	const struct tensor_error *error =
		rows->errors && tensor != GRAPH_NONE ? &rows->errors[tensor] : NULL;

	if (!error || !error->seen)
		return INT64_MAX;
	if (!isfinite(error->sqnr))
		return error->sqnr > 0 ? INT64_MAX - 1 : INT64_MIN;
	return (int64_t)(error->sqnr * 1000);
}

static int64_t row_number(const struct key *key, uint32_t code)
{
	const struct graph *graph = key->rows->graph;
	const struct outcome *outcome = key->outcome;
	tensor_id tensor = rows_tensor(graph, code);
	bool is_node = !(code & ROW_TENSOR);

	switch (key->rows->order) {
	case ORDER_TYPE:
		return -(is_node ? outcome->nodes[code].seen
				 : outcome->tensors[tensor].stored);
	case ORDER_FANOUT:
		return tensor == GRAPH_NONE
			       ? 0
			       : -(int64_t)graph->tensors[tensor].reader_count;
	case ORDER_IMPACT:
		return tensor == GRAPH_NONE
			       ? 0
			       : -(int64_t)outcome_impact_of_tensor(outcome, tensor);
	case ORDER_ERROR:
		return error_number(key->rows, tensor);
	case ORDER_REGION:
		return is_node ? (int64_t)outcome->nodes[code].region
			       : (int64_t)GRAPH_NONE;
	default:
		return 0;
	}
}

/* A row with what it is ordered by, so that sorting computes nothing. */
struct sorted {
	uint32_t code, position;
	int64_t number;
	const char *text;
};

static int compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int order;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	order = x->text ? strcmp(x->text, y->text) : 0;
	return order ? order : x->position < y->position ? -1 : 1;
}

static bool sort_rows(struct rows *rows, const struct outcome *outcome, struct error *err)
{
	struct sorted *sorted = malloc((rows->count + 1) * sizeof(*sorted));
	struct key key = {rows, outcome};

	if (!sorted)
		return error_set_memory(err, "sorting the outline");
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = rows->all[i];
		bool is_node = !(code & ROW_TENSOR);

		sorted[i] = (struct sorted){code, i, row_number(&key, code), NULL};
		if (rows->order == ORDER_NAME)
			sorted[i].text = row_name(rows->graph, code);
		if (rows->order == ORDER_OP)
			sorted[i].text = is_node ? graph_op_type(rows->graph, code) : "";
	}
	qsort(sorted, rows->count, sizeof(*sorted), compare);
	for (uint32_t i = 0; i < rows->count; i++)
		rows->all[i] = sorted[i].code;
	free(sorted);
	return true;
}

static void index_rows(struct rows *rows)
{
	const struct graph *graph = rows->graph;

	memset(rows->of_node, 0xff, graph->node_count * sizeof(uint32_t));
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = rows->all[i];

		if (code & ROW_TENSOR)
			rows->of_tensor[code & ~ROW_TENSOR] = i;
		else
			rows->of_node[code] = i;
	}
}

static bool make_room(struct rows *rows, struct error *err)
{
	const struct graph *graph = rows->graph;
	size_t tensors = (size_t)graph->tensor_count + 1;
	size_t most = (size_t)scope_of(rows)->node_count + graph->input_count + 1;

	if (rows->scope)
		most += tensors;
	rows->all = malloc(most * sizeof(uint32_t));
	rows->of_node = malloc(((size_t)graph->node_count + 1) * sizeof(uint32_t));
	rows->of_tensor = malloc(tensors * sizeof(uint32_t));
	if (!rows->all || !rows->of_node || !rows->of_tensor)
		return error_set_memory(err, "the outline");
	memset(rows->of_tensor, 0xff, tensors * sizeof(uint32_t));
	return true;
}

bool rows_build(struct rows *rows, const struct outcome *outcome, scope_id scope,
	enum row_order order, struct error *err)
{
	const struct graph *graph = outcome->graph;
	const struct tensor_error *errors = rows->errors;

	rows_release(rows);
	rows->errors = errors;
	rows->graph = graph;
	rows->scope = scope;
	rows->order = order;
	if (!make_room(rows, err))
		return false;
	add_captured(rows);
	if (order != ORDER_GRAPH)
		list_file(rows);
	else if (graph->scope_count > 1)
		follow_order(rows);
	else if (!walk_graph(rows, err))
		return false;
	if (order == ORDER_GRAPH)
		add_inputs(rows);
	if (order > ORDER_FILE && !sort_rows(rows, outcome, err))
		return false;
	index_rows(rows);
	return true;
}

void rows_release(struct rows *rows)
{
	free(rows->all);
	free(rows->of_node);
	free(rows->of_tensor);
	free(rows->view);
	free(rows->kept);
	*rows = (struct rows){0};
}

bool rows_match(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, uint32_t code)
{
	if (code & ROW_TENSOR)
		return query_match_tensor(query, plan, outcome, code & ~ROW_TENSOR, NULL);
	return query_match_node(query, plan, outcome, code, NULL);
}

/* ---- What filter and folds leave. */

static uint32_t cover_of(const struct rows *rows, uint32_t row)
{
	uint32_t code = rows->all[row];

	return code & ROW_TENSOR || !rows->folds ? FOLD_NONE
						 : folds_cover(rows->folds, code);
}

/* The first row of a closed group stands for it. */
static bool is_shown(struct rows *rows, uint32_t row)
{
	uint32_t cover = cover_of(rows, row);
	struct fold *fold;

	if (!rows_keeps(rows, row))
		return false;
	if (cover == FOLD_NONE)
		return true;
	fold = &rows->folds->list.items[cover];
	if (!fold->shown++)
		fold->first = row;
	return fold->first == row;
}

bool rows_fold(struct rows *rows, struct error *err)
{
	bool folds = rows->folds && rows->folds->kind;

	rows->ranked = false;
	if (!rows->kept && !folds) {
		free(rows->view);
		rows->view = NULL;
		return true;
	}
	if (!rows->view)
		rows->view = malloc(((size_t)rows->count + 1) * sizeof(uint32_t));
	if (!rows->view)
		return error_set_memory(err, "the filter");
	for (size_t i = 0; folds && i < rows->folds->list.count; i++)
		rows->folds->list.items[i].shown = 0;
	rows->view_count = 0;
	for (uint32_t i = 0; i < rows->count; i++)
		if (is_shown(rows, i))
			rows->view[rows->view_count++] = i;
	return true;
}

bool rows_filter(struct rows *rows, const struct query *query, const struct plan *plan,
	const struct outcome *outcome, struct error *err)
{
	free(rows->kept);
	rows->kept = query ? calloc(rows->count / 8 + 1, 1) : NULL;
	if (query && !rows->kept)
		return error_set_memory(err, "the filter");
	for (uint32_t i = 0; query && i < rows->count; i++)
		if (rows_match(query, plan, outcome, rows->all[i]))
			rows->kept[i / 8] |= (unsigned char)(1u << (i % 8));
	return rows_fold(rows, err);
}

static uint32_t visible(const struct rows *rows, uint32_t row)
{
	uint32_t low = 0, high = rows->view_count, cover;

	if (!rows->view || row == ROW_NONE)
		return row;
	cover = cover_of(rows, row);
	if (cover != FOLD_NONE && rows->folds->list.items[cover].shown)
		row = rows->folds->list.items[cover].first;
	for (uint32_t i = 0; rows->ranked && i < high; i++)
		if (rows->view[i] == row)
			return i;
	while (!rows->ranked && low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (rows->view[middle] < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < rows->view_count ? low : rows->view_count ? low - 1 : ROW_NONE;
}

uint32_t rows_fold_at(const struct rows *rows, uint32_t n)
{
	return n < rows_visible(rows) ? cover_of(rows, rows_index(rows, n)) : FOLD_NONE;
}

uint32_t rows_shown(const struct rows *rows, uint32_t row)
{
	return rows_keeps(rows, row) ? visible(rows, row) : ROW_NONE;
}

uint32_t rows_find_node(const struct rows *rows, node_id node)
{
	return node < rows->graph->node_count ? visible(rows, rows->of_node[node])
					      : ROW_NONE;
}

uint32_t rows_find_tensor(const struct rows *rows, tensor_id tensor)
{
	return tensor < rows->graph->tensor_count ? visible(rows, rows->of_tensor[tensor])
						  : ROW_NONE;
}
