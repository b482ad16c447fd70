/* Rules of matrix products and of recurrent operators. */
#include "infer/rule.h"

/* The shape without its last two extents; of a vector nothing is left. */
static struct known_shape heads(struct known_shape x)
{
	x.rank = x.rank > 2 ? x.rank - 2 : 0;
	return x;
}

static bool product_of(struct infer_context *c, size_t left, size_t right)
{
	struct known_shape a = infer_input(c, left), b = infer_input(c, right);
	struct known_shape both[2] = {heads(a), heads(b)};
	int64_t rank = both[0].rank > both[1].rank ? both[0].rank : both[1].rank;
	int64_t inner, *out;

	if (a.rank < 0 || b.rank < 0)
		return true;
	if (!a.rank || !b.rank)
		return false;
	inner = infer_extent(a, a.rank - 1);
	if (!infer_unify(infer_extent(b, b.rank > 1 ? b.rank - 2 : 0), &inner))
		return false;
	out = infer_set_shape(c, 0, rank + (a.rank > 1) + (b.rank > 1));
	if (!out || !infer_broadcast_dims(both, 2, out, rank))
		return false;
	if (a.rank > 1)
		out[rank++] = infer_extent(a, a.rank - 2);
	if (b.rank > 1)
		out[rank] = infer_extent(b, b.rank - 1);
	return true;
}

bool infer_mat_mul(struct infer_context *c)
{
	return product_of(c, 0, 1);
}

bool infer_mat_mul_integer(struct infer_context *c)
{
	return infer_is_typed(infer_input(c, 0)) && infer_is_typed(infer_input(c, 1)) &&
	       product_of(c, 0, 1);
}

bool infer_qlinear_mat_mul(struct infer_context *c)
{
	return infer_same_types(c, 0, 2) && infer_same_types(c, 3, 5) &&
	       product_of(c, 0, 3);
}

bool infer_gemm(struct infer_context *c)
{
	struct known_shape a = infer_input(c, 0), b = infer_input(c, 1);

	return a.rank == 2 && b.rank == 2 &&
	       infer_set_dims(c, 0,
		       (const int64_t[]){
			       infer_extent(a, infer_int(c, "transA", 0) ? 1 : 0),
			       infer_extent(b, infer_int(c, "transB", 0) ? 0 : 1)},
		       2);
}

bool infer_gemm_13(struct infer_context *c)
{
	int64_t dims[2] = {-1, -1}, inner = -1;
	int64_t *a[2] = {&dims[0], &inner}, *b[2] = {&inner, &dims[1]};
	int64_t *a_turned[2] = {a[1], a[0]}, *b_turned[2] = {b[1], b[0]};

	return infer_unify_input(c, 0, 2, infer_int(c, "transA", 0) ? a_turned : a) &&
	       infer_unify_input(c, 1, 2, infer_int(c, "transB", 0) ? b_turned : b) &&
	       infer_set_dims(c, 0, dims, 2);
}

/* ---- RNN, GRU, LSTM */

static int64_t directions(const struct infer_context *c)
{
	if (infer_text_is(c, "direction", "bidirectional", false))
		return 2;
	return infer_text_is(c, "direction", "forward", true) ||
			       infer_text_is(c, "direction", "reverse", false)
		       ? 1
		       : -1;
}

/* From opset 14 on the batch may come first. */
bool infer_recurrent(struct infer_context *c)
{
	bool first = c->opset >= 14 && infer_int(c, "layout", 0);
	int64_t length = -1, batch = -1, input = -1, ways = directions(c),
		hidden = infer_int(c, "hidden_size", -1);
	int64_t *in[3] = {first ? &batch : &length, first ? &length : &batch, &input};

	hidden = hidden > 0 ? hidden : -1;
	if (!infer_unify_input(c, 0, 3, in))
		return false;
	for (size_t i = 0; i < c->node->n_output && i < 3; i++) {
		const int64_t all[2][4] = {
			{length, ways, batch, hidden}, {batch, length, ways, hidden}};
		const int64_t last[2][3] = {{ways, batch, hidden}, {batch, ways, hidden}};

		if (!infer_copy_type(c, 0, i) ||
			!(i ? infer_set_dims(c, i, last[first], 3)
			    : infer_set_dims(c, i, all[first], 4)))
			return false;
	}
	return true;
}
