/* Differences between two outcomes, and the message after an edit. */
#include "plan/cache.h"
#include "plan/entry.h"

#include "base/ids.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void outcome_diff_release(struct outcome_diff *diff)
{
	free(diff->tensors);
	free(diff->nodes);
	*diff = (struct outcome_diff){0};
}

bool outcome_tensor_differs(
	const struct outcome *o, tensor_id tensor, const struct before *before)
{
	const struct tensor_state *state = &o->tensors[tensor];
	const struct entry_list *list = overrides_find(&o->entries, tensor);

	return state->stored != before->state.stored ||
	       state->converted != before->state.converted || !list == before->has_list ||
	       (list && !entry_list_equal(list, &before->list));
}

/* ---- noting */

bool changes_note_tensor(
	struct changes *changes, tensor_id tensor, const struct before *before)
{
	struct past_tensor past = {tensor, (uint32_t)changes->tensors.count, *before};

	if (!changes->on || changes->whole)
		return true;
	if (before->has_list &&
		!entry_list_copy(&changes->lists, &past.before.list, &before->list))
		return false;
	return ARRAY_PUSH(&changes->tensors, past);
}

bool changes_note_node(struct changes *changes, node_id node, uint8_t seen)
{
	struct past_node past = {node, (uint32_t)changes->nodes.count, seen};

	return !changes->on || changes->whole || ARRAY_PUSH(&changes->nodes, past);
}

struct before outcome_before(const struct outcome *o, tensor_id tensor)
{
	const struct entry_list *list = overrides_find(&o->entries, tensor);
	struct before before = {.state = o->tensors[tensor], .has_list = list};

	if (list)
		before.list = *list;
	return before;
}

void changes_keep_whole(struct changes *changes, const struct outcome *owned)
{
	if (changes->on && !changes->whole)
		changes->whole = owned;
	else
		outcome_drop(owned);
}

void changes_release(struct changes *changes)
{
	ARRAY_RELEASE(&changes->tensors);
	ARRAY_RELEASE(&changes->nodes);
	overrides_release(&changes->lists);
	outcome_drop(changes->whole);
	*changes = (struct changes){0};
}

void plan_watch(struct plan *plan)
{
	struct plan_cache *cache = plan->cache;

	changes_release(&cache->changes);
	cache->changes.on = true;
	cache->changes.cost = cache->outcome->cost;
	cache->changes.conflicts = cache->outcome->conflicts;
}

/* ---- telling */

