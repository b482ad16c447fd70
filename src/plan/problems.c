/* What is wrong or without effect once all follows from the plan. */
#include "plan/cache.h"
#include "plan/entry.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Problems are found stage by stage, each over all that is to be looked at. */
struct find {
	struct outcome *o;
	const struct plan *plan;
	enum stage stage;
};

static bool add(struct find *f, const struct problem *p)
{
	return problem_add(&f->o->problems, p->severity, p->id, p->tensor, p->node,
		       p->place, p->cause, p->remedy) &&
	       ARRAY_PUSH(&f->o->details->marks,
		       (struct problem_mark){f->stage, {GRAPH_NONE, GRAPH_NONE}});
}

static bool warn(struct find *f, const char *id, tensor_id tensor, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool warn(struct find *f, const char *id, tensor_id tensor, const char *remedy,
	const char *format, ...)
{
	char cause[512];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	return add(f, &(struct problem){SEVERITY_WARNING, id, tensor, PROBLEM_NOWHERE,
			      text_quoted_z(graph_tensor_name(f->o->graph, tensor)),
			      cause, remedy});
}

/* The rules of qdq-semantics.md 4.3 and 4.4 over final entries. What the closure itself
 * made under ort-compatible is what ONNX Runtime makes, so that only warns. */
static bool check_entries(struct find *f, const struct overrides *entries)
{
	struct problem_list found = {0};
	struct error err = ERROR_INIT;
	bool ok;

	overrides_check(entries, f->o->graph, f->plan->options, f->plan->given_name,
		&found, &err);
	ok = err.kind != ERROR_MEMORY;
	for (size_t i = 0; i < found.count && ok; i++) {
		struct problem p = found.items[i];
		bool own = f->o->tensors[p.tensor].flags & (STATE_GIVEN | STATE_EDITED);

		if (f->plan->options->ort_compatible && !own)
			p.severity = SEVERITY_WARNING;
		ok = add(f, &p);
	}
	problem_clear(&found);
	return ok;
}

static bool is_effective(const struct outcome *o, const struct entry_list *list)
{
	return o->tensors[list->tensor].flags & (STATE_QUANTIZED | STATE_BIAS);
}

/* Q12: a sharing tensor takes all of its own from the provider. */
static bool check_sharing(struct find *f, const struct entry_list *list)
{
	const struct outcome *o = f->o;
	const struct tensor_state *state = &o->tensors[list->tensor];
	const struct entry_params *own = &list->entries[0].own;
	const unsigned params = ENTRY_SCALE | ENTRY_ZERO_POINT | ENTRY_SYMMETRIC |
				ENTRY_RMIN | ENTRY_RMAX;

	if (state->provider == GRAPH_NONE || state->provider >= o->graph->tensor_count)
		return true;
	if ((own->has & ENTRY_TYPE) && own->type != state->stored)
		return warn(f, "Q12", list->tensor, "promote what it shares with",
			"its type %s has no effect: it shares scale and zero point with "
			"%s, so it is %s",
			qtypes[own->type].brief,
			text_quoted_z(graph_tensor_name(o->graph, state->provider)),
			qtypes[state->stored].brief);
	if (own->has & params)
		return warn(f, "Q12", list->tensor, "set them there",
			"its parameters have no effect: it shares those of %s",
			text_quoted_z(graph_tensor_name(o->graph, state->provider)));
	return true;
}

/* Q31: unquantized readers of a converted tensor read the float value. */
static bool check_readers(struct find *f, const struct entry_list *list)
{
	const struct outcome *o = f->o;
	const struct graph_tensor *t = &o->graph->tensors[list->tensor];

	if ((t->flags & TENSOR_OUTPUT) ||
		!(o->tensors[list->tensor].flags & STATE_BOUNDARY))
		return true;
	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = o->graph->readers[t->first_reader + i].node;

		if (graph_is_main(o->graph, node) &&
			!(o->nodes[node].flags & STATE_SELECTED))
			return warn(f, "Q31", list->tensor, "quantize that node too",
				"%s is not quantized and reads the float value past the "
				"conversion",
				text_quoted_z(graph_node_label(o->graph, node)));
	}
	return true;
}

/* Only a constant that a base node reads too is told (L6). */
static bool check_constant(struct find *f, const struct request *r)
{
	const struct outcome *o = f->o;
	const struct graph_tensor *t = &o->graph->tensors[r->tensor];

	for (uint32_t k = 0; k < t->reader_count; k++) {
		node_id node = o->graph->readers[t->first_reader + k].node;

		if ((o->nodes[node].flags & STATE_SELECTED) &&
			o->nodes[node].seen != o->tensors[r->tensor].stored)
			return warn(f, "L6", r->tensor, "promote that node too",
				"this constant is %s for the nodes in that type; %s, "
				"which runs in %s, reads it too",
				qtypes[o->tensors[r->tensor].stored].brief,
				text_quoted_z(graph_node_label(o->graph, node)),
				qtypes[o->nodes[node].seen].brief);
	}
	return true;
}

/* The input slots of quantized nodes that read a tensor. */
static uint32_t count_receivers(const struct outcome *o, tensor_id tensor)
{
	const struct graph_tensor *t = &o->graph->tensors[tensor];
	uint32_t found = 0;

	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = o->graph->readers[t->first_reader + i].node;

		found += graph_is_main(o->graph, node) &&
			 (o->nodes[node].flags & STATE_SELECTED);
	}
	return found;
}

