/* From single Q and DQ nodes to groups. */
#include "qdq/find.h"

#include <stdlib.h>
#include <string.h>

static struct candidate *candidate_at(struct finder *f, node_id node)
{
	uint32_t at = node < f->graph->main_nodes ? f->candidate_of[node] : 0;

	return at ? &f->candidates.items[at - 1] : NULL;
}

/* ---- what is looked at before a group is made */

/* Every reader is a DQ of the main graph with these parameters (NULL: those of the first
 * reader); what keeps it from being one, or NULL. */
static const char *check_readers(
	struct finder *f, tensor_id integers, const struct qdq_params *params)
{
	const struct graph *g = f->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, integers, &count);

	if (g->tensors[integers].flags & (TENSOR_OUTPUT | TENSOR_CAPTURED))
		return "its integers are read outside the main graph";
	if (!count)
		return "no DequantizeLinear reads its integers";
	for (uint32_t i = 0; i < count; i++) {
		struct candidate *c = candidate_at(f, readers[i].node);

		if (!c || readers[i].slot != 0 || !qdq_is_dequantize(g, c->node))
			return "its integers are read by other operators too";
		if (c->fault)
			return c->fault;
		if (params && !c->params.element) {
			c->params.element = params->element;
			c->params.type = params->type;
		}
		params = params ? params : &c->params;
		if (!qdq_params_equal(params, &c->params))
			return "the parameters of its readers differ";
	}
	return NULL;
}

/* A DQ may turn one float type into another; then it is more than a group. */
static bool keeps_float_type(struct finder *f, tensor_id source, tensor_id integers)
{
	const struct graph *g = f->graph;
	int32_t type = g->tensors[source].known_type;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, integers, &count);

	for (uint32_t i = 0; i < count; i++) {
		tensor_id out = graph_output_of(g, readers[i].node, 0);
		int32_t made = out == GRAPH_NONE ? 0 : g->tensors[out].known_type;

		if (type && made && type != made)
			return false;
	}
	return true;
}

static const char *check_quantize(struct finder *f, const struct candidate *c)
{
	const struct graph *g = f->graph;
	tensor_id source = graph_input_of(g, c->node, 0);
	tensor_id integers = graph_output_of(g, c->node, 0);
	const Onnx__TensorProto *data = graph_constant(g, source);
	int32_t type = g->tensors[source].known_type;
	const char *fault = check_readers(f, integers, &c->params);

	if (fault)
		return fault;
	if (type && !element_is_float(type))
		return "it reads no float tensor";
	if (!keeps_float_type(f, source, integers))
		return "its DequantizeLinear makes another float type";
	if (!data && c->params.count != 1)
		return "it has a scale for each channel, which only constants may have";
	if (data &&
		!find_layout_fits(&c->params, find_constant(g, c->params.scale), data))
		return "its scales do not fit its shape";
	return NULL;
}

static const char *check_constant(
	struct finder *f, tensor_id integers, const struct candidate *c)
{
	const Onnx__TensorProto *data = graph_constant(f->graph, integers);
	const char *fault = check_readers(f, integers, NULL);

	if (fault)
		return fault;
	if (data->data_type != c->params.element)
		return "its zero point has not the type of its integers";
	if (c->params.element == ELEMENT_INT32 && c->params.zero != 0)
		return "an int32 constant has a zero point";
	if (!find_layout_fits(&c->params, find_constant(f->graph, c->params.scale), data))
		return "its scales do not fit its shape";
	return NULL;
}

/* ---- groups */

static bool add_stranger(struct finder *f, node_id node, const char *reason)
{
	struct qdq_stranger stranger = {node, reason};

	return ARRAY_PUSH(&f->qdq->strangers, stranger) || find_no_memory(f);
}

/* The constant or Q is no part of a group, so its DQs are none. */
static void refuse_readers(struct finder *f, tensor_id integers, const char *reason)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(f->graph, integers, &count);

	for (uint32_t i = 0; i < count; i++) {
		struct candidate *c = candidate_at(f, readers[i].node);

		if (c && readers[i].slot == 0 && qdq_is_dequantize(f->graph, c->node) &&
			!c->fault)
			c->fault = reason;
	}
}

static void set_node(struct finder *f, node_id node, uint32_t group, enum qdq_role role)
{
	f->qdq->of_node[node].group = group;
	f->qdq->of_node[node].role = (uint8_t)role;
	f->qdq->groups.items[group].node_count++;
}

static void set_tensor(
	struct finder *f, tensor_id tensor, uint32_t group, enum qdq_side side)
{
	f->qdq->of_tensor[tensor].group = group;
	f->qdq->of_tensor[tensor].side = (uint8_t)side;
}

