/* Conversions that come, go, or get other readers. */
#include "qdq/rewrite_parts.h"

#include <string.h>

/* One group whose conversion changes, as it stands in the file. */
struct conversion {
	uint32_t group;
	node_id first_q, first_dq; /* of the own side, in file order */
	node_id serving; /* a DQ of the own side that others than conversions read */
	node_id first_dq_again; /* of the converted side, or GRAPH_NONE */
	bool stays;             /* some reader shall see the own side */
	tensor_id renamed;      /* its DQ writes another name now, or GRAPH_NONE */
	ProtobufCBinaryData own, converted; /* what readers shall read */
};

static ProtobufCBinaryData name_of(const struct rewriting *r, tensor_id tensor)
{
	const struct graph *g = r->file;
	name_id name = g->tensors[tensor].name;

	return model_bytes(
		r->model, names_text(&g->names, name), names_length(&g->names, name));
}

static tensor_id output_of(const struct rewriting *r, node_id n)
{
	return graph_output_of(r->file, n, 0);
}

/* True if a DQ serves nothing but conversions. */
static bool is_clone(const struct rewriting *r, node_id dq)
{
	tensor_id out = output_of(r, dq);
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(r->file, out, &count);

	for (uint32_t i = 0; i < count; i++)
		if (!graph_is_main(r->file, readers[i].node) ||
			r->qdq->of_node[readers[i].node].role != ROLE_Q_AGAIN)
			return false;
	return count &&
	       !(r->file->tensors[out].flags & (TENSOR_OUTPUT | TENSOR_CAPTURED));
}

static void survey(const struct rewriting *r, struct conversion *c)
{
	const struct qdq_group *group = rewriting_group(r, c->group);

	c->first_q = c->first_dq = c->serving = c->first_dq_again = GRAPH_NONE;
	c->renamed = GRAPH_NONE;
	for (uint32_t i = group->node_count; i-- > 0;) {
		node_id n = r->qdq->nodes[group->first_node + i];

		switch (r->qdq->of_node[n].role) {
		case ROLE_Q:
			c->first_q = n;
			break;
		case ROLE_DQ:
			c->first_dq = n;
			if (!is_clone(r, n))
				c->serving = n;
			break;
		case ROLE_DQ_AGAIN:
			c->first_dq_again = n;
			break;
		default:
			break;
		}
	}
	if (c->serving == GRAPH_NONE)
		c->serving = c->first_dq;
}

/* ---- readers */

/* Calls `visit` for each slot of an ordinary node behind a DQ of the group. */
static bool each_reader(struct rewriting *r, struct conversion *c,
	bool (*visit)(struct rewriting *r, struct conversion *c,
		const struct graph_reader *reader))
{
	const struct qdq_group *group = rewriting_group(r, c->group);

	for (uint32_t i = 0; i < group->node_count; i++) {
		tensor_id out = output_of(r, r->qdq->nodes[group->first_node + i]);
		uint32_t count;
		const struct graph_reader *readers =
			graph_readers_of(r->file, out, &count);

		if (!view_side_is_quantized((enum qdq_side)r->qdq->of_tensor[out].side))
			continue;
		for (uint32_t k = 0; k < count; k++)
			if (graph_is_main(r->file, readers[k].node) &&
				!r->qdq->of_node[readers[k].node].role &&
				!visit(r, c, &readers[k]))
				return false;
	}
	return true;
}

static bool look_at_reader(
	struct rewriting *r, struct conversion *c, const struct graph_reader *reader)
{
	if (rewriting_side(r, reader->node, reader->slot) == SIDE_OWN)
		c->stays = true;
	return true;
}

/* Whether the DQ stands before the node in the file. */
static bool is_before(node_id dq, node_id reader)
{
	return dq != GRAPH_NONE && dq < reader;
}

/* Lets a slot read what it shall, unless it does already. */
static bool move_reader(
	struct rewriting *r, struct conversion *c, const struct graph_reader *reader)
{
	tensor_id now = graph_input_of(r->file, reader->node, reader->slot);
	enum qdq_side side = rewriting_side(r, reader->node, reader->slot);

