/* The messages of the finished model. */
#include "quant/prepare.h"
#include "quant/quantizer.h"

#include <stdlib.h>
#include <string.h>

struct assembly {
	struct quantizer *q;
	ProtobufCBinaryData *bytes; /* of texts, copied into the model once */
};

bool quantizer_input_is_dropped(const struct quantizer *q, text_id name)
{
	return q->wiring.texts[name].flags & TEXT_DROPPED;
}

/* A text in the model's arena; its data is NULL when memory is gone. */
static ProtobufCBinaryData bytes_of(struct assembly *a, text_id text)
{
	ProtobufCBinaryData *bytes = &a->bytes[text];
	const char *chars;
	size_t length;

	if (!bytes->data) {
		chars = wiring_text(&a->q->wiring, text, &length);
		*bytes = model_bytes(a->q->model, chars, length);
	}
	return *bytes;
}

/* ---- nodes of the float model */

static bool slots_changed(const struct quantizer *q, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++) {
		tensor_id tensor = q->graph->slots[i];
		text_id text = q->wiring.slots[i].text;

		if (text !=
			(tensor == GRAPH_NONE ? NO_TEXT : q->graph->tensors[tensor].name))
			return true;
	}
	return false;
}

static bool set_slots(
	struct assembly *a, uint32_t first, size_t count, ProtobufCBinaryData **field)
{
	ProtobufCBinaryData *list =
		arena_zalloc(&a->q->model->arena, count + 1, sizeof(*list));

	for (size_t i = 0; list && i < count; i++) {
		text_id text = a->q->wiring.slots[first + i].text;

		if (text == NO_TEXT)
			continue;
		list[i] = bytes_of(a, text);
		if (!list[i].data)
			return quantizer_no_memory(a->q);
	}
	*field = list;
	return list || quantizer_no_memory(a->q);
}

static bool set_beta_one(struct quantizer *q, Onnx__NodeProto *node)
{
	Onnx__AttributeProto **list =
		arena_alloc(&q->model->arena, (node->n_attribute + 1) * sizeof(*list));

	if (!list)
		return quantizer_no_memory(q);
	for (size_t i = 0; i < node->n_attribute; i++) {
		list[i] = node->attribute[i];
		if (!bytes_equal(list[i]->name, "beta"))
			continue;
		list[i] = model_edit_attribute(q->model, list[i]);
		if (!list[i])
			return quantizer_no_memory(q);
		list[i]->f = 1.0f;
	}
	node->attribute = list;
	return true;
}

static bool beta_changes(const struct quantizer *q, node_id n)
{
	const Onnx__AttributeProto *beta;

	if (!(q->marks->node_flags[n] & NODE_BETA_ONE))
		return false;
	beta = graph_attribute(q->graph, n, "beta");
	return beta && beta->f != 1.0f;
}

static bool old_node(struct assembly *a, node_id n, Onnx__NodeProto **out)
{
	struct quantizer *q = a->q;
	const struct graph_node *node = &q->graph->nodes[n];
	bool inputs = slots_changed(q, node->first_input, node->input_count);
	bool outputs = slots_changed(q, node->first_output, node->output_count);
	bool beta = beta_changes(q, n);

	*out = (Onnx__NodeProto *)node->proto;
	if (q->rebuilt && q->rebuilt[n])
		*out = q->rebuilt[n];
	if (!inputs && !outputs && !beta)
		return true;
	*out = model_edit_node(q->model, *out);
	if (!*out)
		return quantizer_no_memory(q);
	if (inputs && !set_slots(a, node->first_input, node->input_count, &(*out)->input))
		return false;
	if (outputs &&
		!set_slots(a, node->first_output, node->output_count, &(*out)->output))
		return false;
	return !beta || set_beta_one(q, *out);
}

/* ---- new nodes */

static bool add_attributes(
	struct quantizer *q, const struct new_node *node, Onnx__NodeProto *proto)
{
	if (node->kind == NEW_CAST)
		return model_add_int_attribute(
			q->model, proto, "to", ELEMENT_FLOAT16, q->err);
	if (node->axis >= 0 &&
		!model_add_int_attribute(q->model, proto, "axis", node->axis, q->err))
		return false;
	return !node->block || model_add_int_attribute(q->model, proto, "block_size",
				       node->block, q->err);
}

