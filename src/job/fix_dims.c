#include "job/fix_dims.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fix {
	const char *name; /* not ended by a NUL */
	size_t length;
	int64_t value;
	uint32_t uses;
};

struct fixing {
	struct model *model;
	struct fix *fixes;
	size_t count;
};

/* ---- what is asked for */

static bool parse_fix(const char *text, struct fix *fix, struct error *err)
{
	const char *equals = strrchr(text, '=');
	char *end;

	if (!equals || equals == text)
		return error_set(err, ERROR_USAGE,
			"--fix-dim %s: NAME=N is wanted; for instance batch=1",
			text_quoted_z(text));
	errno = 0;
	*fix = (struct fix){
		text, (size_t)(equals - text), strtoll(equals + 1, &end, 10), 0};
	if (end == equals + 1 || *end || errno || fix->value < 1)
		return error_set(err, ERROR_USAGE,
			"--fix-dim %s: not a positive number; for instance batch=1",
			text_quoted_z(text));
	return true;
}

static bool parse_all(struct fixing *f, const struct text_list *dims, struct error *err)
{
	f->fixes = calloc(dims->count, sizeof(*f->fixes));
	if (!f->fixes)
		return error_set_memory(err, "--fix-dim");
	for (size_t i = 0; i < dims->count; i++) {
		struct fix *fix = &f->fixes[i];

		if (!parse_fix(dims->items[i], fix, err))
			return false;
		for (size_t k = 0; k < i; k++) {
			if (f->fixes[k].length == fix->length &&
				!memcmp(f->fixes[k].name, fix->name, fix->length))
				return error_set(err, ERROR_USAGE,
					"--fix-dim %s: this dimension is given twice; "
					"leave one out",
					text_quoted_z(dims->items[i]));
		}
	}
	f->count = dims->count;
	return true;
}

static struct fix *find_fix(
	const struct fixing *f, const Onnx__TensorShapeProto__Dimension *dim)
{
	for (size_t i = 0; dim->has_dim_param && i < f->count; i++) {
		if (f->fixes[i].length == dim->dim_param.len &&
			!memcmp(f->fixes[i].name, dim->dim_param.data,
				dim->dim_param.len))
			return &f->fixes[i];
	}
	return NULL;
}

/* ---- shapes and types: copied where something in them changes */

static void *copy(struct fixing *f, const void *message, size_t size)
{
	void *result = arena_alloc(&f->model->arena, size);

	return result && size ? memcpy(result, message, size) : result;
}

static bool fix_one(struct fixing *f, Onnx__TensorShapeProto__Dimension **dim)
{
	struct fix *fix = find_fix(f, *dim);

	if (!fix)
		return true;
	*dim = copy(f, *dim, sizeof(**dim));
	if (!*dim)
		return false;
	(*dim)->has_dim_param = 0;
	(*dim)->has_dim_value = 1;
	(*dim)->dim_value = fix->value;
	fix->uses++;
	return true;
}

static bool fix_shape(struct fixing *f, Onnx__TensorShapeProto **shape)
{
	bool found = false;

	for (size_t i = 0; *shape && i < (*shape)->n_dim; i++)
		found |= find_fix(f, (*shape)->dim[i]) != NULL;
	if (!found)
		return true;
	*shape = copy(f, *shape, sizeof(**shape));
	if (*shape)
		(*shape)->dim =
			copy(f, (*shape)->dim, (*shape)->n_dim * sizeof(*(*shape)->dim));
	if (!*shape || !(*shape)->dim)
		return false;
	for (size_t i = 0; i < (*shape)->n_dim; i++) {
		if (!fix_one(f, &(*shape)->dim[i]))
			return false;
	}
	return true;
}

#define FIX_INNER(field, fix_function, inner)                                            \
	if (type->field) {                                                               \
		type->field = copy(f, type->field, sizeof(*type->field));                \
		if (!type->field || !fix_function(f, &type->field->inner))               \
			return false;                                                    \
	}

/* Types nest: a sequence of optional tensors. */
static bool fix_type(struct fixing *f, Onnx__TypeProto **place)
{
	Onnx__TypeProto *type;

	if (!*place)
		return true;
	type = *place = copy(f, *place, sizeof(**place));
	if (!type)
		return false;
	FIX_INNER(tensor_type, fix_shape, shape)
	FIX_INNER(sparse_tensor_type, fix_shape, shape)
	FIX_INNER(sequence_type, fix_type, elem_type)
	FIX_INNER(optional_type, fix_type, elem_type)
	FIX_INNER(map_type, fix_type, value_type)
	return true;
}

/* ---- lists and graphs */

