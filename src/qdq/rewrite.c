#include "qdq/rewrite.h"

#include "qdq/float_model.h"
#include "qdq/rewrite_parts.h"

#include <stdlib.h>
#include <string.h>

static const Onnx__NodeProto *node_now(const struct rewriting *r, node_id n)
{
	return r->nodes[n] ? r->nodes[n] : r->file->nodes[n].proto;
}

/* True if the slot still reads the tensor that it reads in the file. */
static bool still_reads(const struct rewriting *r, const struct graph_reader *reader)
{
	const Onnx__NodeProto *old, *now;

	if (!graph_is_main(r->file, reader->node))
		return true;
	if (r->fates[reader->node] == FATE_GONE)
		return false;
	old = r->file->nodes[reader->node].proto;
	now = node_now(r, reader->node);
	return now == old ||
	       now->input[reader->slot].data == old->input[reader->slot].data;
}

/* A constant of groups that lost its last reader. */
static bool is_left(const struct rewriting *r, tensor_id t)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(r->file, t, &count);

	if (!float_model_drops(r->qdq, t))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (still_reads(r, &readers[i]))
			return false;
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct inserted *const *x = a, *const *y = b;

	if ((*x)->after != (*y)->after)
		return (*x)->after < (*y)->after ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static const struct inserted **sort_inserted(struct rewriting *r)
{
	const struct inserted **list =
		arena_alloc(&r->model->arena, (r->inserted.count + 1) * sizeof(*list));

	for (size_t i = 0; list && i < r->inserted.count; i++)
		list[i] = &r->inserted.items[i];
	if (list)
		qsort(list, r->inserted.count, sizeof(*list), by_place);
	return list;
}

static bool is_unread_constant(const struct rewriting *r, node_id n)
{
	tensor_id out = graph_output_of(r->file, n, 0);

	return out != GRAPH_NONE && (r->file->tensors[out].flags & TENSOR_CONSTANT) &&
	       is_left(r, out);
}

static bool set_nodes(struct rewriting *r)
{
	const struct inserted **inserted = sort_inserted(r);
	size_t room = (size_t)r->file->main_nodes + r->inserted.count + 1, count = 0;
	Onnx__NodeProto **list = arena_alloc(&r->model->arena, room * sizeof(*list));
	size_t at = 0;

	if (!list || !inserted)
		return rewriting_no_memory(r);
	for (node_id n = 0; n < r->file->main_nodes; n++) {
		if (is_unread_constant(r, n))
			r->fates[n] = FATE_GONE;
		if (r->fates[n] == FATE_STAYS)
			list[count++] = (Onnx__NodeProto *)node_now(r, n);
		for (; at < r->inserted.count && inserted[at]->after == n; at++)
			list[count++] = inserted[at]->proto;
	}
	r->model->proto->graph->node = list;
	r->model->proto->graph->n_node = count;
	return true;
}

static tensor_id tensor_named(const struct rewriting *r, ProtobufCBinaryData name)
{
	return graph_find_tensor(r->file, (const char *)name.data, name.len);
}

static bool set_initializers(struct rewriting *r)
{
	Onnx__GraphProto *graph = r->model->proto->graph;
	size_t room = graph->n_initializer + r->added.count + 1, count = 0;
	Onnx__TensorProto **list = arena_alloc(&r->model->arena, room * sizeof(*list));

	if (!list)
		return rewriting_no_memory(r);
	for (size_t i = 0; i < graph->n_initializer; i++) {
		tensor_id t = tensor_named(r, graph->initializer[i]->name);

		if (t != GRAPH_NONE && is_left(r, t))
			continue;
		list[count++] = t != GRAPH_NONE && r->tensors[t] ? r->tensors[t]
								 : graph->initializer[i];
	}
	for (size_t i = 0; i < r->added.count; i++)
		list[count++] = r->added.items[i];
	graph->initializer = list;
	graph->n_initializer = count;
	return true;
}

/* ---- declarations */