	if ((enum qdq_side)r->qdq->of_tensor[now].side == side && now != c->renamed &&
		r->fates[r->file->tensors[now].producer] != FATE_GONE)
		return true;
	return rewriting_set_input(r, reader->node, reader->slot,
		side == SIDE_CONVERTED ? c->converted : c->own);
}

/* False if a reader that shall see the converted side stands before its nodes. */
static bool converted_in_time(
	struct rewriting *r, struct conversion *c, const struct graph_reader *reader)
{
	return rewriting_side(r, reader->node, reader->slot) != SIDE_CONVERTED ||
	       is_before(c->first_dq_again, reader->node);
}

/* The same for the own side. */
static bool own_in_time(
	struct rewriting *r, struct conversion *c, const struct graph_reader *reader)
{
	return rewriting_side(r, reader->node, reader->slot) != SIDE_OWN ||
	       is_before(c->serving, reader->node);
}

/* ---- new nodes */

static Onnx__NodeProto *new_node(struct rewriting *r, const struct conversion *c,
	const char *op, const char *ending, ProtobufCBinaryData in,
	ProtobufCBinaryData scale, ProtobufCBinaryData zero, ProtobufCBinaryData out)
{
	Onnx__NodeProto *node = model_new_node(r->model, op, NULL, zero.data ? 3 : 2, 1);

	if (!node)
		return NULL;
	node->has_name = 1;
	node->name = rewriting_name(r, c->group, ending);
	node->input[0] = in;
	node->input[1] = scale;
	if (zero.data)
		node->input[2] = zero;
	node->output[0] = out;
	return node->name.data ? node : NULL;
}

static bool insert(struct rewriting *r, node_id after, Onnx__NodeProto *node)
{
	struct inserted item = {after, node};

	return (node && ARRAY_PUSH(&r->inserted, item)) || rewriting_no_memory(r);
}

static void copy_domain(
	const struct rewriting *r, const struct conversion *c, Onnx__NodeProto *node)
{
	const Onnx__NodeProto *first = r->file->nodes[c->first_q].proto;

	node->has_domain = first->has_domain;
	node->domain = first->domain;
}

/* The domain of the converted side: the group's, or that which has the type. */
static bool set_domain(
	struct rewriting *r, const struct conversion *c, Onnx__NodeProto *q)
{
	copy_domain(r, c, q);
	if (!r->wishes[c->group].contrib_converted)
		return true;
	return rewriting_set_contrib(r, q);
}

/* A further DQ of the own side, read by the conversion alone, as ONNX Runtime has it. */
static bool add_clone(
	struct rewriting *r, const struct conversion *c, ProtobufCBinaryData *out)
{
	const Onnx__NodeProto *first = r->nodes[c->first_dq]
					       ? r->nodes[c->first_dq]
					       : r->file->nodes[c->first_dq].proto;
	Onnx__NodeProto *clone = model_edit_node(r->model, first);

	if (!clone)
		return rewriting_no_memory(r);
	*out = rewriting_name(r, c->group, "_convert_QuantizeLinear_Input");
	clone->has_name = 1;
	clone->name = rewriting_name(r, c->group, "_convert_clone_DequantizeLinear");
	clone->input =
		arena_alloc(&r->model->arena, clone->n_input * sizeof(*clone->input));
	clone->output = arena_alloc(&r->model->arena, sizeof(*clone->output));
	if (!clone->input || !clone->output || !out->data || !clone->name.data)
		return rewriting_no_memory(r);
	memcpy(clone->input, first->input, clone->n_input * sizeof(*clone->input));
	clone->input[0] = name_of(r, output_of(r, c->first_q));
	clone->output[0] = *out;
	return clone->input[0].data ? insert(r, c->first_q, clone)
				    : rewriting_no_memory(r);
}

/* The graph output goes to the converted side: its DQ gets another name. */
static bool free_output(
	struct rewriting *r, struct conversion *c, ProtobufCBinaryData *output)
{
	Onnx__NodeProto *dq = rewriting_node(r, c->serving);