static bool fix_values(struct fixing *f, Onnx__ValueInfoProto ***list, size_t count)
{
	*list = copy(f, *list, count * sizeof(**list));
	if (!*list)
		return false;
	for (size_t i = 0; i < count; i++) {
		Onnx__ValueInfoProto *value = model_edit_value_info(f->model, (*list)[i]);

		if (!value || !fix_type(f, &value->type))
			return false;
		(*list)[i] = value;
	}
	return true;
}

static bool fix_graph(struct fixing *f, Onnx__GraphProto *graph);

static bool fix_subgraph(struct fixing *f, Onnx__GraphProto **place)
{
	*place = model_edit_graph(f->model, *place);
	return *place && fix_graph(f, *place);
}

static bool fix_attribute(struct fixing *f, Onnx__AttributeProto **place)
{
	Onnx__AttributeProto *attribute = *place;

	if (!attribute->g && !attribute->n_graphs)
		return true;
	attribute = *place = model_edit_attribute(f->model, attribute);
	if (!attribute || (attribute->g && !fix_subgraph(f, &attribute->g)))
		return false;
	attribute->graphs = copy(
		f, attribute->graphs, attribute->n_graphs * sizeof(*attribute->graphs));
	if (!attribute->graphs)
		return false;
	for (size_t i = 0; i < attribute->n_graphs; i++) {
		if (!fix_subgraph(f, &attribute->graphs[i]))
			return false;
	}
	return true;
}

static bool has_subgraph(const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_attribute; i++) {
		if (node->attribute[i]->g || node->attribute[i]->n_graphs)
			return true;
	}
	return false;
}

static bool fix_node(struct fixing *f, Onnx__NodeProto **place)
{
	Onnx__NodeProto *node = *place;

	if (!has_subgraph(node))
		return true;
	node = *place = model_edit_node(f->model, node);
	if (node)
		node->attribute = copy(
			f, node->attribute, node->n_attribute * sizeof(*node->attribute));
	if (!node || !node->attribute)
		return false;
	for (size_t i = 0; i < node->n_attribute; i++) {
		if (!fix_attribute(f, &node->attribute[i]))
			return false;
	}
	return true;
}

/* `graph` is a copy that may be changed. */
static bool fix_graph(struct fixing *f, Onnx__GraphProto *graph)
{
	if (!fix_values(f, &graph->input, graph->n_input) ||
		!fix_values(f, &graph->output, graph->n_output) ||
		!fix_values(f, &graph->value_info, graph->n_value_info))
		return false;
	graph->node = copy(f, graph->node, graph->n_node * sizeof(*graph->node));
	if (!graph->node)
		return false;
	for (size_t i = 0; i < graph->n_node; i++) {
		if (!fix_node(f, &graph->node[i]))
			return false;
	}
	return true;
}

/* ---- what there is, for the message */

static void append_dims(
	const Onnx__ValueInfoProto *value, char *out, size_t room, size_t *used)
{
	const Onnx__TypeProto *type = value->type;
	const Onnx__TensorShapeProto *shape =
		type && type->tensor_type ? type->tensor_type->shape : NULL;

	for (size_t i = 0; shape && i < shape->n_dim; i++) {
		ProtobufCBinaryData name = shape->dim[i]->dim_param;
		const char *text = text_quoted((const char *)name.data, name.len);

		if (!shape->dim[i]->has_dim_param || !name.len || strstr(out, text) ||
			*used + strlen(text) + 3 > room)
			continue;
		*used += (size_t)snprintf(
			out + *used, room - *used, "%s%s", *used ? ", " : "", text);
	}
}

static bool check_used(const struct fixing *f, struct error *err)
{
	const Onnx__GraphProto *graph = f->model->proto->graph;
	char there[400] = "";
	size_t used = 0;

	for (size_t i = 0; i < graph->n_input; i++)
		append_dims(graph->input[i], there, sizeof(there), &used);
	for (size_t i = 0; i < f->count; i++) {
		const struct fix *fix = &f->fixes[i];

		if (!fix->uses)
			return error_set(err, ERROR_REFUSED,
				"--fix-dim %s: no dimension of the model is called so; "
				"its inputs have %s",
				text_quoted(fix->name, fix->length),
				used ? there : "no other free dimension with a name");
	}
	return true;
}

struct model *fix_dims(const struct model *base, const struct text_list *dims,
	uint32_t *changed, struct error *err)
{
	struct fixing f = {0};
	bool ok = parse_all(&f, dims, err);

	*changed = 0;
	f.model = ok ? model_derive(base, err) : NULL;
	if (f.model && !fix_graph(&f, f.model->proto->graph)) {
		ok = error_set_memory(err, text_path(base->path));
	} else if (f.model) {
		ok = check_used(&f, err);
	}
	for (size_t i = 0; i < f.count; i++)
		*changed += f.fixes[i].uses;
	free(f.fixes);
	if (f.model && ok)
		return f.model;
	model_free(f.model);
	return NULL;
}
