/* Undo: groups of differences, applied forward and backward. */
#include "plan/edit.h"
#include "plan/lines.h"

#include <stdlib.h>
#include <string.h>

struct group {
	const char *sentence; /* in the plan's texts */
	struct change_list changes;
};
struct group_list ARRAY_OF(struct group);

struct plan_history {
	struct group_list groups; /* [0, position) in effect, the rest can be redone */
	size_t position;
	size_t saved; /* position that was saved, SIZE_MAX: gone */
	bool open;
	struct group current; /* while open */
};

struct plan_history *plan_history_new(void)
{
	return calloc(1, sizeof(struct plan_history));
}

static bool is_value(enum change_kind kind)
{
	return kind == CHANGE_OPTIONS || kind == CHANGE_RANGES || kind == CHANGE_GIVEN;
}

static void group_release(struct group *group)
{
	for (size_t i = 0; i < group->changes.count; i++) {
		struct change *change = &group->changes.items[i];

		if (is_value(change->kind)) {
			plan_value_drop(change->before.value);
			plan_value_drop(change->after.value);
		}
	}
	ARRAY_RELEASE(&group->changes);
}

void plan_history_free(struct plan_history *history)
{
	if (!history)
		return;
	for (size_t i = 0; i < history->groups.count; i++)
		group_release(&history->groups.items[i]);
	ARRAY_RELEASE(&history->groups);
	group_release(&history->current);
	free(history);
}

/* Replaces, inserts or removes one item; room was made before. */
static void put_item(
	void *items, size_t *count, size_t size, size_t at, bool had, const void *item)
{
	char *place = (char *)items + at * size;

	if (!had)
		memmove(place + size, place, (*count)++ * size - at * size);
	if (item)
		memcpy(place, item, size);
	else
		memmove(place, place + size, (--*count - at) * size);
}

static void put_value(struct plan_value **slot, struct plan_value *value)
{
	plan_value_keep(value);
	plan_value_drop(*slot);
	*slot = value;
}

static void put_seed(struct plan *plan, size_t at, bool had, const struct seed *seed)
{
	bool appended = !had && at == plan->seeds.count;

	put_item(plan->seeds.items, &plan->seeds.count, sizeof(*seed), at, had, seed);
	if (!appended && (!had || !seed))
		plan_index_stale(plan);
}

/* Brings the plan from one side of a change to the other. Cannot fail: lists never give
 * room back, so an undo finds the room it needs. */
static void transfer(struct plan *plan, const struct change *c, bool had, bool has,
	const union change_side *side)
{
	switch (c->kind) {
	case CHANGE_SEED:
		put_seed(plan, c->at, had, has ? &side->seed : NULL);
		break;
	case CHANGE_PARAM:
		put_item(plan->params.items, &plan->params.count, sizeof(side->param),
			c->at, had, has ? &side->param : NULL);
		break;
	case CHANGE_DROP:
		put_item(plan->dropped.items, &plan->dropped.count, sizeof(side->tensor),
			c->at, had, has ? &side->tensor : NULL);
		break;
	case CHANGE_OPTIONS:
		put_value(&plan->options_value, side->value);
		break;
	case CHANGE_RANGES:
		put_value(&plan->ranges_value, side->value);
		break;
	case CHANGE_GIVEN:
		put_value(&plan->given_value, side->value);
		break;
	case CHANGE_CLOSE:
		plan->close_given = side->flag;
		break;
	}
	plan_show_values(plan);
	plan->generation++;
}

static void forward(struct plan *plan, const struct change *c)
{
	transfer(plan, c, c->has_before, c->has_after, &c->after);
}

static void backward(struct plan *plan, const struct change *c)
{
	transfer(plan, c, c->has_after, c->has_before, &c->before);
}

static bool make_room(struct plan *plan, enum change_kind kind)
{
	return (kind != CHANGE_SEED || ARRAY_ROOM(&plan->seeds, 1)) &&
	       (kind != CHANGE_PARAM || ARRAY_ROOM(&plan->params, 1)) &&
	       (kind != CHANGE_DROP || ARRAY_ROOM(&plan->dropped, 1));
}

bool plan_edit_apply(struct plan *plan, const struct change *change, struct error *err)
{
	struct edit edit;
	bool ok;

	if (!plan->history->open) {
		if (!plan_edit_begin(plan, &edit, "edit", err))
			return false;
		ok = plan_edit_apply(plan, change, err);
		return plan_edit_end(plan, &edit, ok);
	}
	if (!make_room(plan, change->kind) ||
		!ARRAY_PUSH(&plan->history->current.changes, *change))
		return error_set_memory(err, "undo history");
	forward(plan, change);
	return true;
}

