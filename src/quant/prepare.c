#include "quant/prepare.h"

#include "base/names.h"
#include "base/text.h"
#include "onnx/tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct preparing {
	const struct model *base;
	struct model *model; /* the result, made when the first change comes */
	const struct quant_options *options;
	Onnx__NodeProto **nodes;
	Onnx__TensorProto **initializers; /* of the Constants */
	size_t node_count, initializer_count;
	struct names names; /* of nodes */
	size_t named;
	char first_name[128]; /* escaped, of the first that was given */
	struct error *err;
};

static bool no_memory(const struct preparing *p)
{
	return error_set_memory(p->err, text_path(p->base->path));
}

static bool start(struct preparing *p)
{
	if (!p->model)
		p->model = model_derive(p->base, p->err);
	return p->model;
}

/* ---- Constants */

static const Onnx__AttributeProto *value_of(const Onnx__NodeProto *node)
{
	static const char *const names[] = {"value", "value_float", "value_floats"};

	for (size_t i = 0; i < node->n_attribute; i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (bytes_equal(node->attribute[i]->name, names[k]))
				return node->attribute[i];
		}
	}
	return NULL;
}

static bool is_float_constant(
	const Onnx__NodeProto *node, const Onnx__AttributeProto *value)
{
	bool own_domain = node->domain.len && !bytes_equal(node->domain, "ai.onnx");

	if (!value || own_domain || node->n_output != 1 || !node->output[0].len)
		return false;
	return !bytes_equal(value->name, "value") ||
	       (value->t && element_is_float(value->t->data_type));
}

static Onnx__TensorProto *tensor_of_floats(
	struct preparing *p, const Onnx__AttributeProto *value)
{
	bool one = bytes_equal(value->name, "value_float");
	int64_t count = one ? 1 : (int64_t)value->n_floats;
	Onnx__TensorProto *tensor =
		model_new_tensor(p->model, "", 0, ELEMENT_FLOAT, &count, one ? 0 : 1);

	if (!tensor)
		return NULL;
	tensor->n_float_data = (size_t)count;
	tensor->float_data = arena_zalloc(
		&p->model->arena, (size_t)count + 1, sizeof(*tensor->float_data));
	if (!tensor->float_data)
		return NULL;
	if (one)
		tensor->float_data[0] = value->f;
	else if (count)
		memcpy(tensor->float_data, value->floats,
			(size_t)count * sizeof(*tensor->float_data));
	return tensor;
}

/* Turns a Constant into an initializer; *done says whether it was a float one. */
static bool take_constant(struct preparing *p, const Onnx__NodeProto *node, bool *done)
{
	const Onnx__AttributeProto *value = value_of(node);
	Onnx__TensorProto *tensor;

	*done = false;
	if (p->options->keep_constants || !bytes_equal(node->op_type, "Constant") ||
		!is_float_constant(node, value))
		return true;
	if (!start(p))
		return false;
	tensor = value->t ? model_edit_tensor(p->model, value->t)
			  : tensor_of_floats(p, value);
	if (!tensor)
		return no_memory(p);
	tensor->has_name = 1;
	tensor->name = node->output[0];
	p->initializers[p->initializer_count++] = tensor;
	*done = true;
	return true;
}

/* ---- names */

static bool note_names(struct preparing *p)
{
	const Onnx__GraphProto *graph = p->base->proto->graph;

	for (size_t i = 0; i < graph->n_node; i++) {
		ProtobufCBinaryData name = graph->node[i]->name;

		if (name.len && names_add(&p->names, (const char *)name.data, name.len) ==
					NAME_NONE)
			return no_memory(p);
	}
	return true;
}

/* <op>_<index>, or with _1, _2, ... behind if a node has that name. */
static bool make_name(struct preparing *p, const Onnx__NodeProto *node, size_t index,
	ProtobufCBinaryData *name)
{
	size_t room = node->op_type.len + 64;
	char *text = arena_alloc(&p->model->arena, room);
	int length = 0;

	if (!text)
		return no_memory(p);
	for (unsigned i = 0;
		i == 0 || names_find(&p->names, text, (size_t)length) != NAME_NONE; i++) {
		length = snprintf(text, room, "%.*s_%zu", (int)node->op_type.len,
			(const char *)node->op_type.data, index);
		if (i)
			length +=
				snprintf(text + length, room - (size_t)length, "_%u", i);
	}
	if (names_add(&p->names, text, (size_t)length) == NAME_NONE)
		return no_memory(p);
	*name = (ProtobufCBinaryData){(size_t)length, (uint8_t *)text};
	return true;
}

