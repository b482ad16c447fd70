#include "infer/state.h"

#include "onnx/external.h"
#include "onnx/tensor.h"

#include <string.h>

static const struct known_shape unknown = INFER_NOTHING;

void *infer_alloc(struct infer_values *known, size_t count, size_t size)
{
	return arena_zalloc(&known->names.arena, count + 1, size);
}

int64_t infer_version(const struct infer_values *known, ProtobufCBinaryData domain)
{
	bool is_default = domain.len == 0 || bytes_equal(domain, "ai.onnx");

	for (size_t i = 0; i < known->imports.count; i++) {
		const Onnx__OperatorSetIdProto *import = known->imports.items[i];
		ProtobufCBinaryData other = import->domain;

		if (is_default ? other.len == 0 || bytes_equal(other, "ai.onnx")
			       : other.len == domain.len &&
					 memcmp(other.data, domain.data, domain.len) == 0)
			return import->version;
	}
	return 0;
}

static struct infer_value *find(
	const struct infer_values *known, ProtobufCBinaryData name)
{
	name_id id = names_find(&known->names, (const char *)name.data, name.len);

	return id == NAME_NONE ? NULL : &known->values.items[id];
}

static void set_dims(struct known_shape *shape, const int64_t *dims, int64_t rank)
{
	shape->rank = rank;
	shape->dims = dims;
	shape->length = rank == 1 && dims ? dims[0] : INFER_UNKNOWN;
}

/* What `over` says where it says something. */
static void override(struct known_shape *shape, const struct known_shape *over)
{
	if (over->type)
		shape->type = over->type;
	if (over->rank < 0)
		return;
	shape->rank = over->rank;
	shape->dims = over->dims;
	shape->length = over->length;
}

struct known_shape infer_converted(const struct infer_value *value)
{
	const struct infer_shadow *shadow = value->shadow;
	struct known_shape shape = value->now;

	if (value->tensor && value->source != INFER_BY_INPUT) {
		set_dims(&shape, value->tensor->dims, (int64_t)value->tensor->n_dims);
		override(&shape, &value->now);
	}
	if (!shadow)
		return shape;
	if (shadow->has_input) {
		shape = shadow->input;
		override(&shape, &value->now);
	}
	if (shadow->has_info)
		override(&shape, &shadow->info);
	return shape;
}

struct known_shape infer_find(const struct infer_values *known, ProtobufCBinaryData name)
{
	const struct infer_value *value = known && name.len ? find(known, name) : NULL;

	if (!value || value->no_value || !value->has_type)
		return unknown;
	return infer_converted(value);
}

struct infer_value *infer_look_up(struct infer_values *known, ProtobufCBinaryData name)
{
	for (; known && name.len; known = known->outer) {
		struct infer_value *value = find(known, name);

		if (value && value->has_type)
			return value;
	}
	return NULL;
}

/* Elements are known only in the graph whose constant it is. */
struct known_shape infer_find_outer(
	const struct infer_values *known, ProtobufCBinaryData name)
{
	const struct infer_value *own = name.len ? find(known, name) : NULL;
	const struct infer_value *value = own;
	struct known_shape shape;

	while (known && name.len && (!value || !value->has_type)) {
		known = known->outer;
		value = known ? find(known, name) : NULL;
	}
	shape = value && value->has_type ? value->now : unknown;
	shape.data = own ? own->now.data : NULL;
	shape.is_constant = own && own->now.is_constant;
	return shape;
}

struct infer_value *infer_entry(struct infer_values *known, ProtobufCBinaryData name)
{
	name_id id = names_add(&known->names, (const char *)name.data, name.len);

	if (id == NAME_NONE || !ARRAY_ROOM(&known->values, 1))
		return NULL;
	if (id == known->values.count)
		known->values.items[known->values.count++] =
			(struct infer_value){.now = unknown};
	return &known->values.items[id];
}