static void take_readers(struct finder *f, tensor_id integers, uint32_t group,
	enum qdq_role role, enum qdq_side side)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(f->graph, integers, &count);

	set_tensor(f, integers, group, SIDE_INTEGER);
	for (uint32_t i = 0; i < count; i++) {
		set_node(f, readers[i].node, group, role);
		set_tensor(f, graph_output_of(f->graph, readers[i].node, 0), group, side);
	}
}

static bool new_group(struct finder *f, enum qdq_kind kind, tensor_id source,
	const struct qdq_params *params)
{
	struct qdq_group group = {.kind = kind, .source = source, .own = *params};

	return ARRAY_PUSH(&f->qdq->groups, group) || find_no_memory(f);
}

/* Constant floats before a Q. ONNX Runtime quantizes the output of a Constant node as it
 * does activations; weights are told by channels, or a signed type around 0. */
static enum qdq_kind kind_of_source(
	const struct graph *g, tensor_id source, const struct qdq_params *p)
{
	if (!graph_constant(g, source))
		return QDQ_ACTIVATION;
	if (g->tensors[source].flags & TENSOR_INITIALIZER)
		return QDQ_FLOAT_WEIGHT;
	return p->axis >= 0 || (qtypes[p->type].is_signed && p->zero == 0)
		       ? QDQ_FLOAT_WEIGHT
		       : QDQ_ACTIVATION;
}

/* A further Q on a tensor of a group: what keeps it from being the conversion. */
static const char *join_converted(
	const struct graph *g, struct qdq_group *group, const struct qdq_params *p)
{
	bool node = g->tensors[group->source].flags & TENSOR_CONSTANT;

	if (group->kind == QDQ_FLOAT_WEIGHT && node && group->own.axis < 0)
		group->kind = QDQ_ACTIVATION;
	if (group->kind != QDQ_ACTIVATION)
		return "it quantizes a constant again";
	if (p->type == group->own.type)
		return "it quantizes again to the same type";
	if (!group->converted.element) {
		group->converted = *p;
		return NULL;
	}
	return qdq_params_equal(&group->converted, p)
		       ? NULL
		       : "the tensor is converted to two types";
}

/* Puts a Q with its DQs where it belongs, or says why not. */
static const char *place_quantize(struct finder *f, struct candidate *c, bool *lost)
{
	const struct graph *g = f->graph;
	tensor_id source = graph_input_of(g, c->node, 0);
	tensor_id integers = graph_output_of(g, c->node, 0);
	struct qdq_member *at = &f->qdq->of_tensor[source];
	struct qdq_group *group = at->side ? &f->qdq->groups.items[at->group] : NULL;
	const char *fault;

	if (at->side == SIDE_CONVERTED)
		return "it converts a tensor that is converted already";
	if (at->side == SIDE_OWN) {
		fault = join_converted(g, group, &c->params);
		if (fault)
			return fault;
		set_node(f, c->node, at->group, ROLE_Q_AGAIN);
		take_readers(f, integers, at->group, ROLE_DQ_AGAIN, SIDE_CONVERTED);
		return NULL;
	}
	if (group && !qdq_params_equal(&group->own, &c->params))
		return "another QuantizeLinear reads the tensor with other parameters";
	if (!group && !new_group(f, kind_of_source(g, source, &c->params), source,
			      &c->params)) {
		*lost = true;
		return NULL;
	}
	if (!group)
		set_tensor(f, source, (uint32_t)f->qdq->groups.count - 1, SIDE_SOURCE);
	set_node(f, c->node, at->group, ROLE_Q);
	take_readers(f, integers, at->group, ROLE_DQ, SIDE_OWN);
	return NULL;
}

static bool take_quantize(struct finder *f, struct candidate *c)
{
	tensor_id integers = graph_output_of(f->graph, c->node, 0);
	bool lost = false;

	if (!c->fault)
		c->fault = check_quantize(f, c);
	if (!c->fault)
		c->fault = place_quantize(f, c, &lost);
	if (lost)
		return false;
	if (!c->fault)
		return true;
	if (integers != GRAPH_NONE)
		refuse_readers(f, integers, "its QuantizeLinear is not edited");
	return add_stranger(f, c->node, c->fault);
}

static bool take_constant(struct finder *f, struct candidate *c, tensor_id integers)
{
	enum qdq_kind kind = c->params.element == ELEMENT_INT32 ? QDQ_BIAS : QDQ_WEIGHT;
	const char *fault = check_constant(f, integers, c);

	if (fault) {
		refuse_readers(f, integers, fault);
		return add_stranger(f, c->node, fault);
	}
	if (!new_group(f, kind, integers, &c->params))
		return false;
	take_readers(f, integers, (uint32_t)f->qdq->groups.count - 1, ROLE_DQ, SIDE_OWN);
	return true;
}

