/* Rules of operators that give the same elements another shape. */
#include "onnx/rank_rule.h"

#include <stdlib.h>

/* ---- Reshape */

struct reshaping {
	struct known_shape x;
	struct rank_list target;
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
	r->out[i] = rank_extent(r->x, (int64_t)i);
	return r->out[i] < 0 ||
	       !__builtin_mul_overflow(r->product, r->out[i], &r->product);
}

static bool reshape_extent(struct reshaping *r, size_t i)
{
	int64_t wanted = r->target.items[i];

	if (wanted == RANK_FREE) {
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
		int64_t extent = rank_extent(r->x, i);

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
bool rank_reshape(struct rank_context *c)
{
	struct reshaping r = {.x = rank_input(c, 0),
		.free = -1,
		.product = 1,
		.is_valid = true,
		.keep_zeros = c->argument && rank_int(c, "allowzero", 0)};
	bool ok = c->argument ? rank_shape_input(c, 1, &r.target)
			      : rank_constant(c, 1, false, &r.target);

	if (!ok || !r.target.is_known)
		return ok;
	r.out = rank_set_shape(c, 0, (int64_t)r.target.count);
	for (size_t i = 0; r.out && i < r.target.count; i++)
		if (!reshape_extent(&r, i))
			return false;
	return r.out && reshape_rest(&r);
}

/* ---- axes taken out and put in */

static bool squeeze_axes(struct rank_context *c, struct rank_list *axes)
{
	if (c->opset < 13) {
		*axes = rank_ints(c, "axes");
		return true;
	}
	if (c->node->n_input != 2 || !rank_is_typed(rank_input(c, 1))) {
		*axes = (struct rank_list){.is_absent = true};
		return true;
	}
	return rank_constant(c, 1, false, axes) &&
	       (!axes->is_known || rank_axes(c, axes, rank_input(c, 0).rank, false));
}

/* Before opset 11 the axes are gone through in their order. */
static bool is_squeezed(const struct rank_context *c, struct rank_list axes, size_t *next,
	int64_t axis, int64_t rank)
{
	if (c->opset >= 11)
		return rank_list_has(axes, axis) || rank_list_has(axes, axis - rank);
	if (*next >= axes.count || axes.items[*next] != axis)
		return false;
	++*next;
	return true;
}

bool rank_squeeze(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes;
	int64_t *out, n = 0;
	size_t next = 0;

	if (!squeeze_axes(c, &axes))
		return false;
	for (int64_t i = 0; axes.is_absent && i < x.rank; i++)
		if (rank_extent(x, i) < 0)
			return true;
	if (!axes.is_absent && !axes.is_known)
		return true;
	out = rank_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++) {
		int64_t extent = rank_extent(x, i);

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
static bool unsqueeze_axes(struct rank_context *c, struct rank_list *axes, int64_t rank)
{
	int64_t ignored;

	if (c->opset < 13) {
		*axes = rank_ints(c, "axes");
		if (axes->is_absent)
			return true;
	} else if (!rank_constant(c, 1, false, axes) || !axes->is_known) {
		return !rank_data(c, 1);
	}
	for (size_t i = 0; i < axes->count; i++)
		if (c->opset >= 11 &&
			(!rank_axis(
				 axes->items[i], rank + (int64_t)axes->count, &ignored) ||
				rank_list_has((struct rank_list){.items = axes->items,
						      .count = i},
					axes->items[i])))
			return false;
	return true;
}

/* Unsqueeze puts an extent of 1 wherever the next axis is that of the output so far. */
bool rank_unsqueeze(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes;
	int64_t *out, *sorted, n = 0, total;
	size_t next = 0;

	if (!unsqueeze_axes(c, &axes, x.rank))
		return false;
	if (!axes.is_known)
		return true;
	total = x.rank + (int64_t)axes.count;
	sorted = arena_alloc(&c->ranks->names.arena, (axes.count + 1) * sizeof(*sorted));
	out = rank_set_shape(c, 0, total);
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
			out[n++] = rank_extent(x, i);
	}
	c->out[0].rank = n;
	return true;
}

/* ---- Flatten, Transpose */

/* `argument`: the axis may count from the end. */
bool rank_flatten(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t axis = rank_int(c, "axis", 1), dims[2];

	axis += axis < 0 && c->argument ? x.rank : 0;
	return axis >= 0 && axis <= x.rank && rank_product(x, 0, axis, &dims[0]) &&
	       rank_product(x, axis, x.rank, &dims[1]) && rank_set_dims(c, 0, dims, 2);
}

/* `argument`: an output of rank 0 has a shape. */
bool rank_transpose(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list perm = rank_ints(c, "perm");
	int64_t rank = perm.is_absent ? x.rank : (int64_t)perm.count, *out;

	if (!perm.is_absent && perm.count && !rank_axes(c, &perm, x.rank, true))
		return false;
	if (!rank && !c->argument)
		return true;
	out = rank_set_shape(c, 0, rank);
	for (int64_t i = 0; out && i < rank; i++) {
		if (!perm.is_absent && rank_attribute(c, "perm")->ints[i] < 0)
			return false;
		out[i] = rank_extent(x, perm.is_absent ? rank - 1 - i : perm.items[i]);
	}
	return out;
}

/* ---- Expand, Tile */

static bool expand_to(struct rank_context *c, struct rank_list target)
{
	struct known_shape shapes[2] = {rank_input(c, 0), RANK_NOTHING};
	int64_t *dims =
		arena_alloc(&c->ranks->names.arena, (target.count + 1) * sizeof(*dims));

	c->no_memory = c->no_memory || !dims;
	for (size_t i = 0; dims && i < target.count; i++)
		dims[i] = target.items[i] < 0 ? -1 : target.items[i];
	shapes[1].rank = (int64_t)target.count;
	shapes[1].dims = dims;
	return dims && rank_broadcast(c, shapes, 2);
}

bool rank_expand(struct rank_context *c)
{
	struct rank_list target;

	if (!rank_shape_input(c, 1, &target))
		return false;
	return !target.is_known || expand_to(c, target);
}

bool rank_expand_8(struct rank_context *c)
{
	return rank_check(c, 1, 1) && rank_expand(c);
}

bool rank_tile(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t *out = rank_set_shape(c, 0, x.rank);
	struct rank_list times;

	if (!out)
		return false;
	if (!rank_data(c, 1) || !rank_has_shape(c, 1))
		return true;
	if (!rank_check(c, 1, 1) || !rank_constant(c, 1, false, &times) ||
		(int64_t)times.count != x.rank)
		return false;
	for (int64_t i = 0; i < x.rank; i++) {
		if (times.items[i] < 0)
			return false;
		if (rank_extent(x, i) >= 0 &&
			!rank_times(rank_extent(x, i), times.items[i], &out[i]))
			return false;
	}
	return true;
}

/* ---- blocks */

static bool block_size(const struct rank_context *c, int64_t *size, int64_t *area)
{
	*size = rank_int(c, "blocksize", 0);
	return *size > 0 && !__builtin_mul_overflow(*size, *size, area) &&
	       rank_check(c, 0, 4);
}

bool rank_depth_to_space(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t size, area, dims[4];

	if (!block_size(c, &size, &area))
		return false;
	if (x.rank < 0)
		return true;
	dims[0] = rank_extent(x, 0);
	return rank_over(rank_extent(x, 1), area, &dims[1]) &&
	       rank_times(rank_extent(x, 2), size, &dims[2]) &&
	       rank_times(rank_extent(x, 3), size, &dims[3]) &&
	       rank_set_dims(c, 0, dims, 4);
}

bool rank_space_to_depth(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t size, area, dims[4];

	if (!block_size(c, &size, &area))
		return false;
	if (x.rank < 0)
		return true;
	dims[0] = rank_extent(x, 0);
	return rank_times(rank_extent(x, 1), area, &dims[1]) &&
	       rank_over(rank_extent(x, 2), size, &dims[2]) &&
	       rank_over(rank_extent(x, 3), size, &dims[3]) &&
	       rank_set_dims(c, 0, dims, 4);
}
