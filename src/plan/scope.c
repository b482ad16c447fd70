/* Scopes: what changed choices reach. */
#include "plan/cache.h"

#include <stdlib.h>

bool scope_make(struct scope *scope, const struct graph *graph)
{
	if (!scope->has_tensor)
		scope->has_tensor = calloc(graph->tensor_count + (size_t)1, 1);
	if (!scope->has_node)
		scope->has_node = calloc(graph->node_count + (size_t)1, 1);
	return scope->has_tensor && scope->has_node;
}

void scope_clear(struct scope *scope)
{
	for (size_t i = 0; i < scope->tensors.count; i++)
		scope->has_tensor[scope->tensors.items[i]] = 0;
	for (size_t i = 0; i < scope->nodes.count; i++)
		scope->has_node[scope->nodes.items[i]] = 0;
	scope->tensors.count = scope->nodes.count = 0;
}

void scope_release(struct scope *scope)
{
	free(scope->has_tensor);
	free(scope->has_node);
	ARRAY_RELEASE(&scope->tensors);
	ARRAY_RELEASE(&scope->nodes);
	*scope = (struct scope){0};
}

bool scope_add_tensor(struct scope *scope, tensor_id tensor)
{
	if (scope->has_tensor[tensor])
		return true;
	if (!ARRAY_PUSH(&scope->tensors, tensor))
		return false;
	scope->has_tensor[tensor] = 1;
	return true;
}

bool scope_add_node(struct scope *scope, node_id node)
{
	if (scope->has_node[node])
		return true;
	if (!ARRAY_PUSH(&scope->nodes, node))
		return false;
	scope->has_node[node] = 1;
	return true;
}

bool scope_add_around(struct scope *scope, const struct graph *graph, tensor_id tensor)
{
	node_id producer = graph->tensors[tensor].producer;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	if (producer != GRAPH_NONE && graph_is_main(graph, producer) &&
		!scope_add_node(scope, producer))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (graph_is_main(graph, readers[i].node) &&
			!scope_add_node(scope, readers[i].node))
			return false;
	return true;
}

bool outcome_list_sharers(
	const struct outcome *o, tensor_id tensor, struct tensor_list *out)
{
	const struct graph *g = o->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct graph_node *n = &g->nodes[readers[i].node];

		for (uint32_t k = 0; k < n->output_count; k++) {
			tensor_id made = graph_output_of(g, readers[i].node, k);

			if (made != GRAPH_NONE && o->tensors[made].provider == tensor &&
				!ARRAY_PUSH(out, made))
				return false;
		}
	}
	return true;
}

bool scope_add_sharers(struct scope *scope, const struct outcome *o)
{
	struct tensor_list sharers = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < scope->tensors.count; i++) {
		sharers.count = 0;
		ok = outcome_list_sharers(o, scope->tensors.items[i], &sharers);
		for (size_t k = 0; ok && k < sharers.count; k++)
			ok = scope_add_tensor(scope, sharers.items[k]);
	}
	ARRAY_RELEASE(&sharers);
	return ok;
}

/* ---- what changed */

struct find {
	struct scope *scope;
	struct plan *plan;
	const struct outcome *o;
	struct tensor_list *moved;
	uint32_t first;
	size_t most; /* tensors, above which it is far */
	bool lost;
};

static bool is_over(const struct find *f)
{
	return f->lost || f->scope->tensors.count > f->most;
}

/* A tensor that asks, or no longer does. */
static void reach_tensor(struct find *f, tensor_id tensor)
{
	f->lost |= !scope_add_tensor(f->scope, tensor);
	if (!base_is_constant(f->o->graph, f->plan->options, tensor))
		f->lost |= !scope_add_around(f->scope, f->o->graph, tensor);
}

static void reach_seed(struct find *f, const struct seed *seed)
{
	if (seed->kind == SEED_TENSOR) {
		reach_tensor(f, seed->tensor);
		return;
	}
	f->lost |= !scope_add_node(f->scope, seed->node);
	if (seed->kind == SEED_READER)
		f->lost |= !scope_add_tensor(f->scope, seed->tensor);
}

