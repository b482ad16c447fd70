#include "job/keep_types.h"

#include "base/text.h"

#include <string.h>

/* Runs of onnx's inference up to the conversion: on loading and by the converter. */
enum { SWEEPS = 2 };

static Onnx__ValueInfoProto *new_info(
	struct model *model, const struct graph *graph, tensor_id tensor)
{
	struct typed {
		Onnx__ValueInfoProto value;
		Onnx__TypeProto type;
		Onnx__TypeProto__Tensor tensor;
	} *made = arena_alloc(&model->arena, sizeof(*made));
	name_id name = graph->tensors[tensor].name;

	if (!made)
		return NULL;
	onnx__value_info_proto__init(&made->value);
	onnx__type_proto__init(&made->type);
	onnx__type_proto__tensor__init(&made->tensor);
	made->value.has_name = 1;
	made->value.name = model_bytes(model, names_text(&graph->names, name),
		names_length(&graph->names, name));
	made->value.type = &made->type;
	made->type.tensor_type = &made->tensor;
	made->tensor.has_elem_type = 1;
	made->tensor.elem_type = graph->tensors[tensor].element_type;
	return made->value.name.data ? &made->value : NULL;
}

static bool is_told(const struct graph_tensor *tensor)
{
	return tensor->producer != GRAPH_NONE && tensor->element_type &&
	       !(tensor->flags & TENSOR_DECLARED);
}

static bool add_infos(struct model *model, const struct graph *graph)
{
	Onnx__GraphProto *proto = model->proto->graph;
	size_t room = proto->n_value_info + graph->main_tensors;
	Onnx__ValueInfoProto **all =
		arena_alloc(&model->arena, (room + 1) * sizeof(Onnx__ValueInfoProto *));

	if (!all)
		return false;
	if (proto->n_value_info)
		memcpy(all, proto->value_info,
			proto->n_value_info * sizeof(Onnx__ValueInfoProto *));
	proto->value_info = all;
	for (tensor_id t = 0; t < graph->main_tensors; t++) {
		if (!is_told(&graph->tensors[t]))
			continue;
		all[proto->n_value_info] = new_info(model, graph, t);
		if (!all[proto->n_value_info])
			return false;
		proto->n_value_info++;
	}
	return true;
}

struct model *keep_types(const struct model *base, struct error *err)
{
	struct graph *graph = graph_build_swept(base, SWEEPS, err);
	struct model *model = graph ? model_derive(base, err) : NULL;
	bool ok = model && add_infos(model, graph);

	graph_free(graph);
	if (ok)
		return model;
	if (model)
		error_set_memory(err, text_path(base->path));
	model_free(model);
	return NULL;
}
