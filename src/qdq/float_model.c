#include "qdq/float_model.h"

#include "base/text.h"
#include "qdq/values.h"

#include <stdlib.h>
#include <string.h>

struct making {
	const struct qdq *qdq;
	const struct graph *file;
	struct model *model;
	Onnx__GraphProto *graph;    /* of the model */
	ProtobufCBinaryData *names; /* by group */
	bool *declared; /* by group: its tensor has a value_info or is declared else */
	struct error *err;
};

static bool no_memory(const struct making *m)
{
	return error_set_memory(m->err, text_path(m->file->model->path));
}

static bool is_of_group(const struct making *m, node_id node)
{
	return graph_is_main(m->file, node) && m->qdq->of_node[node].role;
}

bool float_model_drops(const struct qdq *qdq, tensor_id constant)
{
	const struct graph *g = qdq->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, constant, &count);

	if (!count || (g->tensors[constant].flags & (TENSOR_OUTPUT | TENSOR_CAPTURED)))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!graph_is_main(g, readers[i].node) ||
			!qdq->of_node[readers[i].node].role)
			return false;
	return true;
}

/* True if the group's float tensor is this one, under whatever name. */
static bool stands_for_float(const struct making *m, tensor_id tensor)
{
	uint8_t side = m->qdq->of_tensor[tensor].side;

	return side == SIDE_SOURCE || side == SIDE_OWN || side == SIDE_CONVERTED;
}

/* ---- nodes */

/* The name that a slot has in the float model. */
static ProtobufCBinaryData slot_name(
	const struct making *m, tensor_id tensor, ProtobufCBinaryData now)
{
	if (tensor == GRAPH_NONE || !stands_for_float(m, tensor))
		return now;
	return m->names[m->qdq->of_tensor[tensor].group];
}

static bool same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

/* Renames slots; *list is replaced by a copy when one changes. */
static bool rename_slots(const struct making *m, uint32_t first, size_t count,
	ProtobufCBinaryData **list, bool *changed)
{
	ProtobufCBinaryData *copy = NULL;

	for (size_t i = 0; i < count; i++) {
		ProtobufCBinaryData now = (*list)[i];
		ProtobufCBinaryData name = slot_name(m, m->file->slots[first + i], now);

		if (same_bytes(now, name))
			continue;
		if (!copy) {
			copy = arena_alloc(&m->model->arena, count * sizeof(*copy));
			if (!copy)
				return no_memory(m);
			memcpy(copy, *list, count * sizeof(*copy));
		}
		copy[i] = name;
	}
	*changed = copy != NULL;
	if (copy)
		*list = copy;
	return true;
}

static bool rename_node(struct making *m, node_id n, Onnx__NodeProto **out)
{
	const struct graph_node *node = &m->file->nodes[n];
	ProtobufCBinaryData *inputs = node->proto->input, *outputs = node->proto->output;
	bool in, made;

	*out = (Onnx__NodeProto *)node->proto;
	if (!rename_slots(m, node->first_input, node->input_count, &inputs, &in) ||
		!rename_slots(m, node->first_output, node->output_count, &outputs, &made))
		return false;
	if (!in && !made)
		return true;
	*out = model_edit_node(m->model, node->proto);
	if (!*out)
		return no_memory(m);
	(*out)->input = inputs;
	(*out)->output = outputs;
	return true;
}

/* True if the constant becomes an initializer: integers, and floats that are weights. */
static bool is_made_initializer(const struct making *m, const struct qdq_group *group)
{
	return group->kind != QDQ_ACTIVATION &&
	       (m->file->tensors[group->source].flags & TENSOR_CONSTANT);
}

/* A Constant that holds a scale, or what becomes an initializer. */
static bool is_dropped_constant(const struct making *m, node_id n)
{
	tensor_id out = graph_output_of(m->file, n, 0);
	const struct qdq_member *at;

	if (out == GRAPH_NONE || !(m->file->tensors[out].flags & TENSOR_CONSTANT))
		return false;
	at = &m->qdq->of_tensor[out];
	if (at->side == SIDE_SOURCE)
		return is_made_initializer(m, &m->qdq->groups.items[at->group]);
	return float_model_drops(m->qdq, out);
}

