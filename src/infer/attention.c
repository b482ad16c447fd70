/* Rules of attention. */
#include "infer/rule.h"

/* What the shapes of query and value say. An extent that is not known counts as 0 where
 * onnx computes with it. */
struct attention {
	struct known_shape query, value;
	int64_t length;    /* of the value's sequence, -1 if its shape is not known */
	int64_t scores[4]; /* the shape of the product of query and key */
	int64_t score_rank;
};

static int64_t or_zero(int64_t extent)
{
	return extent < 0 ? 0 : extent;
}

static bool has_three_or_four(const struct infer_context *c, size_t slot)
{
	int64_t rank = infer_input(c, slot).rank;

	return rank < 0 || rank == 3 || rank == 4;
}

static void scores_of(struct attention *a, int64_t heads, int64_t sequence)
{
	a->scores[1] = heads;
	a->scores[2] = sequence;
	a->scores[3] = or_zero(a->length);
	a->score_rank = 4;
}

static bool attend_heads(struct infer_context *c, struct attention *a)
{
	int64_t dims[4] = {infer_extent(a->query, 0), infer_extent(a->query, 1),
		infer_extent(a->query, 2), infer_extent(a->value, 3)};

	a->length = or_zero(infer_extent(a->value, 2));
	scores_of(a, dims[1], dims[2]);
	return infer_set_dims(c, 0, dims, 4);
}

static bool attend_packed(struct infer_context *c, struct attention *a)
{
	int64_t heads = infer_int(c, "q_num_heads", 0);
	int64_t groups = infer_int(c, "kv_num_heads", 0);
	int64_t dims[3] = {infer_extent(a->query, 0), infer_extent(a->query, 1), 0};

	if (heads <= 0 || groups <= 0 ||
		!infer_times(
			or_zero(infer_extent(a->value, 2)) / groups, heads, &dims[2]))
		return false;
	a->length = or_zero(infer_extent(a->value, 1));
	scores_of(a, heads, dims[1]);
	return infer_set_dims(c, 0, dims, 3);
}

static bool attend(struct infer_context *c, struct attention *a)
{
	if (!has_three_or_four(c, 0) || !has_three_or_four(c, 1) ||
		!has_three_or_four(c, 2))
		return a->query.rank < 0;
	if (a->query.rank == 3 && (!infer_attribute(c, "q_num_heads") ||
					  !infer_attribute(c, "kv_num_heads")))
		return false;
	if (a->query.rank < 0)
		return true;
	a->scores[0] = infer_extent(a->query, 0);
	a->score_rank = 1;
	if (a->query.rank != a->value.rank)
		return true;
	return a->query.rank == 4 ? attend_heads(c, a) : attend_packed(c, a);
}

static bool present(struct infer_context *c, size_t past, size_t output, int64_t length)
{
	struct known_shape x = infer_input(c, past);
	int64_t dims[4];

	for (int64_t i = 0; i < 4; i++)
		dims[i] = i == 2 ? length : infer_extent(x, i);
	return infer_set_dims(c, output, dims, 4);
}

/* The cache grows by the value's sequence. */
static bool grow(struct infer_context *c, struct attention *a)
{
	struct known_shape key = infer_input(c, 4), value = infer_input(c, 5);
	int64_t length;

	if (!infer_copy_type(c, 4, 1) || !infer_copy_type(c, 5, 2))
		return false;
	if (key.rank < 0 || value.rank < 0)
		return true;
	if (key.rank != 4 || value.rank != 4)
		return false;
	if (a->length <= 0 || infer_extent(key, 2) < 0)
		return true;
	if (__builtin_add_overflow(a->length, infer_extent(key, 2), &length))
		return false;
	a->scores[3] = length;
	return present(c, 4, 1, length) && present(c, 5, 2, length);
}

static bool fits_windows(const struct infer_context *c)
{
	return infer_int(c, "left_window_size", -1) >= -1 &&
	       infer_int(c, "right_window_size", -1) >= -1;
}

