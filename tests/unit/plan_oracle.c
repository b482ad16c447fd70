/* An outcome compared field by field with one made of nothing. */
#include "plan_oracle.h"

#include "plan/entry.h"
#include "plan/json.h"

#include <criterion/criterion.h>
#include <string.h>

static void compare_states(const struct outcome *a, const struct outcome *b)
{
	const struct graph *g = a->graph;

	for (tensor_id t = 0; t < g->tensor_count; t++) {
		const struct tensor_state *x = &a->tensors[t], *y = &b->tensors[t];

		cr_assert(x->stored == y->stored && x->converted == y->converted &&
				  x->flags == y->flags && x->provider == y->provider,
			"%s: %u/%u %x, made anew %u/%u %x", graph_tensor_name(g, t),
			x->stored, x->converted, x->flags, y->stored, y->converted,
			y->flags);
	}
	for (node_id n = 0; n < g->node_count; n++) {
		const struct node_state *x = &a->nodes[n], *y = &b->nodes[n];

		cr_assert(x->seen == y->seen && x->flags == y->flags &&
				  x->region == y->region,
			"%s: %u %x in %u, made anew %u %x in %u", graph_node_label(g, n),
			x->seen, x->flags, x->region, y->seen, y->flags, y->region);
	}
}

static void compare_boundaries(const struct outcome *a, const struct outcome *b)
{
	cr_assert_eq(a->boundary_count, b->boundary_count);
	for (uint32_t i = 0; i < a->boundary_count; i++) {
		const struct boundary *x = &a->boundaries[i], *y = &b->boundaries[i];

		cr_assert_eq(x->tensor, y->tensor, "boundary %u", i);
		cr_assert(x->from == y->from && x->to == y->to && x->bytes == y->bytes &&
			  x->region == y->region && x->reader_count == y->reader_count &&
			  x->stay_count == y->stay_count);
		for (uint32_t k = 0; k < x->reader_count; k++)
			cr_assert_eq(x->readers[k], y->readers[k]);
		for (uint32_t k = 0; k < x->stay_count; k++)
			cr_assert_eq(x->stays[k], y->stays[k]);
		cr_assert_eq(outcome_boundary(a, x->tensor), x);
	}
}

static void compare_regions(const struct outcome *a, const struct outcome *b)
{
	cr_assert_eq(a->region_count, b->region_count);
	for (uint32_t i = 0; i < a->region_count; i++) {
		const struct region *x = &a->regions[i], *y = &b->regions[i];

		cr_assert_str_eq(x->letter, y->letter);
		cr_assert_str_eq(x->name, y->name);
		cr_assert_str_eq(x->note, y->note);
		cr_assert(x->type == y->type && x->node_count == y->node_count &&
			  x->seed_count == y->seed_count);
		for (uint32_t k = 0; k < x->node_count; k++)
			cr_assert_eq(x->nodes[k], y->nodes[k]);
		for (uint32_t k = 0; k < x->seed_count; k++)
			cr_assert_eq(x->seeds[k], y->seeds[k]);
	}
}

static void compare_problems(const struct outcome *a, const struct outcome *b)
{
	for (size_t i = 0; i < a->problems.count && i < b->problems.count; i++) {
		const struct problem *x = &a->problems.items[i];
		const struct problem *y = &b->problems.items[i];

		cr_assert(!strcmp(x->id, y->id) && !strcmp(x->place, y->place) &&
				  !strcmp(x->cause, y->cause) &&
				  !strcmp(x->remedy, y->remedy) &&
				  x->severity == y->severity && x->tensor == y->tensor &&
				  x->node == y->node,
			"problem %zu: %s %s: %s; made anew: %s %s: %s", i, x->id,
			x->place, x->cause, y->id, y->place, y->cause);
	}
	cr_assert_eq(a->problems.count, b->problems.count);
	cr_assert_eq(a->conflicts, b->conflicts);
}

static void compare_costs(const struct cost *a, const struct cost *b)
{
	cr_assert(a->conversions == b->conversions &&
		  a->conversion_bytes == b->conversion_bytes &&
		  a->unknown_shapes == b->unknown_shapes &&
		  a->quantized_nodes == b->quantized_nodes &&
		  a->wide_nodes == b->wide_nodes && a->main_nodes == b->main_nodes);
	for (int i = 0; i < QTYPE_COUNT; i++)
		cr_assert_eq(a->weight_bytes[i], b->weight_bytes[i], "bytes in %s",
			qtypes[i].name);
}

