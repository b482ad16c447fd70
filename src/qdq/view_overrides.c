/* Overrides for what the file holds and the options do not say. */
#include "plan/entry.h"
#include "qdq/view_parts.h"
#include "rules/scale.h"

#include <stdlib.h>

struct deriving {
	struct qdq_view *view;
	const struct marks *rules; /* may be NULL */
	struct error *err;
};

static bool no_memory(const struct deriving *d)
{
	return error_set_memory(d->err, MEMORY_FOR_OVERRIDES);
}

/* True if the range of the tensor gives these parameters. */
static bool range_gives(
	const struct deriving *d, tensor_id tensor, const struct qdq_params *p)
{
	const struct range *range = ranges_find(&d->view->ranges, tensor);
	struct scale_rule rule = {.type = p->type,
		.element = p->scale_element,
		.symmetric = d->view->options.activation_symmetric};
	struct scale scale;

	return range && scale_from_range(&rule, range->low, range->high, &scale) &&
	       scale.value == p->value && scale.zero_point == p->zero;
}

static void set_type(struct entry_params *params, enum qtype type)
{
	params->has |= ENTRY_TYPE;
	params->type = type;
}

/* Parameters that no range gives. */
static void set_scale(struct entry_params *params, const struct qdq_params *p)
{
	params->has |= ENTRY_SCALE | ENTRY_ZERO_POINT;
	params->scale = (float)p->value;
	params->zero_point = p->zero;
}

static struct entry *add_entry(struct deriving *d, tensor_id tensor)
{
	struct overrides *overrides = &d->view->overrides;
	struct entry_list *list = overrides_add(overrides, d->view->graph, tensor);

	if (!list || !entry_list_set_count(overrides, list, 1)) {
		no_memory(d);
		return NULL;
	}
	return &list->entries[0];
}

/* Names of the nodes that see the converted side; without readers it is for all. */
static bool set_receivers(struct deriving *d, tensor_id tensor, struct entry *entry)
{
	const struct graph *g = d->view->graph;
	uint32_t count, found = 0;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);
	name_id *names = malloc(((size_t)count + 1) * sizeof(*names));
	bool fine = names != NULL;

	for (uint32_t i = 0; fine && i < count; i++) {
		node_id n = readers[i].node, file_node;
		name_id name = g->nodes[n].name;

		if (!graph_is_main(g, n))
			continue;
		file_node = d->view->file_node[n];
		if (file_node == GRAPH_NONE ||
			view_slot_side(d->view, file_node, readers[i].slot) !=
				SIDE_CONVERTED ||
			(found && names[found - 1] == name))
			continue;
		names[found++] = name;
	}
	if (fine && found) {
		entry->convert.has |= ENTRY_RECEIVERS;
		fine = entry_set_receivers(&d->view->overrides, entry, names, found);
	}
	free(names);
	return fine || no_memory(d);
}

static bool add_conversion(struct deriving *d, const struct qdq_group *group,
	tensor_id tensor, struct entry *entry)
{
	entry->own.has |= ENTRY_CONVERT;
	set_type(&entry->convert, group->converted.type);
	if (!range_gives(d, tensor, &group->converted))
		set_scale(&entry->convert, &group->converted);
	return set_receivers(d, tensor, entry);
}

static bool derive_activation(
	struct deriving *d, const struct qdq_group *group, tensor_id tensor)
{
	const struct mark *mark = marks_find(d->view->marks, tensor);
	bool shares = mark && mark->provider != GRAPH_NONE;
	bool own_type = group->own.type != d->view->options.activation_type && !shares;
	bool own_scale = !shares && !range_gives(d, tensor, &group->own);
	bool converts = group->converted.element != 0;
	struct entry *entry;

	if (!own_type && !own_scale && !converts)
		return true;
	entry = add_entry(d, tensor);
	if (!entry)
		return false;
	set_type(&entry->own, group->own.type);
	if (own_scale)
		set_scale(&entry->own, &group->own);
	return !converts || add_conversion(d, group, tensor, entry);
}

/* A constant differs by its type or by having channels where the options say none, or
 * none where they do. */
static bool derive_constant(
	struct deriving *d, const struct qdq_group *group, tensor_id tensor)
{
	const struct quant_options *o = &d->view->options;
	const struct mark *mark = marks_find(d->view->marks, tensor);
	const struct mark *rule = d->rules ? marks_find(d->rules, tensor) : NULL;
	enum qtype usual =
		mark->kind == MARK_WEIGHT ? o->weight_type : o->activation_type;
	int32_t axis = rule ? rule->axis : o->per_channel ? group->own.axis : -1;
	bool other_axis = axis != group->own.axis && !group->own.block;
	struct entry *entry;

	if (group->own.type == usual && !other_axis)
		return true;
	entry = add_entry(d, tensor);
	if (!entry)
		return false;
	set_type(&entry->own, group->own.type);
	if (group->own.axis >= 0 && !group->own.block) {
		entry->own.has |= ENTRY_AXIS;
		entry->own.axis = group->own.axis;
	}
	return true;
}

static bool derive(struct deriving *d, uint32_t index)
{
	const struct qdq_group *group = &d->view->qdq->groups.items[index];
	tensor_id tensor = d->view->tensor_of[index];

	if (tensor == GRAPH_NONE || group->kind == QDQ_BIAS)
		return true;
	return group->kind == QDQ_ACTIVATION ? derive_activation(d, group, tensor)
					     : derive_constant(d, group, tensor);
}

/* 16- and 4-bit ones come first: ONNX Runtime looks at the first alone (quirk Q1). */
static bool is_wide(const struct qdq_group *group)
{
	return (group->own.type && qtypes[group->own.type].bits != 8) ||
	       (group->converted.element && qtypes[group->converted.type].bits != 8);
}

bool view_make_overrides(
	struct qdq_view *view, const struct marks *rules, struct error *err)
{
	struct deriving d = {view, rules, err};

	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < view->qdq->groups.count; i++)
			if (is_wide(&view->qdq->groups.items[i]) == (pass == 0) &&
				!derive(&d, i))
				return false;
	return true;
}