	if (!dq)
		return false;
	*output = dq->output[0];
	c->renamed = output_of(r, c->serving);
	dq->output = arena_alloc(&r->model->arena, sizeof(*dq->output));
	if (!dq->output)
		return rewriting_no_memory(r);
	dq->output[0] = c->own = rewriting_name(r, c->group, "_DequantizeLinear_Output");
	return c->own.data || rewriting_no_memory(r);
}

static bool add_pair(struct rewriting *r, struct conversion *c, node_id after,
	ProtobufCBinaryData in, ProtobufCBinaryData out)
{
	const struct numbers *n = &r->wishes[c->group].converted;
	ProtobufCBinaryData scale, zero, middle;
	Onnx__NodeProto *q, *dq;

	middle = rewriting_name(r, c->group, "_convert_QuantizeLinear_Output");
	if (!middle.data)
		return rewriting_no_memory(r);
	if (!rewriting_add_zero(r, c->group, "_zero_point_convert", n, &zero) ||
		!rewriting_add_scale(r, c->group, "_scale_convert", n, &scale))
		return false;
	q = new_node(r, c, "QuantizeLinear", "_convert_QuantizeLinear", in, scale, zero,
		middle);
	dq = new_node(r, c, "DequantizeLinear", "_convert_DequantizeLinear", middle,
		scale, zero, out);
	if (!q || !dq)
		return rewriting_no_memory(r);
	if (!set_domain(r, c, q) || !set_domain(r, c, dq))
		return false;
	c->converted = out;
	return insert(r, after, q) && insert(r, after, dq);
}

/* All of qdq-semantics.md 4.8 behind the pair that is there. */
static bool add_conversion(struct rewriting *r, struct conversion *c)
{
	tensor_id served = output_of(r, c->serving);
	uint16_t flags = r->file->tensors[served].flags;
	bool all = !c->stays && !(flags & TENSOR_CAPTURED);
	ProtobufCBinaryData in, out = {0};

	c->own = name_of(r, served);
	if (!c->own.data)
		return rewriting_no_memory(r);
	if (all && (flags & TENSOR_OUTPUT) && !free_output(r, c, &out))
		return false;
	if (!out.data)
		out = rewriting_name(r, c->group, "_convert_DequantizeLinear_Output");
	if (!out.data)
		return rewriting_no_memory(r);
	if (all)
		return add_pair(r, c, c->serving, c->own, out);
	return add_clone(r, c, &in) && add_pair(r, c, c->first_q, in, out);
}

/* ---- conversions that go */

/* Takes the nodes away that only converted; a DQ of the own side serves everybody. */
static bool remove_conversion(struct rewriting *r, struct conversion *c)
{
	const struct qdq_group *group = rewriting_group(r, c->group);
	Onnx__NodeProto *dq;

	if (!each_reader(r, c, own_in_time))
		c->serving = c->first_dq;
	c->own = name_of(r, output_of(r, c->serving));
	for (uint32_t i = 0; i < group->node_count; i++) {
		node_id n = r->qdq->nodes[group->first_node + i];
		uint8_t role = r->qdq->of_node[n].role;

		if (role == ROLE_Q_AGAIN || role == ROLE_DQ_AGAIN ||
			(role == ROLE_DQ && n != c->serving && is_clone(r, n)))
			r->fates[n] = FATE_GONE;
	}
	if (!group->output_converted)
		return c->own.data || rewriting_no_memory(r);
	dq = rewriting_node(r, c->serving);
	if (!dq)
		return false;
	c->renamed = output_of(r, c->serving);
	c->own = model_bytes(r->model, group->name, group->name_length);
	dq->output = arena_alloc(&r->model->arena, sizeof(*dq->output));
	if (!dq->output || !c->own.data)
		return rewriting_no_memory(r);
	dq->output[0] = c->own;
	return true;
}

/* ---- conversions that stay */

static bool move_node(struct rewriting *r, const struct conversion *c, node_id n)
{
	r->fates[n] = FATE_MOVED;
	return insert(r, c->first_q, rewriting_node(r, n));
}

