#include "base/text.h"
#include "quant/cleanup.h"

#include <stdlib.h>
#include <string.h>

/* AttributeProto.AttributeType, as far as ONNX Runtime's clean-up can rebuild it. */
enum { TYPE_FLOAT = 1, TYPE_GRAPH = 5, TYPE_FLOATS = 6, TYPE_GRAPHS = 10 };

static bool request(struct quantizer *q, struct names *set, ProtobufCBinaryData name)
{
	return !name.len ||
	       names_add(set, (const char *)name.data, name.len) != NAME_NONE ||
	       quantizer_no_memory(q);
}

/* ---- nodes that own subgraphs */

static bool clean_list(struct quantizer *q, Onnx__AttributeProto *attribute,
	struct names *requests, bool *changed)
{
	Onnx__GraphProto **graphs = arena_alloc(
		&q->model->arena, (attribute->n_graphs + 1) * sizeof(*graphs));

	if (!graphs)
		return quantizer_no_memory(q);
	for (size_t i = 0; i < attribute->n_graphs; i++) {
		if (!subgraph_clean(q, attribute->graphs[i], requests, &graphs[i]))
			return false;
		*changed |= graphs[i] != attribute->graphs[i];
	}
	attribute->graphs = graphs;
	return true;
}

/* *out is the attribute itself if its graphs stay as they are. */
static bool clean_attribute(struct quantizer *q, Onnx__AttributeProto *attribute,
	struct names *requests, Onnx__AttributeProto **out)
{
	Onnx__AttributeProto *copy;
	bool changed = false;

	*out = attribute;
	if (!attribute->g && !attribute->n_graphs)
		return true;
	copy = model_edit_attribute(q->model, attribute);
	if (!copy)
		return quantizer_no_memory(q);
	if (attribute->g && !subgraph_clean(q, attribute->g, requests, &copy->g))
		return false;
	changed = copy->g != attribute->g;
	if (attribute->n_graphs && !clean_list(q, copy, requests, &changed))
		return false;
	if (changed)
		*out = copy;
	return true;
}

static bool is_empty_list(const Onnx__AttributeProto *a)
{
	return a->type >= TYPE_FLOATS && a->type <= TYPE_GRAPHS && !a->n_floats &&
	       !a->n_ints && !a->n_strings && !a->n_tensors && !a->n_graphs;
}

int attribute_by_name(const void *a, const void *b)
{
	const Onnx__AttributeProto *x = *(Onnx__AttributeProto *const *)a;
	const Onnx__AttributeProto *y = *(Onnx__AttributeProto *const *)b;
	size_t length = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = length ? memcmp(x->name.data, y->name.data, length) : 0;

	return order ? order : (x->name.len > y->name.len) - (x->name.len < y->name.len);
}

/* Name, type and value only. */
static Onnx__AttributeProto *bare_attribute(
	struct quantizer *q, const Onnx__AttributeProto *attribute)
{
	Onnx__AttributeProto *copy = model_edit_attribute(q->model, attribute);

	if (!copy)
		return NULL;
	copy->has_doc_string = copy->has_ref_attr_name = 0;
	copy->base.n_unknown_fields = 0;
	return copy;
}

/* As ONNX Runtime rebuilds it: without domain and doc_string, attributes by name. */
static bool rebuild(
	struct quantizer *q, const Onnx__NodeProto *node, Onnx__NodeProto **out)
{
	Onnx__NodeProto *copy = model_edit_node(q->model, node);

	if (!copy)
		return quantizer_no_memory(q);
	copy->has_domain = copy->has_doc_string = copy->has_overload = 0;
	copy->n_metadata_props = copy->n_device_configurations = 0;
	copy->base.n_unknown_fields = 0;
	for (size_t i = 0; i < node->n_attribute; i++) {
		const Onnx__AttributeProto *a = node->attribute[i];

		if (a->type < TYPE_FLOAT || a->type > TYPE_GRAPHS || is_empty_list(a))
			return error_set(q->err, ERROR_REFUSED,
				"%s: ONNX Runtime cannot rebuild attribute %s of this "
				"node, which owns a subgraph; leave out --ort-compatible",
				text_quoted(
					(const char *)node->name.data, node->name.len),
				text_quoted((const char *)a->name.data, a->name.len));
		copy->attribute[i] = bare_attribute(q, a);
		if (!copy->attribute[i])
			return quantizer_no_memory(q);
	}
	qsort(copy->attribute, copy->n_attribute, sizeof(*copy->attribute),
		attribute_by_name);
	*out = copy;
	return true;
}

bool subgraph_clean_node(struct quantizer *q, Onnx__NodeProto *node,
	struct names *requests, Onnx__NodeProto **out)
{
	Onnx__NodeProto *copy = model_edit_node(q->model, node);
	bool changed = false;