/* A DQ that its Q or an earlier DQ of the same constant did not take along. */
static bool take_dequantize(struct finder *f, struct candidate *c)
{
	tensor_id integers = graph_input_of(f->graph, c->node, 0);

	if (f->qdq->of_node[c->node].role)
		return true;
	if (c->fault)
		return add_stranger(f, c->node, c->fault);
	if (graph_constant(f->graph, integers))
		return take_constant(f, c, integers);
	return add_stranger(f, c->node, "it reads integers that no QuantizeLinear makes");
}

static bool find_all(struct finder *f)
{
	const struct graph *g = f->graph;

	for (uint32_t i = 0; i < g->main_nodes; i++) {
		struct candidate *c = candidate_at(f, g->order[i]);
		bool fine = !c || (qdq_is_quantize(g, c->node) ? take_quantize(f, c)
							       : take_dequantize(f, c));

		if (!fine)
			return false;
	}
	for (node_id n = g->main_nodes; n < g->node_count; n++) {
		if (!qdq_is_quantize(g, n) && !qdq_is_dequantize(g, n))
			continue;
		f->qdq->pairs_in_bodies++;
		if (!add_stranger(f, n, "it is inside a subgraph"))
			return false;
	}
	return true;
}

/* ---- the lists */

static int by_node(const void *a, const void *b)
{
	const struct qdq_stranger *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

/* Gives each group its nodes, in file order. */
static bool list_nodes(struct finder *f)
{
	struct qdq *q = f->qdq;
	uint32_t sum = 0, *next;

	q->nodes = calloc((size_t)f->graph->main_nodes + 1, sizeof(*q->nodes));
	next = calloc(q->groups.count + 1, sizeof(*next));
	if (!q->nodes || !next) {
		free(next);
		return find_no_memory(f);
	}
	for (size_t i = 0; i < q->groups.count; i++) {
		struct qdq_group *group = &q->groups.items[i];

		next[i] = group->first_node = sum;
		sum += group->node_count;
		q->kinds[group->kind]++;
		q->conversions += group->converted.element != 0;
	}
	for (node_id n = 0; n < f->graph->main_nodes; n++)
		if (q->of_node[n].role)
			q->nodes[next[q->of_node[n].group]++] = n;
	free(next);
	if (q->strangers.count)
		qsort(q->strangers.items, q->strangers.count, sizeof(*q->strangers.items),
			by_node);
	return true;
}

static bool prepare(struct finder *f)
{
	const struct graph *g = f->graph;
	struct qdq *q = f->qdq;

	f->candidate_of = calloc((size_t)g->main_nodes + 1, sizeof(uint32_t));
	f->numbers_of = calloc((size_t)g->tensor_count + 1, sizeof(uint32_t));
	q->of_node = calloc((size_t)g->node_count + 1, sizeof(*q->of_node));
	q->of_tensor = calloc((size_t)g->tensor_count + 1, sizeof(*q->of_tensor));
	return (f->candidate_of && f->numbers_of && q->of_node && q->of_tensor) ||
	       find_no_memory(f);
}

struct qdq *qdq_find(const struct graph *graph, struct error *err)
{
	struct finder f = {.graph = graph, .err = err};
	bool fine;

	f.qdq = calloc(1, sizeof(*f.qdq));
	if (!f.qdq) {
		find_no_memory(&f);
		return NULL;
	}
	f.qdq->graph = graph;
	fine = prepare(&f) && find_candidates(&f) && find_all(&f) && find_names(&f) &&
	       list_nodes(&f);
	ARRAY_RELEASE(&f.candidates);
	ARRAY_RELEASE(&f.numbers);
	free(f.candidate_of);
	free(f.numbers_of);
	if (fine)
		return f.qdq;
	qdq_free(f.qdq);
	return NULL;
}

void qdq_free(struct qdq *qdq)
{
	if (!qdq)
		return;
	ARRAY_RELEASE(&qdq->groups);
	ARRAY_RELEASE(&qdq->strangers);
	free(qdq->nodes);
	free(qdq->of_node);
	free(qdq->of_tensor);
	names_clear(&qdq->names);
	free(qdq);
}

uint32_t qdq_list_reasons(const struct qdq *qdq, struct qdq_reason list[QDQ_REASONS])
{
	uint32_t count = 0;

	for (size_t i = 0; i < qdq->strangers.count; i++) {
		const struct qdq_stranger *stranger = &qdq->strangers.items[i];
		uint32_t at = 0;

		while (at < count && list[at].reason != stranger->reason)
			at++;
		if (at == QDQ_REASONS)
			continue;
		if (at == count)
			list[count++] =
				(struct qdq_reason){stranger->reason, stranger->node, 0};
		list[at].count++;
	}
	return count;
}
