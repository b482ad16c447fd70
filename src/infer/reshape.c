/* Rules of operators that give the same elements another shape. */
#include "infer/rule.h"

#include <stdlib.h>

/* ---- Reshape */

struct reshaping {
	struct known_shape x;
	struct infer_list target;
	int64_t *out;
	int64_t free;    /* the axis of -1, or -1 */
	int64_t product; /* of the other extents as far as they are known */
	bool is_valid;   /* all are, but for zeros that stand for symbols */
	bool keep_zeros;
};

/* A zero stands for the extent of the input at its place. */
static bool reshape_zero(struct reshaping *r, size_t i)
{
	if (r->keep_zeros) {
		r->out[i] = 0;
		r->product = 0;
		return true;
	}
	if (r->x.rank < 0)
		return true;
	if ((int64_t)i >= r->x.rank)
		return false;
	r->out[i] = infer_extent(r->x, (int64_t)i);
	return r->out[i] < 0 ||
	       !__builtin_mul_overflow(r->product, r->out[i], &r->product);
}

static bool reshape_extent(struct reshaping *r, size_t i)
{
	int64_t wanted = r->target.items[i];

	if (wanted == INFER_FREE) {
		r->is_valid = false;
		return true;
	}
	if (wanted == -1) {
		bool first = r->free < 0;

		r->free = (int64_t)i;
		return first;
	}
	if (wanted == 0)
		return reshape_zero(r, i);
	r->out[i] = wanted;
	return wanted > 0 && !__builtin_mul_overflow(r->product, wanted, &r->product);
}

/* A symbol that a zero takes over counts on neither side. */
static bool is_taken_over(const struct reshaping *r, int64_t i)
{
	return (uint64_t)i < r->target.count && r->target.items[i] == 0 && !r->keep_zeros;
}

static bool reshape_rest(struct reshaping *r)
{
	int64_t elements = 1;

	if (r->free < 0 || !r->is_valid)
		return true;
	if (!r->product)
		return false;
	for (int64_t i = 0; i < r->x.rank; i++) {
		int64_t extent = infer_extent(r->x, i);

		if (extent < 0 && !is_taken_over(r, i))
			return true;
		if (extent >= 0 && __builtin_mul_overflow(elements, extent, &elements))
			return false;
	}
	if (r->x.rank < 0)
		return true;
	r->out[r->free] = elements / r->product;
	return elements % r->product == 0;
}

/* `argument`: the length of the target counts too if that is no constant. */
bool infer_reshape(struct infer_context *c)
{
	struct reshaping r = {.x = infer_input(c, 0),
		.free = -1,
		.product = 1,
		.is_valid = true,
		.keep_zeros = c->argument && infer_int(c, "allowzero", 0)};
	bool ok = c->argument ? infer_shape_input(c, 1, &r.target)
			      : infer_constant(c, 1, false, &r.target);

	if (!ok || !r.target.is_known)
		return ok;
	r.out = infer_set_shape(c, 0, (int64_t)r.target.count);
	for (size_t i = 0; r.out && i < r.target.count; i++)
		if (!reshape_extent(&r, i))
			return false;
	return r.out && reshape_rest(&r);
}

/* ---- axes taken out and put in */

static bool squeeze_axes(struct infer_context *c, struct infer_list *axes)
{
	if (c->opset < 13) {
		*axes = infer_ints(c, "axes");
		return true;
	}
	if (c->node->n_input != 2 || !infer_is_typed(infer_input(c, 1))) {
		*axes = (struct infer_list){.is_absent = true};
		return true;
	}
	return infer_constant(c, 1, false, axes) &&
	       (!axes->is_known || infer_axes(c, axes, infer_input(c, 0).rank, false));
}

/* Before opset 11 the axes are gone through in their order. */
static bool is_squeezed(const struct infer_context *c, struct infer_list axes,
	size_t *next, int64_t axis, int64_t rank)
{
	if (c->opset >= 11)
		return infer_list_has(axes, axis) || infer_list_has(axes, axis - rank);
	if (*next >= axes.count || axes.items[*next] != axis)
		return false;
	++*next;
	return true;
}

bool infer_squeeze(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list axes;
	int64_t *out, n = 0;
	size_t next = 0;

	if (!squeeze_axes(c, &axes))
		return false;
	for (int64_t i = 0; axes.is_absent && i < x.rank; i++)
		if (infer_extent(x, i) < 0)
			return true;
	if (!axes.is_absent && !axes.is_known)
		return true;
	out = infer_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++) {
		int64_t extent = infer_extent(x, i);

		if (axes.is_absent ? extent != 1
				   : !is_squeezed(c, axes, &next, i, x.rank))
			out[n++] = extent;
		else if (extent >= 0 && extent != 1)
			return false;
	}
	c->out[0].rank = n;
	return out;
}