static bool set_nodes(struct making *m)
{
	Onnx__NodeProto **nodes = arena_alloc(
		&m->model->arena, ((size_t)m->file->main_nodes + 1) * sizeof(*nodes));
	size_t count = 0;

	if (!nodes)
		return no_memory(m);
	for (node_id n = 0; n < m->file->main_nodes; n++) {
		if (is_of_group(m, n) || is_dropped_constant(m, n))
			continue;
		if (!rename_node(m, n, &nodes[count++]))
			return false;
	}
	m->graph->node = nodes;
	m->graph->n_node = count;
	return true;
}

/* ---- initializers */

/* The float type that the DQ makes. */
static int32_t float_type(const struct making *m, const struct qdq_group *group)
{
	for (uint32_t i = 0; i < group->node_count; i++) {
		node_id n = m->qdq->nodes[group->first_node + i];
		tensor_id out = graph_output_of(m->file, n, 0);

		if (m->qdq->of_node[n].role == ROLE_DQ &&
			element_is_float(m->file->tensors[out].known_type))
			return m->file->tensors[out].known_type;
	}
	return group->own.scale_element;
}

static bool make_constant(struct making *m, uint32_t index, Onnx__TensorProto **out)
{
	const struct qdq_group *group = &m->qdq->groups.items[index];
	const Onnx__TensorProto *integers = graph_constant(m->file, group->source);

	*out = model_new_tensor(m->model, group->name, group->name_length,
		float_type(m, group), integers->dims, integers->n_dims);
	if (!*out)
		return no_memory(m);
	return qdq_attach_values(m->file, group, m->model, *out, m->err);
}

static bool rename_constant(struct making *m, uint32_t index, Onnx__TensorProto **tensor)
{
	if (same_bytes((*tensor)->name, m->names[index]))
		return true;
	*tensor = model_edit_tensor(m->model, *tensor);
	if (!*tensor)
		return no_memory(m);
	(*tensor)->name = m->names[index];
	return true;
}

static tensor_id tensor_named(const struct making *m, ProtobufCBinaryData name)
{
	return graph_find_tensor(m->file, (const char *)name.data, name.len);
}

/* An initializer of the file: kept, made float, or dropped (*out NULL). */
static bool take_initializer(
	struct making *m, Onnx__TensorProto *tensor, Onnx__TensorProto **out)
{
	tensor_id id = tensor_named(m, tensor->name);
	const struct qdq_member *at = id == GRAPH_NONE ? NULL : &m->qdq->of_tensor[id];

	*out = tensor;
	if (at && at->side == SIDE_INTEGER)
		return make_constant(m, at->group, out);
	if (at && at->side == SIDE_SOURCE)
		return rename_constant(m, at->group, out);
	if (at && float_model_drops(m->qdq, id))
		*out = NULL;
	return true;
}

static bool set_initializers(struct making *m)
{
	const Onnx__GraphProto *old = m->file->model->proto->graph;
	size_t room = old->n_initializer + m->qdq->groups.count + 1, count = 0;
	Onnx__TensorProto **list = arena_alloc(&m->model->arena, room * sizeof(*list));

	if (!list)
		return no_memory(m);
	for (size_t i = 0; i < old->n_initializer; i++) {
		if (!take_initializer(m, old->initializer[i], &list[count]))
			return false;
		count += list[count] != NULL;
	}
	for (uint32_t i = 0; i < m->qdq->groups.count; i++) {
		const struct qdq_group *group = &m->qdq->groups.items[i];

		if (!is_made_initializer(m, group))
			continue;
		list[count] = (Onnx__TensorProto *)graph_constant(m->file, group->source);
		if (group->kind == QDQ_FLOAT_WEIGHT
				? !rename_constant(m, i, &list[count++])
				: !make_constant(m, i, &list[count++]))
			return false;
	}
	m->graph->initializer = list;
	m->graph->n_initializer = count;
	return true;
}

/* ---- declarations */