	*out = node;
	if (!copy)
		return quantizer_no_memory(q);
	copy->attribute = arena_alloc(
		&q->model->arena, (node->n_attribute + 1) * sizeof(*copy->attribute));
	if (!copy->attribute)
		return quantizer_no_memory(q);
	for (size_t i = 0; i < node->n_attribute; i++) {
		if (!clean_attribute(
			    q, node->attribute[i], requests, &copy->attribute[i]))
			return false;
		changed |= copy->attribute[i] != node->attribute[i];
	}
	if (q->options->add_qdq_pair_to_weight)
		return true;
	if (q->compatible)
		return rebuild(q, copy, out);
	if (changed)
		*out = copy;
	return true;
}

/* ---- a subgraph */

struct cleaning {
	struct quantizer *q;
	Onnx__GraphProto *graph; /* a copy */
	struct names asked;
	bool *settled; /* by name: defined in the graph, or an initializer had it */
	bool changed;
};

static bool ask(struct cleaning *c)
{
	for (size_t n = 0; n < c->graph->n_node; n++) {
		const Onnx__NodeProto *node = c->graph->node[n];

		for (size_t i = 0; i < node->n_input; i++) {
			if (!request(c->q, &c->asked, node->input[i]))
				return false;
		}
	}
	for (size_t i = 0; i < c->graph->n_output; i++) {
		if (!request(c->q, &c->asked, c->graph->output[i]->name))
			return false;
	}
	return true;
}

static bool clean_nodes(struct cleaning *c)
{
	Onnx__NodeProto **nodes =
		arena_alloc(&c->q->model->arena, (c->graph->n_node + 1) * sizeof(*nodes));

	if (!nodes)
		return quantizer_no_memory(c->q);
	for (size_t n = 0; n < c->graph->n_node; n++) {
		nodes[n] = c->graph->node[n];
		if (node_has_graphs(nodes[n]) &&
			!subgraph_clean_node(
				c->q, c->graph->node[n], &c->asked, &nodes[n]))
			return false;
		c->changed |= nodes[n] != c->graph->node[n];
	}
	c->graph->node = nodes;
	return true;
}

static bool take(struct cleaning *c, ProtobufCBinaryData name)
{
	name_id id = names_find(&c->asked, (const char *)name.data, name.len);
	bool first = id != NAME_NONE && !c->settled[id];

	if (first)
		c->settled[id] = true;
	return first;
}

static void drop_input(struct cleaning *c, ProtobufCBinaryData name)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->graph->n_input; i++) {
		ProtobufCBinaryData other = c->graph->input[i]->name;

		if (other.len != name.len || memcmp(other.data, name.data, name.len) != 0)
			c->graph->input[kept++] = c->graph->input[i];
	}
	c->graph->n_input = kept;
}

static bool drop_initializers(struct cleaning *c)
{
	Onnx__GraphProto *g = c->graph;
	struct arena *arena = &c->q->model->arena;
	Onnx__TensorProto **kept =
		arena_alloc(arena, (g->n_initializer + 1) * sizeof(*kept));
	Onnx__ValueInfoProto **inputs =
		arena_alloc(arena, (g->n_input + 1) * sizeof(*inputs));
	size_t count = 0;

	if (!kept || !inputs)
		return quantizer_no_memory(c->q);
	if (g->n_input)
		memcpy(inputs, g->input, g->n_input * sizeof(*inputs));
	g->input = inputs;
	for (size_t i = 0; i < g->n_initializer; i++) {
		if (take(c, g->initializer[i]->name))
			kept[count++] = g->initializer[i];
		else
			drop_input(c, g->initializer[i]->name);
	}
	c->changed |= count != g->n_initializer;
	g->initializer = kept;
	g->n_initializer = count;
	return true;
}

static bool settle(struct cleaning *c)
{
	c->settled = calloc((size_t)c->asked.count + 1, sizeof(*c->settled));
	if (!c->settled)
		return quantizer_no_memory(c->q);
	for (size_t n = 0; n < c->graph->n_node; n++) {
		for (size_t i = 0; i < c->graph->node[n]->n_output; i++)
			take(c, c->graph->node[n]->output[i]);
	}
	if (!c->q->options->add_qdq_pair_to_weight) {
		if (!drop_initializers(c))
			return false;
	} else {
		for (size_t i = 0; i < c->graph->n_initializer; i++)
			take(c, c->graph->initializer[i]->name);
	}
	for (size_t i = 0; i < c->graph->n_input; i++)
		take(c, c->graph->input[i]->name);
	return true;
}

bool subgraph_clean(struct quantizer *q, Onnx__GraphProto *graph, struct names *requests,
	Onnx__GraphProto **out)
{
	struct cleaning c = {.q = q, .graph = model_edit_graph(q->model, graph)};
	bool ok = (c.graph || quantizer_no_memory(q)) && ask(&c) && clean_nodes(&c) &&
		  settle(&c);

	for (name_id id = 0; ok && id < c.asked.count; id++) {
		if (!c.settled[id])
			ok = names_add(requests, names_text(&c.asked, id),
				     names_length(&c.asked, id)) != NAME_NONE ||
			     quantizer_no_memory(q);
	}
	*out = c.changed ? c.graph : graph;
	names_clear(&c.asked);
	free(c.settled);
	return ok;
}
