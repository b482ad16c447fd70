/* Writing what was inferred into the declarations of a model's graphs. */
#include "infer/declare.h"

#include "base/text.h"

#include <string.h>

/* A type of which nothing is known is written as an empty one. */
static const struct known_shape open_type = INFER_NOTHING;

static bool add(struct infer_writer *w, const struct infer_values *known,
	const Onnx__ValueInfoProto *info, const struct known_shape *shape)
{
	name_id id;

	if (!ARRAY_ROOM(&w->found, 1))
		return false;
	id = names_add(&w->infos, (const char *)&info, sizeof(info));
	if (id != NAME_NONE && id == w->found.count)
		w->found.items[w->found.count++] = (struct infer_found){shape, known};
	return id != NAME_NONE;
}

static const struct infer_value *value_of(
	const struct infer_values *known, const Onnx__ValueInfoProto *info)
{
	name_id id =
		names_find(&known->names, (const char *)info->name.data, info->name.len);

	return id == NAME_NONE ? NULL : &known->values.items[id];
}

/* What is known of a declaration of one kind. */
static const struct known_shape *found_of(
	const struct infer_value *value, enum infer_source source)
{
	const struct infer_shadow *shadow = value->shadow;

	if (source == INFER_BY_INFO && shadow && shadow->has_info)
		return &shadow->info;
	if (source == INFER_BY_INPUT && shadow && shadow->has_input)
		return &shadow->input;
	if (source != INFER_BY_INFO && value->is_open)
		return &open_type;
	return value->has_type && value->source <= source ? &value->now : &open_type;
}

static bool add_all(struct infer_writer *w, const struct infer_values *known,
	Onnx__ValueInfoProto *const *infos, size_t count, enum infer_source source)
{
	for (size_t i = 0; i < count; i++) {
		const struct infer_value *value = value_of(known, infos[i]);

		if (value && !add(w, known, infos[i], found_of(value, source)))
			return false;
	}
	return true;
}

static bool collect(struct infer_writer *w)
{
	for (const struct infer_values *known = w->run->all; known; known = known->next) {
		const Onnx__GraphProto *graph = known->graph;

		if (!add_all(w, known, graph->input, graph->n_input, INFER_BY_INPUT) ||
			!add_all(w, known, graph->output, graph->n_output,
				INFER_BY_OUTPUT) ||
			!add_all(w, known, graph->value_info, graph->n_value_info,
				INFER_BY_INFO))
			return false;
	}
	return true;
}

/* ---- graphs */

static bool put_infos(struct infer_writer *w, Onnx__ValueInfoProto ***infos, size_t count,
	bool *changed)
{
	Onnx__ValueInfoProto **list = NULL;

	for (size_t i = 0; i < count; i++) {
		Onnx__ValueInfoProto *info = (*infos)[i];
		name_id id = names_find(&w->infos, (const char *)&info, sizeof(info));
		Onnx__TypeProto *type;

		if (id == NAME_NONE)
			continue;
		if (!infer_put_type(w, info->type, w->found.items[id].shape, &type))
			return false;
		if (type == info->type)
			continue;
		if (!list) {
			list = infer_copy(w, NULL, count * sizeof(*list));
			if (!list)
				return false;
			memcpy(list, *infos, count * sizeof(*list));
			*infos = list;
		}
		list[i] = model_edit_value_info(w->model, info);
		if (!list[i])
			return false;
		list[i]->type = type;
		*changed = true;
	}
	return true;
}

/* A value_info that onnx adds; *out is NULL if its type cannot be told. */
static bool new_info(struct infer_writer *w, const struct infer_values *known, name_id id,
	Onnx__ValueInfoProto **out)
{
	Onnx__ValueInfoProto *info = infer_copy(w, NULL, sizeof(*info));
	const struct infer_value *value = &known->values.items[id];

	*out = info;
	if (!info)
		return false;
	onnx__value_info_proto__init(info);
	info->has_name = 1;
	info->name = model_bytes(
		w->model, names_text(&known->names, id), names_length(&known->names, id));
	if (!info->name.data ||
		!infer_put_type(w, NULL, found_of(value, INFER_BY_INFO), &info->type))
		return false;
	if (!info->type)
		*out = NULL;
	return true;
}

