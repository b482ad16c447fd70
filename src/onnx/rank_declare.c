/* Writing what was inferred into the inputs and outputs of a model's graphs. */
#include "onnx/rank_state.h"

#include "base/text.h"

#include <string.h>

/* The types of declarations, by the declaration's address. */
struct declaring {
	const struct rank_run *run;
	struct model *model;
	struct names infos; /* pointers to ValueInfoProto ... */
	struct found_list ARRAY_OF(const struct known_shape *) found; /* ... theirs */
};

static bool add(struct declaring *d, const Onnx__ValueInfoProto *info,
	const struct known_shape *shape)
{
	name_id id;

	if (!ARRAY_ROOM(&d->found, 1))
		return false;
	id = names_add(&d->infos, (const char *)&info, sizeof(info));
	if (id != NAME_NONE && id == d->found.count)
		d->found.items[d->found.count++] = shape;
	return id != NAME_NONE;
}

static const struct rank_value *value_of(
	const struct ranks *ranks, const Onnx__ValueInfoProto *info)
{
	name_id id =
		names_find(&ranks->names, (const char *)info->name.data, info->name.len);

	return id == NAME_NONE ? NULL : &ranks->values.items[id];
}

/* A type of which nothing is known is written as an empty one. */
static const struct known_shape open_type = RANK_NOTHING;

/* An input that is an output too keeps what it was given. */
static bool add_input(
	struct declaring *d, const struct ranks *ranks, const Onnx__ValueInfoProto *info)
{
	const struct rank_value *value = value_of(ranks, info);

	if (value && value->shadow && value->shadow->has_input)
		return add(d, info, &value->shadow->input);
	if (value && value->is_open)
		return add(d, info, &open_type);
	return !value || !value->has_type || value->source != RANK_BY_INPUT ||
	       add(d, info, &value->now);
}

static bool collect(struct declaring *d)
{
	for (const struct ranks *ranks = d->run->all; ranks; ranks = ranks->next) {
		const Onnx__GraphProto *graph = ranks->graph;

		for (size_t i = 0; i < graph->n_input; i++)
			if (!add_input(d, ranks, graph->input[i]))
				return false;
		for (size_t i = 0; i < graph->n_output; i++) {
			const struct rank_value *value =
				value_of(ranks, graph->output[i]);

			if (value && (value->has_type || value->is_open) &&
				!add(d, graph->output[i],
					value->is_open ? &open_type : &value->now))
				return false;
		}
	}
	return true;
}

/* ---- types */

static void *copy_of(struct declaring *d, const void *message, size_t size)
{
	void *copy = arena_alloc(&d->model->arena, size);

	return copy && message ? memcpy(copy, message, size) : copy;
}

static Onnx__TensorShapeProto__Dimension *new_dim(struct declaring *d, int64_t extent)
{
	Onnx__TensorShapeProto__Dimension *dim = copy_of(d, NULL, sizeof(*dim));
	const char *name;

	if (!dim)
		return NULL;
	onnx__tensor_shape_proto__dimension__init(dim);
	if (extent == RANK_UNKNOWN)
		return dim;
	if (extent >= 0 || rank_symbol_value(d->run, extent, &dim->dim_value, &name)) {
		dim->has_dim_value = 1;
		dim->dim_value = extent >= 0 ? extent : dim->dim_value;
		return dim;
	}
	dim->has_dim_param = 1;
	dim->dim_param = model_bytes(d->model, name, strlen(name));
	return dim->dim_param.data ? dim : NULL;
}

static bool same_dim(const struct declaring *d,
	const Onnx__TensorShapeProto__Dimension *dim, int64_t extent)
{
	const char *name;
	int64_t value;

	if (extent == RANK_UNKNOWN)
		return true;
	if (extent >= 0)
		return dim->has_dim_value && dim->dim_value == extent;
	if (rank_symbol_value(d->run, extent, &value, &name))
		return dim->has_dim_value;
	return dim->has_dim_param && bytes_equal(dim->dim_param, name);
}