bool infer_import(struct infer_values *known, struct known_shape *shape)
{
	int64_t *dims;

	if (!shape->dims || shape->rank < 0)
		return true;
	dims = infer_alloc(known, (size_t)shape->rank, sizeof(*dims));
	if (dims)
		memcpy(dims, shape->dims, (size_t)shape->rank * sizeof(*dims));
	shape->dims = dims;
	return dims;
}

/* ---- declarations */

static bool read_shape(struct infer_values *known, const Onnx__TensorShapeProto *declared,
	struct known_shape *shape)
{
	int64_t *dims;

	if (!declared)
		return true;
	dims = infer_alloc(known, declared->n_dim, sizeof(*dims));
	for (size_t i = 0; dims && i < declared->n_dim; i++) {
		dims[i] = infer_extent_of(known->run, declared->dim[i]);
		if (dims[i] == INFER_UNKNOWN && declared->dim[i]->has_dim_param)
			return false;
	}
	set_dims(shape, dims, (int64_t)declared->n_dim);
	return dims;
}

static const Onnx__TypeProto *inside(const Onnx__TypeProto *type, enum infer_kind *kind)
{
	bool is_optional = type->optional_type != NULL;

	if (is_optional) {
		*kind = INFER_OPTIONAL;
		type = type->optional_type->elem_type;
	}
	if (type && type->sequence_type) {
		*kind = is_optional ? INFER_OPTIONAL_SEQUENCE : INFER_SEQUENCE;
		type = type->sequence_type->elem_type;
	}
	if (type && !type->tensor_type &&
		(type->sequence_type || type->optional_type || type->map_type ||
			type->opaque_type || (type->sparse_tensor_type && *kind)))
		*kind = INFER_OTHER;
	return type;
}

bool infer_read_type(struct infer_values *known, const Onnx__TypeProto *type,
	struct known_shape *shape)
{
	*shape = unknown;
	type = inside(type, &shape->kind);
	if (!type || shape->kind == INFER_OTHER)
		return true;
	if (type->sparse_tensor_type) {
		shape->kind = INFER_SPARSE;
		shape->type = type->sparse_tensor_type->elem_type;
		return read_shape(known, type->sparse_tensor_type->shape, shape);
	}
	if (!type->tensor_type)
		return true;
	shape->type = type->tensor_type->elem_type;
	return read_shape(known, type->tensor_type->shape, shape);
}

static bool hide(struct infer_values *known, struct infer_value *value)
{
	struct infer_shadow *shadow = value->shadow;

	if (!shadow)
		shadow = value->shadow = infer_alloc(known, 1, sizeof(*shadow));
	if (!shadow)
		return false;
	if (value->source == INFER_BY_INPUT) {
		shadow->input = value->now;
		shadow->has_input = true;
	} else {
		shadow->info = value->now;
		shadow->has_info = true;
	}
	return true;
}

static bool declare(struct infer_values *known, Onnx__ValueInfoProto *const *values,
	size_t count, enum infer_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct infer_value *value = infer_entry(known, values[i]->name);

		if (!value)
			return false;
		if (!values[i]->type) {
			value->is_open = source != INFER_BY_INFO;
			continue;
		}
		if (value->has_type && value->source < source && !hide(known, value))
			return false;
		if (!infer_read_type(known, values[i]->type, &value->now))
			return false;
		value->has_type = true;
		value->source = source;
	}
	return true;
}

/* After a sweep onnx has given an input or output without type an empty one, which hides
 * what a value_info says. */
static bool close(struct infer_values *known, Onnx__ValueInfoProto *const *values,
	size_t count, enum infer_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct infer_value *value = infer_entry(known, values[i]->name);

		if (!value || (value->is_open && value->has_type && !hide(known, value)))
			return false;
		if (!value->is_open)
			continue;
		value->now.type = 0;
		value->now.kind = INFER_TENSOR;
		set_dims(&value->now, NULL, INFER_UNKNOWN);
		value->has_type = true;
		value->is_open = false;
		value->source = source;
	}
	return true;
}

bool infer_close(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	return close(known, graph->input, graph->n_input, INFER_BY_INPUT) &&
	       close(known, graph->output, graph->n_output, INFER_BY_OUTPUT);
}

