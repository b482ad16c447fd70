#include "rules/selection.h"

#include <stdlib.h>
#include <string.h>

/* A set of names of the graph, from a list of texts. */
static bool *name_set(const struct graph *graph, const struct text_list *list)
{
	bool *set = calloc((size_t)graph->names.count + 1, sizeof(*set));

	for (size_t i = 0; set && i < list->count; i++) {
		name_id id =
			names_find(&graph->names, list->items[i], strlen(list->items[i]));

		if (id != NAME_NONE)
			set[id] = true;
	}
	return set;
}

static bool is_any(const char *op_type, const char *const *of)
{
	for (; *of; of++) {
		if (strcmp(op_type, *of) == 0)
			return true;
	}
	return false;
}

static bool is_listed(const struct quant_options *options, const struct op_rule *rule,
	const char *op_type, size_t length)
{
	static const char *const never[] = {"QuantizeLinear", "DequantizeLinear", NULL};
	static const char *const not_in_all[] = {"Cast", NULL};

	if (is_any(op_type, never))
		return false;
	if (options->all_op_types)
		return !is_any(op_type, not_in_all);
	if (options->op_types.count)
		return text_list_has(&options->op_types, op_type, length);
	return rule->in_default;
}

static struct op_choice choose(
	const struct quant_options *options, const char *op_type, size_t length)
{
	const struct op_rule *rule = op_rule_find(op_type, length);
	struct op_choice choice = {.rule = rule,
		.listed = is_listed(options, rule, op_type, length),
		.without_output = text_list_has(
			&options->op_types_to_exclude_output, op_type, length)};

	for (size_t i = 0; i < options->per_channel_axis_count; i++) {
		if (strcmp(options->per_channel_axes[i].op_type, op_type) != 0)
			continue;
		choice.has_axis = true;
		choice.axis = options->per_channel_axes[i].axis;
	}
	return choice;
}

/* One choice for each operator type that the main graph has. */
static bool make_choices(struct selection *s, const struct graph *graph,
	const struct quant_options *options)
{
	uint32_t *of_name = calloc((size_t)graph->names.count + 1, sizeof(*of_name));
	size_t room = 0;

	for (node_id n = 0; of_name && n < graph->main_nodes; n++) {
		name_id op = graph->nodes[n].op_type;

		if (!of_name[op]) {
			if (!array_reserve((void **)&s->choices, &room,
				    (size_t)s->choice_count + 1, sizeof(*s->choices)))
				break;
			s->choices[s->choice_count++] =
				choose(options, names_text(&graph->names, op),
					names_length(&graph->names, op));
			of_name[op] = s->choice_count;
		}
		s->choice_of[n] = of_name[op] - 1;
		s->selected[n] = s->choices[of_name[op] - 1].listed;
	}
	free(of_name);
	return of_name && (s->choice_count || !graph->main_nodes);
}

bool selection_make(struct selection *s, const struct graph *graph,
	const struct quant_options *options, struct error *err)
{
	bool *wanted, *excluded, ok;

	*s = (struct selection){0};
	s->selected = calloc((size_t)graph->main_nodes + 1, sizeof(*s->selected));
	s->choice_of = calloc((size_t)graph->main_nodes + 1, sizeof(*s->choice_of));
	wanted = name_set(graph, &options->nodes_to_quantize);
	excluded = name_set(graph, &options->nodes_to_exclude);
	ok = s->selected && s->choice_of && wanted && excluded &&
	     make_choices(s, graph, options);
	for (node_id n = 0; ok && n < graph->main_nodes; n++) {
		name_id name = graph->nodes[n].name;

		if (excluded[name] || (options->nodes_to_quantize.count && !wanted[name]))
			s->selected[n] = false;
	}
	free(wanted);
	free(excluded);
	return ok || error_set_memory(err, "selection of nodes");
}

void selection_release(struct selection *s)
{
	free(s->choices);
	free(s->choice_of);
	free(s->selected);
	*s = (struct selection){0};
}