/* The declared ones that are left, and behind them those of what was inferred. */
static bool put_value_infos(struct infer_writer *w, const struct infer_values *known,
	Onnx__GraphProto *graph, bool *changed)
{
	size_t left = known->is_converted ? 0 : graph->n_value_info;
	Onnx__ValueInfoProto **list;

	if (!put_infos(w, &graph->value_info, left, changed))
		return false;
	if (left == graph->n_value_info && !known->added.count)
		return true;
	list = infer_copy(w, NULL, (left + known->added.count + 1) * sizeof(*list));
	if (!list)
		return false;
	if (left)
		memcpy(list, graph->value_info, left * sizeof(*list));
	for (size_t i = 0; i < known->added.count; i++) {
		if (!new_info(w, known, known->added.items[i], &list[left]))
			return false;
		left += list[left] != NULL;
	}
	graph->value_info = list;
	graph->n_value_info = left;
	*changed = true;
	return true;
}

/* The values of a graph, known by its outputs. */
static const struct infer_values *inference_of(
	const struct infer_writer *w, const Onnx__GraphProto *graph)
{
	const Onnx__ValueInfoProto *info = graph->n_output ? graph->output[0] : NULL;
	name_id id = names_find(&w->infos, (const char *)&info, sizeof(info));

	return id == NAME_NONE ? NULL : w->found.items[id].known;
}

static bool put_graph(
	struct infer_writer *w, Onnx__GraphProto *graph, Onnx__GraphProto **out);

/* A node whose graphs changed becomes a new one. */
static bool put_node(struct infer_writer *w, Onnx__NodeProto *node, Onnx__NodeProto **out)
{
	*out = node;
	for (size_t i = 0; i < node->n_attribute; i++) {
		Onnx__AttributeProto *attribute = node->attribute[i], *copy;
		Onnx__GraphProto *graph;

		if (!attribute->g)
			continue;
		if (!put_graph(w, attribute->g, &graph))
			return false;
		if (graph == attribute->g)
			continue;
		copy = model_edit_attribute(w->model, attribute);
		if (*out == node) {
			size_t size = node->n_attribute * sizeof(*node->attribute);

			*out = model_edit_node(w->model, node);
			if (!*out)
				return false;
			(*out)->attribute = infer_copy(w, node->attribute, size);
		}
		if (!copy || !(*out)->attribute)
			return false;
		copy->g = graph;
		(*out)->attribute[i] = copy;
	}
	return true;
}

/* Changes a graph that is the model's own. */
static bool put_into(struct infer_writer *w, Onnx__GraphProto *graph, bool *changed)
{
	const struct infer_values *known = inference_of(w, graph);
	Onnx__NodeProto **list = NULL;

	if (!put_infos(w, &graph->input, graph->n_input, changed) ||
		!put_infos(w, &graph->output, graph->n_output, changed) ||
		(known && !put_value_infos(w, known, graph, changed)))
		return false;
	for (size_t i = 0; i < graph->n_node; i++) {
		Onnx__NodeProto *node;

		if (!put_node(w, graph->node[i], &node))
			return false;
		if (node == graph->node[i])
			continue;
		if (!list) {
			size_t size = graph->n_node * sizeof(*list);

			list = infer_copy(w, graph->node, size);
			if (!list)
				return false;
			graph->node = list;
		}
		list[i] = node;
		*changed = true;
	}
	return true;
}

static bool put_graph(
	struct infer_writer *w, Onnx__GraphProto *graph, Onnx__GraphProto **out)
{
	Onnx__GraphProto *copy = model_edit_graph(w->model, graph);
	bool changed = false;

	if (!copy || !put_into(w, copy, &changed))
		return false;
	*out = changed ? copy : graph;
	return true;
}

bool infer_declare(const struct infer_run *run, struct model *model, struct error *err)
{
	struct infer_writer w = {.run = run, .model = model};
	bool changed = false;
	bool ok = collect(&w) && put_into(&w, model->proto->graph, &changed);

	names_clear(&w.infos);
	ARRAY_RELEASE(&w.found);
	return ok || error_set_memory(err, text_path(model->path));
}
