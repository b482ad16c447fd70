/* Scales and zero points in the file: in place where nobody else reads them, as new
 * initializers where somebody does. */
#include "qdq/find.h"
#include "qdq/rewrite_parts.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SCALE_SLOT = 1, ZERO_SLOT = 2 };

/* Who wants a constant of the file to change, and to what. */
struct use {
	const struct numbers *numbers; /* NULL: nobody */
	uint32_t readers;              /* slots that want it */
	bool clash;                    /* they want different things */
};

/* One side of a group whose numbers change. */
struct side {
	uint32_t group;
	const struct numbers *numbers;
	const struct qdq_params *file;
	bool converted, contrib;
	ProtobufCBinaryData scale, zero; /* new initializers, when there are */
};

struct setting {
	struct rewriting *r;
	struct use *uses; /* by tensor of the file */
};

/* ---- the constants of one side */

static bool is_of_side(const struct rewriting *r, const struct side *s, node_id n)
{
	uint8_t role = r->qdq->of_node[n].role;

	return s->converted ? role == ROLE_Q_AGAIN || role == ROLE_DQ_AGAIN
			    : role == ROLE_Q || role == ROLE_DQ;
}

/* Whether the slot reads something else than it shall. */
static bool slot_changes(const struct side *s, uint32_t slot)
{
	const struct numbers *n = s->numbers;
	const struct qdq_params *p = s->file;

	if (slot == SCALE_SLOT)
		return n->count != 1 || p->count != 1 || n->scales[0] != p->value;
	if (n->type == QTYPE_NONE)
		return false;
	return n->count != 1 || p->count != 1 || n->type != p->type ||
	       n->zeros[0] != p->zero;
}

static bool numbers_equal(const struct numbers *a, const struct numbers *b, bool zero)
{
	if (a == b)
		return true;
	if (a->count != b->count)
		return false;
	if (zero)
		return a->type == b->type &&
		       !memcmp(a->zeros, b->zeros, a->count * sizeof(*a->zeros));
	return a->element == b->element &&
	       !memcmp(a->scales, b->scales, a->count * sizeof(*a->scales));
}

static void count_use(struct setting *s, const struct side *side, tensor_id t, bool zero)
{
	struct use *use = &s->uses[t];

	if (!use->numbers)
		use->numbers = side->numbers;
	else if (!numbers_equal(use->numbers, side->numbers, zero))
		use->clash = true;
	use->readers++;
}

static void count_side(struct setting *s, const struct side *side)
{
	const struct qdq_group *group = rewriting_group(s->r, side->group);

	for (uint32_t i = 0; i < group->node_count; i++) {
		node_id n = s->r->qdq->nodes[group->first_node + i];

		for (uint32_t slot = SCALE_SLOT; slot <= ZERO_SLOT; slot++) {
			tensor_id t = graph_input_of(s->r->file, n, slot);

			if (is_of_side(s->r, side, n) && t != GRAPH_NONE &&
				slot_changes(side, slot))
				count_use(s, side, t, slot == ZERO_SLOT);
		}
	}
}

/* ---- in place */

static bool is_private(const struct setting *s, tensor_id t)
{
	const struct graph_tensor *tensor = &s->r->file->tensors[t];
	const struct use *use = &s->uses[t];
	const Onnx__TensorProto *proto = graph_constant(s->r->file, t);
	uint64_t count;

	return use->numbers && !use->clash && proto &&
	       use->readers == tensor->reader_count &&
	       !(tensor->flags & (TENSOR_OUTPUT | TENSOR_CAPTURED)) &&
	       tensor_count(proto, &count, NULL) && count == use->numbers->count;
}

static bool set_private(struct setting *s, tensor_id t, bool zero)
{
	struct rewriting *r = s->r;
	const Onnx__TensorProto *old = graph_constant(r->file, t);
	Onnx__TensorProto *made = rewriting_tensor(
		r, old->name, s->uses[t].numbers, zero, old->dims, old->n_dims);

	if (!made)
		return rewriting_no_memory(r);
	return rewriting_replace(r, t, made);
}

/* ---- nodes */

static bool set_shared(struct setting *s, struct side *side, node_id n, uint32_t slot)
{
	struct rewriting *r = s->r;
	bool zero = slot == ZERO_SLOT;
	ProtobufCBinaryData *name = zero ? &side->zero : &side->scale;
	const char *ending =
		zero ? side->converted ? "_zero_point_convert" : "_zero_point"
		: side->converted ? "_scale_convert"
				  : "_scale";

	if (!name->data &&
		!(zero ? rewriting_add_zero(r, side->group, ending, side->numbers, name)
		       : rewriting_add_scale(
				 r, side->group, ending, side->numbers, name)))
		return false;
	return rewriting_set_input(r, n, slot, *name);
}

/* output_dtype of a Q has to agree with its zero point. */
static bool set_output_type(struct rewriting *r, node_id n, enum qtype type)
{
	const Onnx__AttributeProto *said = graph_attribute(r->file, n, "output_dtype");
	Onnx__AttributeProto *attribute;

	if (!said || !said->i || !qdq_is_quantize(r->file, n))
		return true;
	attribute = rewriting_attribute(r, n, "output_dtype");
	if (!attribute)
		return rewriting_no_memory(r);
	attribute->i = qtypes[type].element_type;
	return true;
}

static bool set_domain(struct rewriting *r, node_id n)
{
	Onnx__NodeProto *node;

	if (bytes_equal(r->file->nodes[n].proto->domain, "com.microsoft"))
		return true;
	node = rewriting_node(r, n);
	return node && rewriting_set_contrib(r, node);
}

