/* Step 2 of the closure as ONNX Runtime's fixer does it (qdq-semantics.md 8.4), with its
 * errors E4 to E6 and its final look at the first tensor. */
#include "plan/closure.h"
#include "plan/entry.h"

#include "base/text.h"

#include <stdlib.h>

/* Names of nodes, with a mark on each for set tests. */
struct fix {
	struct closure *c;
	const struct request *request;
	name_id *names; /* scratch */
	size_t room;
	uint32_t *marked; /* by name: number of the request that marked it */
	uint32_t number;
};

static const char *name_of(const struct fix *f)
{
	return text_quoted_z(graph_tensor_name(f->c->graph, f->request->tensor));
}

static bool want_room(struct fix *f, size_t count)
{
	if (array_reserve((void **)&f->names, &f->room, count + 1, sizeof(name_id)))
		return true;
	f->c->lost = true;
	return false;
}

/* Puts the names of the asking readers into names and marks them. */
static uint32_t asking_names(struct fix *f)
{
	const struct ask *asks = f->c->asked->asks.items;
	uint32_t count = 0;

	for (uint32_t i = f->request->first_ask; i != GRAPH_NONE; i = asks[i].next) {
		name_id name = f->c->graph->nodes[asks[i].node].name;

		if (f->marked[name] == f->number)
			continue;
		if (!want_room(f, count))
			return 0;
		f->marked[name] = f->number;
		f->names[count++] = name;
	}
	return count;
}

/* The names of all readers that are not marked. */
static uint32_t other_names(struct fix *f)
{
	uint32_t count, found = 0;
	const struct graph_reader *readers =
		graph_readers_of(f->c->graph, f->request->tensor, &count);

	for (uint32_t i = 0; i < count; i++) {
		name_id name = f->c->graph->nodes[readers[i].node].name;

		if (!graph_is_main(f->c->graph, readers[i].node) ||
			f->marked[name] == f->number)
			continue;
		if (!want_room(f, found))
			return 0;
		f->marked[name] = f->number;
		f->names[found++] = name;
	}
	return found;
}

static struct entry_list *one_entry(struct fix *f)
{
	struct closure *c = f->c;
	struct entry_list *list = overrides_add(c->entries, c->graph, f->request->tensor);

	if (!list || (!list->count && !entry_list_set_count(c->entries, list, 1))) {
		c->lost = true;
		return NULL;
	}
	return list;
}

static bool has_entry(const struct fix *f)
{
	const struct entry_list *list = overrides_find(f->c->entries, f->request->tensor);

	return list && list->count;
}

/* `convert` of the specification; `count` names are in f->names. */
static void convert(struct fix *f, const struct type_info *producer,
	const struct type_info *consumer, uint32_t count)
{
	struct closure *c = f->c;
	bool fresh = !has_entry(f);
	struct entry_list *list = one_entry(f);
	struct entry *entry = list ? &list->entries[0] : NULL;
	struct type_info own;

	if (!entry)
		return;
	if (fresh)
		type_info_save(producer, &entry->own);
	own = type_info_of(&entry->own);
	if (!type_info_equal(producer, &own)) {
		closure_tell(c, SEVERITY_ERROR, "E5", list->tensor, GRAPH_NONE,
			"take the loaded entry out or give it that type",
			"Desired producer quant_type for %s doesn't match existing type.",
			name_of(f));
		return;
	}
	if (!count)
		return;
	if (!(entry->own.has & ENTRY_CONVERT)) {
		entry->own.has |= ENTRY_CONVERT;
		entry->convert = (struct entry_params){0};
		type_info_save(consumer, &entry->convert);
	}
	own = type_info_of(&entry->convert);
	if (!type_info_equal(consumer, &own))
		closure_tell(c, SEVERITY_ERROR, "E6", list->tensor, GRAPH_NONE,
			"take the loaded entry out or give it that type",
			"Desired consumer quant_type for %s doesn't match existing type.",
			name_of(f));
	else if (!entry_add_receivers(c->entries, c->graph, list, f->names, count))
		c->lost = true;
}

/* get_node_output_qtype_info: the entry's type or the default, and its symmetry. */
static struct type_info produced(const struct fix *f)
{
	const struct entry_list *list = overrides_find(f->c->entries, f->request->tensor);
	struct type_info info = {.type = f->c->options->activation_type,
		.symmetric = UNSET,
		.reduce_range = UNSET};

