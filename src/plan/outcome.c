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
	if (c->asked->requests.count && !c->stopped && !c->lost) {
		if (c->options->ort_compatible)
			closure_fix(c);
		else
			closure_settle(c);
	}
	if (!c->lost)
		closure_edit(c);
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
		ARRAY_RELEASE(&d->seeds);
		ARRAY_RELEASE(&d->params);
		ARRAY_RELEASE(&d->dropped);
		free(d->seed_on);
		asked_release(&d->asked);
		free(d->wishes.of);
		ARRAY_RELEASE(&d->boundaries);
		ARRAY_RELEASE(&d->members);
		ARRAY_RELEASE(&d->marks);
		arena_clear(&d->readers);
		arena_clear(&d->regions);
		free(d->tensors);
		free(d->nodes);
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

static bool copy_list(void **items, size_t *count, size_t *room, size_t from,
	const void *source, size_t source_count, size_t size)
{
	if (!array_reserve(items, room, source_count, size))
		return false;
	*count = source_count;
	if (from < source_count)
		memcpy((char *)*items + from * size, (const char *)source + from * size,
			(source_count - from) * size);
	return true;
}

#define COPY_LIST(to, from, first)                                                       \
	copy_list((void **)&(to)->items, &(to)->count, &(to)->room, first,               \
		(from)->items, (from)->count, sizeof(*(from)->items))

bool outcome_copy_choices(struct outcome_details *d, const struct plan *plan, size_t from)
{
	for (size_t i = from; i < d->seeds.count; i++)
		if (d->seeds.items[i].kind == SEED_TENSOR)
			d->seed_on[d->seeds.items[i].tensor] = 0;
	if (!COPY_LIST(&d->seeds, &plan->seeds, from) ||
		!COPY_LIST(&d->params, &plan->params, 0) ||
		!COPY_LIST(&d->dropped, &plan->dropped, 0))
		return false;
	for (size_t i = from; i < d->seeds.count; i++)
		if (d->seeds.items[i].kind == SEED_TENSOR)
			d->seed_on[d->seeds.items[i].tensor] = (uint32_t)i + 1;
	return true;
}

/* Nodes of another type before any choice, such as a Gather of a weight. */
static bool list_members(struct outcome *o)
{
	bool ok = true;

	for (node_id n = 0; n < o->graph->main_nodes && ok; n++)
		if (outcome_is_member(o, n))
			ok = ARRAY_PUSH(&o->details->members, n);
	return ok;
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
	d->close_given = plan->close_given;
	d->asked.graph = graph;
	d->asked.given = &d->given->overrides;
	d->seed_on = calloc(graph->tensor_count + (size_t)1, sizeof(*d->seed_on));
	d->tensors = copy_of(base->tensors, graph->tensor_count, sizeof(*d->tensors));
	d->nodes = copy_of(base->nodes, graph->node_count, sizeof(*d->nodes));
	o->graph = graph;
	o->generation = plan->generation;
	o->base = plan->options->activation_type;
	o->tensors = d->tensors;
	o->nodes = d->nodes;
	o->cost = base->cost;
	if (d->seed_on && d->tensors && d->nodes && list_members(o) &&
		outcome_copy_choices(d, plan, 0))
		return o;
	free_outcome(o);
	return NULL;
}

bool outcome_close(struct outcome *o, const struct plan *plan, const struct scope *scope,
	uint32_t *edited)
{
	struct outcome_details *d = o->details;
	struct closure c = {.graph = plan->graph,
		.options = plan->options,
		.base = d->base,
		.scope = scope,
		.entries = &o->entries,
		.tensors = d->tensors,
		.nodes = d->nodes,
		.asked = &d->asked,
		.wishes = &d->wishes,
		.seeds = d->seeds.items,
		.seed_count = d->seeds.count,
		.plan = plan,
		.problems = &o->problems,
		.marks = &d->marks};
	bool ok = closure_run(&c);

	*edited = c.edited;
	return ok;
}

/* All that the choices reach: what outcome_touch looks at in a new outcome. */
static bool reach_all(struct scope *scope, const struct outcome *o)
{
	const struct outcome_details *d = o->details;
	bool ok = scope_make(scope, o->graph);

	for (uint32_t i = 0; i < o->entries.count && ok; i++)
		ok = scope_add_tensor(scope, o->entries.lists[i].tensor);
	ok = ok && scope_add_sharers(scope, o);
	for (size_t i = 0; i < d->seeds.count && ok; i++) {
		const struct seed *seed = &d->seeds.items[i];

		ok = seed->kind == SEED_NODE ? scope_add_node(scope, seed->node)
					     : scope_add_tensor(scope, seed->tensor);
	}
	for (size_t i = 0; i < d->params.count && ok; i++)
		ok = scope_add_tensor(scope, d->params.items[i].tensor);
	for (size_t i = 0; i < d->asked.nodes.count && ok; i++)
		ok = scope_add_node(scope, d->asked.nodes.items[i].node);
	return ok;
}

static bool fill_outcome(struct outcome *o, const struct plan *plan)
{
	struct outcome_details *d = o->details;
	struct scope scope = {0};
	uint32_t edited;
	bool ok = outcome_close(o, plan, NULL, &edited);

	if (ok && !plan->options->ort_compatible &&
		(d->asked.requests.count || d->params.count || d->seeds.count))
		d->front = overrides_put_wide_first(&o->entries);
	ok = ok && reach_all(&scope, o) && outcome_touch(o, &scope, NULL, NULL) &&
	     outcome_add_boundaries(o, NULL, 0) && outcome_find_regions(o) &&
	     outcome_find_problems(o, plan, NULL, 0, NULL) &&
	     problems_finish(o, plan, o->problems.count);
	scope_release(&scope);
	d->bytes = outcome_bytes(o);
	return ok;
}

static struct outcome *make_outcome(
	const struct plan *plan, struct base *base, struct error *err)
{
	struct outcome *o = start_outcome(plan, base);

	if (o && fill_outcome(o, plan))
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
	scope_release(&cache->scope);
	changes_release(&cache->changes);
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

/* The cache, made if there is none; NULL when memory is gone. */
static struct plan_cache *cache_of(struct plan *plan, struct error *err)
{
	if (!plan->cache)
		plan->cache = calloc(1, sizeof(*plan->cache));
	if (!plan->cache)
		error_set_memory(err, "plan");
	return plan->cache;
}

const struct outcome *plan_outcome(struct plan *plan, struct error *err)
{
	struct plan_cache *cache = cache_of(plan, err);
	struct outcome *made;
	struct base *base;

	if (!cache)
		return NULL;
	if (cache->outcome && cache->outcome->generation == plan->generation)
		return cache->outcome;
	base = current_base(plan, cache, err);
	if (!base)
		return NULL;
	if (cache->outcome && outcome_can_update(cache->outcome, plan, base) &&
		outcome_update(cache->outcome, plan, cache))
		return cache->outcome;
	made = make_outcome(plan, base, err);
	if (!made)
		return NULL;
	changes_keep_whole(&cache->changes, cache->outcome);
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
