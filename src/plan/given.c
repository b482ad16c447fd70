/* Loaded entries that make way for seeds, or become seeds. */
#include "plan/cache.h"
#include "plan/edit.h"
#include "plan/entry.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 16, TRIES = 48 };

struct yield {
	struct plan *plan;
	uint32_t count;
	char *names;
	size_t room;
	struct error *err;
};

static bool drop(struct yield *y, tensor_id tensor)
{
	size_t used = y->names ? strlen(y->names) : 0;
	char name[96];
	const char *text = graph_tensor_name(y->plan->graph, tensor);

	if (!plan_given(y->plan, tensor))
		return true;
	if (y->names && y->count < 3)
		snprintf(y->names + used, y->room - used, "%s%s", used ? ", " : "",
			text_escape(name, sizeof(name), text, strlen(text)));
	y->count++;
	return plan_edit_drop_given(y->plan, tensor, y->err);
}

/* A clash of seeds and loaded entries: the entry it is about, or the one that asked. */
static bool drop_for(struct yield *y, const struct outcome *o, const struct problem *p)
{
	uint32_t why;

	if (p->tensor != PROBLEM_NOWHERE && plan_given(y->plan, p->tensor))
		return drop(y, p->tensor);
	if (p->node == PROBLEM_NOWHERE || (why = o->nodes[p->node].why) == GRAPH_NONE)
		return true;
	return o->details->asked.nodes.items[why].cause.seed != GRAPH_NONE ||
	       drop(y, o->details->asked.nodes.items[why].cause.tensor);
}

static bool yield_once(struct yield *y)
{
	const struct outcome *o = plan_outcome(y->plan, y->err);
	bool ok = o;

	if (!o)
		return false;
	outcome_keep(o);
	for (size_t i = 0; i < o->conflicts && ok; i++)
		if (o->problems.items[i].severity == SEVERITY_ERROR)
			ok = drop_for(y, o, &o->problems.items[i]);
	outcome_drop(o);
	return ok;
}

bool plan_yield_given(
	struct plan *plan, uint32_t *count, char *names, size_t room, struct error *err)
{
	struct yield y = {plan, 0, room ? names : NULL, room, err};
	struct edit edit;
	uint32_t before;
	bool ok;

	if (y.names)
		*names = '\0';
	if (!plan_edit_begin(plan, &edit, "loaded entries made way", err))
		return false;
	for (int i = 0; i < ROUNDS; i++) {
		before = y.count;
		ok = yield_once(&y);
		if (!ok || y.count == before)
			break;
	}
	*count = y.count;
	return plan_edit_end(plan, &edit, ok);
}

/* ---- adopting */

/* An entry that one tensor seed would write. */
static bool is_seed_like(const struct entry_list *list)
{
	const struct entry_params *own = &list->entries[0].own;

	return list->count == 1 && (own->has & ENTRY_TYPE) &&
	       !(own->has & ~(unsigned)(ENTRY_TYPE | ENTRY_SYMMETRIC)) &&
	       (!(own->has & ENTRY_SYMMETRIC) || own->symmetric);
}

static bool add_seed_like(
	struct plan *plan, const struct entry_list *list, struct error *err)
{
	const struct entry_params *own = &list->entries[0].own;

	return plan_promote_tensor(plan, list->tensor, own->type,
		own->has & ENTRY_SYMMETRIC ? YES : UNSET, err);
}

static bool adds_seed(const struct plan *plan, const struct entry_list *list)
{
	return list->count && is_seed_like(list) &&
	       plan_is_float(plan->graph, list->tensor);
}

/* Seeds for those of the first `count` entries that one could have written. */
static bool add_seeds_of(struct plan *plan, const struct overrides *entries,
	uint32_t count, struct error *err)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < count; i++)
		if (adds_seed(plan, &entries->lists[i]))
			ok = add_seed_like(plan, &entries->lists[i], err);
	return ok;
}

/* Seeds on the first `count` of the loaded entries take their place; the seeds there
 * were come behind them, as the entries that they added did. */
