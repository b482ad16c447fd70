#include "eval/sim_model.h"

#include "calib/tap_model.h"
#include "ort/ort.h"

#include <stdlib.h>
#include <string.h>

struct making {
	struct sim_model *sim;
	const struct graph *graph;
	const struct outcome *outcome;
	ProtobufCBinaryData *seen; /* by slot of the graph: what the node reads instead */
	ProtobufCBinaryData *fresh; /* by tensor: what its producer writes instead */
	Onnx__NodeProto **tap_of;   /* by tensor: the chain of its taps, first one */
	Onnx__NodeProto **next;     /* by tap */
	uint32_t room;
};

/* A tap between two float16 operators costs precision that they keep without it, so
 * that only those stand that some plan needs: behind what is quantized, and ahead of a
 * Relu or Clip, which a conversion may keep. */
static bool may_be_rounded(const struct making *m, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(m->graph, tensor, &count);
	const char *op = count ? graph_op_type(m->graph, readers[0].node) : "";

	return m->outcome->tensors[tensor].stored != QTYPE_NONE || !strcmp(op, "Relu") ||
	       !strcmp(op, "Clip");
}

static bool is_tapped(const struct making *m, tensor_id tensor)
{
	const struct graph_tensor *t = &m->graph->tensors[tensor];

	return m->outcome && element_is_float(t->element_type) &&
	       !(t->flags & (TENSOR_INITIALIZER | TENSOR_UNDEFINED)) &&
	       (t->producer != GRAPH_NONE || (t->flags & TENSOR_INPUT)) &&
	       (t->element_type == ELEMENT_FLOAT || may_be_rounded(m, tensor));
}

static ProtobufCBinaryData name_of(const struct making *m, tensor_id tensor)
{
	const char *name = graph_tensor_name(m->graph, tensor);

	return model_bytes(m->sim->model, name, strlen(name));
}

static ProtobufCBinaryData fresh_name(
	const struct making *m, const char *what, uint32_t n)
{
	return tap_model_name(m->graph, m->sim->model, what, n);
}

/* Adds in -> Change -> out to the taps of a tensor. */
static bool add_tap(struct making *m, tensor_id tensor, node_id reader,
	ProtobufCBinaryData in, ProtobufCBinaryData out)
{
	struct sim_model *sim = m->sim;
	uint32_t index = sim->count;
	bool half = m->graph->tensors[tensor].element_type == ELEMENT_FLOAT16;
	Onnx__NodeProto *node = model_new_node(
		sim->model, half ? ORT_TAP_CHANGE_F16 : ORT_TAP_CHANGE, NULL, 1, 1);
	Onnx__NodeProto **end;

	if (!node || !model_add_int_attribute(sim->model, node, "index", index, NULL))
		return false;
	node->has_domain = node->has_name = 1;
	node->domain = model_bytes(sim->model, ORT_TAP_DOMAIN, strlen(ORT_TAP_DOMAIN));
	node->name = fresh_name(m, "tap", index);
	node->input[0] = in;
	node->output[0] = out;
	sim->taps[index] = (struct sim_tap){tensor, reader};
	m->next[index] = NULL;
	for (end = &m->tap_of[tensor]; *end;)
		end = &m->next[(*end)->attribute[0]->i];
	*end = node;
	sim->count++;
	return node->domain.data && node->name.data && in.data && out.data;
}

/* The readers of the main graph; a node that reads twice stands in a row. */
static uint32_t main_readers(const struct making *m, tensor_id tensor)
{
	uint32_t count, distinct = 0;
	const struct graph_reader *readers = graph_readers_of(m->graph, tensor, &count);

	for (uint32_t i = 0; i < count; i++)
		if (graph_is_main(m->graph, readers[i].node) &&
			(!i || readers[i - 1].node != readers[i].node))
			distinct++;
	return distinct;
}

static bool tap_readers(
	struct making *m, tensor_id tensor, ProtobufCBinaryData all, bool each)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(m->graph, tensor, &count);
	ProtobufCBinaryData own = all;

	for (uint32_t i = 0; i < count; i++) {
		node_id node = readers[i].node;

		if (!graph_is_main(m->graph, node))
			continue;
		if (each && (!i || readers[i - 1].node != node)) {
			own = fresh_name(m, "seen", m->sim->count);
			if (!add_tap(m, tensor, node, all, own))
				return false;
		}
		m->seen[m->graph->nodes[node].first_input + readers[i].slot] = own;
	}
	return true;
}

static bool tap_tensor(struct making *m, tensor_id tensor)
{
	ProtobufCBinaryData name = name_of(m, tensor), fresh;
	bool produced = m->graph->tensors[tensor].producer != GRAPH_NONE;
	uint16_t flags = m->graph->tensors[tensor].flags;
	bool each = main_readers(m, tensor) > 1 ||
		    (flags & (TENSOR_OUTPUT | TENSOR_CAPTURED));

	fresh = fresh_name(m, "made", tensor);
	if (!produced)
		return add_tap(m, tensor, GRAPH_NONE, name, fresh) &&
		       tap_readers(m, tensor, fresh, each);
	m->fresh[tensor] = fresh;
	return add_tap(m, tensor, GRAPH_NONE, fresh, name) &&
	       (!each || tap_readers(m, tensor, name, each));
}

