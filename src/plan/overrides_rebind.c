/* The same overrides by name on another graph. */
#include "base/text.h"
#include "plan/entry.h"

#include <stdlib.h>
#include <string.h>

struct rebind {
	struct overrides *to;
	const struct graph *old_graph;
	struct graph *new_graph;
	bool compatible, settled; /* settled: a tensor with an entry has come */
	struct problem_list *problems;
	struct error *err;
};

static bool tell_lost(struct rebind *r, const char *text, size_t length)
{
	return problem_add(r->problems, SEVERITY_WARNING, REBIND_RECEIVER,
		PROBLEM_NOWHERE, PROBLEM_NOWHERE, text_quoted(text, length),
		"this receiver is not in the raised model", "choose the readers anew");
}

/* The name in the new graph's pool; NAME_NONE if no node there has it, unless ONNX
 * Runtime would count it all the same. */
static name_id receiver_there(struct rebind *r, const char *text, size_t length)
{
	node_id node = graph_find_node(r->new_graph, text, length);

	if (node != GRAPH_NONE)
		return r->new_graph->nodes[node].name;
	return r->compatible ? names_add(&r->new_graph->names, text, length) : NAME_NONE;
}

static bool rebind_receivers(struct rebind *r, struct entry *to, const struct entry *from)
{
	name_id *names = calloc((size_t)from->receiver_count + 1, sizeof(*names));
	uint32_t found = 0;
	bool ok = names;

	for (uint32_t i = 0; ok && i < from->receiver_count; i++) {
		const char *text = names_text(&r->old_graph->names, from->receivers[i]);
		size_t length = names_length(&r->old_graph->names, from->receivers[i]);
		name_id there = receiver_there(r, text, length);

		if (there != NAME_NONE)
			names[found++] = there;
		else
			ok = !r->compatible && tell_lost(r, text, length);
	}
	ok = ok && entry_set_receivers(r->to, to, names, found);
	free(names);
	return ok;
}

/* A conversion that nothing reads: all readers would be meant without receivers. */
static bool drop_conversion(
	struct rebind *r, struct entry *entry, const char *tensor, size_t length)
{
	entry->convert = (struct entry_params){0};
	entry->own.has &= (uint16_t)~ENTRY_CONVERT;
	return problem_add(r->problems, SEVERITY_WARNING, REBIND_CONVERSION,
		PROBLEM_NOWHERE, PROBLEM_NOWHERE, text_quoted(tensor, length),
		"no receiver of its conversion is in the raised model, so it was dropped",
		"choose the readers anew");
}

static bool rebind_list(struct rebind *r, const struct entry_list *from)
{
	name_id name = r->old_graph->tensors[from->tensor].name;
	const char *text = names_text(&r->old_graph->names, name);
	size_t length = names_length(&r->old_graph->names, name);
	tensor_id tensor = graph_find_tensor(r->new_graph, text, length);
	struct entry_list *list;

	if (tensor == GRAPH_NONE && r->compatible && !r->settled)
		return error_set(r->err, ERROR_REFUSED,
			"%s: this tensor of the overrides is not in the raised model, "
			"and "
			"ONNX Runtime refuses it; take it out, or use --opset-policy "
			"keep",
			text_quoted(text, length));
	if (tensor == GRAPH_NONE)
		return problem_add(r->problems, SEVERITY_WARNING, "rebind",
			PROBLEM_NOWHERE, PROBLEM_NOWHERE, text_quoted(text, length),
			"this tensor is not in the raised model", "take the entry out");
	r->settled |= from->count && from->entries[0].own.has;
	list = overrides_add(r->to, r->new_graph, tensor);
	if (!list || !entry_list_set_count(r->to, list, from->count))
		return false;
	for (uint32_t i = 0; i < from->count; i++) {
		struct entry *to = &list->entries[i];

		*to = from->entries[i];
		if ((to->convert.has & ENTRY_RECEIVERS) &&
			!rebind_receivers(r, to, &from->entries[i]))
			return false;
		if (from->entries[i].receiver_count && !to->receiver_count &&
			!drop_conversion(r, to, text, length))
			return false;
	}
	return true;
}

bool overrides_rebind(struct overrides *to, const struct overrides *from,
	const struct graph *old_graph, struct graph *new_graph, bool compatible,
	struct problem_list *problems, struct error *err)
{
	struct rebind r = {to, old_graph, new_graph, compatible, false, problems, err};

	*to = (struct overrides){0};
	for (uint32_t i = 0; i < from->count; i++)
		if (!rebind_list(&r, &from->lists[i])) {
			overrides_release(to);
			if (!error_is_set(err))
				error_set_memory(err, MEMORY_FOR_OVERRIDES);
			return false;
		}
	return true;
}

static bool is_wide(enum qtype type)
{
	return qtypes[type].bits == 16;
}

/* True if any entry of any tensor has a 16-bit type on either side. */
static bool entries_are_wide(const struct overrides *overrides)
{
	for (uint32_t i = 0; i < overrides->count; i++) {
		const struct entry_list *list = &overrides->lists[i];

		for (uint32_t k = 0; k < list->count; k++) {
			if (is_wide(list->entries[k].own.type) ||
				is_wide(list->entries[k].convert.type))
				return true;
		}
	}
	return false;
}

int64_t overrides_raise_target(const struct overrides *overrides,
	const struct quant_options *options, int64_t opset)
{
	bool wide = is_wide(options->activation_type) || is_wide(options->weight_type) ||
		    entries_are_wide(overrides);

	if (options->opset_policy == OPSET_KEEP)
		return 0;
	if (opset < 21 && (options->block_size > 0 || wide))
		return 21;
	return opset < 10 ? 11 : 0;
}