/* Names a node that has none, or (`again`) one that an earlier node has. */
static bool name_node(
	struct preparing *p, size_t index, bool again, Onnx__NodeProto **node)
{
	Onnx__NodeProto *copy;

	if ((*node)->name.len && !again)
		return true;
	if (!start(p))
		return false;
	copy = model_edit_node(p->model, *node);
	if (!copy)
		return no_memory(p);
	copy->has_name = 1;
	if (!make_name(p, *node, index, &copy->name))
		return false;
	if (!p->named++)
		text_escape(p->first_name, sizeof(p->first_name),
			(const char *)copy->name.data, copy->name.len);
	*node = copy;
	return true;
}

/* ---- the pass */

/* `seen` is by name: an earlier node has it. */
static bool visit(struct preparing *p, size_t index, bool *seen)
{
	Onnx__NodeProto *node = p->base->proto->graph->node[index];
	name_id id = names_find(&p->names, (const char *)node->name.data, node->name.len);
	bool again = node->name.len && seen[id], done;

	if (!take_constant(p, node, &done))
		return false;
	if (done)
		return true;
	if (node->name.len)
		seen[id] = true;
	if (!name_node(p, index, again, &node))
		return false;
	p->nodes[p->node_count++] = node;
	return true;
}

static bool visit_all(struct preparing *p)
{
	const Onnx__GraphProto *graph = p->base->proto->graph;
	bool *seen, ok;

	p->nodes = malloc((graph->n_node + 1) * sizeof(*p->nodes));
	p->initializers = malloc((graph->n_node + 1) * sizeof(*p->initializers));
	if (!p->nodes || !p->initializers || !note_names(p))
		return no_memory(p);
	seen = calloc((size_t)p->names.count + 1, sizeof(*seen));
	ok = seen || no_memory(p);
	for (size_t i = 0; ok && i < graph->n_node; i++)
		ok = visit(p, i, seen);
	free(seen);
	return ok;
}

static bool set_lists(struct preparing *p)
{
	Onnx__GraphProto *graph = p->model->proto->graph;
	size_t before = graph->n_initializer, count = before + p->initializer_count;
	Onnx__NodeProto **nodes =
		arena_alloc(&p->model->arena, (p->node_count + 1) * sizeof(*nodes));
	Onnx__TensorProto **initializers =
		arena_alloc(&p->model->arena, (count + 1) * sizeof(*initializers));

	if (!nodes || !initializers)
		return no_memory(p);
	memcpy(nodes, p->nodes, p->node_count * sizeof(*nodes));
	if (before)
		memcpy(initializers, graph->initializer, before * sizeof(*initializers));
	memcpy(initializers + before, p->initializers,
		p->initializer_count * sizeof(*initializers));
	graph->node = nodes;
	graph->n_node = p->node_count;
	graph->initializer = initializers;
	graph->n_initializer = count;
	if (p->initializer_count && p->model->proto->ir_version < 4)
		p->model->proto->ir_version = 4;
	return true;
}

static bool note(struct preparing *p, struct problem_list *notes, const char *id,
	const char *place, size_t count, const char *what)
{
	char cause[160];

	if (!count)
		return true;
	snprintf(cause, sizeof(cause), "%zu %s", count, what);
	return problem_add(notes, SEVERITY_NOTE, id, PROBLEM_NOWHERE, PROBLEM_NOWHERE,
		       place, cause, "") ||
	       no_memory(p);
}

static bool note_all(struct preparing *p, struct problem_list *notes)
{
	bool raised = p->base->proto->ir_version < 4 && p->initializer_count;

	return note(p, notes, "Q28", "", p->initializer_count,
		       "float Constant outputs count as initializers") &&
	       note(p, notes, "Q11", p->first_name, p->named,
		       "nodes without a name of their own got one, the first of them "
		       "this") &&
	       (!raised ||
		       problem_add(notes, SEVERITY_NOTE, "Q21", PROBLEM_NOWHERE,
			       PROBLEM_NOWHERE, "",
			       "IR version raised to 4, since new initializers are "
			       "no graph inputs",
			       "") ||
		       no_memory(p));
}

struct model *prepare_model(struct model *model, const struct quant_options *options,
	struct problem_list *notes, struct error *err)
{
	struct preparing p = {.base = model, .options = options, .err = err};
	bool ok = true;

	if (options->ort_compatible)
		return model;
	ok = visit_all(&p) && (!p.model || (set_lists(&p) && note_all(&p, notes)));
	names_clear(&p.names);
	free(p.nodes);
	free(p.initializers);
	if (ok)
		return p.model ? p.model : model;
	model_free(p.model);
	return NULL;
}
