#include "infer/state.h"

#include <stdlib.h>
#include <string.h>

struct infer_run *infer_start(void)
{
	return calloc(1, sizeof(struct infer_run));
}

void infer_release(struct infer_values *known)
{
	names_clear(&known->names);
	ARRAY_RELEASE(&known->values);
	ARRAY_RELEASE(&known->added);
}

void infer_finish(struct infer_run *run)
{
	while (run && run->all) {
		struct infer_values *next = run->all->next;

		infer_release(run->all);
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

const struct infer_values *infer_main(const struct infer_run *run)
{
	return run->main;
}

static struct infer_values *state_of(
	const struct infer_run *run, const Onnx__GraphProto *graph)
{
	name_id id = names_find(&run->graphs, (const char *)&graph, sizeof(graph));

	return id == NAME_NONE ? NULL : run->states.items[id];
}

const struct infer_values *infer_of(
	const struct infer_run *run, const Onnx__GraphProto *graph)
{
	return state_of(run, graph);
}

static bool keep(struct infer_run *run, struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;
	name_id id;

	if (!ARRAY_ROOM(&run->states, 1))
		return false;
	id = names_add(&run->graphs, (const char *)&graph, sizeof(graph));
	if (id == NAME_NONE)
		return false;
	if (id == run->states.count)
		run->states.count++;
	run->states.items[id] = known;
	return true;
}

static struct infer_values *new_values(
	struct infer_run *run, struct infer_values *outer, const Onnx__GraphProto *graph)
{
	struct infer_values *known = calloc(1, sizeof(*known));

	if (!known)
		return NULL;
	known->run = run;
	known->outer = outer;
	known->graph = graph;
	known->depth = outer ? outer->depth : 0;
	if (known->depth)
		return known;
	known->next = run->all;
	run->all = known;
	return keep(run, known) ? known : NULL;
}

struct infer_values *infer_enter(struct infer_values *outer, const struct model *model,
	const Onnx__GraphProto *graph)
{
	struct infer_values *known = outer->depth ? NULL : state_of(outer->run, graph);
	bool ok = true;

	if (known) {
		ok = infer_close(known);
	} else {
		known = new_values(outer->run, outer, graph);
		ok = known && infer_fill(known) &&
		     (!outer->depth || infer_add_names(known));
	}
	if (ok) {
		known->imports = outer->imports;
		known->from_file = outer->from_file;
	}
	if (ok && infer_fill_initializers(known, model))
		return known;
	if (known)
		infer_leave(known);
	return NULL;
}

const struct infer_values *infer_see(struct infer_run *run,
	const struct infer_values *outer, const struct model *model,
	const Onnx__GraphProto *graph)
{
	struct infer_values *around = run->all;

	while (around != outer)
		around = around->next;
	return infer_enter(around, model, graph);
}

void infer_leave(struct infer_values *known)
{
	if (!known->depth || !known->graph)
		return;
	infer_release(known);
	free(known);
}

bool infer_sweep(
	struct infer_run *run, const struct model *model, enum infer_storage storage)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	run->storage = storage;
	if (!run->main) {
		run->main = new_values(run, NULL, graph);
		if (!run->main || !infer_fill(run->main))
			return false;
	} else if (!infer_close(run->main)) {
		return false;
	}
	run->main->imports = (struct infer_imports){
		model->proto->opset_import, model->proto->n_opset_import};
	run->main->from_file = storage != INFER_READ;
	return infer_collect_names(run, graph) &&
	       infer_fill_initializers(run->main, model) &&
	       infer_nodes(run->main, model, graph->node, graph->n_node);
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

static struct infer_value unhidden(struct infer_value value)
{
	value.now = infer_converted(&value);
	value.now.data = NULL;
	value.now.is_constant = value.now.fails = false;
	if (value.shadow) {
		value.shadow->input = value.now;
		value.shadow->has_info = false;
	}
	return value;
}

static bool move_values(struct infer_values *known, const struct infer_values *old,
	const struct names *left, struct infer_rename rename)
{
	for (name_id id = 0; id < old->values.count; id++) {
		struct infer_value value = unhidden(old->values.items[id]);
		ProtobufCBinaryData name = {names_length(&old->names, id),
			(uint8_t *)names_text(&old->names, id)};
		struct infer_value *entry;
		bool is_end = value.source >= INFER_BY_INPUT;

		if (!is_end)
			name = rename.now(rename.arg, name);
		if (!value.has_type || (!is_end && value.now.kind != INFER_TENSOR) ||
			names_find(left, (const char *)name.data, name.len) == NAME_NONE)
			continue;
		entry = infer_entry(known, name);
		if (!entry)
			return false;
		*entry = value;
	}
	return true;
}

/* The converter writes a type for each input and output, be it an empty one. */
static bool settle_ends(struct infer_values *known, Onnx__ValueInfoProto *const *values,
	size_t count, enum infer_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct infer_value *value = infer_entry(known, values[i]->name);

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
static bool type_intermediates(struct infer_values *known)
{
	static const char end[] = "_intermediate";

	for (size_t i = 0; i < known->graph->n_node; i++) {
		const Onnx__NodeProto *node = known->graph->node[i];
		ProtobufCBinaryData name = {0};
		struct infer_value *value;
		name_id id;

		if (node->n_output)
			name = node->output[0];
		if (!ends_with(node->op_type, "oftmax") || !ends_with(name, end))
			continue;
		id = names_find(
			&known->names, (const char *)name.data, name.len - strlen(end));
		value = infer_entry(known, name);
		if (!value)
			return false;
		if (value->has_type || id == NAME_NONE)
			continue;
		value->now.type = known->values.items[id].now.type;
		value->has_type = value->now.type;
	}
	return true;
}

/* The converter writes a value_info for each output of a node of which it knows something
 * as of a tensor, but for outputs of the graph. */
static bool list_infos(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	known->added.count = 0;
	known->is_converted = true;
	for (size_t i = 0; i < graph->n_node; i++)
		for (size_t k = 0; k < graph->node[i]->n_output; k++) {
			ProtobufCBinaryData name = graph->node[i]->output[k];
			name_id id = names_find(
				&known->names, (const char *)name.data, name.len);
			const struct infer_value *value = &known->values.items[id];

			if (id == NAME_NONE || value->source == INFER_BY_OUTPUT ||
				!value->has_type ||
				(!value->now.type && value->now.rank < 1))
				continue;
			if (!ARRAY_PUSH(&known->added, id))
				return false;
		}
	return true;
}

bool infer_follow(struct infer_run *run, const struct infer_values *graph,
	const Onnx__GraphProto *result, struct infer_rename rename)
{
	struct infer_values *known = run->all, old;
	struct names left = {0};
	bool ok;

	while (known != graph)
		known = known->next;
	old = *known;
	if (!ARRAY_PUSH(&run->retired, old.names))
		return false;
	known->names = (struct names){0};
	known->values = (struct infer_value_list){0};
	known->graph = result;
	ok = list_values(&left, result) && move_values(known, &old, &left, rename) &&
	     settle_ends(known, result->input, result->n_input, INFER_BY_INPUT) &&
	     settle_ends(known, result->output, result->n_output, INFER_BY_OUTPUT) &&
	     type_intermediates(known) && list_infos(known) && keep(run, known);
	names_clear(&left);
	ARRAY_RELEASE(&old.values);
	return ok;
}
