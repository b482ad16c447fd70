/* The inference through calls of a model's own functions. */
#include "infer/state.h"

#include <string.h>

enum { CALL_DEPTH = 16 };

static bool same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

static const Onnx__FunctionProto *function_of(
	const struct model *model, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < model->proto->n_functions; i++) {
		const Onnx__FunctionProto *f = model->proto->functions[i];

		if (same_bytes(f->name, node->op_type) &&
			same_bytes(f->domain, node->domain) &&
			same_bytes(f->overload, node->overload))
			return f;
	}
	return NULL;
}

/* A call in progress. */
struct call {
	struct infer_values inner;
	const Onnx__FunctionProto *function;
	const Onnx__NodeProto *node;
	const struct model *model;
};

static const Onnx__AttributeProto *named(
	Onnx__AttributeProto *const *list, size_t count, ProtobufCBinaryData name)
{
	for (size_t i = 0; i < count; i++)
		if (same_bytes(list[i]->name, name))
			return list[i];
	return NULL;
}

/* What an attribute of the function stands for: the caller's, or its default. */
static const Onnx__AttributeProto *bound(
	const struct call *call, ProtobufCBinaryData name)
{
	const Onnx__AttributeProto *given =
		named(call->node->attribute, call->node->n_attribute, name);

	return given ? given
		     : named(call->function->attribute_proto,
			       call->function->n_attribute_proto, name);
}

static bool has_references(const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_attribute; i++)
		if (node->attribute[i]->ref_attr_name.len)
			return true;
	return false;
}

/* A node with the function's attributes in place of references; those that stand for
 * nothing are left out. NULL if memory is gone. */
static Onnx__NodeProto *bind(struct call *call, Onnx__NodeProto *node)
{
	Onnx__NodeProto *copy;

	if (!has_references(node))
		return node;
	copy = infer_alloc(&call->inner, 1, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *node;
	copy->n_attribute = 0;
	copy->attribute =
		infer_alloc(&call->inner, node->n_attribute, sizeof(*copy->attribute));
	for (size_t i = 0; copy->attribute && i < node->n_attribute; i++) {
		const Onnx__AttributeProto *from = node->attribute[i];
		Onnx__AttributeProto *to;

		if (from->ref_attr_name.len) {
			from = bound(call, from->ref_attr_name);
			if (!from)
				continue;
		}
		to = infer_alloc(&call->inner, 1, sizeof(*to));
		if (!to)
			return NULL;
		*to = *from;
		to->name = node->attribute[i]->name;
		copy->attribute[copy->n_attribute++] = to;
	}
	return copy->attribute ? copy : NULL;
}

static bool take_inputs(struct call *call, struct infer_values *known)
{
	const Onnx__FunctionProto *f = call->function;

	for (size_t i = 0; i < f->n_input && i < call->node->n_input; i++) {
		struct known_shape given = infer_find_outer(known, call->node->input[i]);
		struct infer_value *value = infer_entry(&call->inner, f->input[i]);

		if (!value)
			return false;
		value->now = given;
		value->has_type = !infer_is_nothing(&given);
	}
	return true;
}

static bool infer_bound(struct call *call)
{
	for (size_t i = 0; i < call->function->n_node; i++) {
		Onnx__NodeProto *node = bind(call, call->function->node[i]);

		if (!node || !infer_nodes(&call->inner, call->model, &node, 1))
			return false;
	}
	return true;
}

static bool give_outputs(
	struct call *call, struct infer_values *known, struct known_shape *out)
{
	const Onnx__FunctionProto *f = call->function;

	for (size_t i = 0; i < f->n_output && i < call->node->n_output; i++) {
		out[i] = infer_derived(infer_find_outer(&call->inner, f->output[i]));
		if (!infer_import(known, &out[i]))
			return false;
	}
	return true;
}

bool infer_call(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, const Onnx__FunctionProto *function,
	struct known_shape *out)
{
	struct call call = {.function = function, .node = node, .model = model};
	bool ok;

	call.inner.run = known->run;
	call.inner.depth = known->depth + 1;
	call.inner.from_file = known->from_file;
	call.inner.imports =
		(struct infer_imports){function->opset_import, function->n_opset_import};
	ok = take_inputs(&call, known) && infer_bound(&call) &&
	     give_outputs(&call, known, out);
	infer_release(&call.inner);
	return ok;
}

bool infer_called(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found)
{
	const Onnx__FunctionProto *function = function_of(model, node);

	*found = function && known->depth < CALL_DEPTH;
	return !*found || infer_call(known, model, node, function, out);
}
