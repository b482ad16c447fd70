/* Rules of reductions and of losses. */
#include "infer/rule.h"

/* What is left when axes are made 1 or taken out. */
static bool drop(struct infer_context *c, struct infer_list axes, bool all)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out = infer_set_shape(c, 0, x.rank), n = 0;
	bool keep = infer_int(c, "keepdims", 1) == 1;

	for (int64_t i = 0; out && i < x.rank; i++) {
		bool gone = all || infer_list_has(axes, i);

		if (!gone || keep)
			out[n++] = gone ? 1 : infer_extent(x, i);
	}
	c->out[0].rank = n;
	return out;
}

/* Axes counted from the end, whatever they are. */
static bool add_rank(struct infer_context *c, struct infer_list *axes, int64_t rank)
{
	int64_t *items =
		arena_alloc(&c->known->names.arena, (axes->count + 1) * sizeof(*items));

	c->no_memory = c->no_memory || !items;
	for (size_t i = 0; items && i < axes->count; i++)
		items[i] = axes->items[i] + (axes->items[i] < 0 ? rank : 0);
	axes->items = items;
	return items;
}

/* `argument`: axes out of range are an error, and axes may be an input. */
bool infer_reduce(struct infer_context *c)
{
	struct infer_list axes = infer_ints(c, "axes");
	int64_t rank = infer_input(c, 0).rank;

	if (!c->argument)
		return add_rank(c, &axes, rank) && drop(c, axes, !axes.count);
	if (infer_has_input(c, 1)) {
		if (!axes.is_absent || !infer_constant(c, 1, false, &axes))
			return false;
		if (!axes.is_known)
			return true;
	}
	if (!axes.count && infer_int(c, "noop_with_empty_axes", 0))
		return infer_copy_shape(c, 0, 0);
	return infer_axes(c, &axes, rank, false) && drop(c, axes, !axes.count);
}

/* `argument`: the axis is checked. */
bool infer_arg_reduce(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank, axis = infer_int(c, "axis", 0);
	bool is_inside = infer_axis(axis, rank, &axis);

	if (c->argument && infer_attribute(c, "axis") && !is_inside)
		return false;
	return drop(c, (struct infer_list){.items = &axis, .count = 1}, false);
}

bool infer_det(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t size;

	if (x.rank < 2)
		return false;
	size = infer_extent(x, x.rank - 1);
	return infer_unify(infer_extent(x, x.rank - 2), &size) &&
	       infer_set_dims(c, 0, x.dims, x.rank - 2);
}

/* ---- losses */

/* The extents of a target, which has no axis 1; those of the input come first before
 * opset 22. */
static bool target_dims(struct infer_context *c, int64_t *out)
{
	struct known_shape x = infer_input(c, 0), target = infer_input(c, 1);

	for (int64_t i = 0; i < target.rank; i++) {
		int64_t of_input = infer_extent(x, i ? i + 1 : 0),
			other = infer_extent(target, i);

		out[i] = c->opset < 22 ? of_input : other;
		if (of_input >= 0 && other >= 0 && of_input != other)
			return false;
		if (c->opset >= 22 && !infer_unify(of_input, &out[i]))
			return false;
	}
	return true;
}

static bool fits_classes(struct infer_context *c)
{
	int64_t classes = infer_extent(infer_input(c, 0), 1);

	return infer_check(c, 2, 1) &&
	       (c->opset < 22 || infer_unify_axis(c, 2, 0, &classes));
}

bool infer_nll_loss(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank, *out;

	if (rank < 2 || infer_input(c, 1).rank != rank - 1)
		return false;
	out = infer_set_shape(c, 0, rank - 1);
	if (!out || !target_dims(c, out) || (c->node->n_input == 3 && !fits_classes(c)))
		return false;
	if (!infer_text_is(c, "reduction", "none", false))
		c->out[0].rank = 0;
	return true;
}

bool infer_ce_loss(struct infer_context *c)
{
	bool is_each = infer_text_is(c, "reduction", "none", false);

	if (is_each ? !infer_copy_shape(c, 1, 0) : !infer_set_shape(c, 0, 0))
		return false;
	return c->node->n_output != 2 ||
	       (infer_copy_type(c, 0, 1) && infer_copy_shape(c, 0, 1));
}
