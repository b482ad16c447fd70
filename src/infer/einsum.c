/* The rule of Einsum: labels of the equation stand for extents. */
#include "infer/rule.h"

#include <string.h>

enum { LABELS = 128, ELLIPSIS_MAX = 64 };

struct einsum {
	const char *text;
	size_t length;
	int64_t extents[LABELS]; /* by letter */
	int count[LABELS];       /* how often a letter stands on the left */
	bool has_ellipsis;
	int64_t ellipsis[ELLIPSIS_MAX];
	int64_t ellipsis_rank;
	int64_t *out;
	int64_t rank;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where a text begins in a part of the equation, or its end. */
static size_t find(const struct einsum *e, size_t from, size_t to, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = from; i + length <= to; i++)
		if (memcmp(e->text + i, text, length) == 0)
			return i;
	return to;
}

/* Of the extents an ellipsis stands for, ones give way. */
static bool take_ellipsis(
	struct einsum *e, struct known_shape x, int64_t at, int64_t rank)
{
	bool first = !e->has_ellipsis;

	if (rank < 0 || rank > ELLIPSIS_MAX || (!first && rank != e->ellipsis_rank))
		return false;
	e->has_ellipsis = true;
	e->ellipsis_rank = rank;
	for (int64_t i = 0; i < rank; i++) {
		int64_t extent = infer_extent(x, at + i);

		if (first || (e->ellipsis[i] == 1 && extent > 1))
			e->ellipsis[i] = extent;
	}
	return true;
}

/* One operand of the left side. */
static bool take_term(struct einsum *e, struct known_shape x, size_t from, size_t to)
{
	size_t ellipsis = find(e, from, to, "...");
	int64_t letters = 0, axis = 0;

	for (size_t i = from; i < to; i++)
		letters += is_letter(e->text[i]);
	if (ellipsis == to && letters != x.rank)
		return false;
	for (size_t i = from; i < to; i++) {
		unsigned char label = (unsigned char)e->text[i];

		if (i == ellipsis) {
			if (!take_ellipsis(e, x, axis, x.rank - letters))
				return false;
			axis += x.rank - letters;
		}
		if (!is_letter(e->text[i]))
			continue;
		if (!e->count[label]++)
			e->extents[label] = infer_extent(x, axis);
		axis++;
	}
	return true;
}

static bool take_left(struct infer_context *c, struct einsum *e, size_t end)
{
	size_t operand = 0, from = 0;

	for (size_t i = 0; i <= end; i++) {
		if (i < end && e->text[i] != ',')
			continue;
		if (operand >= c->node->n_input ||
			!take_term(e, infer_input(c, operand), from, i))
			return false;
		operand++;
		from = i + 1;
	}
	return operand == c->node->n_input;
}

static void put_ellipsis(struct einsum *e)
{
	for (int64_t i = 0; i < e->ellipsis_rank; i++)
		e->out[e->rank++] = e->ellipsis[i];
}

static bool put_right(struct einsum *e, size_t from)
{
	size_t ellipsis = find(e, from, e->length, "...");

	for (size_t i = from; i < e->length; i++) {
		unsigned char label = (unsigned char)e->text[i];

		if (i == ellipsis)
			put_ellipsis(e);
		if (!is_letter(e->text[i]))
			continue;
		if (!e->count[label])
			return false;
		e->out[e->rank++] = e->extents[label];
	}
	return true;
}

/* Without a right side: the labels that stand once, in their order. */
static void put_single(struct einsum *e)
{
	put_ellipsis(e);
	for (int label = 0; label < LABELS; label++)
		if (e->count[label] == 1)
			e->out[e->rank++] = e->extents[label];
}

/* The equation without spaces. */
static bool read_equation(struct infer_context *c, struct einsum *e)
{
	const Onnx__AttributeProto *a = infer_attribute(c, "equation");
	size_t length = a ? a->s.len : 0;
	char *text = arena_alloc(&c->known->names.arena, length + 1);

	c->no_memory = c->no_memory || !text;
	for (size_t i = 0; text && i < length; i++)
		if (a->s.data[i] != ' ')
			text[e->length++] = (char)a->s.data[i];
	e->text = text;
	return text;
}

bool infer_einsum(struct infer_context *c)
{
	struct einsum e = {.rank = 0};
	size_t arrow;

	if (!read_equation(c, &e))
		return false;
	if (!e.length || !c->node->n_input || !infer_has_shapes(c, c->node->n_input))
		return true;
	arrow = find(&e, 0, e.length, "->");
	if (!take_left(c, &e, arrow))
		return false;
	e.out = infer_set_shape(c, 0, (int64_t)e.length + e.ellipsis_rank + LABELS);
	if (!e.out)
		return false;
	if (arrow == e.length)
		put_single(&e);
	else if (!put_right(&e, arrow + 2))
		return false;
	c->out[0].rank = e.rank;
	return true;
}
