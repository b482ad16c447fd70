/* The problems of an outcome in their order, while some come and go. */
#include "plan/cache.h"

#include <stdlib.h>
#include <string.h>

/* True for those that a run over the scope finds again. */
static bool is_reached(const struct scope *scope, const struct problem *p,
	const struct problem_mark *mark)
{
	if (mark->stage == STAGE_REQUEST)
		return scope->has_node[p->node];
	return p->tensor != PROBLEM_NOWHERE && scope->has_tensor[p->tensor];
}

static void keep(struct outcome *o, size_t *kept, size_t at)
{
	o->problems.items[*kept] = o->problems.items[at];
	o->details->marks.items[(*kept)++] = o->details->marks.items[at];
}

static void set_flag(uint16_t *flags, bool on)
{
	*flags = (uint16_t)(on ? *flags | STATE_CONFLICT : *flags & ~STATE_CONFLICT);
}

static void set_conflict_flags(struct outcome *o, bool on)
{
	struct outcome_details *d = o->details;

	for (size_t i = 0; i < d->marks.count; i++) {
		const struct problem *p = &o->problems.items[i];

		if (p->severity < SEVERITY_ERROR || d->marks.items[i].stage > STAGE_EDIT)
			continue;
		if (p->tensor != PROBLEM_NOWHERE)
			set_flag(&d->tensors[p->tensor].flags, on);
		if (p->node != PROBLEM_NOWHERE)
			set_flag(&d->nodes[p->node].flags, on);
	}
}

void problems_drop(struct outcome *o, const struct scope *scope)
{
	size_t kept = 0;

	set_conflict_flags(o, false);
	for (size_t i = 0; i < o->details->marks.count; i++)
		if (!is_reached(
			    scope, &o->problems.items[i], &o->details->marks.items[i]))
			keep(o, &kept, i);
	o->problems.count = o->details->marks.count = kept;
}

void problems_drop_found(struct outcome *o, const struct scope *scope, size_t *kept)
{
	size_t left = 0, old = *kept;

	for (size_t i = 0; i < o->details->marks.count; i++) {
		const struct problem_mark *mark = &o->details->marks.items[i];

		if (i >= old || mark->stage < STAGE_READERS ||
			!is_reached(scope, &o->problems.items[i], mark))
			keep(o, &left, i);
		else
			(*kept)--;
	}
	o->problems.count = o->details->marks.count = left;
}

/* ---- order */

static struct asked_order order_of(const struct outcome *o, size_t at)
{
	const struct outcome_details *d = o->details;
	const struct problem *p = &o->problems.items[at];
	const struct problem_mark *mark = &d->marks.items[at];

	switch (mark->stage) {
	case STAGE_START:
		return (struct asked_order){d->seed_on[p->tensor], 0, 0};
	case STAGE_REQUEST:
		return asked_order_of_cause(&d->asked, &mark->cause, p->node);
	case STAGE_SETTLE:
	case STAGE_CONSTANT:
		return asked_order_of(
			&d->asked, &d->asked.requests.items[o->tensors[p->tensor].why]);
	case STAGE_EDIT: /* all are new, and in order */
	case STAGE_VERDICT:
	case STAGE_FILE:
		return (struct asked_order){0, 0, 0};
	case STAGE_READERS:
	case STAGE_ENTRY:
	case STAGE_LIST:
	case STAGE_DEDICATED:
		break;
	}
	return (struct asked_order){o->entries.index[p->tensor], 0, 0};
}

/* How many of the first `kept` problems stand before a new one. */
static uint32_t place_of(const struct outcome *o, size_t kept, size_t at)
{
	const struct problem_mark *marks = o->details->marks.items;
	struct asked_order order = order_of(o, at);
	size_t low = 0, high = kept;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct asked_order here = order_of(o, middle);
		bool before = marks[middle].stage != marks[at].stage
				      ? marks[middle].stage < marks[at].stage
				      : asked_compare(&here, &order) <= 0;

		if (before)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

/* The new ones are in order stage by stage, but those of the last stages stand behind
 * all: places ascend. */
static bool place_new(struct outcome *o, size_t kept)
{
	struct problem_marks *marks = &o->details->marks;
	size_t count = marks->count - kept;
	uint32_t *places = malloc((count + 1) * sizeof(*places));
	void *spare = malloc((count + 1) * sizeof(*o->problems.items));
	bool ok = places && spare;

	for (size_t i = 0; ok && i < count; i++)
		places[i] = place_of(o, kept, kept + i);
	if (ok) {
		order_put(o->problems.items, marks->count, sizeof(*o->problems.items),
			kept, places, spare);
		order_put(marks->items, marks->count, sizeof(*marks->items), kept, places,
			spare);
	}
	free(places);
	free(spare);
	return ok;
}

/* Before an opset raise nobody knows which tensors the raised model will have, so the
 * quantizer is the one to miss ranges then. */
static bool add_base_problems(
	struct outcome *o, const struct base *base, const struct plan *plan)
{
	bool raised =
		overrides_raise_target(&o->entries, plan->options, o->graph->opset) != 0;

	if (!base->problems.count)
		return true;
	if (!ARRAY_ROOM(&o->problems, base->problems.count))
		return false;
	for (size_t i = 0; i < base->problems.count; i++) {
		const struct problem *p = &base->problems.items[i];

		if (!raised || p->severity < SEVERITY_ERROR ||
			strcmp(p->id, "range") != 0)
			o->problems.items[o->problems.count++] = *p;
	}
	return true;
}

bool problems_finish(struct outcome *o, const struct plan *plan, size_t kept)
{
	struct outcome_details *d = o->details;

	if (!place_new(o, kept))
		return false;
	o->conflicts = 0;
	for (size_t i = 0; i < d->marks.count; i++)
		o->conflicts += o->problems.items[i].severity == SEVERITY_ERROR &&
				d->marks.items[i].stage <= STAGE_VERDICT;
	set_conflict_flags(o, true);
	return add_base_problems(o, d->base, plan);
}