/* A zero point that is absent stands for 0 of the type that something else tells. */
static bool set_node(struct setting *s, struct side *side, node_id n)
{
	struct rewriting *r = s->r;

	for (uint32_t slot = SCALE_SLOT; slot <= ZERO_SLOT; slot++) {
		tensor_id t = graph_input_of(r->file, n, slot);

		if (!slot_changes(side, slot))
			continue;
		if (t != GRAPH_NONE && is_private(s, t)) {
			if (!r->tensors[t] && !set_private(s, t, slot == ZERO_SLOT))
				return false;
		} else if (!set_shared(s, side, n, slot)) {
			return false;
		}
	}
	if (side->numbers->type != side->file->type &&
		!set_output_type(r, n, side->numbers->type))
		return false;
	return !side->contrib || set_domain(r, n);
}

static bool set_side(struct setting *s, struct side *side)
{
	const struct qdq_group *group = rewriting_group(s->r, side->group);

	for (uint32_t i = 0; i < group->node_count; i++) {
		node_id n = s->r->qdq->nodes[group->first_node + i];

		if (is_of_side(s->r, side, n) && !set_node(s, side, n))
			return false;
	}
	return true;
}

/* ---- all */

/* The sides of a group whose numbers change: at most two. */
static int sides_of(const struct rewriting *r, uint32_t index, struct side sides[2])
{
	const struct qdq_group *group = rewriting_group(r, index);
	const struct wish *wish = &r->wishes[index];
	int count = 0;

	if (wish->own_changed)
		sides[count++] = (struct side){.group = index,
			.numbers = &wish->own,
			.file = &group->own,
			.contrib = wish->contrib};
	if (wish->converted_changed)
		sides[count++] = (struct side){.group = index,
			.numbers = &wish->converted,
			.file = &group->converted,
			.converted = true,
			.contrib = wish->contrib_converted};
	return count;
}

bool rewriting_set_numbers(struct rewriting *r)
{
	struct setting s = {r, NULL};
	struct side sides[2];
	bool fine;

	s.uses = calloc((size_t)r->file->tensor_count + 1, sizeof(*s.uses));
	fine = s.uses || rewriting_no_memory(r);
	for (uint32_t i = 0; fine && i < r->qdq->groups.count; i++)
		for (int k = sides_of(r, i, sides); k-- > 0;)
			count_side(&s, &sides[k]);
	for (uint32_t i = 0; fine && i < r->qdq->groups.count; i++)
		for (int k = sides_of(r, i, sides); fine && k-- > 0;)
			fine = set_side(&s, &sides[k]);
	free(s.uses);
	return fine;
}

/* ---- new tensors */

static bool put_zeros(struct rewriting *r, Onnx__TensorProto *t, const struct numbers *n)
{
	bool nibbles = qtypes[n->type].bits == 4;
	uint64_t entries = nibbles ? n->count / 2 + n->count % 2 : n->count;

	t->int32_data = arena_zalloc(&r->model->arena, entries, sizeof(int32_t));
	if (!t->int32_data)
		return false;
	t->n_int32_data = entries;
	for (uint64_t i = 0; i < n->count; i++) {
		if (nibbles)
			t->int32_data[i / 2] |= (n->zeros[i] & 15) << (i % 2 * 4);
		else
			t->int32_data[i] = n->zeros[i];
	}
	return true;
}

static bool put_scales(struct rewriting *r, Onnx__TensorProto *t, const struct numbers *n)
{
	bool half = n->element == ELEMENT_FLOAT16;
	struct arena *arena = &r->model->arena;

	if (half)
		t->int32_data = arena_zalloc(arena, n->count, sizeof(int32_t));
	else
		t->float_data = arena_zalloc(arena, n->count, sizeof(float));
	if (half ? !t->int32_data : !t->float_data)
		return false;
	*(half ? &t->n_int32_data : &t->n_float_data) = n->count;
	for (uint64_t i = 0; i < n->count; i++) {
		if (half)
			t->int32_data[i] = half_from_double(n->scales[i]);
		else
			t->float_data[i] = (float)n->scales[i];
	}
	return true;
}

Onnx__TensorProto *rewriting_tensor(struct rewriting *r, ProtobufCBinaryData name,
	const struct numbers *n, bool zero, const int64_t *dims, size_t rank)
{
	int32_t element = zero ? qtypes[n->type].element_type : n->element;
	Onnx__TensorProto *t = model_new_tensor(
		r->model, (const char *)name.data, name.len, element, dims, rank);

	if (!t || !(zero ? put_zeros(r, t, n) : put_scales(r, t, n)))
		return NULL;
	return t;
}

static bool add(struct rewriting *r, uint32_t group, const char *ending,
	const struct numbers *n, bool zero, ProtobufCBinaryData *name)
{
	const Onnx__TensorProto *old =
		find_constant(r->file, rewriting_group(r, group)->own.scale);
	bool vector = n->count != 1;
	Onnx__TensorProto *t;

	*name = rewriting_name(r, group, ending);
	if (!name->data)
		return rewriting_no_memory(r);
	t = rewriting_tensor(
		r, *name, n, zero, vector ? old->dims : NULL, vector ? old->n_dims : 0);
	return (t && ARRAY_PUSH(&r->added, t)) || rewriting_no_memory(r);
}

bool rewriting_add_scale(struct rewriting *r, uint32_t group, const char *ending,
	const struct numbers *numbers, ProtobufCBinaryData *name)
{
	return add(r, group, ending, numbers, false, name);
}

bool rewriting_add_zero(struct rewriting *r, uint32_t group, const char *ending,
	const struct numbers *numbers, ProtobufCBinaryData *name)
{
	return add(r, group, ending, numbers, true, name);
}