/* What opset 25 wants besides. */
static bool is_consistent(const struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank;
	bool past = infer_has_input(c, 4), kept = infer_has_output(c, 1);
	bool named =
		infer_attribute(c, "q_num_heads") || infer_attribute(c, "kv_num_heads");

	return fits_windows(c) && past == infer_has_input(c, 5) &&
	       kept == infer_has_output(c, 2) &&
	       !(infer_has_input(c, 6) && (past || kept)) && !(rank == 4 && named) &&
	       !(rank == 3 && (infer_int(c, "q_num_heads", 1) <= 0 ||
				      infer_int(c, "kv_num_heads", 1) <= 0));
}

bool infer_attention(struct infer_context *c)
{
	struct attention a = {infer_input(c, 0), infer_input(c, 2), -1, {0}, 0};

	if (!attend(c, &a) || (c->opset >= 25 && !is_consistent(c)))
		return false;
	if (infer_has_output(c, 1) && infer_has_output(c, 2) && infer_has_input(c, 4) &&
		infer_has_input(c, 5) && !grow(c, &a))
		return false;
	return !infer_has_output(c, 3) ||
	       (infer_copy_type(c, 0, 3) && infer_set_dims(c, 3, a.scores, a.score_rank));
}

/* ---- LinearAttention */

static bool fits_update(const struct infer_context *c)
{
	static const struct {
		const char *name;
		bool decay, beta;
	} updates[] = {{"gated_delta", true, true}, {"linear", false, false},
		{"gated", true, false}, {"delta", false, true}};

	for (size_t i = 0; i < sizeof(updates) / sizeof(*updates); i++)
		if (infer_text_is(c, "update_rule", updates[i].name, i == 0))
			return infer_has_input(c, 4) == updates[i].decay &&
			       infer_has_input(c, 5) == updates[i].beta;
	return false;
}

/* The size of one of `heads` that lie packed in an extent. */
static bool unpack(int64_t packed, int64_t heads, int64_t *size)
{
	if (packed < 0)
		return true;
	return packed % heads == 0 && infer_unify(packed / heads, size);
}

static bool fits_gates(const struct infer_context *c, int64_t heads, int64_t decay,
	int64_t beta, int64_t size)
{
	int64_t all;

	if (infer_has_input(c, 4) && decay >= 0 && decay != heads) {
		if (size >= 0 && (!infer_times(heads, size, &all) || decay != all))
			return false;
		if (size < 0 && decay % heads)
			return false;
	}
	return !infer_has_input(c, 5) || beta < 0 || beta == 1 || beta == heads;
}

bool infer_linear_attention(struct infer_context *c)
{
	int64_t batch = -1, time = -1, q = -1, k = -1, v = -1, dk = -1, dv = -1, all = -1;
	int64_t decay = -1, beta = -1, heads = infer_int(c, "q_num_heads", 0),
		groups = infer_int(c, "kv_num_heads", 0), held = groups;
	int64_t *state[4] = {&batch, &held, &dk, &dv};

	if (heads <= 0 || groups <= 0 || heads % groups || !fits_update(c) ||
		!infer_copy_type(c, infer_is_typed(infer_input(c, 3)) ? 3 : 0, 1))
		return false;
	if (!infer_unify_input(c, 0, 3, (int64_t *[]){&batch, &time, &q}) ||
		!infer_unify_input(c, 1, 3, (int64_t *[]){&batch, &time, &k}) ||
		!infer_unify_input(c, 2, 3, (int64_t *[]){&batch, &time, &v}) ||
		!infer_unify_input(c, 3, 4, state) ||
		!infer_unify_input(c, 4, 3, (int64_t *[]){&batch, &time, &decay}) ||
		!infer_unify_input(c, 5, 3, (int64_t *[]){&batch, &time, &beta}))
		return false;
	if (!unpack(q, heads, &dk) || !unpack(k, groups, &dk) ||
		!unpack(v, groups, &dv) || !fits_gates(c, groups, decay, beta, dk))
		return false;
	if (dv >= 0 && !infer_times(heads, dv, &all))
		return false;
	return infer_set_dims(c, 0, (const int64_t[]){batch, time, all}, 3) &&
	       infer_set_dims(c, 1, (const int64_t[]){batch, held, dk, dv}, 4);
}
