/* What is wrong or without effect once all follows from the plan. */
#include "plan/cache.h"
#include "plan/entry.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool warn(struct outcome *o, const char *id, tensor_id tensor, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool warn(struct outcome *o, const char *id, tensor_id tensor, const char *remedy,
	const char *format, ...)
{
	char cause[512];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	return problem_add(&o->problems, SEVERITY_WARNING, id, tensor, PROBLEM_NOWHERE,
		text_quoted_z(graph_tensor_name(o->graph, tensor)), cause, remedy);
}

/* The rules of qdq-semantics.md 4.3 and 4.4 over the final entries. What the closure
 * itself made under ort-compatible is what ONNX Runtime makes, so that only warns. */
static bool check_entries(struct outcome *o, const struct plan *plan)
{
	struct problem_list found = {0};
	struct error err = ERROR_INIT;
	bool ok;

	overrides_check(
		&o->entries, o->graph, plan->options, plan->given_name, &found, &err);
	ok = err.kind != ERROR_MEMORY;
	for (size_t i = 0; i < found.count && ok; i++) {
		const struct problem *p = &found.items[i];
		bool own = o->tensors[p->tensor].flags & (STATE_GIVEN | STATE_EDITED);
		enum severity severity = plan->options->ort_compatible && !own
						 ? SEVERITY_WARNING
						 : p->severity;

		ok = problem_add(&o->problems, severity, p->id, p->tensor, p->node,
			p->place, p->cause, p->remedy);
	}
	problem_clear(&found);
	return ok;
}

static bool is_effective(const struct outcome *o, const struct entry_list *list)
{
	return o->tensors[list->tensor].flags & (STATE_QUANTIZED | STATE_BIAS);
}

/* Q12: a sharing tensor takes all of its own from the provider. */
static bool check_sharing(struct outcome *o, const struct entry_list *list)
{
	const struct tensor_state *state = &o->tensors[list->tensor];
	const struct entry_params *own = &list->entries[0].own;
	const unsigned params = ENTRY_SCALE | ENTRY_ZERO_POINT | ENTRY_SYMMETRIC |
				ENTRY_RMIN | ENTRY_RMAX;

	if (state->provider == GRAPH_NONE || state->provider >= o->graph->tensor_count)
		return true;
	if ((own->has & ENTRY_TYPE) && own->type != state->stored)
		return warn(o, "Q12", list->tensor, "promote what it shares with",
			"its type %s has no effect: it shares scale and zero point with "
			"%s, so it is %s",
			qtypes[own->type].brief,
			text_quoted_z(graph_tensor_name(o->graph, state->provider)),
			qtypes[state->stored].brief);
	if (own->has & params)
		return warn(o, "Q12", list->tensor, "set them there",
			"its parameters have no effect: it shares those of %s",
			text_quoted_z(graph_tensor_name(o->graph, state->provider)));
	return true;
}

/* Q31: unquantized readers of a converted tensor read the float value. */
static bool check_unquantized_readers(struct outcome *o, const struct boundary *b)
{
	const struct graph_tensor *t = &o->graph->tensors[b->tensor];

	if (t->flags & TENSOR_OUTPUT)
		return true;
	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = o->graph->readers[t->first_reader + i].node;

		if (graph_is_main(o->graph, node) &&
			!(o->nodes[node].flags & STATE_SELECTED))
			return warn(o, "Q31", b->tensor, "quantize that node too",
				"%s is not quantized and reads the float value past the "
				"conversion",
				text_quoted_z(graph_node_label(o->graph, node)));
	}
	return true;
}

/* Only a constant that a base node reads too is told (L6). */
static bool check_shared_constants(struct outcome *o, struct outcome_details *d)
{
	for (size_t i = 0; i < d->requests.count; i++) {
		const struct request *r = &d->requests.items[i];
		const struct graph_tensor *t = &o->graph->tensors[r->tensor];

		if (!r->constant)
			continue;
		for (uint32_t k = 0; k < t->reader_count; k++) {
			node_id node = o->graph->readers[t->first_reader + k].node;

			if (!(o->nodes[node].flags & STATE_SELECTED) ||
				o->nodes[node].seen == o->tensors[r->tensor].stored)
				continue;
			if (!warn(o, "L6", r->tensor, "promote that node too",
				    "this constant is %s for the nodes in that type; %s, "
				    "which runs in %s, reads it too",
				    qtypes[o->tensors[r->tensor].stored].brief,
				    text_quoted_z(graph_node_label(o->graph, node)),
				    qtypes[o->nodes[node].seen].brief))
				return false;
			break;
		}
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

static bool check_dedicated(struct outcome *o, const struct plan *plan)
{
	for (uint32_t i = 0; i < o->boundary_count; i++)
		if (plan->options->dedicated_qdq_pair &&
			count_receivers(o, o->boundaries[i].tensor) > 1)
			return problem_add(&o->problems, SEVERITY_ERROR, "dedicated",
				o->boundaries[i].tensor, PROBLEM_NOWHERE,
				text_quoted_z(graph_tensor_name(
					o->graph, o->boundaries[i].tensor)),
				"a converted tensor with several readers cannot have "
				"dedicated pairs",
				"unset DedicatedQDQPair");
	return true;
}

static bool check_lists(struct outcome *o)
{
	for (uint32_t i = 0; i < o->entries.count; i++) {
		const struct entry_list *list = &o->entries.lists[i];

		if (!list->count)
			continue;
		if (!is_effective(o, list) &&
			!(o->tensors[list->tensor].flags & STATE_SEED)) {
			if (!warn(o, "no-effect", list->tensor, "take it out",
				    "the entry has no effect: this tensor is not "
				    "quantized"))
				return false;
		} else if (!check_sharing(o, list)) {
			return false;
		}
	}
	return true;
}

/* Q1: what ONNX Runtime sees of the types when it chooses the domain. */
static bool check_first_entry(struct outcome *o, const struct plan *plan)
{
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
		return warn(o, "Q1", list->tensor,
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
static bool check_single_channel(struct outcome *o, const struct plan *plan)
{
	for (uint32_t i = 0; plan->options->ort_compatible && i < o->entries.count; i++) {
		const struct entry_list *list = &o->entries.lists[i];

		if (list->count == 1 && (list->entries[0].own.has & ENTRY_AXIS) &&
			(list->entries[0].own.has & (ENTRY_RMIN | ENTRY_SCALE)) &&
			!warn(o, "Q6", list->tensor,
				"give one entry for each channel, or leave "
				"ort-compatible",
				"one entry with an axis reaches channel 0 only"))
			return false;
	}
	return true;
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

bool outcome_find_problems(
	struct outcome *o, struct outcome_details *d, const struct plan *plan)
{
	for (uint32_t i = 0; i < o->boundary_count; i++)
		if (!check_unquantized_readers(o, &o->boundaries[i]))
			return false;
	return check_entries(o, plan) && check_lists(o) && check_shared_constants(o, d) &&
	       check_dedicated(o, plan) && check_first_entry(o, plan) &&
	       check_single_channel(o, plan) && add_base_problems(o, d->base, plan);
}
