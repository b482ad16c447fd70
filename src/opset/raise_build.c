/* Changing nodes and making new ones while the opset is raised. */
#include "opset/raise.h"

#include "base/text.h"
#include "onnx/tensor.h"

#include <inttypes.h>
#include <string.h>

enum { TYPE_INT = 2, TYPE_STRING = 3, TYPE_TENSOR = 4 };

bool raise_memory(struct raise *r)
{
	return error_set_memory(r->err, text_quoted_z(r->base->path));
}

static const char *node_name(const Onnx__NodeProto *node)
{
	ProtobufCBinaryData name = node->name;

	if (!name.len && node->n_output)
		name = node->output[0];
	return text_quoted((const char *)name.data, name.len);
}

bool raise_refuse(const struct raise_step *s, const char *reason)
{
	const Onnx__NodeProto *node = s->node->proto;

	return error_set(s->raise->err, ERROR_REFUSED,
		"%s: node %s (%s) cannot be raised to opset %" PRId64
		": %s; use --opset-policy keep",
		text_quoted_z(s->raise->base->path), node_name(node),
		text_quoted((const char *)node->op_type.data, node->op_type.len),
		s->opset, reason);
}

static void *own_array(struct raise *r, const void *items, size_t count, size_t size)
{
	void *copy = arena_alloc(&r->model->arena, (count + 1) * size);

	if (copy && count)
		memcpy(copy, items, count * size);
	return copy;
}

bool raise_own(struct raise_step *s)
{
	struct raise *r = s->raise;
	Onnx__NodeProto *node;

	if (s->node->own)
		return true;
	node = model_edit_node(r->model, s->node->proto);
	if (!node)
		return raise_memory(r);
	node->input = own_array(r, node->input, node->n_input, sizeof(*node->input));
	node->output = own_array(r, node->output, node->n_output, sizeof(*node->output));
	node->attribute = own_array(
		r, node->attribute, node->n_attribute, sizeof(*node->attribute));
	if (!node->input || !node->output || !node->attribute)
		return raise_memory(r);
	s->node->proto = node;
	s->node->own = true;
	return true;
}

const Onnx__AttributeProto *raise_attribute(const struct raise_step *s, const char *name)
{
	return node_attribute(s->node->proto, name);
}

int64_t raise_int(const struct raise_step *s, const char *name, int64_t absent)
{
	const Onnx__AttributeProto *attribute = raise_attribute(s, name);

	return attribute ? attribute->i : absent;
}

bool raise_remove_attribute(struct raise_step *s, const char *name)
{
	Onnx__NodeProto *node;
	size_t kept = 0;

	if (!raise_own(s))
		return false;
	node = s->node->proto;
	for (size_t i = 0; i < node->n_attribute; i++)
		if (!bytes_equal(node->attribute[i]->name, name))
			node->attribute[kept++] = node->attribute[i];
	node->n_attribute = kept;
	return true;
}

/* A new attribute of the node; NULL if memory is gone. */
static Onnx__AttributeProto *add_attribute(
	struct raise *r, Onnx__NodeProto *node, const char *name, int type)
{
	Onnx__AttributeProto *attribute =
		arena_alloc(&r->model->arena, sizeof(*attribute));
	Onnx__AttributeProto **grown = own_array(
		r, node->attribute, node->n_attribute, sizeof(*node->attribute));

	if (!attribute || !grown) {
		raise_memory(r);
		return NULL;
	}
	onnx__attribute_proto__init(attribute);
	attribute->has_name = attribute->has_type = 1;
	attribute->type = type;
	attribute->name = model_bytes(r->model, name, strlen(name));
	grown[node->n_attribute++] = attribute;
	node->attribute = grown;
	if (attribute->name.data)
		return attribute;
	raise_memory(r);
	return NULL;
}

bool raise_add_int(struct raise_step *s, const char *name, int64_t value)
{
	Onnx__AttributeProto *attribute;

	if (!raise_own(s))
		return false;
	attribute = add_attribute(s->raise, s->node->proto, name, TYPE_INT);
	if (!attribute)
		return false;
	attribute->has_i = 1;
	attribute->i = value;
	return true;
}

