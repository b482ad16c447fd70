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

static const struct entry_list *list_of(const struct outcome *o, tensor_id tensor)
{
	uint32_t at = o->tensors[tensor].list;

	return at == GRAPH_NONE ? NULL : &o->entries.lists[at];
}

static bool tensor_differs(
	const struct outcome *a, const struct outcome *b, tensor_id tensor)
{
	const struct tensor_state *x = &a->tensors[tensor], *y = &b->tensors[tensor];
	const struct entry_list *p = list_of(a, tensor), *q = list_of(b, tensor);

	return x->stored != y->stored || x->converted != y->converted || !p != !q ||
	       (p && !entry_list_equal(p, q));
}

/* Of two touched lists, ids of the second that are in the first are passed over. */
static void compare_tensors(const struct outcome *before, const struct outcome *after,
	struct outcome_diff *diff)
{
	for (uint32_t i = 0; i < before->touched_tensor_count; i++)
		if (tensor_differs(before, after, before->touched_tensors[i]))
			diff->tensors[diff->tensor_count++] = before->touched_tensors[i];
	for (uint32_t i = 0; i < after->touched_tensor_count; i++) {
		tensor_id tensor = after->touched_tensors[i];

		if (!(before->tensors[tensor].flags & STATE_TOUCHED) &&
			tensor_differs(before, after, tensor))
			diff->tensors[diff->tensor_count++] = tensor;
	}
}

static void compare_nodes(const struct outcome *before, const struct outcome *after,
	struct outcome_diff *diff)
{
	for (uint32_t i = 0; i < before->touched_node_count; i++) {
		node_id node = before->touched_nodes[i];

		if (before->nodes[node].seen != after->nodes[node].seen)
			diff->nodes[diff->node_count++] = node;
	}
	for (uint32_t i = 0; i < after->touched_node_count; i++) {
		node_id node = after->touched_nodes[i];

		if (!(before->nodes[node].flags & STATE_TOUCHED) &&
			before->nodes[node].seen != after->nodes[node].seen)
			diff->nodes[diff->node_count++] = node;
	}
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

bool outcome_compare(const struct outcome *before, const struct outcome *after,
	struct outcome_diff *diff, struct error *err)
{
	size_t tensors =
		(size_t)before->touched_tensor_count + after->touched_tensor_count;
	size_t nodes = (size_t)before->touched_node_count + after->touched_node_count;

	*diff = (struct outcome_diff){
		.tensors = malloc((tensors + 1) * sizeof(tensor_id)),
		.nodes = malloc((nodes + 1) * sizeof(node_id)),
		.conversions =
			(int32_t)(after->cost.conversions - before->cost.conversions),
		.conversion_bytes = (int64_t)(after->cost.conversion_bytes -
					      before->cost.conversion_bytes),
	};
	if (!diff->tensors || !diff->nodes) {
		outcome_diff_release(diff);
		return error_set_memory(err, "plan");
	}
	compare_tensors(before, after, diff);
	compare_nodes(before, after, diff);
	ids_sort(diff->tensors, diff->tensor_count);
	ids_sort(diff->nodes, diff->node_count);
	return true;
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

bool outcome_sentence(const struct outcome *before, const struct outcome *after,
	const struct outcome_diff *diff, const char *what, const struct seed *seeds,
	size_t seed_count, char *out, size_t room, struct error *err)
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
	if (after->conflicts > before->conflicts) {
		snprintf(text, sizeof(text), ", %u conflict%s",
			(unsigned)after->conflicts, text_s(after->conflicts));
		add(&s, text);
	}
	return true;
}