/* The element type that a tensor of the file has now; 0 if it is as it was. */
static int32_t element_now(const struct rewriting *r, tensor_id t)
{
	const struct qdq_member *at = &r->qdq->of_tensor[t];
	node_id producer = r->file->tensors[t].producer;
	const struct wish *wish;
	bool again;

	if (r->tensors[t])
		return r->tensors[t]->data_type;
	if (at->side != SIDE_INTEGER || producer == GRAPH_NONE)
		return 0;
	wish = &r->wishes[at->group];
	again = r->qdq->of_node[producer].role == ROLE_Q_AGAIN;
	if (!(again ? wish->converted_changed : wish->own_changed))
		return 0;
	return qtypes[again ? wish->converted.type : wish->own.type].element_type;
}

static Onnx__ValueInfoProto *retype(
	struct rewriting *r, const Onnx__ValueInfoProto *info, int32_t element)
{
	Onnx__ValueInfoProto *copy = model_edit_value_info(r->model, info);
	Onnx__TypeProto *type = arena_alloc(&r->model->arena, sizeof(*type));
	Onnx__TypeProto__Tensor *tensor = arena_alloc(&r->model->arena, sizeof(*tensor));

	if (!copy || !type || !tensor) {
		rewriting_no_memory(r);
		return NULL;
	}
	*type = *info->type;
	*tensor = *info->type->tensor_type;
	tensor->has_elem_type = 1;
	tensor->elem_type = element;
	type->tensor_type = tensor;
	copy->type = type;
	return copy;
}

static bool is_written(const struct rewriting *r, tensor_id t)
{
	node_id producer = r->file->tensors[t].producer;

	if (producer != GRAPH_NONE && graph_is_main(r->file, producer))
		return r->fates[producer] != FATE_GONE;
	return !is_left(r, t);
}

static bool set_declarations(
	struct rewriting *r, Onnx__ValueInfoProto ***field, size_t *n)
{
	Onnx__ValueInfoProto **list =
		arena_alloc(&r->model->arena, (*n + 1) * sizeof(*list));
	size_t count = 0;

	if (!list)
		return rewriting_no_memory(r);
	for (size_t i = 0; i < *n; i++) {
		Onnx__ValueInfoProto *info = (*field)[i];
		tensor_id t = tensor_named(r, info->name);
		int32_t element = t == GRAPH_NONE ? 0 : element_now(r, t);

		if (t != GRAPH_NONE && !is_written(r, t))
			continue;
		list[count] = info;
		if (element && info->type && info->type->tensor_type &&
			info->type->tensor_type->elem_type != element)
			list[count] = retype(r, info, element);
		if (!list[count++])
			return false;
	}
	*field = list;
	*n = count;
	return true;
}

static bool note_contrib(struct rewriting *r)
{
	return problem_add(r->notes, SEVERITY_NOTE, "domain", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, "",
		       "Q and DQ of types that the opset does not have are of "
		       "com.microsoft",
		       "") ||
	       rewriting_no_memory(r);
}

static bool set_imports(struct rewriting *r)
{
	Onnx__ModelProto *model = r->model->proto;
	size_t count = model->n_opset_import;
	Onnx__OperatorSetIdProto **list, *import;

	if (!r->contrib)
		return true;
	if (!note_contrib(r))
		return false;
	if (model_domain_version(r->view->input, "com.microsoft"))
		return true;
	list = arena_alloc(&r->model->arena, (count + 1) * sizeof(*list));
	import = arena_alloc(&r->model->arena, sizeof(*import));
	if (!list || !import)
		return rewriting_no_memory(r);
	if (count)
		memcpy(list, model->opset_import, count * sizeof(*list));
	onnx__operator_set_id_proto__init(import);
	import->has_domain = import->has_version = 1;
	import->domain = model_bytes(r->model, "com.microsoft", 13);
	import->version = 1;
	list[count] = import;
	model->opset_import = list;
	model->n_opset_import = count + 1;
	return import->domain.data || rewriting_no_memory(r);
}

/* ---- what was done */