/* The clone that the conversion reads, behind the first Q: the one that is there, or a
 * new one. Further ones go. */
static bool move_clone(
	struct rewriting *r, struct conversion *c, ProtobufCBinaryData *out)
{
	const struct qdq_group *group = rewriting_group(r, c->group);

	*out = (ProtobufCBinaryData){0};
	for (uint32_t i = 0; i < group->node_count; i++) {
		node_id n = r->qdq->nodes[group->first_node + i];

		if (r->qdq->of_node[n].role != ROLE_DQ || !is_clone(r, n))
			continue;
		if (out->data) {
			r->fates[n] = FATE_GONE;
			continue;
		}
		*out = name_of(r, output_of(r, n));
		if (!rewriting_set_input(r, n, 0, name_of(r, output_of(r, c->first_q))) ||
			!move_node(r, c, n))
			return false;
	}
	return out->data || add_clone(r, c, out);
}

/* Moves the nodes of the conversion behind the first Q: a new reader stands before
 * them, and what their Q reads must be there then. */
static bool move_conversion(struct rewriting *r, struct conversion *c)
{
	const struct qdq_group *group = rewriting_group(r, c->group);
	ProtobufCBinaryData in;

	if (!move_clone(r, c, &in))
		return false;
	for (uint32_t i = 0; i < group->node_count; i++) {
		node_id n = r->qdq->nodes[group->first_node + i];
		uint8_t role = r->qdq->of_node[n].role;

		if (role != ROLE_Q_AGAIN && role != ROLE_DQ_AGAIN)
			continue;
		if (role == ROLE_Q_AGAIN && !rewriting_set_input(r, n, 0, in))
			return false;
		if (!move_node(r, c, n))
			return false;
	}
	return true;
}

/* DQs that nobody is to read any more. */
static void drop_unread(struct rewriting *r, const struct conversion *c)
{
	const struct qdq_group *group = rewriting_group(r, c->group);

	for (uint32_t i = 0; !c->stays && i < group->node_count; i++) {
		node_id n = r->qdq->nodes[group->first_node + i];
		tensor_id out = output_of(r, n);
		uint32_t count;
		const struct graph_reader *readers =
			graph_readers_of(r->file, out, &count);
		bool read =
			r->file->tensors[out].flags & (TENSOR_OUTPUT | TENSOR_CAPTURED);

		for (uint32_t k = 0; k < count; k++)
			read |= r->qdq->of_node[readers[k].node].role == ROLE_Q_AGAIN;
		if (r->qdq->of_node[n].role == ROLE_DQ && !read)
			r->fates[n] = FATE_GONE;
	}
}

static bool change_readers(struct rewriting *r, struct conversion *c)
{
	if (!each_reader(r, c, own_in_time))
		c->serving = c->first_dq;
	c->own = name_of(r, output_of(r, c->serving));
	c->converted = name_of(r, output_of(r, c->first_dq_again));
	if (!c->own.data || !c->converted.data)
		return rewriting_no_memory(r);
	drop_unread(r, c);
	return each_reader(r, c, converted_in_time) || move_conversion(r, c);
}

static bool change_group(struct rewriting *r, uint32_t index)
{
	struct conversion c = {.group = index};
	bool had = rewriting_group(r, index)->converted.element != 0;
	bool has = r->wishes[index].converted.count > 0, fine;

	survey(r, &c);
	if (c.first_q == GRAPH_NONE || c.first_dq == GRAPH_NONE)
		return true;
	each_reader(r, &c, look_at_reader);
	if (!had)
		fine = add_conversion(r, &c);
	else
		fine = has ? change_readers(r, &c) : remove_conversion(r, &c);
	return fine && each_reader(r, &c, move_reader);
}

bool rewriting_set_conversions(struct rewriting *r)
{
	for (uint32_t i = 0; i < r->qdq->groups.count; i++)
		if (r->wishes[i].moves && !change_group(r, i))
			return false;
	return true;
}