static bool is_changed(const struct making *m, const struct graph_node *node)
{
	for (uint32_t i = 0; i < node->input_count; i++)
		if (m->seen[node->first_input + i].data)
			return true;
	for (uint32_t i = 0; i < node->output_count; i++) {
		tensor_id tensor = m->graph->slots[node->first_output + i];

		if (tensor != GRAPH_NONE && m->fresh[tensor].data)
			return true;
	}
	return false;
}

/* The node with the names that taps have given its inputs and outputs. */
static Onnx__NodeProto *change_node(struct making *m, const struct graph_node *node)
{
	struct arena *arena = &m->sim->model->arena;
	Onnx__NodeProto *copy = model_edit_node(m->sim->model, node->proto);
	ProtobufCBinaryData *inputs =
		arena_zalloc(arena, node->input_count + 1, sizeof(*inputs));
	ProtobufCBinaryData *outputs =
		arena_zalloc(arena, node->output_count + 1, sizeof(*outputs));

	if (!copy || !inputs || !outputs)
		return NULL;
	for (uint32_t i = 0; i < node->input_count; i++)
		inputs[i] = m->seen[node->first_input + i].data
				    ? m->seen[node->first_input + i]
				    : copy->input[i];
	for (uint32_t i = 0; i < node->output_count; i++) {
		tensor_id tensor = m->graph->slots[node->first_output + i];

		outputs[i] = tensor != GRAPH_NONE && m->fresh[tensor].data
				     ? m->fresh[tensor]
				     : copy->output[i];
	}
	copy->input = inputs;
	copy->output = outputs;
	return copy;
}

static void put_taps(struct making *m, tensor_id tensor, Onnx__GraphProto *into)
{
	Onnx__NodeProto *tap = tensor == GRAPH_NONE ? NULL : m->tap_of[tensor];

	for (; tap; tap = m->next[tap->attribute[0]->i])
		into->node[into->n_node++] = tap;
}

static bool rebuild(struct making *m)
{
	const struct graph *graph = m->graph;
	Onnx__GraphProto *into = m->sim->model->proto->graph;

	into->n_node = 0;
	into->node = arena_zalloc(&m->sim->model->arena,
		(size_t)graph->main_nodes + m->sim->count + 1, sizeof(*into->node));
	if (!into->node)
		return false;
	for (uint32_t i = 0; i < graph->input_count; i++)
		put_taps(m, graph->inputs[i], into);
	for (node_id i = 0; i < graph->main_nodes; i++) {
		const struct graph_node *node = &graph->nodes[i];

		into->node[into->n_node] = is_changed(m, node)
						   ? change_node(m, node)
						   : (Onnx__NodeProto *)node->proto;
		if (!into->node[into->n_node++])
			return false;
		for (uint32_t k = 0; k < node->output_count; k++)
			put_taps(m, graph->slots[node->first_output + k], into);
	}
	return true;
}

static bool add_measured(struct making *m, const tensor_id *measured, size_t count)
{
	struct model *model = m->sim->model;
	Onnx__GraphProto *proto = model->proto->graph;
	Onnx__ValueInfoProto **list =
		arena_alloc(&model->arena, (proto->n_output + count + 1) * sizeof(*list));

	if (!list)
		return false;
	memcpy(list, proto->output, proto->n_output * sizeof(*list));
	proto->output = list;
	for (size_t i = 0; i < count; i++) {
		Onnx__ValueInfoProto *value;

		if (m->graph->tensors[measured[i]].flags & TENSOR_OUTPUT)
			continue;
		value = arena_alloc(&model->arena, sizeof(*value));
		if (!value)
			return false;
		onnx__value_info_proto__init(value);
		value->has_name = 1;
		value->name = name_of(m, measured[i]);
		list[proto->n_output++] = value;
	}
	return true;
}

static bool tap_all(struct making *m)
{
	for (tensor_id i = 0; i < m->graph->main_tensors; i++)
		if (is_tapped(m, i) && !tap_tensor(m, i))
			return false;
	return true;
}

static bool alloc_making(struct making *m)
{
	size_t tensors = m->graph->tensor_count + (size_t)1;

	m->room = m->graph->main_tensors + m->graph->reader_count + 1;
	m->sim->taps = calloc(m->room, sizeof(*m->sim->taps));
	m->next = calloc(m->room, sizeof(*m->next));
	m->tap_of = calloc(tensors, sizeof(*m->tap_of));
	m->fresh = calloc(tensors, sizeof(*m->fresh));
	m->seen = calloc((size_t)m->graph->slot_count + 1, sizeof(*m->seen));
	return m->sim->taps && m->next && m->tap_of && m->fresh && m->seen;
}

bool sim_model_make(struct sim_model *sim, const struct graph *graph,
	const struct outcome *outcome, const tensor_id *measured, size_t measured_count,
	struct error *err)
{
	struct making m = {.sim = sim, .graph = graph, .outcome = outcome};
	bool made;

	memset(sim, 0, sizeof(*sim));
	sim->model = model_derive(graph->model, err);
	if (!sim->model)
		return false;
	made = alloc_making(&m) && tap_model_import(sim->model) && tap_all(&m) &&
	       rebuild(&m) && add_measured(&m, measured, measured_count);
	free(m.next);
	free(m.tap_of);
	free(m.fresh);
	free(m.seen);
	return made || error_set_memory(err, "the simulation");
}

void sim_model_release(struct sim_model *sim)
{
	model_free(sim->model);
	free(sim->taps);
	memset(sim, 0, sizeof(*sim));
}
