#include "onnx/rank_state.h"

#include <stdlib.h>
#include <string.h>

struct rank_run *rank_start(void)
{
	return calloc(1, sizeof(struct rank_run));
}

void rank_release(struct ranks *ranks)
{
	names_clear(&ranks->names);
	ARRAY_RELEASE(&ranks->values);
	ARRAY_RELEASE(&ranks->added);
}

void rank_finish(struct rank_run *run)
{
	while (run && run->all) {
		struct ranks *next = run->all->next;

		rank_release(run->all);
		free(run->all);
		run->all = next;
	}
	if (!run)
		return;
	names_clear(&run->graphs);
	names_clear(&run->symbols);
	for (size_t i = 0; i < run->retired.count; i++)
		names_clear(&run->retired.items[i]);
	ARRAY_RELEASE(&run->retired);
	ARRAY_RELEASE(&run->states);
	ARRAY_RELEASE(&run->taken);
	free(run);
}

const struct ranks *rank_main(const struct rank_run *run)
{
	return run->main;
}

static struct ranks *state_of(const struct rank_run *run, const Onnx__GraphProto *graph)
{
	name_id id = names_find(&run->graphs, (const char *)&graph, sizeof(graph));

	return id == NAME_NONE ? NULL : run->states.items[id];
}

const struct ranks *rank_of(const struct rank_run *run, const Onnx__GraphProto *graph)
{
	return state_of(run, graph);
}

static bool keep(struct rank_run *run, struct ranks *ranks)
{
	const Onnx__GraphProto *graph = ranks->graph;
	name_id id;

	if (!ARRAY_ROOM(&run->states, 1))
		return false;
	id = names_add(&run->graphs, (const char *)&graph, sizeof(graph));
	if (id == NAME_NONE)
		return false;
	if (id == run->states.count)
		run->states.count++;
	run->states.items[id] = ranks;
	return true;
}

static struct ranks *new_ranks(
	struct rank_run *run, struct ranks *outer, const Onnx__GraphProto *graph)
{
	struct ranks *ranks = calloc(1, sizeof(*ranks));

	if (!ranks)
		return NULL;
	ranks->run = run;
	ranks->outer = outer;
	ranks->graph = graph;
	ranks->depth = outer ? outer->depth : 0;
	if (ranks->depth)
		return ranks;
	ranks->next = run->all;
	run->all = ranks;
	return keep(run, ranks) ? ranks : NULL;
}

struct ranks *rank_enter(
	struct ranks *outer, const struct model *model, const Onnx__GraphProto *graph)
{
	struct ranks *ranks = outer->depth ? NULL : state_of(outer->run, graph);
	bool ok = true;

	if (ranks) {
		ok = rank_close(ranks);
	} else {
		ranks = new_ranks(outer->run, outer, graph);
		ok = ranks && rank_fill(ranks) &&
		     (!outer->depth || rank_add_names(ranks));
	}
	if (ok) {
		ranks->imports = outer->imports;
		ranks->from_file = outer->from_file;
	}
	if (ok && rank_fill_initializers(ranks, model))
		return ranks;
	if (ranks)
		rank_leave(ranks);
	return NULL;
}

const struct ranks *rank_see(struct rank_run *run, const struct ranks *outer,
	const struct model *model, const Onnx__GraphProto *graph)
{
	struct ranks *around = run->all;

	while (around != outer)
		around = around->next;
	return rank_enter(around, model, graph);
}

void rank_leave(struct ranks *ranks)
{
	if (!ranks->depth || !ranks->graph)
		return;
	rank_release(ranks);
	free(ranks);
}

bool rank_sweep(
	struct rank_run *run, const struct model *model, enum rank_storage storage)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	run->storage = storage;
	if (!run->main) {
		run->main = new_ranks(run, NULL, graph);
		if (!run->main || !rank_fill(run->main))
			return false;
	} else if (!rank_close(run->main)) {
		return false;
	}
	run->main->imports = (struct rank_imports){
		model->proto->opset_import, model->proto->n_opset_import};
	run->main->from_file = storage != RANK_READ;
	return rank_collect_names(run, graph) &&
	       rank_fill_initializers(run->main, model) &&
	       rank_nodes(run->main, model, graph->node, graph->n_node);
}

/* ---- after a conversion */

static bool add_name(struct names *names, ProtobufCBinaryData name)
{
	return names_add(names, (const char *)name.data, name.len) != NAME_NONE;
}

/* The names of the values that a graph has. */
static bool list_values(struct names *names, const Onnx__GraphProto *graph)
{
	bool ok = true;

	for (size_t i = 0; ok && i < graph->n_input; i++)
		ok = add_name(names, graph->input[i]->name);
	for (size_t i = 0; ok && i < graph->n_output; i++)
		ok = add_name(names, graph->output[i]->name);
	for (size_t i = 0; ok && i < graph->n_node; i++)
		for (size_t k = 0; ok && k < graph->node[i]->n_output; k++)
			ok = add_name(names, graph->node[i]->output[k]);
	return ok;
}