static bool is_same(const struct seed *a, const struct seed *b)
{
	return a->kind == b->kind && a->tensor == b->tensor && a->node == b->node &&
	       a->type == b->type && a->symmetric == b->symmetric;
}

static bool is_identical(const struct seed *a, const struct seed *b)
{
	return is_same(a, b) && a->region == b->region && a->note == b->note;
}

static void note_moved(struct find *f, uint32_t to)
{
	f->lost |= !ARRAY_PUSH(f->moved, to);
}

/* Goes through both lists; what has no partner in the same order is reached. */
static void compare_seeds(struct find *f)
{
	const struct seed_list *old = &f->o->details->seeds, *now = &f->plan->seeds;
	size_t i = 0, k = 0;

	while (i < old->count && i < now->count &&
		is_identical(&old->items[i], &now->items[i]))
		i++;
	f->first = (uint32_t)i;
	for (k = i; i < old->count && !is_over(f);) {
		size_t at;

		if (k < now->count && is_same(&old->items[i], &now->items[k])) {
			note_moved(f, (uint32_t)k++);
			i++;
			continue;
		}
		at = plan_find_seed(f->plan, &old->items[i]);
		if (at == SIZE_MAX || at <= k) {
			reach_seed(f, &old->items[i++]);
			note_moved(f, GRAPH_NONE);
		}
		if (at != SIZE_MAX && at >= k)
			reach_seed(f, &now->items[k++]);
	}
	for (; k < now->count && !is_over(f); k++)
		reach_seed(f, &now->items[k]);
}

/* Parameter edits are few: all of them are laid over anew each time. */
static void reach_params(struct find *f, const struct param_list *params)
{
	for (size_t i = 0; i < params->count; i++)
		f->lost |= !scope_add_tensor(f->scope, params->items[i].tensor);
}

/* Tensors that are in one of two ascending lists. */
static void compare_dropped(struct find *f)
{
	const struct tensor_list *old = &f->o->details->dropped, *now = &f->plan->dropped;
	size_t i = 0, k = 0;

	while (i < old->count || k < now->count) {
		tensor_id a = i < old->count ? old->items[i] : GRAPH_NONE;
		tensor_id b = k < now->count ? now->items[k] : GRAPH_NONE;

		if (a != b)
			reach_tensor(f, a < b ? a : b);
		i += a <= b;
		k += b <= a;
	}
}

/* All tensors of the nodes. */
static void reach_around_nodes(struct find *f)
{
	const struct graph *g = f->o->graph;

	for (size_t i = 0; i < f->scope->nodes.count && !is_over(f); i++) {
		node_id node = f->scope->nodes.items[i];

		for (uint32_t k = 0; k < g->nodes[node].output_count; k++) {
			tensor_id out = graph_output_of(g, node, k);

			f->lost |= out != GRAPH_NONE && !scope_add_tensor(f->scope, out);
		}
		for (uint32_t k = 0; k < g->nodes[node].input_count; k++) {
			tensor_id in = graph_input_of(g, node, k);

			f->lost |= in != GRAPH_NONE && !scope_add_tensor(f->scope, in);
		}
	}
}

bool scope_find(struct scope *scope, struct plan *plan, const struct outcome *o,
	struct tensor_list *moved, uint32_t *first, bool *far)
{
	struct find f = {.scope = scope,
		.plan = plan,
		.o = o,
		.moved = moved,
		.most = 64 + o->graph->tensor_count / 4};

	if (!scope_make(scope, o->graph))
		return false;
	compare_seeds(&f);
	compare_dropped(&f);
	reach_params(&f, &o->details->params);
	reach_params(&f, &plan->params);
	reach_around_nodes(&f);
	if (!is_over(&f))
		f.lost = !scope_add_sharers(scope, o);
	*first = f.first;
	*far = scope->tensors.count > f.most;
	return !f.lost;
}
