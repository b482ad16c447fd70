#include "plan/outcome.h"

#include "plan/cache.h"

#include <stdlib.h>
#include <string.h>

bool closure_run(struct closure *c)
{
	closure_start(c);
	if (c->lost)
		return false;
	if (c->seed_count || c->plan->close_given)
		if (!c->stopped)
			closure_request(c);
	if (c->requests.count && !c->stopped && !c->lost) {
		if (c->options->ort_compatible)
			closure_fix(c);
		else
			closure_settle(c);
	}
	if (!c->lost)
		closure_edit(c);
	if (!c->lost && !c->options->ort_compatible &&
		(c->requests.count || c->plan->params.count || c->seed_count))
		overrides_put_wide_first(c->entries);
	return !c->lost;
}

static void free_outcome(struct outcome *o)
{
	struct outcome_details *d = o->details;

	if (d) {
		base_drop(d->base);
		plan_value_drop(d->options);
		plan_value_drop(d->ranges);
		plan_value_drop(d->given);
		free(d->seeds);
		free(d->params);
		ARRAY_RELEASE(&d->requests);
		ARRAY_RELEASE(&d->asks);
		ARRAY_RELEASE(&d->node_requests);
		ARRAY_RELEASE(&d->touched_tensors);
		ARRAY_RELEASE(&d->touched_nodes);
		arena_clear(&d->arena);
		free(d->tensors);
		free(d->nodes);
		free(d->boundary_of);
	}
	overrides_release(&o->entries);
	problem_clear(&o->problems);
	free(d);
	free(o);
}

const struct outcome *outcome_keep(const struct outcome *outcome)
{
	atomic_fetch_add(&outcome->details->references, 1);
	return outcome;
}

void outcome_drop(const struct outcome *outcome)
{
	if (outcome && atomic_fetch_sub(&outcome->details->references, 1) == 1)
		free_outcome(outcome->details->outcome);
}

static void *copy_of(const void *items, size_t count, size_t size)
{
	void *copy = malloc(count * size + 1);

	if (copy && count)
		memcpy(copy, items, count * size);
	return copy;
}

/* An outcome in the state before any choice, with all it borrows kept. */
static struct outcome *start_outcome(const struct plan *plan, struct base *base)
{
	struct outcome *o = calloc(1, sizeof(*o));
	struct outcome_details *d = o ? calloc(1, sizeof(*d)) : NULL;
	const struct graph *graph = plan->graph;

	if (!d) {
		free(o);
		return NULL;
	}
	o->details = d;
	d->outcome = o;
	atomic_init(&d->references, 1);
	d->base = base_keep(base);
	d->options = plan_value_keep(plan->options_value);
	d->ranges = plan_value_keep(plan->ranges_value);
	d->given = plan_value_keep(plan->given_value);
	d->seed_count = plan->seeds.count;
	d->param_count = plan->params.count;
	d->seeds = copy_of(plan->seeds.items, d->seed_count, sizeof(*d->seeds));
	d->params = copy_of(plan->params.items, d->param_count, sizeof(*d->params));
	d->tensors = copy_of(base->tensors, graph->tensor_count, sizeof(*d->tensors));
	d->nodes = copy_of(base->nodes, graph->node_count, sizeof(*d->nodes));
	o->graph = graph;
	o->generation = plan->generation;
	o->base = plan->options->activation_type;
	o->tensors = d->tensors;
	o->nodes = d->nodes;
	o->cost = base->cost;
	if (d->seeds && d->params && d->tensors && d->nodes)
		return o;
	free_outcome(o);
	return NULL;
}

static bool close_over(struct outcome *o, const struct plan *plan)
{
	struct outcome_details *d = o->details;
	struct closure c = {.graph = plan->graph,
		.options = plan->options,
		.base = d->base,
		.entries = &o->entries,
		.tensors = d->tensors,
		.nodes = d->nodes,
		.seeds = d->seeds,
		.seed_count = d->seed_count,
		.plan = plan,
		.problems = &o->problems};
	bool ok = closure_run(&c);

	d->requests = c.requests;
	d->asks = c.asks;
	d->node_requests = c.node_requests;
	for (size_t i = 0; i < o->problems.count; i++)
		o->conflicts += o->problems.items[i].severity == SEVERITY_ERROR;
	return ok;
}

static struct outcome *make_outcome(
	const struct plan *plan, struct base *base, struct error *err)
{
	struct outcome *o = start_outcome(plan, base);

	if (o && close_over(o, plan) && outcome_touch(o, o->details) &&
		outcome_find_boundaries(o, o->details) &&
		outcome_find_regions(o, o->details) &&
		outcome_find_problems(o, o->details, plan))
		return o;
	if (o)
		free_outcome(o);
	error_set_memory(err, "plan");
	return NULL;
}

void plan_cache_free(struct plan_cache *cache)
{
	if (!cache)
		return;
	outcome_drop(cache->outcome);
	base_drop(cache->base);
	plan_value_drop(cache->base_options);
	plan_value_drop(cache->base_ranges);
	free(cache);
}

/* The base for the options and ranges at hand, made anew if they changed. */
static struct base *current_base(
	struct plan *plan, struct plan_cache *cache, struct error *err)
{
	struct base *base;

	if (cache->base && cache->base_options == plan->options_value &&
		cache->base_ranges == plan->ranges_value)
		return cache->base;
	base = base_new(plan->graph, plan->options, plan->ranges, err);
	if (!base)
		return NULL;
	base_drop(cache->base);
	plan_value_drop(cache->base_options);
	plan_value_drop(cache->base_ranges);
	cache->base = base;
	cache->base_options = plan_value_keep(plan->options_value);
	cache->base_ranges = plan_value_keep(plan->ranges_value);
	return base;
}

const struct outcome *plan_outcome(struct plan *plan, struct error *err)
{
	struct plan_cache *cache = plan->cache;
	struct base *base;
	struct outcome *made;

	if (!cache)
		cache = plan->cache = calloc(1, sizeof(*cache));
	if (!cache) {
		error_set_memory(err, "plan");
		return NULL;
	}
	if (cache->outcome && cache->outcome->generation == plan->generation)
		return cache->outcome;
	base = current_base(plan, cache, err);
	made = base ? make_outcome(plan, base, err) : NULL;
	if (!made)
		return NULL;
	outcome_drop(cache->outcome);
	cache->outcome = made;
	return made;
}

bool outcome_check_closure(const struct outcome *outcome, struct error *err)
{
	uint32_t left = outcome->conflicts;
	const struct problem *first = NULL;

	if (!left)
		return true;
	for (size_t i = 0; i < outcome->problems.count && !first; i++)
		if (outcome->problems.items[i].severity == SEVERITY_ERROR)
			first = &outcome->problems.items[i];
	error_set(err, ERROR_REFUSED, "%s: %s; %s", first->place, first->cause,
		first->remedy);
	if (err)
		err->more += left - 1;
	return false;
}
