/* Rules of matrix products and of recurrent operators. */
#include "onnx/rank_rule.h"

/* The shape without its last two extents; of a vector nothing is left. */
static struct known_shape heads(struct known_shape x)
{
	x.rank = x.rank > 2 ? x.rank - 2 : 0;
	return x;
}

static bool product_of(struct rank_context *c, size_t left, size_t right)
{
	struct known_shape a = rank_input(c, left), b = rank_input(c, right);
	struct known_shape both[2] = {heads(a), heads(b)};
	int64_t rank = both[0].rank > both[1].rank ? both[0].rank : both[1].rank;
	int64_t inner, *out;

	if (a.rank < 0 || b.rank < 0)
		return true;
	if (!a.rank || !b.rank)
		return false;
	inner = rank_extent(a, a.rank - 1);
	if (!rank_unify(rank_extent(b, b.rank > 1 ? b.rank - 2 : 0), &inner))
		return false;
	out = rank_set_shape(c, 0, rank + (a.rank > 1) + (b.rank > 1));
	if (!out || !rank_broadcast_dims(both, 2, out, rank))
		return false;
	if (a.rank > 1)
		out[rank++] = rank_extent(a, a.rank - 2);
	if (b.rank > 1)
		out[rank] = rank_extent(b, b.rank - 1);
	return true;
}

bool rank_mat_mul(struct rank_context *c)
{
	return product_of(c, 0, 1);
}

bool rank_mat_mul_integer(struct rank_context *c)
{
	return rank_is_typed(rank_input(c, 0)) && rank_is_typed(rank_input(c, 1)) &&
	       product_of(c, 0, 1);
}

bool rank_qlinear_mat_mul(struct rank_context *c)
{
	return rank_same_types(c, 0, 2) && rank_same_types(c, 3, 5) &&
	       product_of(c, 0, 3);
}

bool rank_gemm(struct rank_context *c)
{
	struct known_shape a = rank_input(c, 0), b = rank_input(c, 1);

	return a.rank == 2 && b.rank == 2 &&
	       rank_set_dims(c, 0,
		       (const int64_t[]){rank_extent(a, rank_int(c, "transA", 0) ? 1 : 0),
			       rank_extent(b, rank_int(c, "transB", 0) ? 0 : 1)},
		       2);
}

bool rank_gemm_13(struct rank_context *c)
{
	int64_t dims[2] = {-1, -1}, inner = -1;
	int64_t *a[2] = {&dims[0], &inner}, *b[2] = {&inner, &dims[1]};
	int64_t *a_turned[2] = {a[1], a[0]}, *b_turned[2] = {b[1], b[0]};

	return rank_unify_input(c, 0, 2, rank_int(c, "transA", 0) ? a_turned : a) &&
	       rank_unify_input(c, 1, 2, rank_int(c, "transB", 0) ? b_turned : b) &&
	       rank_set_dims(c, 0, dims, 2);
}

/* ---- RNN, GRU, LSTM */

static int64_t directions(const struct rank_context *c)
{
	if (rank_text_is(c, "direction", "bidirectional", false))
		return 2;
	return rank_text_is(c, "direction", "forward", true) ||
			       rank_text_is(c, "direction", "reverse", false)
		       ? 1
		       : -1;
}

/* From opset 14 on the batch may come first. */
bool rank_recurrent(struct rank_context *c)
{
	bool first = c->opset >= 14 && rank_int(c, "layout", 0);
	int64_t length = -1, batch = -1, input = -1, ways = directions(c),
		hidden = rank_int(c, "hidden_size", -1);
	int64_t *in[3] = {first ? &batch : &length, first ? &length : &batch, &input};

	hidden = hidden > 0 ? hidden : -1;
	if (!rank_unify_input(c, 0, 3, in))
		return false;
	for (size_t i = 0; i < c->node->n_output && i < 3; i++) {
		const int64_t all[2][4] = {
			{length, ways, batch, hidden}, {batch, length, ways, hidden}};
		const int64_t last[2][3] = {{ways, batch, hidden}, {batch, ways, hidden}};

		if (!rank_copy_type(c, 0, i) || !(i ? rank_set_dims(c, i, last[first], 3)
						    : rank_set_dims(c, i, all[first], 4)))
			return false;
	}
	return true;
}