	if (list && list->count) {
		struct type_info own = type_info_of(&list->entries[0].own);

		if (own.type != QTYPE_NONE)
			info.type = own.type;
		info.symmetric = own.symmetric;
	}
	return info;
}

/* E4: a reader that needs the original type gets the converted one. */
static void check_not_converted(struct fix *f)
{
	const struct entry_list *list = overrides_find(f->c->entries, f->request->tensor);
	const struct ask *asks = f->c->asked->asks.items;

	if (!list || !list->count || !(list->entries[0].own.has & ENTRY_CONVERT))
		return;
	for (uint32_t i = f->request->first_ask; i != GRAPH_NONE; i = asks[i].next)
		if (entry_converts_for(&list->entries[0], f->c->graph, asks[i].node)) {
			closure_tell(f->c, SEVERITY_ERROR, "E4", list->tensor,
				asks[i].node, "take the loaded entry out",
				"Tensor override for %s converts the type for consumers "
				"that need the original type.",
				name_of(f));
			return;
		}
}

static void both_agree(struct fix *f)
{
	const struct request *r = f->request;
	struct type_info base = {.type = f->c->options->activation_type,
		.symmetric = UNSET,
		.reduce_range = UNSET};
	struct entry_list *list;
	bool fresh;
	uint32_t rest;

	asking_names(f);
	rest = other_names(f);
	if (rest || f->c->lost) {
		convert(f, &r->producer, &base, rest);
		return;
	}
	list = (struct entry_list *)overrides_find(f->c->entries, r->tensor);
	fresh = !list;
	list = list ? list : one_entry(f);
	if (fresh && list)
		type_info_save(&r->producer, &list->entries[0].own);
	else if (list && list->count && (list->entries[0].own.has & ENTRY_CONVERT))
		closure_tell(f->c, SEVERITY_ERROR, "E4", r->tensor, GRAPH_NONE,
			"take the loaded entry out",
			"the loaded entry of %s converts, but all its readers take its "
			"own type",
			name_of(f));
	else if (list && !list->count)
		closure_tell(f->c, SEVERITY_ERROR, "Q26", r->tensor, GRAPH_NONE,
			"take the empty list out", "the loaded list of %s is empty",
			name_of(f));
}

static void fix_request(struct fix *f)
{
	const struct request *r = f->request;
	struct type_info base = {.type = f->c->options->activation_type,
		.symmetric = UNSET,
		.reduce_range = UNSET};
	struct type_info from = r->has_producer ? r->producer : produced(f), to;

	if (r->first_ask == GRAPH_NONE) {
		convert(f, &from, &base, other_names(f));
		return;
	}
	to = f->c->asked->asks.items[r->first_ask].info;
	if (!type_info_equal(&from, &to))
		convert(f, &from, &to, asking_names(f));
	else if (r->has_producer)
		both_agree(f);
	else
		check_not_converted(f);
}

/* ONNX Runtime validates the result and returns the verdict on the first tensor. */
static void check_first(struct closure *c)
{
	for (uint32_t i = 0; i < c->entries->count; i++) {
		struct entry_list *list = &c->entries->lists[i];
		struct overrides first = {.lists = list, .count = 1};
		struct error err = ERROR_INIT;
		size_t before = c->problems->count;

		if (!list->count || !(list->entries[0].own.has))
			continue;
		if (!overrides_check(&first, c->graph, c->options, "", c->problems, &err))
			c->stopped = c->problems->count > before;
		while (c->marks->count < c->problems->count && !c->lost)
			c->lost = !ARRAY_PUSH(
				c->marks, (struct problem_mark){STAGE_VERDICT, c->cause});
		c->lost |= err.kind == ERROR_MEMORY;
		return;
	}
}

void closure_fix(struct closure *c)
{
	struct fix f = {.c = c,
		.marked = calloc(c->graph->names.count + (size_t)1, sizeof(uint32_t))};

	c->stage = STAGE_SETTLE;
	if (!f.marked) {
		c->lost = true;
		return;
	}
	for (size_t i = 0; i < c->asked->requests.count && !c->stopped && !c->lost; i++) {
		f.request = &c->asked->requests.items[i];
		f.number = (uint32_t)i + 1;
		fix_request(&f);
	}
	free(f.marked);
	free(f.names);
	if (!c->stopped && !c->lost)
		check_first(c);
}
