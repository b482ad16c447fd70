/* The map that the closure starts from, and what is laid over its result. */
#include "plan/closure.h"
#include "plan/entry.h"

#include "base/text.h"

static struct entry_list *add_list(struct closure *c, tensor_id tensor)
{
	struct entry_list *list = overrides_add(c->entries, c->graph, tensor);

	if (!list || (!list->count && !entry_list_set_count(c->entries, list, 1))) {
		c->lost = true;
		return NULL;
	}
	return list;
}

static void copy_given(struct closure *c)
{
	const struct overrides *given = c->plan->given;

	for (uint32_t i = 0; i < given->count && !c->lost; i++) {
		tensor_id tensor = given->lists[i].tensor;
		const struct entry_list *from = closure_has_tensor(c, tensor)
							? plan_given(c->plan, tensor)
							: NULL;
		struct entry_list *list;

		if (!from)
			continue;
		list = overrides_add(c->entries, c->graph, from->tensor);
		if (!list || !entry_list_copy(c->entries, list, from))
			c->lost = true;
		c->tensors[from->tensor].flags |= STATE_GIVEN;
	}
}

/* A seed on a tensor that has a loaded entry: one that says the same completes it, any
 * other contradicts it. */
static void seed_on_given(
	struct closure *c, const struct seed *seed, struct entry_list *list)
{
	const struct entry_params *own = &list->entries[0].own;
	enum qtype type = own->has & ENTRY_TYPE ? own->type : QTYPE_NONE;

	if ((own->has & ENTRY_CONVERT) || (type != QTYPE_NONE && type != seed->type)) {
		closure_tell(c, SEVERITY_ERROR, "given", seed->tensor, GRAPH_NONE,
			"remove the loaded entry (d) or the seed",
			"the loaded entry says %s%s%s, your seed %s",
			qtypes[type != QTYPE_NONE ? type : c->options->activation_type]
				.brief,
			own->has & ENTRY_CONVERT ? " converted to " : "",
			own->has & ENTRY_CONVERT
				? qtypes[list->entries[0].convert.type].brief
				: "",
			qtypes[seed->type].brief);
		return;
	}
	for (uint32_t i = 0; i < list->count; i++) {
		struct entry_params *p = &list->entries[i].own;

		p->has |= ENTRY_TYPE;
		p->type = seed->type;
		if (seed->symmetric != UNSET && !(p->has & ENTRY_SCALE)) {
			p->has |= ENTRY_SYMMETRIC;
			p->symmetric = seed->symmetric == YES;
		}
	}
}

/* A tensor is promoted, and the node that makes it is not quantized. */
static void note_producer(struct closure *c, const struct seed *seed)
{
	node_id producer = c->graph->tensors[seed->tensor].producer;

	if (producer == GRAPH_NONE || graph_is_constant(c->graph, seed->tensor) ||
		base_is_selected(c->base, producer))
		return;
	closure_tell(c, SEVERITY_NOTE, "no-effect", seed->tensor, producer,
		"select it with the op types to have it so too",
		"only its readers become %s: %s, which makes it, is not quantized",
		qtypes[seed->type].brief,
		text_quoted_z(graph_node_label(c->graph, producer)));
}

static void start_seed(struct closure *c, const struct seed *seed)
{
	bool given = plan_given(c->plan, seed->tensor);
	struct entry_list *list = add_list(c, seed->tensor);
	struct type_info info = {
		.type = seed->type, .symmetric = seed->symmetric, .reduce_range = UNSET};

	if (!list)
		return;
	if (given)
		seed_on_given(c, seed, list);
	else
		type_info_save(&info, &list->entries[0].own);
	if (!(c->tensors[seed->tensor].flags & STATE_QUANTIZED))
		closure_tell(c, SEVERITY_WARNING, "no-effect", seed->tensor, GRAPH_NONE,
			"remove the seed",
			"the seed has no effect: this tensor is not quantized");
	else
		note_producer(c, seed);
}

void closure_start(struct closure *c)
{
	c->stage = STAGE_START;
	copy_given(c);
	for (size_t i = 0; i < c->seed_count && !c->lost; i++)
		if (c->seeds[i].kind == SEED_TENSOR &&
			closure_has_tensor(c, c->seeds[i].tensor))
			start_seed(c, &c->seeds[i]);
}

/* ---- parameter edits */

static void edit_channels(struct closure *c, const struct param_edit *edit)
{
	struct entry_list *list = overrides_add(c->entries, c->graph, edit->tensor);
	struct entry_params first = {0};

	if (list && list->count)
		first = list->entries[0].own;
	if (!list || !entry_list_set_count(c->entries, list, edit->channel_count)) {
		c->lost = true;
		return;
	}
	for (uint32_t i = 0; i < list->count; i++) {
		list->entries[i].own = edit->channels[i];
		if ((first.has & ENTRY_TYPE) && !(edit->channels[i].has & ENTRY_TYPE)) {
			list->entries[i].own.has |= ENTRY_TYPE;
			list->entries[i].own.type = first.type;
		}
	}
}

static void edit_converted(struct closure *c, const struct param_edit *edit)
{
	const struct entry_list *list = overrides_find(c->entries, edit->tensor);

	if (list && list->count && (list->entries[0].own.has & ENTRY_CONVERT))
		entry_params_lay(&list->entries[0].convert, &edit->set, edit->drop);
	else
		closure_tell(c, SEVERITY_WARNING, "no-effect", edit->tensor, GRAPH_NONE,
			"choose readers that see it converted, or take the edit back",
			"parameters of a conversion that does not exist");
}

void closure_edit(struct closure *c)
{
	c->stage = STAGE_EDIT;
	c->edited = c->entries->count;
	for (size_t i = 0; i < c->plan->params.count && !c->lost; i++) {
		const struct param_edit *edit = &c->plan->params.items[i];
		struct entry_list *list;

		if (edit->channel_count)
			edit_channels(c, edit);
		else if (edit->converted)
			edit_converted(c, edit);
		else if ((list = add_list(c, edit->tensor)))
			for (uint32_t k = 0; k < list->count; k++)
				entry_params_lay(
					&list->entries[k].own, &edit->set, edit->drop);
	}
}
