#include "ui/folds.h"

#include "ui/words.h"

#include <stdlib.h>
#include <string.h>

/* The number of the group with this text; FOLD_NONE when memory is gone. */
static uint32_t add_group(
	struct folds *folds, const char *text, size_t length, uint32_t parent)
{
	name_id id = names_add(&folds->names, text, length);
	struct fold fold = {.parent = parent, .cover = FOLD_NONE};

	if (id == NAME_NONE || id < folds->list.count)
		return id;
	return ARRAY_PUSH(&folds->list, fold) ? id : FOLD_NONE;
}

/* The bytes of a name in front of its last "/". */
static size_t path_length(const char *name)
{
	const char *end = strrchr(name, '/');

	return end ? (size_t)(end - name) : 0;
}

/* The group of the path, and those around it in front. */
static bool add_path(
	struct folds *folds, const char *path, size_t length, uint32_t *group)
{
	*group = FOLD_NONE;
	for (size_t at = 1; at <= length; at++) {
		if (at < length && path[at] != '/')
			continue;
		*group = add_group(folds, path, at, *group);
		if (*group == FOLD_NONE)
			return false;
	}
	return true;
}

/* Neighbours in the file mostly share their path. */
static bool group_names(struct folds *folds)
{
	const char *last = "";
	size_t last_length = 0;
	uint32_t group = FOLD_NONE;

	for (uint32_t i = 0; i < folds->node_count; i++) {
		const char *name = graph_node_label(folds->graph, folds->first_node + i);
		size_t length = path_length(name);

		if ((length != last_length || memcmp(name, last, length)) &&
			!add_path(folds, name, length, &group))
			return false;
		folds->of_node[i] = group;
		last = name;
		last_length = length;
	}
	return true;
}

static bool group_operators(struct folds *folds)
{
	for (uint32_t i = 0; i < folds->node_count; i++) {
		const char *op = graph_op_type(folds->graph, folds->first_node + i);

		folds->of_node[i] = add_group(folds, op, strlen(op), FOLD_NONE);
		if (folds->of_node[i] == FOLD_NONE)
			return false;
	}
	return true;
}

static bool is_row(const struct graph *graph, node_id node)
{
	tensor_id out = graph_output_of(graph, node, 0);

	return out == GRAPH_NONE || !(graph->tensors[out].flags & TENSOR_CONSTANT);
}

/* Constant nodes have no row and do not count. */
static uint32_t count_members(struct folds *folds)
{
	uint32_t all = 0;

	for (uint32_t i = 0; i < folds->node_count; i++) {
		uint32_t group = folds->of_node[i];

		if (!is_row(folds->graph, folds->first_node + i))
			continue;
		all++;
		if (group != FOLD_NONE)
			folds->list.items[group].members++;
	}
	for (size_t i = folds->list.count; i-- > 0;) {
		struct fold *fold = &folds->list.items[i];

		if (fold->parent != FOLD_NONE)
			folds->list.items[fold->parent].members += fold->members;
	}
	return all;
}

/* Parents have smaller numbers than what is in them. */
static void settle(struct folds *folds)
{
	for (uint32_t i = 0; i < folds->list.count; i++) {
		struct fold *fold = &folds->list.items[i];
		uint32_t above = fold->parent == FOLD_NONE
					 ? FOLD_NONE
					 : folds->list.items[fold->parent].cover;

		fold->cover = above != FOLD_NONE ? above : fold->closed ? i : FOLD_NONE;
	}
	folds->stale = true;
}

/* A group of one node is not worth a fold. */
static bool can_close(const struct fold *fold)
{
	return fold->members > 1;
}

bool folds_build(struct folds *folds, const struct graph *graph, scope_id scope,
	enum fold_kind kind, struct error *err)
{
	const struct graph_scope *s = &graph->scopes[scope];
	uint32_t all;
	bool done;

	folds_release(folds);
	folds->graph = graph;
	folds->kind = kind;
	folds->first_node = s->first_node;
	folds->node_count = s->node_count;
	folds->of_node = malloc(((size_t)s->node_count + 1) * sizeof(uint32_t));
	done = folds->of_node &&
	       (kind == FOLD_OP ? group_operators(folds) : group_names(folds));
	if (done && !folds->list.count) {
		folds_release(folds);
		return error_set(err, ERROR_REFUSED,
			"no name here has a path as /a/b; :fold op folds by operator");
	}
	if (!done) {
		folds_release(folds);
		return error_set_memory(err, "folding");
	}
	all = count_members(folds);
	for (size_t i = 0; i < folds->list.count; i++) {
		struct fold *fold = &folds->list.items[i];

		fold->closed = can_close(fold) && fold->members < all;
	}
	settle(folds);
	return true;
}

void folds_release(struct folds *folds)
{
	names_clear(&folds->names);
	ARRAY_RELEASE(&folds->list);
	free(folds->of_node);
	*folds = (struct folds){0};
}

uint32_t folds_of(const struct folds *folds, node_id node)
{
	uint32_t at = node - folds->first_node;

	return folds->kind && at < folds->node_count ? folds->of_node[at] : FOLD_NONE;
}

uint32_t folds_cover(const struct folds *folds, node_id node)
{
	uint32_t group = folds_of(folds, node);

	return group == FOLD_NONE ? FOLD_NONE : folds->list.items[group].cover;
}

void folds_set(struct folds *folds, uint32_t fold, bool closed)
{
	folds->list.items[fold].closed = closed && can_close(&folds->list.items[fold]);
	settle(folds);
}

void folds_set_all(struct folds *folds, bool closed)
{
	for (size_t i = 0; i < folds->list.count; i++)
		folds->list.items[i].closed = closed && can_close(&folds->list.items[i]);
	settle(folds);
}

void folds_reveal(struct folds *folds, node_id node)
{
	uint32_t group = folds_of(folds, node);

	for (; group != FOLD_NONE; group = folds->list.items[group].parent)
		folds->list.items[group].closed = false;
	settle(folds);
}

static void sum_node(const struct outcome *outcome, node_id node, struct fold_sum *sum)
{
	const struct node_state *state = &outcome->nodes[node];

	if (sum->type == QTYPE_NONE)
		sum->type = state->seen;
	else if (state->seen != QTYPE_NONE && state->seen != sum->type)
		sum->type = QTYPE_COUNT;
	sum->nodes++;
	sum->promoted += node_is_promoted(outcome, node);
	sum->flags |= state->flags;
	for (uint32_t i = 0; i < outcome->graph->nodes[node].output_count; i++) {
		tensor_id out = graph_output_of(outcome->graph, node, i);

		if (out == GRAPH_NONE)
			continue;
		sum->flags |= outcome->tensors[out].flags;
		sum->boundaries += !!(outcome->tensors[out].flags & STATE_BOUNDARY);
	}
}

void folds_sum(struct folds *folds, const struct outcome *outcome)
{
	if (!folds->stale && folds->summed == outcome->generation)
		return;
	folds->stale = false;
	folds->summed = outcome->generation;
	for (size_t i = 0; i < folds->list.count; i++)
		folds->list.items[i].sum = (struct fold_sum){0};
	for (uint32_t i = 0; i < folds->node_count; i++) {
		node_id node = folds->first_node + i;
		uint32_t cover = folds_cover(folds, node);

		if (cover != FOLD_NONE && is_row(folds->graph, node))
			sum_node(outcome, node, &folds->list.items[cover].sum);
	}
}