static void compare_told(struct why_list *a, struct why_list *b)
{
	cr_assert_str_eq(a->title, b->title);
	cr_assert_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		cr_assert_str_eq(a->items[i].text, b->items[i].text);
		cr_assert(a->items[i].rule == b->items[i].rule &&
			  a->items[i].tensor == b->items[i].tensor &&
			  a->items[i].node == b->items[i].node);
	}
	why_release(a);
	why_release(b);
}

static void compare_reasons(const struct outcome *a, const struct outcome *b)
{
	struct error err = ERROR_INIT;
	tensor_id tensor = (tensor_id)rand() % a->graph->tensor_count;
	node_id node = (node_id)rand() % a->graph->node_count;
	struct why_list x, y;

	cr_assert(outcome_steps(a, &x, &err) && outcome_steps(b, &y, &err));
	compare_told(&x, &y);
	cr_assert(outcome_why_tensor(a, tensor, &x, &err) &&
		  outcome_why_tensor(b, tensor, &y, &err));
	compare_told(&x, &y);
	cr_assert(outcome_why_node(a, node, &x, &err) &&
		  outcome_why_node(b, node, &y, &err));
	compare_told(&x, &y);
}

static void compare_entries(const struct outcome *a, const struct outcome *b)
{
	cr_assert_eq(a->entries.count, b->entries.count);
	for (uint32_t i = 0; i < a->entries.count; i++) {
		const struct entry_list *x = &a->entries.lists[i];
		const struct entry_list *y = &b->entries.lists[i];

		cr_assert_eq(x->tensor, y->tensor, "entry %u: %s, made anew %s", i,
			graph_tensor_name(a->graph, x->tensor),
			graph_tensor_name(a->graph, y->tensor));
		cr_assert(entry_list_equal(x, y), "entry of %s",
			graph_tensor_name(a->graph, x->tensor));
		cr_assert_eq(overrides_find(&a->entries, x->tensor), x);
	}
}

void plan_oracle_check_changes(struct plan *plan, const struct outcome *before)
{
	struct error err = ERROR_INIT;
	const struct outcome *now = plan_outcome(plan, &err);
	struct outcome_diff diff;
	uint32_t tensors = 0, nodes = 0;

	cr_assert(plan_take_changes(plan, &diff, &err));
	for (tensor_id t = 0; t < now->graph->tensor_count; t++) {
		const struct tensor_state *x = &before->tensors[t], *y = &now->tensors[t];
		const struct entry_list *p = overrides_find(&before->entries, t);
		const struct entry_list *q = overrides_find(&now->entries, t);

		if (x->stored != y->stored || x->converted != y->converted || !p != !q ||
			(p && !entry_list_equal(p, q)))
			cr_assert(tensors < diff.tensor_count &&
				  diff.tensors[tensors++] == t);
	}
	for (node_id n = 0; n < now->graph->node_count; n++)
		if (before->nodes[n].seen != now->nodes[n].seen)
			cr_assert(nodes < diff.node_count && diff.nodes[nodes++] == n);
	cr_assert_eq(tensors, diff.tensor_count);
	cr_assert_eq(nodes, diff.node_count);
	cr_assert_eq(diff.conversions,
		(int32_t)(now->cost.conversions - before->cost.conversions));
	cr_assert_eq(diff.conflicts, (int32_t)(now->conflicts - before->conflicts));
	outcome_diff_release(&diff);
}

void plan_oracle_check(struct plan *plan)
{
	struct error err = ERROR_INIT;
	struct plan *copy = plan_snapshot(plan, &err);
	const struct outcome *a = plan_outcome(plan, &err);
	const struct outcome *b = plan_outcome(copy, &err);

	cr_assert(a && b && a != b);
	compare_entries(a, b);
	compare_states(a, b);
	compare_boundaries(a, b);
	compare_regions(a, b);
	compare_problems(a, b);
	compare_costs(&a->cost, &b->cost);
	compare_reasons(a, b);
	plan_free(copy);
}
