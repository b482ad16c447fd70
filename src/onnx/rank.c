#include "onnx/rank_state.h"

#include "onnx/external.h"
#include "onnx/tensor.h"

#include <string.h>

static const struct known_shape unknown = RANK_NOTHING;

void *rank_alloc(struct ranks *ranks, size_t count, size_t size)
{
	return arena_zalloc(&ranks->names.arena, count + 1, size);
}

int64_t rank_version(const struct ranks *ranks, ProtobufCBinaryData domain)
{
	bool is_default = domain.len == 0 || bytes_equal(domain, "ai.onnx");

	for (size_t i = 0; i < ranks->imports.count; i++) {
		const Onnx__OperatorSetIdProto *import = ranks->imports.items[i];
		ProtobufCBinaryData other = import->domain;

		if (is_default ? other.len == 0 || bytes_equal(other, "ai.onnx")
			       : other.len == domain.len &&
					 memcmp(other.data, domain.data, domain.len) == 0)
			return import->version;
	}
	return 0;
}

static struct rank_value *find(const struct ranks *ranks, ProtobufCBinaryData name)
{
	name_id id = names_find(&ranks->names, (const char *)name.data, name.len);

	return id == NAME_NONE ? NULL : &ranks->values.items[id];
}

static void set_dims(struct known_shape *shape, const int64_t *dims, int64_t rank)
{
	shape->rank = rank;
	shape->dims = dims;
	shape->length = rank == 1 && dims ? dims[0] : RANK_UNKNOWN;
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

struct known_shape rank_converted(const struct rank_value *value)
{
	const struct rank_shadow *shadow = value->shadow;
	struct known_shape shape = value->now;

	if (value->tensor && value->source != RANK_BY_INPUT) {
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

struct known_shape rank_find(const struct ranks *ranks, ProtobufCBinaryData name)
{
	const struct rank_value *value = ranks && name.len ? find(ranks, name) : NULL;

	if (!value || value->no_value || !value->has_type)
		return unknown;
	return rank_converted(value);
}

struct rank_value *rank_look_up(struct ranks *ranks, ProtobufCBinaryData name)
{
	for (; ranks && name.len; ranks = ranks->outer) {
		struct rank_value *value = find(ranks, name);

		if (value && value->has_type)
			return value;
	}
	return NULL;
}

/* Elements are known only in the graph whose constant it is. */
struct known_shape rank_find_outer(const struct ranks *ranks, ProtobufCBinaryData name)
{
	const struct rank_value *own = name.len ? find(ranks, name) : NULL;
	const struct rank_value *value = own;
	struct known_shape shape;

	while (ranks && name.len && (!value || !value->has_type)) {
		ranks = ranks->outer;
		value = ranks ? find(ranks, name) : NULL;
	}
	shape = value && value->has_type ? value->now : unknown;
	shape.data = own ? own->now.data : NULL;
	shape.is_constant = own && own->now.is_constant;
	return shape;
}

struct rank_value *rank_entry(struct ranks *ranks, ProtobufCBinaryData name)
{
	name_id id = names_add(&ranks->names, (const char *)name.data, name.len);

	if (id == NAME_NONE || !ARRAY_ROOM(&ranks->values, 1))
		return NULL;
	if (id == ranks->values.count)
		ranks->values.items[ranks->values.count++] =
			(struct rank_value){.now = unknown};
	return &ranks->values.items[id];
}

bool rank_import(struct ranks *ranks, struct known_shape *shape)
{
	int64_t *dims;

	if (!shape->dims || shape->rank < 0)
		return true;
	dims = rank_alloc(ranks, (size_t)shape->rank, sizeof(*dims));
	if (dims)
		memcpy(dims, shape->dims, (size_t)shape->rank * sizeof(*dims));
	shape->dims = dims;
	return dims;
}

/* ---- declarations */

static bool read_shape(struct ranks *ranks, const Onnx__TensorShapeProto *declared,
	struct known_shape *shape)
{
	int64_t *dims;

	if (!declared)
		return true;
	dims = rank_alloc(ranks, declared->n_dim, sizeof(*dims));
	for (size_t i = 0; dims && i < declared->n_dim; i++) {
		dims[i] = rank_extent_of(ranks->run, declared->dim[i]);
		if (dims[i] == RANK_UNKNOWN && declared->dim[i]->has_dim_param)
			return false;
	}
	set_dims(shape, dims, (int64_t)declared->n_dim);
	return dims;
}

static const Onnx__TypeProto *inside(const Onnx__TypeProto *type, enum rank_kind *kind)
{
	bool is_optional = type->optional_type != NULL;

	if (is_optional) {
		*kind = RANK_OPTIONAL;
		type = type->optional_type->elem_type;
	}
	if (type && type->sequence_type) {
		*kind = is_optional ? RANK_OPTIONAL_SEQUENCE : RANK_SEQUENCE;
		type = type->sequence_type->elem_type;
	}
	if (type && !type->tensor_type &&
		(type->sequence_type || type->optional_type || type->map_type ||
			type->opaque_type || (type->sparse_tensor_type && *kind)))
		*kind = RANK_OTHER;
	return type;
}

bool rank_read_type(
	struct ranks *ranks, const Onnx__TypeProto *type, struct known_shape *shape)
{
	*shape = unknown;
	type = inside(type, &shape->kind);
	if (!type || shape->kind == RANK_OTHER)
		return true;
	if (type->sparse_tensor_type) {
		shape->kind = RANK_SPARSE;
		shape->type = type->sparse_tensor_type->elem_type;
		return read_shape(ranks, type->sparse_tensor_type->shape, shape);
	}
	if (!type->tensor_type)
		return true;
	shape->type = type->tensor_type->elem_type;
	return read_shape(ranks, type->tensor_type->shape, shape);
}

static bool hide(struct ranks *ranks, struct rank_value *value)
{
	struct rank_shadow *shadow = value->shadow;

	if (!shadow)
		shadow = value->shadow = rank_alloc(ranks, 1, sizeof(*shadow));
	if (!shadow)
		return false;
	if (value->source == RANK_BY_INPUT) {
		shadow->input = value->now;
		shadow->has_input = true;
	} else {
		shadow->info = value->now;
		shadow->has_info = true;
	}
	return true;
}

static bool declare(struct ranks *ranks, Onnx__ValueInfoProto *const *values,
	size_t count, enum rank_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct rank_value *value = rank_entry(ranks, values[i]->name);

		if (!value)
			return false;
		if (!values[i]->type) {
			value->is_open = source != RANK_BY_INFO;
			continue;
		}
		if (value->has_type && value->source < source && !hide(ranks, value))
			return false;
		if (!rank_read_type(ranks, values[i]->type, &value->now))
			return false;
		value->has_type = true;
		value->source = source;
	}
	return true;
}

/* After a sweep onnx has given an input or output without type an empty one, which hides
 * what a value_info says. */
static bool close(struct ranks *ranks, Onnx__ValueInfoProto *const *values, size_t count,
	enum rank_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct rank_value *value = rank_entry(ranks, values[i]->name);

		if (!value || (value->is_open && value->has_type && !hide(ranks, value)))
			return false;
		if (!value->is_open)
			continue;
		value->now.type = 0;
		value->now.kind = RANK_TENSOR;
		set_dims(&value->now, NULL, RANK_UNKNOWN);
		value->has_type = true;
		value->is_open = false;
		value->source = source;
	}
	return true;
}

bool rank_close(struct ranks *ranks)
{
	const Onnx__GraphProto *graph = ranks->graph;

	return close(ranks, graph->input, graph->n_input, RANK_BY_INPUT) &&
	       close(ranks, graph->output, graph->n_output, RANK_BY_OUTPUT);
}

static bool fill_sparse(struct ranks *ranks)
{
	const Onnx__GraphProto *graph = ranks->graph;

	for (size_t i = 0; i < graph->n_sparse_initializer; i++) {
		const Onnx__SparseTensorProto *sparse = graph->sparse_initializer[i];
		struct rank_value *value;

		if (!sparse->values)
			continue;
		value = rank_entry(ranks, sparse->values->name);
		if (!value)
			return false;
		if (value->has_type)
			continue;
		set_dims(&value->now, sparse->dims, (int64_t)sparse->n_dims);
		value->now.type = sparse->values->data_type;
		value->now.kind = RANK_SPARSE;
		value->has_type = true;
	}
	return true;
}

bool rank_fill(struct ranks *ranks)
{
	const Onnx__GraphProto *graph = ranks->graph;

	return declare(ranks, graph->value_info, graph->n_value_info, RANK_BY_INFO) &&
	       declare(ranks, graph->input, graph->n_input, RANK_BY_INPUT) &&
	       declare(ranks, graph->output, graph->n_output, RANK_BY_OUTPUT) &&
	       fill_sparse(ranks);
}

static void declare_initializer(struct rank_value *value, const Onnx__TensorProto *tensor)
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
static const Onnx__TensorProto *seen(struct ranks *ranks, const Onnx__TensorProto *tensor)
{
	Onnx__TensorProto *copy;

	if (ranks->run->storage != RANK_RELOADED || tensor_is_external(tensor) ||
		!tensor_goes_aside(tensor))
		return tensor;
	copy = rank_alloc(ranks, 1, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *tensor;
	copy->has_data_location = 1;
	copy->data_location = DATA_LOCATION_EXTERNAL;
	return copy;
}

bool rank_fill_initializers(struct ranks *ranks, const struct model *model)
{
	const Onnx__GraphProto *graph = ranks->graph;
	bool old = model->proto->ir_version < 4;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *tensor = graph->initializer[i];
		struct rank_value *value = rank_entry(ranks, tensor->name);

		if (!value)
			return false;
		if (!value->has_type && (ranks->outer || !old)) {
			declare_initializer(value, tensor);
			value->no_value = old;
		}
		value->tensor = old ? NULL : tensor;
		value->now.is_constant = true;
		value->now.data = seen(ranks, tensor);
		if (!value->now.data)
			return false;
	}
	return true;
}

/* ---- what is inferred */

/* A value, below 0 too. */
static bool is_value(const struct rank_run *run, int64_t extent)
{
	const char *name;
	int64_t value;

	return extent >= 0 ||
	       (extent < RANK_UNKNOWN && rank_symbol_value(run, extent, &value, &name));
}

static bool contradict(const struct rank_run *run, const struct known_shape *a,
	const struct known_shape *b)
{
	if (rank_is_nothing(a) || rank_is_nothing(b))
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
static bool merge_dims(struct ranks *ranks, struct known_shape *target,
	const struct known_shape *inferred)
{
	int64_t *dims = NULL;

	for (int64_t i = 0; inferred->dims && i < target->rank; i++) {
		int64_t have = target->dims[i], found = inferred->dims[i];

		if (have == found ||
			(have != RANK_UNKNOWN && !is_value(ranks->run, found)))
			continue;
		if (!dims) {
			dims = rank_alloc(ranks, (size_t)target->rank, sizeof(*dims));
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

bool rank_merge(struct ranks *ranks, struct known_shape *target,
	const struct known_shape *inferred, bool *conflict)
{
	*conflict = contradict(ranks->run, target, inferred);
	if (*conflict || rank_is_nothing(inferred))
		return true;
	if (rank_is_nothing(target))
		target->kind = inferred->kind;
	if (!target->type)
		target->type = inferred->type;
	if (inferred->rank < 0)
		return true;
	if (target->rank < 0) {
		set_dims(target, inferred->dims, inferred->rank);
		return true;
	}
	return merge_dims(ranks, target, inferred);
}

static bool add_info(struct ranks *ranks, const struct rank_value *value)
{
	return !ranks->graph ||
	       ARRAY_PUSH(&ranks->added, (name_id)(value - ranks->values.items));
}

bool rank_note(struct ranks *ranks, ProtobufCBinaryData name, struct known_shape inferred,
	bool *conflict)
{
	struct rank_value *value;

	*conflict = false;
	if (rank_is_nothing(&inferred))
		return true;
	if (!rank_materialize(ranks, &inferred))
		return false;
	value = rank_look_up(ranks, name);
	if (value)
		return rank_merge(ranks, &value->now, &inferred, conflict);
	value = rank_entry(ranks, name);
	if (!value || !add_info(ranks, value))
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
	struct ranks *ranks, const Onnx__NodeProto *node)
{
	struct known_shape *out = rank_alloc(ranks, node->n_output, sizeof(*out));

	for (size_t i = 0; out && i < node->n_output; i++)
		out[i] = unknown;
	return out;
}

static bool note_failed(struct ranks *ranks, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++) {
		struct rank_value *value;

		if (node->output[i].len == 0)
			continue;
		value = rank_entry(ranks, node->output[i]);
		if (!value)
			return false;
		value->now.fails = true;
	}
	return true;
}

static bool note_outputs(
	struct ranks *ranks, const Onnx__NodeProto *node, const struct known_shape *out)
{
	for (size_t i = 0; i < node->n_output; i++) {
		bool conflict;

		if (node->output[i].len == 0)
			continue;
		if (!rank_note(ranks, node->output[i], out[i], &conflict))
			return false;
		if (conflict)
			return true;
	}
	if (node->n_output && (out[0].is_constant || out[0].data)) {
		struct rank_value *value = rank_entry(ranks, node->output[0]);

		if (!value)
			return false;
		value->now.data = out[0].data;
		value->now.is_constant = out[0].is_constant;
	}
	return true;
}

static bool infer_node(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	bool is_default = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	struct known_shape *out = unknown_outputs(ranks, node);
	bool gives_up = false, found = false, ok = out;

	if (ok && is_default)
		ok = rank_infer_bodies(ranks, model, node, out, &found, &gives_up);
	if (ok && is_default && !found)
		ok = rank_infer_function(ranks, model, node, out, &found);
	if (ok && !is_default && model->proto->n_functions)
		ok = rank_infer_call(ranks, model, node, out, &found);
	if (ok && !found)
		ok = rank_infer_outputs(ranks, model, node, out, &gives_up);
	if (!ok)
		return false;
	return gives_up ? note_failed(ranks, node) : note_outputs(ranks, node, out);
}

bool rank_nodes(struct ranks *ranks, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!infer_node(ranks, model, nodes[i]))
			return false;
	return true;
}

bool rank_fails(const struct ranks *ranks, const Onnx__NodeProto *node)
{
	for (size_t i = 0; ranks && i < node->n_output; i++) {
		const struct rank_value *value = find(ranks, node->output[i]);

		if (node->output[i].len && value && value->now.fails)
			return true;
	}
	return false;
}