static void take_back(struct plan *plan, size_t mark)
{
	struct change_list *changes = &plan->history->current.changes;

	while (changes->count > mark) {
		struct change *change = &changes->items[--changes->count];

		backward(plan, change);
		if (is_value(change->kind)) {
			plan_value_drop(change->before.value);
			plan_value_drop(change->after.value);
		}
	}
}

bool plan_begin(struct plan *plan, const char *sentence, struct error *err)
{
	struct plan_history *history = plan->history;
	const char *copy;

	if (history->open)
		return error_set(err, ERROR_REFUSED,
			"plan: an edit is already open; finish it first");
	copy = plan_text(plan, sentence);
	if (!copy || !ARRAY_ROOM(&history->groups, 1))
		return error_set_memory(err, "undo history");
	history->open = true;
	history->current = (struct group){copy, {0}};
	return true;
}

static void forget_redo(struct plan_history *history)
{
	while (history->groups.count > history->position)
		group_release(&history->groups.items[--history->groups.count]);
	if (history->saved != SIZE_MAX && history->saved > history->position)
		history->saved = SIZE_MAX;
}

void plan_commit(struct plan *plan)
{
	struct plan_history *history = plan->history;

	if (!history->open)
		return;
	history->open = false;
	if (!history->current.changes.count) {
		group_release(&history->current);
		return;
	}
	forget_redo(history);
	history->groups.items[history->groups.count++] = history->current;
	history->current = (struct group){0};
	history->position++;
}

void plan_abort(struct plan *plan)
{
	if (!plan->history->open)
		return;
	take_back(plan, 0);
	plan->history->open = false;
	group_release(&plan->history->current);
}

bool plan_edit_is_open(const struct plan *plan)
{
	return plan->history->open;
}

bool plan_edit_begin(
	struct plan *plan, struct edit *edit, const char *sentence, struct error *err)
{
	edit->own_group = !plan->history->open;
	if (edit->own_group && !plan_begin(plan, sentence, err))
		return false;
	edit->mark = plan->history->current.changes.count;
	return true;
}

bool plan_edit_end(struct plan *plan, const struct edit *edit, bool ok)
{
	if (!ok)
		take_back(plan, edit->mark);
	if (edit->own_group)
		plan_commit(plan);
	return ok;
}

size_t plan_group_count(const struct plan *plan)
{
	return plan->history->groups.count;
}

struct plan_group plan_group_at(const struct plan *plan, size_t index)
{
	const struct group *group = &plan->history->groups.items[index];

	return (struct plan_group){group->sentence, (uint32_t)group->changes.count,
		index >= plan->history->position};
}

size_t plan_undo_position(const struct plan *plan)
{
	return plan->history->position;
}

const char *plan_undo(struct plan *plan)
{
	struct plan_history *history = plan->history;
	struct group *group;

	if (history->open || !history->position)
		return NULL;
	group = &history->groups.items[--history->position];
	for (size_t i = group->changes.count; i > 0; i--)
		backward(plan, &group->changes.items[i - 1]);
	return group->sentence;
}

const char *plan_redo(struct plan *plan)
{
	struct plan_history *history = plan->history;
	struct group *group;

	if (history->open || history->position == history->groups.count)
		return NULL;
	group = &history->groups.items[history->position++];
	for (size_t i = 0; i < group->changes.count; i++)
		forward(plan, &group->changes.items[i]);
	return group->sentence;
}

bool plan_is_dirty(const struct plan *plan)
{
	return plan->history->saved != plan->history->position;
}

size_t plan_saved_position(const struct plan *plan)
{
	return plan->history->saved;
}

void plan_mark_saved(struct plan *plan)
{
	plan->history->saved = plan->history->position;
}

void plan_forget_history(struct plan *plan)
{
	struct plan_history *history = plan->history;

	for (size_t i = 0; i < history->groups.count; i++)
		group_release(&history->groups.items[i]);
	history->groups.count = 0;
	history->position = 0;
	history->saved = 0;
}

const struct change_list *plan_history_changes(
	const struct plan *plan, size_t group, const char **sentence)
{
	*sentence = plan->history->groups.items[group].sentence;
	return &plan->history->groups.items[group].changes;
}