static bool new_node(
	struct assembly *a, const struct new_node *node, Onnx__NodeProto **out)
{
	static const char *const ops[] = {"QuantizeLinear", "DequantizeLinear", "Cast"};
	struct quantizer *q = a->q;
	size_t inputs = new_node_inputs(node);
	Onnx__NodeProto *proto =
		model_new_node(q->model, ops[node->kind], NULL, inputs, 1);

	*out = proto;
	if (!proto)
		return quantizer_no_memory(q);
	proto->has_name = 1;
	proto->name = bytes_of(a, node->name);
	if (!proto->name.data)
		return quantizer_no_memory(q);
	if (q->contrib && node->kind != NEW_CAST) {
		proto->has_domain = 1;
		proto->domain = q->contrib_domain;
	}
	return set_slots(a, node->first_slot, inputs, &proto->input) &&
	       set_slots(a, node->first_slot + (uint32_t)inputs, 1, &proto->output) &&
	       add_attributes(q, node, proto);
}

static bool set_nodes(struct assembly *a)
{
	struct quantizer *q = a->q;
	uint32_t *order;
	size_t count;
	Onnx__NodeProto **nodes = NULL;
	bool ok = quantizer_sort(q, &order, &count);

	if (ok)
		nodes = arena_alloc(&q->model->arena, (count + 1) * sizeof(*nodes));
	ok = ok && (nodes || quantizer_no_memory(q));
	for (size_t i = 0; ok && i < count; i++) {
		uint32_t node = order[i], main_nodes = q->graph->main_nodes;

		ok = node < main_nodes ? old_node(a, node, &nodes[i])
				       : new_node(a, &q->wiring.nodes[node - main_nodes],
						 &nodes[i]);
	}
	free(order);
	if (!ok)
		return false;
	q->model->proto->graph->node = nodes;
	q->model->proto->graph->n_node = count;
	return true;
}

/* ---- lists of the graph */

static bool set_initializers(struct quantizer *q)
{
	Onnx__GraphProto *graph = q->model->proto->graph;
	Onnx__TensorProto **list = arena_alloc(
		&q->model->arena, (q->initializers.count + 1) * sizeof(*list));
	size_t count = 0;

	if (!list)
		return quantizer_no_memory(q);
	for (size_t i = 0; i < q->initializers.count; i++) {
		if (!q->initializers.items[i].removed)
			list[count++] =
				(Onnx__TensorProto *)q->initializers.items[i].proto;
	}
	graph->initializer = list;
	graph->n_initializer = count;
	return true;
}

/* Keeps the entries that `keep` says; *dropped is how many went. */
static bool filter(struct quantizer *q, Onnx__ValueInfoProto ***field, size_t *n,
	bool (*keep)(const struct quantizer *, text_id), size_t *dropped)
{
	Onnx__ValueInfoProto **list =
		arena_alloc(&q->model->arena, (*n + 1) * sizeof(*list));
	size_t count = 0;

	if (!list)
		return quantizer_no_memory(q);
	for (size_t i = 0; i < *n; i++) {
		ProtobufCBinaryData name = (*field)[i]->name;
		name_id id =
			names_find(&q->graph->names, (const char *)name.data, name.len);

		if (id != NAME_NONE && keep(q, id))
			list[count++] = (*field)[i];
	}
	*dropped = *n - count;
	*field = list;
	*n = count;
	return true;
}

static bool is_kept_input(const struct quantizer *q, text_id name)
{
	return !quantizer_input_is_dropped(q, name);
}

static bool is_still_there(const struct quantizer *q, text_id name)
{
	const struct text_info *text = &q->wiring.texts[name];

	return text->readers != NO_LINK || text->writers != NO_LINK ||
	       (text->flags & (TEXT_OUTPUT | TEXT_KEPT));
}

static bool set_value_infos(struct quantizer *q)
{
	Onnx__GraphProto *graph = q->model->proto->graph;
	size_t dropped;

	if (!filter(q, &graph->input, &graph->n_input, is_kept_input, &dropped))
		return false;
	if (q->compatible)
		return true;
	if (!filter(q, &graph->value_info, &graph->n_value_info, is_still_there,
		    &dropped))
		return false;
	return !dropped || quantizer_note(q, "Q29", PROBLEM_NOWHERE, PROBLEM_NOWHERE, "",
				   "value_info of tensors that are gone was dropped");
}