static bool same_shape(const struct declaring *d, const Onnx__TensorShapeProto *shape,
	const struct known_shape *found)
{
	if (found->rank < 0)
		return true;
	if (!shape || (int64_t)shape->n_dim != found->rank)
		return false;
	for (size_t i = 0; found->dims && i < shape->n_dim; i++)
		if (!same_dim(d, shape->dim[i], found->dims[i]))
			return false;
	return true;
}

static Onnx__TensorShapeProto *new_shape(struct declaring *d,
	const Onnx__TensorShapeProto *old, const struct known_shape *found)
{
	Onnx__TensorShapeProto *shape = copy_of(d, old, sizeof(*shape));
	size_t rank = (size_t)found->rank;

	if (!shape)
		return NULL;
	if (!old)
		onnx__tensor_shape_proto__init(shape);
	shape->dim = arena_zalloc(&d->model->arena, rank + 1, sizeof(*shape->dim));
	shape->n_dim = rank;
	for (size_t i = 0; shape->dim && i < rank; i++) {
		int64_t extent = found->dims ? found->dims[i] : RANK_UNKNOWN;

		if (old && same_dim(d, old->dim[i], extent))
			shape->dim[i] = old->dim[i];
		else
			shape->dim[i] = new_dim(d, extent);
		if (!shape->dim[i])
			return NULL;
	}
	return shape->dim ? shape : NULL;
}

static Onnx__TypeProto *new_type(struct declaring *d, const Onnx__TypeProto *old)
{
	Onnx__TypeProto *type = copy_of(d, old, sizeof(*type));

	if (type && !old)
		onnx__type_proto__init(type);
	return type;
}

/* The tensor in a type, as found. *out is `old` if that says it already. */
static bool put_tensor(struct declaring *d, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	Onnx__TypeProto__Tensor *before = old ? old->tensor_type : NULL, *tensor;

	*out = old;
	if (before && (!found->type || before->elem_type == found->type) &&
		same_shape(d, before->shape, found))
		return true;
	*out = new_type(d, old);
	tensor = copy_of(d, before, sizeof(*tensor));
	if (!*out || !tensor)
		return false;
	if (!before)
		onnx__type_proto__tensor__init(tensor);
	(*out)->tensor_type = tensor;
	if (found->type) {
		tensor->has_elem_type = 1;
		tensor->elem_type = found->type;
	}
	if (same_shape(d, tensor->shape, found))
		return true;
	tensor->shape = new_shape(d, tensor->shape, found);
	return tensor->shape;
}

static bool put_sequence(struct declaring *d, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	Onnx__TypeProto__Sequence *before = old ? old->sequence_type : NULL, *sequence;
	Onnx__TypeProto *inner = before ? before->elem_type : NULL;

	if (!put_tensor(d, inner, found, &inner))
		return false;
	*out = old;
	if (before && inner == before->elem_type)
		return true;
	*out = new_type(d, old);
	sequence = copy_of(d, before, sizeof(*sequence));
	if (!*out || !sequence)
		return false;
	if (!before)
		onnx__type_proto__sequence__init(sequence);
	sequence->elem_type = inner;
	(*out)->sequence_type = sequence;
	return true;
}

static bool put_optional(struct declaring *d, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	Onnx__TypeProto__Optional *before = old ? old->optional_type : NULL, *optional;
	Onnx__TypeProto *inner = before ? before->elem_type : NULL;

	if (found->kind == RANK_OPTIONAL ? !put_tensor(d, inner, found, &inner)
					 : !put_sequence(d, inner, found, &inner))
		return false;
	*out = old;
	if (before && inner == before->elem_type)
		return true;
	*out = new_type(d, old);
	optional = copy_of(d, before, sizeof(*optional));
	if (!*out || !optional)
		return false;
	if (!before)
		onnx__type_proto__optional__init(optional);
	optional->elem_type = inner;
	(*out)->optional_type = optional;
	return true;
}