static bool replace_given(struct plan *plan, const struct overrides *given,
	uint32_t count, struct error *err)
{
	size_t old_count = plan->seeds.count;
	struct seed *old = malloc((old_count + 1) * sizeof(*old));
	struct overrides none = {0};
	bool ok = old || error_set_memory(err, "plan");

	if (ok && old_count)
		memcpy(old, plan->seeds.items, old_count * sizeof(*old));
	while (ok && plan->seeds.count)
		ok = plan_edit_remove_seed(plan, plan->seeds.count - 1, err);
	ok = ok && plan_set_overrides(plan, &none, plan->given_name, err);
	ok = ok && add_seeds_of(plan, given, count, err);
	for (size_t i = 0; ok && i < old_count; i++)
		ok = plan_add_seed(plan, &old[i], err);
	free(old);
	return ok;
}

static bool adopt(struct plan *plan, uint32_t count, struct error *err)
{
	struct plan_value *given = plan_value_keep(plan->given_value);
	struct edit edit;
	bool ok = plan_edit_begin(plan, &edit, "loaded overrides became seeds", err);

	if (ok) {
		ok = replace_given(plan, &given->overrides, count, err);
		ok = plan_edit_end(plan, &edit, ok);
	}
	plan_value_drop(given);
	return ok;
}

/* The same entries in any order. */
static bool has_same_entries(const struct overrides *a, const struct overrides *b)
{
	for (uint32_t i = 0; i < a->count; i++) {
		const struct entry_list *found = overrides_find(b, a->lists[i].tensor);

		if (!found || !entry_list_equal(&a->lists[i], found))
			return false;
	}
	return a->count == b->count;
}

/* Adopts if that gives all that follows now; `same` compares. */
static bool try_seeds(struct plan *plan, const struct outcome *now, uint32_t count,
	bool (*same)(const struct overrides *a, const struct overrides *b), bool *done,
	struct error *err)
{
	struct plan *trial = plan_snapshot(plan, err);
	const struct outcome *o = NULL;
	bool ok = trial && adopt(trial, count, err);

	if (ok)
		o = plan_outcome(trial, err);
	*done = o && !o->conflicts && same(&o->entries, &now->entries);
	plan_free(trial);
	return ok && o && (!*done || adopt(plan, count, err));
}

bool plan_adopt_given(struct plan *plan, enum adopted *how, struct error *err)
{
	const struct overrides *given = plan->given;
	const struct outcome *now = plan_outcome(plan, err);
	uint32_t most = 0;
	bool fine = now, done = false;

	*how = ADOPTED_NOTHING;
	if (!now || plan->params.count || plan->dropped.count)
		return now;
	outcome_keep(now);
	while (most < given->count && adds_seed(plan, &given->lists[most]))
		most++;
	for (uint32_t count = most, tries = 0;
		fine && !done && count > 0 && tries < TRIES; count--, tries++)
		fine = try_seeds(plan, now, count, overrides_equal, &done, err);
	*how = done ? ADOPTED_ALL : ADOPTED_NOTHING;
	if (fine && !done && given->count) {
		fine = try_seeds(plan, now, given->count, has_same_entries, &done, err);
		*how = done ? ADOPTED_REORDERED : ADOPTED_NOTHING;
	}
	outcome_drop(now);
	return fine;
}

/* ---- adopting what has no order */

bool plan_adopt_file(struct plan *plan, bool *done, struct error *err)
{
	struct plan_value *given = plan_value_keep(plan->given_value);
	struct plan *trial = plan_snapshot(plan, err);
	struct overrides none = {0};
	const struct outcome *o = NULL;
	bool ok = trial && plan_set_overrides(trial, &none, "", err) &&
		  add_seeds_of(trial, plan->given, plan->given->count, err);

	if (ok)
		o = plan_outcome(trial, err);
	*done = o && plan->given->count && !o->conflicts &&
		has_same_entries(&o->entries, plan->given);
	ok = ok && o;
	plan_free(trial);
	if (*done)
		ok = plan_set_overrides(plan, &none, plan->given_name, err) &&
		     add_seeds_of(plan, &given->overrides, given->overrides.count, err);
	plan_value_drop(given);
	return ok;
}
