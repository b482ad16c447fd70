/* The same overrides by name on another graph. */
#include "base/text.h"
#include "plan/entry.h"

#include <stdlib.h>
#include <string.h>

struct rebind {
	struct overrides *to;
	const struct graph *old_graph, *new_graph;
	struct problem_list *problems;
};

static bool rebind_receivers(struct rebind *r, struct entry *to, const struct entry *from)
{
	name_id *names = calloc((size_t)from->receiver_count + 1, sizeof(*names));
	uint32_t found = 0;
	bool ok = names;

	for (uint32_t i = 0; ok && i < from->receiver_count; i++) {
		const char *text = names_text(&r->old_graph->names, from->receivers[i]);
		size_t length = names_length(&r->old_graph->names, from->receivers[i]);
		node_id node = graph_find_node(r->new_graph, text, length);

		if (node != GRAPH_NONE)
			names[found++] = r->new_graph->nodes[node].name;
		else
			ok = problem_add(r->problems, SEVERITY_WARNING, "rebind",
				PROBLEM_NOWHERE, PROBLEM_NOWHERE,
				text_quoted(text, length),
				"this receiver is not in the raised model",
				"choose the readers anew");
	}
	ok = ok && entry_set_receivers(r->to, to, names, found);
	free(names);
	return ok;
}

static bool rebind_list(struct rebind *r, const struct entry_list *from)
{
	name_id name = r->old_graph->tensors[from->tensor].name;
	const char *text = names_text(&r->old_graph->names, name);
	size_t length = names_length(&r->old_graph->names, name);
	tensor_id tensor = graph_find_tensor(r->new_graph, text, length);
	struct entry_list *list;

	if (tensor == GRAPH_NONE)
		return problem_add(r->problems, SEVERITY_WARNING, "rebind",
			PROBLEM_NOWHERE, PROBLEM_NOWHERE, text_quoted(text, length),
			"this tensor is not in the raised model", "take the entry out");
	list = overrides_add(r->to, r->new_graph, tensor);
	if (!list || !entry_list_set_count(r->to, list, from->count))
		return false;
	for (uint32_t i = 0; i < from->count; i++) {
		struct entry *to = &list->entries[i];

		*to = from->entries[i];
		if ((to->convert.has & ENTRY_RECEIVERS) &&
			!rebind_receivers(r, to, &from->entries[i]))
			return false;
	}
	return true;
}

bool overrides_rebind(struct overrides *to, const struct overrides *from,
	const struct graph *old_graph, const struct graph *new_graph,
	struct problem_list *problems, struct error *err)
{
	struct rebind r = {to, old_graph, new_graph, problems};

	*to = (struct overrides){0};
	for (uint32_t i = 0; i < from->count; i++)
		if (!rebind_list(&r, &from->lists[i])) {
			overrides_release(to);
			return error_set_memory(err, MEMORY_FOR_OVERRIDES);
		}
	return true;
}