bool raise_set_int(struct raise_step *s, const char *name, int64_t value)
{
	Onnx__NodeProto *node;

	if (!raise_own(s))
		return false;
	node = s->node->proto;
	for (size_t i = 0; i < node->n_attribute; i++) {
		Onnx__AttributeProto *copy;

		if (!bytes_equal(node->attribute[i]->name, name))
			continue;
		copy = model_edit_attribute(s->raise->model, node->attribute[i]);
		if (!copy)
			return raise_memory(s->raise);
		copy->has_i = 1;
		copy->i = value;
		node->attribute[i] = copy;
		return true;
	}
	return raise_add_int(s, name, value);
}

bool raise_add_string(struct raise_step *s, const char *name, const char *value)
{
	Onnx__AttributeProto *attribute;

	if (!raise_own(s))
		return false;
	attribute = add_attribute(s->raise, s->node->proto, name, TYPE_STRING);
	if (!attribute)
		return false;
	attribute->has_s = 1;
	attribute->s = model_bytes(s->raise->model, value, strlen(value));
	return attribute->s.data || raise_memory(s->raise);
}

bool raise_add_input(struct raise_step *s, ProtobufCBinaryData name)
{
	Onnx__NodeProto *node;
	ProtobufCBinaryData *grown;

	if (!raise_own(s))
		return false;
	node = s->node->proto;
	grown = own_array(s->raise, node->input, node->n_input, sizeof(*grown));
	if (!grown)
		return raise_memory(s->raise);
	grown[node->n_input++] = name;
	node->input = grown;
	return true;
}

static Onnx__NodeProto *bare_node(struct raise *r, const char *op_type, size_t inputs)
{
	Onnx__NodeProto *node = model_new_node(r->model, op_type, NULL, inputs, 1);

	if (!node)
		raise_memory(r);
	return node;
}

static bool put_node(struct raise *r, struct raise_node_list *list, Onnx__NodeProto *node)
{
	struct raise_node entry = {.proto = node, .operator_id = NAME_NONE, .own = true};

	return ARRAY_PUSH(list, entry) || raise_memory(r);
}

bool raise_new_node(struct raise_step *s, struct raise_node_list *list,
	const char *op_type, ProtobufCBinaryData input, ProtobufCBinaryData output)
{
	Onnx__NodeProto *node = bare_node(s->raise, op_type, 1);

	if (!node)
		return false;
	node->input[0] = input;
	node->output[0] = output;
	return put_node(s->raise, list, node);
}

/* Puts a Constant with this tensor before the node. */
static bool put_constant(
	struct raise_step *s, Onnx__TensorProto *tensor, ProtobufCBinaryData *name)
{
	Onnx__NodeProto *node = bare_node(s->raise, "Constant", 0);
	Onnx__AttributeProto *value;

	*name = raise_new_name(s->graph);
	if (!node || !name->data)
		return false;
	node->output[0] = *name;
	value = add_attribute(s->raise, node, "value", TYPE_TENSOR);
	if (!value)
		return false;
	value->t = tensor;
	return put_node(s->raise, &s->out, node);
}

static Onnx__TensorProto *new_tensor(
	struct raise_step *s, int32_t type, size_t count, bool scalar)
{
	int64_t dims[] = {(int64_t)count};
	Onnx__TensorProto *tensor =
		model_new_tensor(s->raise->model, "", 0, type, dims, scalar ? 0 : 1);

	if (!tensor)
		raise_memory(s->raise);
	return tensor;
}

bool raise_constant_i64(struct raise_step *s, const int64_t *values, size_t count,
	bool scalar, ProtobufCBinaryData *name)
{
	Onnx__TensorProto *tensor = new_tensor(s, ELEMENT_INT64, count, scalar);

	if (!tensor)
		return false;
	tensor->n_int64_data = count;
	tensor->int64_data = own_array(s->raise, values, count, sizeof(*values));
	return tensor->int64_data ? put_constant(s, tensor, name)
				  : raise_memory(s->raise);
}

bool raise_constant_f32(struct raise_step *s, const float *values, size_t count,
	bool scalar, ProtobufCBinaryData *name)
{
	Onnx__TensorProto *tensor = new_tensor(s, ELEMENT_FLOAT, count, scalar);

	if (!tensor)
		return false;
	tensor->n_float_data = count;
	tensor->float_data = own_array(s->raise, values, count, sizeof(*values));
	return tensor->float_data ? put_constant(s, tensor, name)
				  : raise_memory(s->raise);
}