/* Inputs that stood for initializers that are gone go with them. */
static bool set_inputs(struct making *m)
{
	Onnx__ValueInfoProto **list =
		arena_alloc(&m->model->arena, (m->graph->n_input + 1) * sizeof(*list));
	size_t count = 0;

	if (!list)
		return no_memory(m);
	for (size_t i = 0; i < m->graph->n_input; i++) {
		tensor_id id = tensor_named(m, m->graph->input[i]->name);
		bool constant = id != GRAPH_NONE &&
				(m->file->tensors[id].flags & TENSOR_INITIALIZER);

		if (!constant || !(m->qdq->of_tensor[id].side == SIDE_INTEGER ||
					 float_model_drops(m->qdq, id)))
			list[count++] = m->graph->input[i];
	}
	m->graph->input = list;
	m->graph->n_input = count;
	return true;
}

/* A declaration of the group's tensor under its float name, unless it has one. */
static bool take_declaration(struct making *m, tensor_id id, Onnx__ValueInfoProto *info,
	Onnx__ValueInfoProto **out)
{
	uint32_t group = m->qdq->of_tensor[id].group;

	*out = NULL;
	if (!stands_for_float(m, id) || m->declared[group])
		return true;
	m->declared[group] = true;
	*out = info;
	if (same_bytes(info->name, m->names[group]))
		return true;
	*out = model_edit_value_info(m->model, info);
	if (!*out)
		return no_memory(m);
	(*out)->name = m->names[group];
	return true;
}

/* Inputs and outputs declare their tensors already. */
static void note_declared_ports(struct making *m)
{
	for (tensor_id t = 0; t < m->file->main_tensors; t++)
		if (stands_for_float(m, t) &&
			(m->file->tensors[t].flags & (TENSOR_INPUT | TENSOR_OUTPUT)))
			m->declared[m->qdq->of_tensor[t].group] = true;
}

/* First what is declared under its own name, then what others tell of it. */
static bool set_value_infos(struct making *m)
{
	Onnx__ValueInfoProto **list = arena_alloc(
		&m->model->arena, (m->graph->n_value_info + 1) * sizeof(*list));
	size_t count = 0;

	if (!list)
		return no_memory(m);
	note_declared_ports(m);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < m->graph->n_value_info; i++) {
			Onnx__ValueInfoProto *info = m->graph->value_info[i];
			tensor_id id = tensor_named(m, info->name);
			bool source, plain;

			if (id == GRAPH_NONE)
				continue;
			source = m->qdq->of_tensor[id].side == SIDE_SOURCE;
			plain = !m->qdq->of_tensor[id].side;
			if ((source || plain) != (pass == 0))
				continue;
			if (plain) {
				if (!float_model_drops(m->qdq, id))
					list[count++] = info;
				continue;
			}
			if (!take_declaration(m, id, info, &list[count]))
				return false;
			count += list[count] != NULL;
		}
	}
	m->graph->value_info = list;
	m->graph->n_value_info = count;
	m->graph->n_quantization_annotation = 0;
	return true;
}

/* ---- the model */

static bool set_names(struct making *m)
{
	size_t count = m->qdq->groups.count;

	m->names = arena_zalloc(&m->model->arena, count + 1, sizeof(*m->names));
	m->declared = arena_zalloc(&m->model->arena, count + 1, sizeof(*m->declared));
	if (!m->names || !m->declared)
		return no_memory(m);
	for (size_t i = 0; i < count; i++)
		m->names[i] = (ProtobufCBinaryData){m->qdq->groups.items[i].name_length,
			(uint8_t *)m->qdq->groups.items[i].name};
	return true;
}

struct model *float_model_make(const struct qdq_view *view, struct error *err)
{
	struct making m = {.qdq = view->qdq, .file = view->file, .err = err};

	m.model = model_derive(view->input, err);
	if (!m.model)
		return NULL;
	m.graph = m.model->proto->graph;
	if (set_names(&m) && set_nodes(&m) && set_initializers(&m) && set_inputs(&m) &&
		set_value_infos(&m))
		return m.model;
	model_free(m.model);
	return NULL;
}
