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
	bool keep_constants, all_constants;
	Onnx__NodeProto **nodes;
	Onnx__TensorProto **initializers; /* of the Constants */
	size_t node_count, initializer_count;
	struct names names; /* of nodes */
	size_t named;
	char first_name[128]; /* escaped, in quotes, of the first that was given */
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

/* The attributes that may hold the value, and what tensors they become. */
static const struct value_form {
	const char *attribute;
	int32_t type; /* of the elements; 0: those of the tensor */
	bool list;
} value_forms[] = {
	{"value", 0, false},
	{"value_float", ELEMENT_FLOAT, false},
	{"value_floats", ELEMENT_FLOAT, true},
	{"value_int", ELEMENT_INT64, false},
	{"value_ints", ELEMENT_INT64, true},
	{"value_string", ELEMENT_STRING, false},
	{"value_strings", ELEMENT_STRING, true},
};

static const struct value_form *form_of(
	const Onnx__NodeProto *node, const Onnx__AttributeProto **value)
{
	const size_t count = sizeof(value_forms) / sizeof(value_forms[0]);

	for (size_t i = 0; i < node->n_attribute; i++) {
		*value = node->attribute[i];
		for (size_t k = 0; k < count; k++) {
			if (bytes_equal((*value)->name, value_forms[k].attribute) &&
				(value_forms[k].type || (*value)->t))
				return &value_forms[k];
		}
	}
	return NULL;
}

/* A Constant whose output shall be an initializer. */
static bool is_wanted(const struct preparing *p, const Onnx__NodeProto *node,
	const struct value_form *form, const Onnx__AttributeProto *value)
{
	bool own_domain = node->domain.len && !bytes_equal(node->domain, "ai.onnx");

	if (!form || own_domain || node->n_output != 1 || !node->output[0].len)
		return false;
	return p->all_constants ||
	       element_is_float(form->type ? form->type : value->t->data_type);
}

static void *take_elements(
	struct preparing *p, size_t count, size_t size, const void *one, const void *many)
{
	void *data = arena_zalloc(&p->model->arena, count + 1, size);

	if (data && count)
		memcpy(data, many ? many : one, count * size);
	return data;
}

static bool set_elements(struct preparing *p, Onnx__TensorProto *tensor,
	const struct value_form *form, const Onnx__AttributeProto *value)
{
	size_t count = form->list ? (size_t)tensor->dims[0] : 1;

	if (form->type == ELEMENT_FLOAT) {
		tensor->n_float_data = count;
		tensor->float_data = take_elements(p, count, sizeof(float), &value->f,
			form->list ? value->floats : NULL);
		return tensor->float_data;
	}
	if (form->type == ELEMENT_INT64) {
		tensor->n_int64_data = count;
		tensor->int64_data = take_elements(p, count, sizeof(int64_t), &value->i,
			form->list ? value->ints : NULL);
		return tensor->int64_data;
	}
	tensor->n_string_data = count;
	tensor->string_data = take_elements(p, count, sizeof(value->s), &value->s,
		form->list ? value->strings : NULL);
	return tensor->string_data;
}

static Onnx__TensorProto *tensor_of(struct preparing *p, const struct value_form *form,
	const Onnx__AttributeProto *value)
{
	int64_t count = (int64_t)(form->type == ELEMENT_FLOAT   ? value->n_floats
				  : form->type == ELEMENT_INT64 ? value->n_ints
								: value->n_strings);
	Onnx__TensorProto *tensor;

	if (!form->type)
		return model_edit_tensor(p->model, value->t);
	tensor = model_new_tensor(p->model, "", 0, form->type, &count, form->list);
	return tensor && set_elements(p, tensor, form, value) ? tensor : NULL;
}

/* Turns a Constant into an initializer; *done says whether it was one to be turned. */
static bool take_constant(struct preparing *p, const Onnx__NodeProto *node, bool *done)
{
	const Onnx__AttributeProto *value = NULL;
	const struct value_form *form;
	Onnx__TensorProto *tensor;

	*done = false;
	if (p->keep_constants || !bytes_equal(node->op_type, "Constant"))
		return true;
	form = form_of(node, &value);
	if (!is_wanted(p, node, form, value))
		return true;
	if (!start(p))
		return false;
	tensor = tensor_of(p, form, value);
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
		snprintf(p->first_name, sizeof(p->first_name), "%s",
			text_quoted((const char *)copy->name.data, copy->name.len));
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
		return model_raise_ir(p->model, 4, p->err);
	return true;
}

static bool note(struct preparing *p, struct problem_list *notes, const char *id,
	const char *place, size_t count, const char *one, const char *many)
{
	char cause[160];

	if (!count)
		return true;
	if (count == 1)
		snprintf(cause, sizeof(cause), "%s", one);
	else
		snprintf(cause, sizeof(cause), "%zu %s", count, many);
	return problem_add(notes, SEVERITY_NOTE, id, PROBLEM_NOWHERE, PROBLEM_NOWHERE,
		       place, cause, "") ||
	       no_memory(p);
}

static bool note_all(struct preparing *p, struct problem_list *notes)
{
	bool raised = p->base->proto->ir_version < 4 && p->initializer_count;

	size_t constants = p->all_constants ? 0 : p->initializer_count;
	size_t named = p->all_constants ? 0 : p->named;

	return note(p, notes, "Q28", "", constants,
		       "1 float Constant output counts as an initializer",
		       "float Constant outputs count as initializers") &&
	       note(p, notes, "Q11", p->first_name, named,
		       "got this name, since it had none of its own",
		       "nodes without a name of their own got one, the first of them "
		       "this") &&
	       (!raised ||
		       problem_add(notes, SEVERITY_NOTE, "Q21", PROBLEM_NOWHERE,
			       PROBLEM_NOWHERE, "", IR_RAISED_TO_4, "") ||
		       no_memory(p));
}

static struct model *prepare(
	struct preparing *p, struct model *model, struct problem_list *notes)
{
	bool ok = visit_all(p) && (!p->model || (set_lists(p) && note_all(p, notes)));

	names_clear(&p->names);
	free(p->nodes);
	free(p->initializers);
	if (ok)
		return p->model ? p->model : model;
	model_free(p->model);
	return NULL;
}

struct model *prepare_model(struct model *model, const struct quant_options *options,
	struct problem_list *notes, struct error *err)
{
	struct preparing p = {
		.base = model, .keep_constants = options->keep_constants, .err = err};

	return options->ort_compatible ? model : prepare(&p, model, notes);
}

struct model *prepare_fully(struct model *model, struct prepare_counts *counts,
	struct problem_list *notes, struct error *err)
{
	struct preparing p = {.base = model, .all_constants = true, .err = err};
	struct model *made = prepare(&p, model, notes);

	*counts =
		(struct prepare_counts){(uint32_t)p.initializer_count, (uint32_t)p.named};
	return made;
}
