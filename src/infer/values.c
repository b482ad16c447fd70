/* The values of a graph by name. */
#include "infer/state.h"

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
		infer_put_dims(
			&shape, value->tensor->dims, (int64_t)value->tensor->n_dims);
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

bool infer_fails(const struct infer_values *known, const Onnx__NodeProto *node)
{
	for (size_t i = 0; known && i < node->n_output; i++) {
		const struct infer_value *value = find(known, node->output[i]);

		if (node->output[i].len && value && value->now.fails)
			return true;
	}
	return false;
}
