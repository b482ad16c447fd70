/* Parameter edits: validated against the rules, then laid over the entries. */
#include "plan/cache.h"
#include "plan/edit.h"
#include "plan/entry.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
	GIVEN_KEYS = ENTRY_SCALE | ENTRY_ZERO_POINT,
	COMPUTED_KEYS = ENTRY_SYMMETRIC | ENTRY_REDUCE_RANGE | ENTRY_RMIN | ENTRY_RMAX,
};

void entry_params_lay(
	struct entry_params *p, const struct entry_params *set, unsigned drop)
{
	struct entry_params old = *p;

	*p = *set;
	p->has = old.has & ~drop;
	if (set->has & GIVEN_KEYS)
		p->has &= ~(unsigned)COMPUTED_KEYS;
	if (set->has & COMPUTED_KEYS)
		p->has &= ~(unsigned)GIVEN_KEYS;
	p->has |= set->has;
	if (!(set->has & ENTRY_TYPE))
		p->type = old.type;
	if (!(set->has & ENTRY_AXIS))
		p->axis = old.axis;
	if (!(set->has & ENTRY_SCALE))
		p->scale = old.scale;
	if (!(set->has & ENTRY_ZERO_POINT))
		p->zero_point = old.zero_point;
	if (!(set->has & ENTRY_SYMMETRIC))
		p->symmetric = old.symmetric;
	if (!(set->has & ENTRY_REDUCE_RANGE))
		p->reduce_range = old.reduce_range;
	if (!(set->has & ENTRY_RMIN))
		p->rmin = old.rmin;
	if (!(set->has & ENTRY_RMAX))
		p->rmax = old.rmax;
}

/* The entry as it is now. */
static const struct entry *current_entry(
	struct plan *plan, tensor_id tensor, struct error *err)
{
	const struct outcome *o = plan_outcome(plan, err);

	return o ? overrides_entry(&o->entries, tensor) : NULL;
}

static bool first_problem(const struct problem_list *problems, struct error *err)
{
	for (size_t i = 0; i < problems->count; i++)
		if (problems->items[i].severity == SEVERITY_ERROR)
			return error_set(err, ERROR_REFUSED, "%s: %s; %s",
				problems->items[i].place, problems->items[i].cause,
				problems->items[i].remedy);
	return true;
}

static bool check_list(
	const struct plan *plan, struct entry_list *list, struct error *err)
{
	struct overrides one = {.lists = list, .count = 1};
	struct problem_list problems = {0};
	bool ok = overrides_check(&one, plan->graph, plan->options, "", &problems, err);

	if (!error_is_set(err))
		ok = first_problem(&problems, err);
	problem_clear(&problems);
	return ok;
}

static bool check_channels(
	const struct plan *plan, const struct param_edit *edit, struct error *err)
{
	struct overrides scratch = {0};
	struct entry_list list = {edit->tensor, NULL, 0};
	bool ok = entry_list_set_count(&scratch, &list, edit->channel_count);

	for (uint32_t i = 0; ok && i < edit->channel_count; i++)
		list.entries[i].own = edit->channels[i];
	ok = ok ? check_list(plan, &list, err) : error_set_memory(err, "plan");
	overrides_release(&scratch);
	return ok;
}

bool plan_check_params(
	struct plan *plan, const struct param_edit *edit, struct error *err)
{
	const struct entry *now = current_entry(plan, edit->tensor, err);
	struct entry entry = now ? *now : (struct entry){0};
	struct entry_list list = {edit->tensor, &entry, 1};

	if (error_is_set(err))
		return false;
	if (edit->channel_count)
		return check_channels(plan, edit, err);
	if (!edit->converted) {
		entry_params_lay(&entry.own, &edit->set, edit->drop);
		return check_list(plan, &list, err);
	}
	if (!(entry.own.has & ENTRY_CONVERT))
		return error_set(err, ERROR_REFUSED,
			"%s: it is not converted for any reader; choose readers first "
			"(c)",
			text_quoted_z(graph_tensor_name(plan->graph, edit->tensor)));
	if (edit->set.has & (ENTRY_TYPE | ENTRY_AXIS))
		return error_set(err, ERROR_REFUSED,
			"%s: the converted type belongs to its readers; choose them (c) "
			"with another type",
			text_quoted_z(graph_tensor_name(plan->graph, edit->tensor)));
	entry_params_lay(&entry.convert, &edit->set, edit->drop);
	return check_list(plan, &list, err);
}

static size_t find_params(const struct plan *plan, tensor_id tensor, bool converted)
{
	for (size_t i = 0; i < plan->params.count; i++)
		if (plan->params.items[i].tensor == tensor &&
			plan->params.items[i].converted == converted)
			return i;
	return SIZE_MAX;
}

const struct param_edit *plan_find_params(
	const struct plan *plan, tensor_id tensor, bool converted)
{
	size_t at = find_params(plan, tensor, converted);

	return at == SIZE_MAX ? NULL : &plan->params.items[at];
}

static bool own_channels(struct plan *plan, struct param_edit *edit)
{
	struct entry_params *copy;

	if (!edit->channel_count)
		return true;
	copy = arena_alloc(&plan->texts, edit->channel_count * sizeof(*copy));
	if (!copy)
		return false;
	memcpy(copy, edit->channels, edit->channel_count * sizeof(*copy));
	edit->channels = copy;
	return true;
}

/* Puts the edit in place of the one that is there; an empty one removes it. */
static bool store(struct plan *plan, struct param_edit *edit, struct error *err)
{
	size_t at = find_params(plan, edit->tensor, edit->converted);
	struct change change = {.kind = CHANGE_PARAM, .at = at};

	if (at == SIZE_MAX)
		change.at = plan->params.count;
	else
		change.before.param = plan->params.items[at];
	change.has_before = at != SIZE_MAX;
	change.has_after = edit->set.has || edit->drop || edit->channel_count;
	if (!change.has_before && !change.has_after)
		return true;
	if (!own_channels(plan, edit))
		return error_set_memory(err, "plan");
	change.after.param = *edit;
	return plan_edit_apply(plan, &change, err);
}

static bool set_type(struct plan *plan, const struct param_edit *edit, struct error *err)
{
	struct seed thing = {
		.kind = SEED_TENSOR, .tensor = edit->tensor, .node = GRAPH_NONE};
	size_t at;

	if (edit->set.has & ENTRY_TYPE)
		return plan_promote_tensor(
			plan, edit->tensor, edit->set.type, UNSET, err);
	if (!(edit->drop & ENTRY_TYPE))
		return true;
	at = plan_find_seed(plan, &thing);
	return at == SIZE_MAX || plan_edit_remove_seed(plan, at, err);
}

bool plan_set_params(
	struct plan *plan, const struct param_edit *wanted, struct error *err)
{
	struct param_edit edit = *wanted;
	char sentence[200], name[160];
	const char *text = graph_tensor_name(plan->graph, edit.tensor);
	struct edit group;
	bool ok;

	if ((edit.set.has || edit.channel_count) && !plan_check_params(plan, &edit, err))
		return false;
	snprintf(sentence, sizeof(sentence), "%s edited",
		text_escape(name, sizeof(name), text, strlen(text)));
	if (!plan_edit_begin(plan, &group, sentence, err))
		return false;
	ok = edit.converted || set_type(plan, &edit, err);
	if (!edit.converted) {
		edit.set.has &= ~(unsigned)ENTRY_TYPE;
		edit.drop &= ~(unsigned)ENTRY_TYPE;
	}
	ok = ok && store(plan, &edit, err);
	return plan_edit_end(plan, &group, ok);
}