static bool check_dedicated(struct find *f, const struct entry_list *list)
{
	if (!f->plan->options->dedicated_qdq_pair ||
		!(f->o->tensors[list->tensor].flags & STATE_BOUNDARY) ||
		count_receivers(f->o, list->tensor) < 2)
		return true;
	return add(f, &(struct problem){SEVERITY_ERROR, "dedicated", list->tensor,
			      PROBLEM_NOWHERE,
			      text_quoted_z(graph_tensor_name(f->o->graph, list->tensor)),
			      "a converted tensor with several readers cannot have "
			      "dedicated pairs",
			      "unset DedicatedQDQPair"});
}

static bool check_effect(struct find *f, const struct entry_list *list)
{
	if (!list->count)
		return true;
	if (is_effective(f->o, list) || (f->o->tensors[list->tensor].flags & STATE_SEED))
		return check_sharing(f, list);
	return warn(f, "no-effect", list->tensor, "take it out",
		"the entry has no effect: this tensor is not quantized");
}

/* Q1: what ONNX Runtime sees of the types when it chooses the domain. */
static bool check_first_entry(struct find *f)
{
	const struct outcome *o = f->o;
	const struct plan *plan = f->plan;
	const struct entry_list *first = NULL;

	if (!plan->options->ort_compatible || o->graph->opset >= 21)
		return true;
	for (uint32_t i = 0; i < o->entries.count; i++) {
		const struct entry_list *list = &o->entries.lists[i];
		const struct entry_params *own =
			list->count ? &list->entries[0].own : NULL;

		if (!own || !own->has)
			continue;
		if (!first)
			first = list;
		if (!(own->has & ENTRY_TYPE) || qtypes[own->type].bits == 8)
			continue;
		if (first == list || (qtypes[own->type].bits == 16 &&
					     plan->options->opset_policy == OPSET_RAISE))
			return true;
		return warn(f, "Q1", list->tensor,
			"put it first in the file, or leave ort-compatible",
			"ONNX Runtime looks at the type of the first entry only, so %s "
			"gets "
			"operators of the default domain, which do not have it below "
			"opset "
			"21",
			qtypes[own->type].name);
	}
	return true;
}

/* Q6: one entry with an axis and a range reaches the first channel only. */
static bool check_single_channel(struct find *f)
{
	const struct outcome *o = f->o;

	for (uint32_t i = 0; f->plan->options->ort_compatible && i < o->entries.count;
		i++) {
		const struct entry_list *list = &o->entries.lists[i];

		if (list->count == 1 && (list->entries[0].own.has & ENTRY_AXIS) &&
			(list->entries[0].own.has & (ENTRY_RMIN | ENTRY_SCALE)) &&
			!warn(f, "Q6", list->tensor,
				"give one entry for each channel, or leave "
				"ort-compatible",
				"one entry with an axis reaches channel 0 only"))
			return false;
	}
	return true;
}

static bool check_constants(struct find *f, const struct request_refs *constants)
{
	const struct asked *asked = &f->o->details->asked;
	bool ok = true;

	for (size_t i = 0; constants && i < constants->count && ok; i++)
		ok = check_constant(f, constants->items[i].request);
	for (size_t i = 0; !constants && i < asked->requests.count && ok; i++)
		if (asked->requests.items[i].constant)
			ok = check_constant(f, &asked->requests.items[i]);
	return ok;
}

/* Lists that are looked at, in their order. */
static struct overrides choose_lists(
	const struct outcome *o, const uint32_t *lists, size_t count)
{
	struct overrides chosen = {.lists = malloc((count + 1) * sizeof(*chosen.lists)),
		.count = (uint32_t)count};

	for (size_t i = 0; chosen.lists && i < count; i++)
		chosen.lists[i] = o->entries.lists[lists[i]];
	return chosen;
}

static bool check_lists(struct find *f, const struct overrides *entries)
{
	static bool (*const checks[])(struct find * f, const struct entry_list *list) = {
		[STAGE_READERS] = check_readers,
		[STAGE_LIST] = check_effect,
		[STAGE_DEDICATED] = check_dedicated,
	};

	for (uint32_t i = 0; i < entries->count; i++)
		if (!checks[f->stage](f, &entries->lists[i]))
			return false;
	return true;
}

bool outcome_find_problems(struct outcome *o, const struct plan *plan,
	const uint32_t *lists, size_t count, const struct request_refs *constants)
{
	struct overrides chosen =
		lists ? choose_lists(o, lists, count) : (struct overrides){0};
	const struct overrides *entries = lists ? &chosen : &o->entries;
	struct find f = {o, plan, STAGE_READERS};
	bool ok = !lists || chosen.lists;

	for (; f.stage < STAGE_FILE && ok; f.stage++)
		ok = f.stage == STAGE_ENTRY      ? check_entries(&f, entries)
		     : f.stage == STAGE_CONSTANT ? check_constants(&f, constants)
						 : check_lists(&f, entries);
	free(chosen.lists);
	return ok && check_first_entry(&f) && check_single_channel(&f);
}