static bool put_type(struct declaring *d, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	*out = old;
	switch (found->kind) {
	case RANK_TENSOR:
		if (!rank_is_nothing(found))
			return put_tensor(d, old, found, out);
		*out = old ? old : new_type(d, NULL);
		return *out;
	case RANK_SEQUENCE:
		return put_sequence(d, old, found, out);
	case RANK_OPTIONAL:
	case RANK_OPTIONAL_SEQUENCE:
		return put_optional(d, old, found, out);
	case RANK_SPARSE:
	case RANK_OTHER:
		break;
	}
	return true;
}

/* ---- graphs */

static bool put_infos(
	struct declaring *d, Onnx__ValueInfoProto ***infos, size_t count, bool *changed)
{
	Onnx__ValueInfoProto **list = NULL;

	for (size_t i = 0; i < count; i++) {
		Onnx__ValueInfoProto *info = (*infos)[i];
		name_id id = names_find(&d->infos, (const char *)&info, sizeof(info));
		Onnx__TypeProto *type;

		if (id == NAME_NONE)
			continue;
		if (!put_type(d, info->type, d->found.items[id], &type))
			return false;
		if (type == info->type)
			continue;
		if (!list) {
			list = copy_of(d, NULL, count * sizeof(*list));
			if (!list)
				return false;
			memcpy(list, *infos, count * sizeof(*list));
			*infos = list;
		}
		list[i] = model_edit_value_info(d->model, info);
		if (!list[i])
			return false;
		list[i]->type = type;
		*changed = true;
	}
	return true;
}

static bool put_graph(
	struct declaring *d, Onnx__GraphProto *graph, Onnx__GraphProto **out);

/* A node whose graphs changed becomes a new one. */
static bool put_node(struct declaring *d, Onnx__NodeProto *node, Onnx__NodeProto **out)
{
	*out = node;
	for (size_t i = 0; i < node->n_attribute; i++) {
		Onnx__AttributeProto *attribute = node->attribute[i], *copy;
		Onnx__GraphProto *graph;

		if (!attribute->g)
			continue;
		if (!put_graph(d, attribute->g, &graph))
			return false;
		if (graph == attribute->g)
			continue;
		copy = model_edit_attribute(d->model, attribute);
		if (*out == node) {
			size_t size = node->n_attribute * sizeof(*node->attribute);

			*out = model_edit_node(d->model, node);
			if (!*out)
				return false;
			(*out)->attribute = copy_of(d, node->attribute, size);
		}
		if (!copy || !(*out)->attribute)
			return false;
		copy->g = graph;
		(*out)->attribute[i] = copy;
	}
	return true;
}

/* Changes a graph that is the model's own. */
static bool put_into(struct declaring *d, Onnx__GraphProto *graph, bool *changed)
{
	Onnx__NodeProto **list = NULL;

	if (!put_infos(d, &graph->input, graph->n_input, changed) ||
		!put_infos(d, &graph->output, graph->n_output, changed))
		return false;
	for (size_t i = 0; i < graph->n_node; i++) {
		Onnx__NodeProto *node;

		if (!put_node(d, graph->node[i], &node))
			return false;
		if (node == graph->node[i])
			continue;
		if (!list) {
			size_t size = graph->n_node * sizeof(*list);

			list = copy_of(d, graph->node, size);
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
	struct declaring *d, Onnx__GraphProto *graph, Onnx__GraphProto **out)
{
	Onnx__GraphProto *copy = model_edit_graph(d->model, graph);
	bool changed = false;

	if (!copy || !put_into(d, copy, &changed))
		return false;
	*out = changed ? copy : graph;
	return true;
}

bool rank_declare(const struct rank_run *run, struct model *model, struct error *err)
{
	struct declaring d = {.run = run, .model = model};
	bool changed = false;
	bool ok = collect(&d) && put_into(&d, model->proto->graph, &changed);

	names_clear(&d.infos);
	ARRAY_RELEASE(&d.found);
	return ok || error_set_memory(err, text_path(model->path));
}