static bool fill_sparse(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	for (size_t i = 0; i < graph->n_sparse_initializer; i++) {
		const Onnx__SparseTensorProto *sparse = graph->sparse_initializer[i];
		struct infer_value *value;

		if (!sparse->values)
			continue;
		value = infer_entry(known, sparse->values->name);
		if (!value)
			return false;
		if (value->has_type)
			continue;
		set_dims(&value->now, sparse->dims, (int64_t)sparse->n_dims);
		value->now.type = sparse->values->data_type;
		value->now.kind = INFER_SPARSE;
		value->has_type = true;
	}
	return true;
}

bool infer_fill(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	return declare(known, graph->value_info, graph->n_value_info, INFER_BY_INFO) &&
	       declare(known, graph->input, graph->n_input, INFER_BY_INPUT) &&
	       declare(known, graph->output, graph->n_output, INFER_BY_OUTPUT) &&
	       fill_sparse(known);
}

static void declare_initializer(
	struct infer_value *value, const Onnx__TensorProto *tensor)
{
	struct known_shape shape = unknown;

	set_dims(&shape, tensor->dims, (int64_t)tensor->n_dims);
	for (size_t i = 0; i < tensor->n_dims; i++)
		if (tensor->dims[i] < 0)
			shape = unknown;
	shape.type = tensor->data_type;
	value->now = shape;
	value->has_type = true;
}

/* A tensor whose elements the sweep does not see gets a stand-in that is external. */
static const Onnx__TensorProto *seen(
	struct infer_values *known, const Onnx__TensorProto *tensor)
{
	Onnx__TensorProto *copy;

	if (known->run->storage != INFER_RELOADED || tensor_is_external(tensor) ||
		!tensor_goes_aside(tensor))
		return tensor;
	copy = infer_alloc(known, 1, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *tensor;
	copy->has_data_location = 1;
	copy->data_location = DATA_LOCATION_EXTERNAL;
	return copy;
}

bool infer_fill_initializers(struct infer_values *known, const struct model *model)
{
	const Onnx__GraphProto *graph = known->graph;
	bool old = model->proto->ir_version < 4;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *tensor = graph->initializer[i];
		struct infer_value *value = infer_entry(known, tensor->name);

		if (!value)
			return false;
		if (!value->has_type && (known->outer || !old)) {
			declare_initializer(value, tensor);
			value->no_value = old;
		}
		value->tensor = old ? NULL : tensor;
		value->now.is_constant = true;
		value->now.data = seen(known, tensor);
		if (!value->now.data)
			return false;
	}
	return true;
}

/* ---- what is inferred */

/* A value, below 0 too. */
static bool is_value(const struct infer_run *run, int64_t extent)
{
	const char *name;
	int64_t value;

	return extent >= 0 ||
	       (extent < INFER_UNKNOWN && infer_symbol_value(run, extent, &value, &name));
}

static bool contradict(const struct infer_run *run, const struct known_shape *a,
	const struct known_shape *b)
{
	if (infer_is_nothing(a) || infer_is_nothing(b))
		return false;
	if (a->kind != b->kind || (a->type && b->type && a->type != b->type))
		return true;
	if (a->rank < 0 || b->rank < 0)
		return false;
	if (a->rank != b->rank)
		return true;
	for (int64_t i = 0; a->dims && b->dims && i < a->rank; i++)
		if (a->dims[i] != b->dims[i] && is_value(run, a->dims[i]) &&
			is_value(run, b->dims[i]))
			return true;
	return false;
}

/* Values win, then names that are there already. */
static bool merge_dims(struct infer_values *known, struct known_shape *target,
	const struct known_shape *inferred)
{
	int64_t *dims = NULL;

	for (int64_t i = 0; inferred->dims && i < target->rank; i++) {
		int64_t have = target->dims[i], found = inferred->dims[i];

		if (have == found ||
			(have != INFER_UNKNOWN && !is_value(known->run, found)))
			continue;
		if (!dims) {
			dims = infer_alloc(known, (size_t)target->rank, sizeof(*dims));
			if (!dims)
				return false;
			memcpy(dims, target->dims, (size_t)target->rank * sizeof(*dims));
		}
		dims[i] = found;
	}
	if (dims)
		set_dims(target, dims, target->rank);
	return true;
}