static int compare_tensors(const void *a, const void *b)
{
	const struct past_tensor *x = a, *y = b;

	if (x->tensor != y->tensor)
		return x->tensor < y->tensor ? -1 : 1;
	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct past_node *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

static void sort_notes(struct changes *changes)
{
	struct past_tensors *tensors = &changes->tensors;
	struct past_nodes *nodes = &changes->nodes;

	if (tensors->count)
		qsort(tensors->items, tensors->count, sizeof(*tensors->items),
			compare_tensors);
	if (nodes->count)
		qsort(nodes->items, nodes->count, sizeof(*nodes->items), compare_nodes);
}

static bool has_list(const struct outcome *o, tensor_id tensor)
{
	return o->entries.index && o->entries.index[tensor];
}

/* At a glance: of most tensors there is nothing to compare. */
static bool is_untouched(const struct outcome *a, const struct outcome *b, tensor_id t)
{
	return a->tensors[t].stored == b->tensors[t].stored && !has_list(a, t) &&
	       !has_list(b, t);
}

/* Of what was noted, or with an outcome from before of all; the first note on a thing
 * is the oldest. */
static bool take_tensors(const struct changes *changes, const struct outcome *now,
	struct tensor_list *found)
{
	const struct past_tensors *past = &changes->tensors;
	uint32_t end = changes->whole ? now->graph->tensor_count : 0;
	size_t i = 0;

	for (tensor_id t = 0; t < end || (!end && i < past->count); t++) {
		struct before before;

		t = end ? t : past->items[i].tensor;
		if (i < past->count && past->items[i].tensor == t)
			before = past->items[i].before;
		else if (is_untouched(changes->whole, now, t))
			continue;
		else
			before = outcome_before(changes->whole, t);
		if (outcome_tensor_differs(now, t, &before) && !ARRAY_PUSH(found, t))
			return false;
		while (i < past->count && past->items[i].tensor == t)
			i++;
	}
	return ARRAY_ROOM(found, 1);
}

static bool take_nodes(const struct changes *changes, const struct outcome *now,
	struct tensor_list *found)
{
	const struct past_nodes *past = &changes->nodes;
	uint32_t end = changes->whole ? now->graph->node_count : 0;
	size_t i = 0;

	for (node_id n = 0; n < end || (!end && i < past->count); n++) {
		uint8_t seen;

		n = end ? n : past->items[i].node;
		seen = i < past->count && past->items[i].node == n
			       ? past->items[i].seen
			       : changes->whole->nodes[n].seen;
		if (now->nodes[n].seen != seen && !ARRAY_PUSH(found, n))
			return false;
		while (i < past->count && past->items[i].node == n)
			i++;
	}
	return ARRAY_ROOM(found, 1);
}

bool plan_take_changes(struct plan *plan, struct outcome_diff *diff, struct error *err)
{
	const struct outcome *now = plan->cache->outcome;
	struct changes *changes = &plan->cache->changes;
	const struct cost *old = &changes->cost;
	struct tensor_list tensors = {0}, nodes = {0};
	bool ok;

	sort_notes(changes);
	ok = take_tensors(changes, now, &tensors) && take_nodes(changes, now, &nodes);
	*diff = (struct outcome_diff){
		.tensors = tensors.items,
		.nodes = nodes.items,
		.tensor_count = (uint32_t)tensors.count,
		.node_count = (uint32_t)nodes.count,
		.conversions = (int32_t)(now->cost.conversions - old->conversions),
		.conversion_bytes =
			(int64_t)(now->cost.conversion_bytes - old->conversion_bytes),
		.conflicts = (int32_t)(now->conflicts - changes->conflicts),
	};
	changes_release(changes);
	if (ok)
		return true;
	outcome_diff_release(diff);
	return error_set_memory(err, "plan");
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The node that a seed is about: its node, or the producer of its tensor. */
static node_id subject_of(const struct outcome *o, const struct seed *seed)
{
	return seed->kind == SEED_TENSOR ? o->graph->tensors[seed->tensor].producer
					 : seed->node;
}

/* The nodes that seeds are about, ascending; NULL when memory is gone. */
static node_id *list_subjects(
	const struct outcome *o, const struct seed *seeds, size_t count)
{
	node_id *subjects = malloc((count + 1) * sizeof(*subjects));

	for (size_t i = 0; subjects && i < count; i++)
		subjects[i] = subject_of(o, &seeds[i]);
	if (subjects)
		ids_sort(subjects, count);
	return subjects;
}

struct sentence {
	char *out;
	size_t room, used;
};

static void add(struct sentence *s, const char *text)
{
	size_t length = strlen(text), left = s->room - s->used;

	if (length >= left)
		length = left ? left - 1 : 0;
	memcpy(s->out + s->used, text, length);
	s->used += length;
	s->out[s->used] = '\0';
}

static void add_followers(struct sentence *s, const struct outcome *after,
	const struct outcome_diff *diff, const node_id *subjects, size_t subject_count)
{
	char names[200] = "", text[260], name[64];
	struct sentence list = {names, sizeof(names), 0};
	uint32_t count = 0;

	for (uint32_t i = 0; i < diff->node_count; i++) {
		if (bsearch(&diff->nodes[i], subjects, subject_count, sizeof(*subjects),
			    compare_ids))
			continue;
		if (count < 3) {
			const char *label =
				graph_node_label(after->graph, diff->nodes[i]);

			add(&list, count ? ", " : "");
			add(&list, text_escape(name, sizeof(name), label, strlen(label)));
		} else if (count == 3) {
			add(&list, ", ...");
		}
		count++;
	}
	if (!count)
		return;
	snprintf(text, sizeof(text), " %u node%s follow%s (%s),", (unsigned)count,
		text_s(count), count == 1 ? "s" : "", names);
	add(s, text);
}

bool outcome_sentence(const struct outcome *after, const struct outcome_diff *diff,
	const char *what, const struct seed *seeds, size_t seed_count, char *out,
	size_t room, struct error *err)
{
	struct sentence s = {out, room, 0};
	node_id *subjects = list_subjects(after, seeds, seed_count);
	char text[96];

	if (!subjects)
		return error_set_memory(err, "plan");
	*out = '\0';
	add(&s, what);
	add(&s, ".");
	add_followers(&s, after, diff, subjects, seed_count);
	free(subjects);
	snprintf(text, sizeof(text), " %u DQ\xe2\x86\x92Q",
		(unsigned)after->cost.conversions);
	add(&s, text);
	if (diff->conflicts > 0) {
		snprintf(text, sizeof(text), ", %u conflict%s",
			(unsigned)after->conflicts, text_s(after->conflicts));
		add(&s, text);
	}
	return true;
}
