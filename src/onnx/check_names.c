/* Names, scopes and domains. */
#include "onnx/check_state.h"

#include <string.h>

const char *check_node_name(const Onnx__NodeProto *node)
{
	if (node->name.len)
		return quoted(node->name);
	return node->n_output ? quoted(node->output[0]) : quoted(node->op_type);
}

struct known_value *check_value(struct check *c, ProtobufCBinaryData name)
{
	name_id id = names_add(&c->names, (const char *)name.data, name.len);

	if (id == NAME_NONE || !ARRAY_ROOM(&c->values, 1))
		return NULL;
	if (id == c->values.count)
		c->values.items[c->values.count++] = (struct known_value){0};
	return &c->values.items[id];
}

static bool is_default(ProtobufCBinaryData domain)
{
	return domain.len == 0 || bytes_equal(domain, "ai.onnx");
}

static bool same_domain(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	if (is_default(a) || is_default(b))
		return is_default(a) && is_default(b);
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

int64_t check_version(const struct check *c, ProtobufCBinaryData domain)
{
	for (size_t i = 0; i < c->import_count; i++)
		if (same_domain(c->imports[i]->domain, domain))
			return c->imports[i]->version;
	return 0;
}

/* Makes a name defined in the current graph. */
static struct known_value *define(
	struct check *c, ProtobufCBinaryData name, const char *what)
{
	struct known_value *value = check_value(c, name);
	name_id id;

	if (!value)
		return NULL;
	if (value->level == c->level)
		check_report(c, "%s %s: the name is defined twice", what, quoted(name));
	else if (value->level)
		check_report(c, "%s %s: the name hides one of an outer graph", what,
			quoted(name));
	id = (name_id)(value - c->values.items);
	if (!ARRAY_PUSH(&c->defined, id))
		return NULL;
	*value = (struct known_value){.level = c->level};
	return value;
}

/* A name that is read, by a node or (NULL) by what `who` says. */
static void use(struct check *c, ProtobufCBinaryData name, const Onnx__NodeProto *node,
	const char *who)
{
	name_id id = names_find(&c->names, (const char *)name.data, name.len);

	if (id == NAME_NONE || c->values.items[id].level == 0)
		check_report(c, "%s: reads %s, which is not defined before",
			node ? check_node_name(node) : who, quoted(name));
}

static bool define_inputs(struct check *c, const Onnx__GraphProto *graph)
{
	for (size_t i = 0; i < graph->n_input; i++) {
		const Onnx__ValueInfoProto *input = graph->input[i];
		struct known_value *value = define(c, input->name, "input");

		if (!value)
			return false;
		value->is_input = true;
		if (input->type && input->type->tensor_type)
			value->type = input->type->tensor_type->elem_type;
	}
	return true;
}

static bool define_initializer(
	struct check *c, ProtobufCBinaryData name, const Onnx__TensorProto *tensor)
{
	struct known_value *value = check_value(c, name);

	if (!value)
		return false;
	if (value->level != c->level || !value->is_input || value->is_initializer) {
		if (c->level == 1 && c->model->proto->ir_version < 4)
			check_report(c,
				"initializer %s: is no input, as IR version 3 wants",
				quoted(name));
		value = define(c, name, "initializer");
	}
	if (!value)
		return false;
	value->is_initializer = true;
	value->type = tensor->data_type;
	value->constant = tensor;
	return true;
}

static bool define_initializers(struct check *c, const Onnx__GraphProto *graph)
{
	for (size_t i = 0; i < graph->n_initializer; i++)
		if (!define_initializer(
			    c, graph->initializer[i]->name, graph->initializer[i]))
			return false;
	for (size_t i = 0; i < graph->n_sparse_initializer; i++) {
		const Onnx__TensorProto *values = graph->sparse_initializer[i]->values;

		if (values && !define_initializer(c, values->name, values))
			return false;
	}
	return true;
}

/* Takes back what was defined since `mark`, at the end of a graph. */
static void leave(struct check *c, size_t mark)
{
	while (c->defined.count > mark)
		c->values.items[c->defined.items[--c->defined.count]].level = 0;
	c->level--;
}

static bool check_graph(struct check *c, const Onnx__GraphProto *graph);

static bool check_bodies(struct check *c, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_attribute; i++) {
		const Onnx__AttributeProto *attribute = node->attribute[i];

		if (attribute->g && !check_graph(c, attribute->g))
			return false;
		for (size_t k = 0; k < attribute->n_graphs; k++)
			if (!check_graph(c, attribute->graphs[k]))
				return false;
	}
	return true;
}

static bool is_function_domain(const struct check *c, ProtobufCBinaryData domain)
{
	return names_find(&c->function_domains, (const char *)domain.data, domain.len) !=
	       NAME_NONE;
}

static bool take_function_domains(struct check *c)
{
	const Onnx__ModelProto *proto = c->model->proto;

	for (size_t i = 0; i < proto->n_functions; i++) {
		ProtobufCBinaryData domain = proto->functions[i]->domain;

		if (names_add(&c->function_domains, (const char *)domain.data,
			    domain.len) == NAME_NONE)
			return false;
	}
	return true;
}

static void note_constant(struct known_value *value, const Onnx__NodeProto *node)
{
	if (!bytes_equal(node->op_type, "Constant") || node->n_attribute == 0 ||
		!node->attribute[0]->t)
		return;
	value->constant = node->attribute[0]->t;
	value->type = value->constant->data_type;
}

static bool check_node(struct check *c, const Onnx__NodeProto *node)
{
	if (!check_version(c, node->domain) && !is_function_domain(c, node->domain))
		check_report(c, "node %s: domain %s is not imported",
			check_node_name(node), quoted(node->domain));
	for (size_t i = 0; i < node->n_input; i++)
		if (node->input[i].len)
			use(c, node->input[i], node, NULL);
	if (!check_bodies(c, node))
		return false;
	for (size_t i = 0; i < node->n_output; i++) {
		struct known_value *value;

		if (node->output[i].len == 0)
			continue;
		value = define(c, node->output[i], "tensor");
		if (!value)
			return false;
		note_constant(value, node);
	}
	return check_qdq_node(c, node);
}

static bool check_nodes(struct check *c, Onnx__NodeProto **nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!check_node(c, nodes[i]))
			return false;
	return true;
}

static bool check_graph(struct check *c, const Onnx__GraphProto *graph)
{
	size_t mark = c->defined.count;
	bool ok;

	c->level++;
	ok = define_inputs(c, graph) && define_initializers(c, graph) &&
	     check_nodes(c, graph->node, graph->n_node);
	for (size_t i = 0; ok && i < graph->n_output; i++)
		use(c, graph->output[i]->name, NULL, "graph output");
	leave(c, mark);
	return ok;
}

static bool check_function(struct check *c, const Onnx__FunctionProto *function)
{
	size_t mark = c->defined.count;
	bool ok = true;

	c->level++;
	c->imports = function->opset_import;
	c->import_count = function->n_opset_import;
	for (size_t i = 0; ok && i < function->n_input; i++)
		ok = define(c, function->input[i], "function input");
	ok = ok && check_nodes(c, function->node, function->n_node);
	for (size_t i = 0; ok && i < function->n_output; i++)
		use(c, function->output[i], NULL, "function output");
	leave(c, mark);
	return ok;
}

bool check_names(struct check *c)
{
	const Onnx__ModelProto *proto = c->model->proto;
	bool ok = take_function_domains(c) && check_graph(c, proto->graph);

	for (size_t i = 0; ok && i < proto->n_functions; i++)
		ok = check_function(c, proto->functions[i]);
	return ok;
}