bool infer_merge(struct infer_values *known, struct known_shape *target,
	const struct known_shape *inferred, bool *conflict)
{
	*conflict = contradict(known->run, target, inferred);
	if (*conflict || infer_is_nothing(inferred))
		return true;
	if (infer_is_nothing(target))
		target->kind = inferred->kind;
	if (!target->type)
		target->type = inferred->type;
	if (inferred->rank < 0)
		return true;
	if (target->rank < 0) {
		set_dims(target, inferred->dims, inferred->rank);
		return true;
	}
	return merge_dims(known, target, inferred);
}

static bool add_info(struct infer_values *known, const struct infer_value *value)
{
	return !known->graph ||
	       ARRAY_PUSH(&known->added, (name_id)(value - known->values.items));
}

bool infer_note(struct infer_values *known, ProtobufCBinaryData name,
	struct known_shape inferred, bool *conflict)
{
	struct infer_value *value;

	*conflict = false;
	if (infer_is_nothing(&inferred))
		return true;
	if (!infer_materialize(known, &inferred))
		return false;
	value = infer_look_up(known, name);
	if (value)
		return infer_merge(known, &value->now, &inferred, conflict);
	value = infer_entry(known, name);
	if (!value || !add_info(known, value))
		return false;
	inferred.data = value->now.data;
	inferred.is_constant = value->now.is_constant;
	inferred.fails = false;
	value->now = inferred;
	value->has_type = true;
	value->is_open = false;
	return true;
}

/* ---- nodes */

static struct known_shape *unknown_outputs(
	struct infer_values *known, const Onnx__NodeProto *node)
{
	struct known_shape *out = infer_alloc(known, node->n_output, sizeof(*out));

	for (size_t i = 0; out && i < node->n_output; i++)
		out[i] = unknown;
	return out;
}

static bool note_failed(struct infer_values *known, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++) {
		struct infer_value *value;

		if (node->output[i].len == 0)
			continue;
		value = infer_entry(known, node->output[i]);
		if (!value)
			return false;
		value->now.fails = true;
	}
	return true;
}

static bool note_outputs(struct infer_values *known, const Onnx__NodeProto *node,
	const struct known_shape *out)
{
	for (size_t i = 0; i < node->n_output; i++) {
		bool conflict;

		if (node->output[i].len == 0)
			continue;
		if (!infer_note(known, node->output[i], out[i], &conflict))
			return false;
		if (conflict)
			return true;
	}
	if (node->n_output && (out[0].is_constant || out[0].data)) {
		struct infer_value *value = infer_entry(known, node->output[0]);

		if (!value)
			return false;
		value->now.data = out[0].data;
		value->now.is_constant = out[0].is_constant;
	}
	return true;
}

static bool infer_node(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node)
{
	bool is_default = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	struct known_shape *out = unknown_outputs(known, node);
	bool gives_up = false, found = false, ok = out;

	if (ok && is_default)
		ok = infer_bodies_of(known, model, node, out, &found, &gives_up);
	if (ok && is_default && !found)
		ok = infer_by_body(known, model, node, out, &found);
	if (ok && !is_default && model->proto->n_functions)
		ok = infer_called(known, model, node, out, &found);
	if (ok && !found)
		ok = infer_outputs(known, model, node, out, &gives_up);
	if (!ok)
		return false;
	return gives_up ? note_failed(known, node) : note_outputs(known, node, out);
}

bool infer_nodes(struct infer_values *known, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!infer_node(known, model, nodes[i]))
			return false;
	return true;
}

bool infer_fails(const struct infer_values *known, const Onnx__NodeProto *node)
{
	for (size_t i = 0; known && i < node->n_output; i++) {
		const struct infer_value *value = find(known, node->output[i]);

		if (node->output[i].len && value && value->now.fails)
			return true;
	}
	return false;
}