static int compare_axes(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* In a copy, sorted; from opset 11 on without repetitions and counted from the front. */
static bool unsqueeze_axes(struct infer_context *c, struct infer_list *axes, int64_t rank)
{
	int64_t ignored;

	if (c->opset < 13) {
		*axes = infer_ints(c, "axes");
		if (axes->is_absent)
			return true;
	} else if (!infer_constant(c, 1, false, axes) || !axes->is_known) {
		return !infer_data(c, 1);
	}
	for (size_t i = 0; i < axes->count; i++)
		if (c->opset >= 11 &&
			(!infer_axis(
				 axes->items[i], rank + (int64_t)axes->count, &ignored) ||
				infer_list_has((struct infer_list){.items = axes->items,
						       .count = i},
					axes->items[i])))
			return false;
	return true;
}

/* Unsqueeze puts an extent of 1 wherever the next axis is that of the output so far. */
bool infer_unsqueeze(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list axes;
	int64_t *out, *sorted, n = 0, total;
	size_t next = 0;

	if (!unsqueeze_axes(c, &axes, x.rank))
		return false;
	if (!axes.is_known)
		return true;
	total = x.rank + (int64_t)axes.count;
	sorted = arena_alloc(&c->known->names.arena, (axes.count + 1) * sizeof(*sorted));
	out = infer_set_shape(c, 0, total);
	c->no_memory = c->no_memory || !sorted;
	if (!out || !sorted)
		return false;
	for (size_t i = 0; i < axes.count; i++)
		sorted[i] = axes.items[i] < 0 && c->opset >= 11 ? axes.items[i] + total
								: axes.items[i];
	qsort(sorted, axes.count, sizeof(*sorted), compare_axes);
	for (size_t i = 1; c->opset >= 13 && i < axes.count; i++)
		if (sorted[i] == sorted[i - 1])
			return false;
	for (int64_t i = 0; i <= x.rank; i++) {
		for (; next < axes.count && sorted[next] == n; next++)
			out[n++] = 1;
		if (i < x.rank)
			out[n++] = infer_extent(x, i);
	}
	c->out[0].rank = n;
	return true;
}

/* ---- Flatten, Transpose */

/* `argument`: the axis may count from the end. */
bool infer_flatten(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t axis = infer_int(c, "axis", 1), dims[2];

	axis += axis < 0 && c->argument ? x.rank : 0;
	return axis >= 0 && axis <= x.rank && infer_product(x, 0, axis, &dims[0]) &&
	       infer_product(x, axis, x.rank, &dims[1]) && infer_set_dims(c, 0, dims, 2);
}

/* `argument`: an output of rank 0 has a shape. */
bool infer_transpose(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list perm = infer_ints(c, "perm");
	int64_t rank = perm.is_absent ? x.rank : (int64_t)perm.count, *out;

	if (!perm.is_absent && perm.count && !infer_axes(c, &perm, x.rank, true))
		return false;
	if (!rank && !c->argument)
		return true;
	out = infer_set_shape(c, 0, rank);
	for (int64_t i = 0; out && i < rank; i++) {
		if (!perm.is_absent && infer_attribute(c, "perm")->ints[i] < 0)
			return false;
		out[i] = infer_extent(x, perm.is_absent ? rank - 1 - i : perm.items[i]);
	}
	return out;
}

/* ---- Expand, Tile */

static bool expand_to(struct infer_context *c, struct infer_list target)
{
	struct known_shape shapes[2] = {infer_input(c, 0), INFER_NOTHING};
	int64_t *dims =
		arena_alloc(&c->known->names.arena, (target.count + 1) * sizeof(*dims));

	c->no_memory = c->no_memory || !dims;
	for (size_t i = 0; dims && i < target.count; i++)
		dims[i] = target.items[i] < 0 ? -1 : target.items[i];
	shapes[1].rank = (int64_t)target.count;
	shapes[1].dims = dims;
	return dims && infer_broadcast(c, shapes, 2);
}

bool infer_expand(struct infer_context *c)
{
	struct infer_list target;

	if (!infer_shape_input(c, 1, &target))
		return false;
	return !target.is_known || expand_to(c, target);
}

bool infer_expand_8(struct infer_context *c)
{
	return infer_check(c, 1, 1) && infer_expand(c);
}

bool infer_tile(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out = infer_set_shape(c, 0, x.rank);
	struct infer_list times;

	if (!out)
		return false;
	if (!infer_data(c, 1) || !infer_has_shape(c, 1))
		return true;
	if (!infer_check(c, 1, 1) || !infer_constant(c, 1, false, &times) ||
		(int64_t)times.count != x.rank)
		return false;
	for (int64_t i = 0; i < x.rank; i++) {
		if (times.items[i] < 0)
			return false;
		if (infer_extent(x, i) >= 0 &&
			!infer_times(infer_extent(x, i), times.items[i], &out[i]))
			return false;
	}
	return true;
}

/* ---- blocks */

typedef bool change_extent(int64_t extent, int64_t by, int64_t *result);

/* Moves blocks between the channels and the two axes behind them. */
static bool move_blocks(
	struct infer_context *c, change_extent *of_channels, change_extent *of_places)
{
	struct known_shape x = infer_input(c, 0);
	int64_t size = infer_int(c, "blocksize", 0), area, dims[4];

	if (size <= 0 || __builtin_mul_overflow(size, size, &area) ||
		!infer_check(c, 0, 4))
		return false;
	if (x.rank < 0)
		return true;
	dims[0] = infer_extent(x, 0);
	return of_channels(infer_extent(x, 1), area, &dims[1]) &&
	       of_places(infer_extent(x, 2), size, &dims[2]) &&
	       of_places(infer_extent(x, 3), size, &dims[3]) &&
	       infer_set_dims(c, 0, dims, 4);
}

bool infer_depth_to_space(struct infer_context *c)
{
	return move_blocks(c, infer_over, infer_times);
}

bool infer_space_to_depth(struct infer_context *c)
{
	return move_blocks(c, infer_times, infer_over);
}