static struct rank_value unhidden(struct rank_value value)
{
	value.now = rank_converted(&value);
	value.now.data = NULL;
	value.now.is_constant = value.now.fails = false;
	if (value.shadow) {
		value.shadow->input = value.now;
		value.shadow->has_info = false;
	}
	return value;
}

static bool move_values(struct ranks *ranks, const struct ranks *old,
	const struct names *left, struct rank_rename rename)
{
	for (name_id id = 0; id < old->values.count; id++) {
		struct rank_value value = unhidden(old->values.items[id]);
		ProtobufCBinaryData name = {names_length(&old->names, id),
			(uint8_t *)names_text(&old->names, id)};
		struct rank_value *entry;
		bool is_end = value.source >= RANK_BY_INPUT;

		if (!is_end)
			name = rename.now(rename.arg, name);
		if (!value.has_type || (!is_end && value.now.kind != RANK_TENSOR) ||
			names_find(left, (const char *)name.data, name.len) == NAME_NONE)
			continue;
		entry = rank_entry(ranks, name);
		if (!entry)
			return false;
		*entry = value;
	}
	return true;
}

/* The converter writes a type for each input and output, be it an empty one. */
static bool settle_ends(struct ranks *ranks, Onnx__ValueInfoProto *const *values,
	size_t count, enum rank_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct rank_value *value = rank_entry(ranks, values[i]->name);

		if (!value)
			return false;
		value->has_type = true;
		value->is_open = false;
		if (value->source < source)
			value->source = source;
	}
	return true;
}

static bool ends_with(ProtobufCBinaryData name, const char *end)
{
	size_t length = strlen(end);

	return name.len > length &&
	       memcmp(name.data + name.len - length, end, length) == 0;
}

/* What the converter put between a Softmax and its old output has the type of that. */
static bool type_intermediates(struct ranks *ranks)
{
	static const char end[] = "_intermediate";

	for (size_t i = 0; i < ranks->graph->n_node; i++) {
		const Onnx__NodeProto *node = ranks->graph->node[i];
		ProtobufCBinaryData name = {0};
		struct rank_value *value;
		name_id id;

		if (node->n_output)
			name = node->output[0];
		if (!ends_with(node->op_type, "oftmax") || !ends_with(name, end))
			continue;
		id = names_find(
			&ranks->names, (const char *)name.data, name.len - strlen(end));
		value = rank_entry(ranks, name);
		if (!value)
			return false;
		if (value->has_type || id == NAME_NONE)
			continue;
		value->now.type = ranks->values.items[id].now.type;
		value->has_type = value->now.type;
	}
	return true;
}

/* The converter writes a value_info for each output of a node of which it knows something
 * as of a tensor, but for outputs of the graph. */
static bool list_infos(struct ranks *ranks)
{
	const Onnx__GraphProto *graph = ranks->graph;

	ranks->added.count = 0;
	ranks->is_converted = true;
	for (size_t i = 0; i < graph->n_node; i++)
		for (size_t k = 0; k < graph->node[i]->n_output; k++) {
			ProtobufCBinaryData name = graph->node[i]->output[k];
			name_id id = names_find(
				&ranks->names, (const char *)name.data, name.len);
			const struct rank_value *value = &ranks->values.items[id];

			if (id == NAME_NONE || value->source == RANK_BY_OUTPUT ||
				!value->has_type ||
				(!value->now.type && value->now.rank < 1))
				continue;
			if (!ARRAY_PUSH(&ranks->added, id))
				return false;
		}
	return true;
}

bool rank_follow(struct rank_run *run, const struct ranks *graph,
	const Onnx__GraphProto *result, struct rank_rename rename)
{
	struct ranks *ranks = run->all, old;
	struct names left = {0};
	bool ok;

	while (ranks != graph)
		ranks = ranks->next;
	old = *ranks;
	if (!ARRAY_PUSH(&run->retired, old.names))
		return false;
	ranks->names = (struct names){0};
	ranks->values = (struct rank_value_list){0};
	ranks->graph = result;
	ok = list_values(&left, result) && move_values(ranks, &old, &left, rename) &&
	     settle_ends(ranks, result->input, result->n_input, RANK_BY_INPUT) &&
	     settle_ends(ranks, result->output, result->n_output, RANK_BY_OUTPUT) &&
	     type_intermediates(ranks) && list_infos(ranks) && keep(run, ranks);
	names_clear(&left);
	ARRAY_RELEASE(&old.values);
	return ok;
}