static void count_changes(struct rewriting *r)
{
	struct qdq_changes *changes = r->changes;
	struct quantize_result *whole = &changes->whole;
	const Onnx__GraphProto *graph = r->model->proto->graph;

	for (size_t i = 0; i < r->qdq->groups.count; i++) {
		const struct wish *wish = &r->wishes[i];
		enum qdq_kind kind = rewriting_group(r, (uint32_t)i)->kind;

		changes->tensors += kind != QDQ_BIAS && wish->own_changed;
		changes->conversions += wish->moves || wish->converted_changed;
		whole->conversions += wish->converted.count > 0;
		whole->weights += kind == QDQ_WEIGHT || kind == QDQ_FLOAT_WEIGHT;
		whole->biases += kind == QDQ_BIAS;
	}
	for (size_t i = 0; i < graph->n_node; i++) {
		const Onnx__NodeProto *node = graph->node[i];

		whole->quantize_nodes += bytes_equal(node->op_type, "QuantizeLinear");
		whole->dequantize_nodes += bytes_equal(node->op_type, "DequantizeLinear");
		whole->contrib_domain |= bytes_equal(node->domain, "com.microsoft") &&
					 bytes_equal(node->op_type, "QuantizeLinear");
	}
}

/* ---- */

/* The file's own messages, in a model that knows the makers of the float model. */
static bool start(struct rewriting *r)
{
	const struct graph *g = r->file;
	Onnx__GraphProto *graph;

	r->model = model_derive(r->view->named, r->err);
	if (!r->model)
		return false;
	graph = r->model->proto->graph;
	*r->model->proto = *r->view->input->proto;
	*graph = *r->view->input->proto->graph;
	graph->has_src_offset = graph->has_src_length = 0;
	r->model->proto->graph = graph;
	r->nodes = calloc((size_t)g->main_nodes + 1, sizeof(*r->nodes));
	r->fates = calloc((size_t)g->main_nodes + 1, sizeof(*r->fates));
	r->tensors = calloc((size_t)g->tensor_count + 1, sizeof(*r->tensors));
	if (!r->nodes || !r->fates || !r->tensors)
		return rewriting_no_memory(r);
	r->parameters = parameters_make(r->view->graph, r->plan->options,
		&r->outcome->entries, r->plan->ranges, NULL, r->err);
	return r->parameters;
}

static bool run(struct rewriting *r)
{
	Onnx__GraphProto *graph;

	if (!start(r) || !rewriting_wish(r) || !rewriting_wish_biases(r) ||
		!rewriting_set_numbers(r) || !rewriting_set_constants(r) ||
		!rewriting_set_conversions(r))
		return false;
	graph = r->model->proto->graph;
	if (!set_nodes(r) || !set_initializers(r) ||
		!set_declarations(r, &graph->input, &graph->n_input) ||
		!set_declarations(r, &graph->value_info, &graph->n_value_info) ||
		!set_imports(r))
		return false;
	count_changes(r);
	r->model->base = r->view->input;
	return true;
}

static void release(struct rewriting *r)
{
	parameters_free(r->parameters);
	weights_release(&r->weights);
	free(r->changed_weights.marks);
	free(r->wishes);
	free(r->nodes);
	free(r->fates);
	free(r->tensors);
	ARRAY_RELEASE(&r->inserted);
	ARRAY_RELEASE(&r->added);
	names_clear(&r->taken);
}

struct model *qdq_rewrite(const struct qdq_view *view, const struct plan *plan,
	const struct outcome *outcome, struct qdq_changes *changes,
	struct problem_list *notes, struct error *err)
{
	struct rewriting r = {.view = view,
		.qdq = view->qdq,
		.file = view->file,
		.plan = plan,
		.outcome = outcome,
		.changes = changes,
		.notes = notes,
		.err = err};
	bool done;

	*changes = (struct qdq_changes){0};
	done = run(&r);
	release(&r);
	if (done)
		return r.model;
	model_free(r.model);
	return NULL;
}