/* ---- the model */

static Onnx__StringStringEntryProto *new_entry(
	struct quantizer *q, const char *key, const char *value)
{
	Onnx__StringStringEntryProto *entry =
		arena_alloc(&q->model->arena, sizeof(*entry));

	if (!entry)
		return NULL;
	onnx__string_string_entry_proto__init(entry);
	entry->has_key = entry->has_value = 1;
	entry->key = model_bytes(q->model, key, strlen(key));
	entry->value = model_bytes(q->model, value, strlen(value));
	return entry->key.data && entry->value.data ? entry : NULL;
}

/* The mark of ONNX Runtime's shape inference comes first, unless the key is there. */
static bool add_metadata(struct quantizer *q)
{
	static const char key[] = "onnx.infer";
	Onnx__ModelProto *model = q->model->proto;
	size_t count = model->n_metadata_props;
	Onnx__StringStringEntryProto **list;

	for (size_t i = 0; i < count; i++) {
		if (bytes_equal(model->metadata_props[i]->key, key))
			return true;
	}
	list = arena_alloc(&q->model->arena, (count + 1) * sizeof(*list));
	if (!list)
		return quantizer_no_memory(q);
	list[0] = new_entry(q, key, "onnxruntime.quant");
	if (!list[0])
		return quantizer_no_memory(q);
	if (count)
		memcpy(list + 1, model->metadata_props, count * sizeof(*list));
	model->metadata_props = list;
	model->n_metadata_props = count + 1;
	return true;
}

/* com.microsoft version 1: an import that is there gets it, else one is appended. */
static bool add_import(struct quantizer *q)
{
	Onnx__ModelProto *model = q->model->proto;
	size_t count = model->n_opset_import, at = 0;
	Onnx__OperatorSetIdProto **list, *import;

	if (!q->contrib)
		return true;
	list = arena_alloc(&q->model->arena, (count + 1) * sizeof(*list));
	import = arena_alloc(&q->model->arena, sizeof(*import));
	if (!list || !import)
		return quantizer_no_memory(q);
	if (count)
		memcpy(list, model->opset_import, count * sizeof(*list));
	while (at < count && !bytes_equal(list[at]->domain, "com.microsoft"))
		at++;
	onnx__operator_set_id_proto__init(import);
	if (at < count)
		*import = *list[at];
	import->has_domain = import->has_version = 1;
	import->domain = q->contrib_domain;
	import->version = 1;
	list[at] = import;
	model->opset_import = list;
	model->n_opset_import = at < count ? count : count + 1;
	return true;
}

static bool set_header(struct quantizer *q)
{
	Onnx__ModelProto *model = q->model->proto;

	model->has_producer_name = model->has_producer_version = 1;
	model->producer_name = model_bytes(q->model, "onnx.quantize", 13);
	model->producer_version = model_bytes(q->model, "0.1.0", 5);
	if (!model->producer_name.data || !model->producer_version.data)
		return quantizer_no_memory(q);
	if (q->compatible || model->ir_version >= q->ir)
		return true;
	return model_raise_ir(q->model, q->ir, q->err) &&
	       quantizer_note(q, "Q21", PROBLEM_NOWHERE, PROBLEM_NOWHERE, "",
		       q->ir == 4 ? IR_RAISED_TO_4
				  : "IR version raised to 10, which has 4-bit types");
}

bool quantizer_assemble(struct quantizer *q)
{
	struct assembly a = {.q = q};
	size_t texts = (size_t)q->graph->names.count + q->wiring.own.count;
	bool ok;

	a.bytes = calloc(texts + 1, sizeof(*a.bytes));
	q->contrib_domain = model_bytes(q->model, "com.microsoft", 13);
	ok = (a.bytes && q->contrib_domain.data) || quantizer_no_memory(q);
	ok = ok && set_nodes(&a) && set_initializers(q) && set_value_infos(q) &&
	     add_metadata(q) && add_import(q) && set_header(q);
	free(a.bytes);
	return ok;
}