/* A scalar of float16, double or bfloat16 in raw_data. */
static bool raw_scalar(
	struct raise_step *s, int32_t type, float value, ProtobufCBinaryData *name)
{
	Onnx__TensorProto *tensor = new_tensor(s, type, 1, true);
	size_t size = element_type_bits(type) / 8;
	double wide = value;
	uint64_t bits;
	uint32_t word;
	char bytes[8];

	if (!tensor)
		return false;
	memcpy(&bits, &wide, sizeof(bits));
	memcpy(&word, &value, sizeof(word));
	if (type == ELEMENT_FLOAT16)
		bits = half_from_double(value);
	else if (type == ELEMENT_BFLOAT16)
		bits = word >> 16;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(bits >> (8 * i));
	tensor->has_raw_data = 1;
	tensor->raw_data = model_bytes(s->raise->model, bytes, size);
	return tensor->raw_data.data ? put_constant(s, tensor, name)
				     : raise_memory(s->raise);
}

bool raise_scalar_like(struct raise_step *s, float value, ProtobufCBinaryData *name)
{
	const Onnx__NodeProto *node = s->node->proto;
	int32_t type = ELEMENT_FLOAT;
	bool ok;

	if (s->raise->mended && node->n_input)
		type = infer_find_outer(s->graph->known, node->input[0]).type;
	if (type == ELEMENT_FLOAT16 || type == ELEMENT_DOUBLE || type == ELEMENT_BFLOAT16)
		ok = raw_scalar(s, type, value, name) && raise_note_mended(s);
	else
		ok = raise_constant_f32(s, &value, 1, true, name);
	return ok && raise_note(s->raise, *name, *name, RENAME_CONSTANT, value);
}

bool raise_note(struct raise *r, ProtobufCBinaryData old_name,
	ProtobufCBinaryData new_name, int kind, double constant)
{
	struct opset_rename note = {.constant = constant};

	if (!r->renames)
		return true;
	note.kind = kind;
	note.old_name = arena_strndup(
		&r->model->arena, (const char *)old_name.data, old_name.len);
	note.new_name = arena_strndup(
		&r->model->arena, (const char *)new_name.data, new_name.len);
	if (!note.old_name || !note.new_name || !ARRAY_PUSH(r->renames, note))
		return raise_memory(r);
	return true;
}

/* Notes that an output is called otherwise from now on. */
static bool rename_output(
	struct raise_graph *graph, ProtobufCBinaryData old, ProtobufCBinaryData new)
{
	name_id id = names_add(&graph->renamed, (const char *)old.data, old.len);

	if (id == NAME_NONE || !ARRAY_ROOM(&graph->renames, 1))
		return raise_memory(graph->raise);
	if (id == graph->renames.count)
		graph->renames.count++;
	graph->renames.items[id] = new;
	raise_drop_name(graph, old);
	return raise_rename_below(graph, old, new) &&
	       raise_note(graph->raise, old, new, RENAME_TENSOR, 0);
}

bool raise_replace(struct raise_step *s, const char *op_type, size_t inputs)
{
	const Onnx__NodeProto *old = s->node->proto;
	Onnx__NodeProto *node = bare_node(s->raise, op_type, inputs);
	ProtobufCBinaryData name;

	if (!node)
		return false;
	if (old->n_input < inputs || old->n_output < 1)
		return raise_refuse(s, "it lacks inputs or outputs");
	memcpy(node->input, old->input, inputs * sizeof(*node->input));
	node->output[0] = old->output[0];
	if (names_find(&s->graph->outputs, (const char *)old->output[0].data,
		    old->output[0].len) != NAME_NONE) {
		raise_take_number(s->graph);
		raise_take_number(s->graph);
	} else {
		name = raise_new_name(s->graph);
		if (!name.data || !rename_output(s->graph, old->output[0], name))
			return false;
	}
	s->node->proto = node;
	s->node->own = true;
	return true;
}

bool raise_note_mended(struct raise_step *s)
{
	const Onnx__NodeProto *node = s->node->proto;
	ProtobufCBinaryData name = node->name;

	if (!name.len && node->n_output)
		name = node->output[0];
	return raise_note(s->raise, name, name, RENAME_MENDED, 0);
}
