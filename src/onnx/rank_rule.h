/* What the rules for types and extents share; private to rank*.c. */
#ifndef QDQEDIT_ONNX_RANK_RULE_H
#define QDQEDIT_ONNX_RANK_RULE_H

#include "onnx/rank_state.h"
#include "onnx/tensor.h"

/* One node under inference. */
struct rank_context {
	struct ranks *ranks;
	const struct model *model;
	const Onnx__NodeProto *node;
	int64_t opset;           /* of the node's domain */
	int64_t argument;        /* of the table of rules */
	struct known_shape *out; /* of the node's outputs; nothing is known before */
	bool no_memory;
};

/* Fills the outputs. False if onnx's inference gives up on the node (or memory is gone),
 * which leaves all outputs unknown. */
typedef bool rank_rule_function(struct rank_context *c);

/* A row of a table of rules, used from version `since` on up to the operator's next row.
 * A type given by an input is noted before the function is called; onnx gives up where
 * that input has none. The function is called only if the shapes of the first `needs`
 * inputs are known. */
struct rank_rule {
	const char *op_type; /* "ai.onnx.ml:Scaler" outside the default domain */
	int16_t since;
	int16_t type; /* RANK_TYPE_OF(input), an element type, or RANK_TYPE_OWN */
	int16_t needs;
	rank_rule_function *function; /* NULL: the shape of input 0 */
	int64_t argument;
};

#define RANK_TYPE_OF(input) (-1 - (input))
enum { RANK_TYPE_OWN = 0 };

/* A list of rows sorted by operator type and version. */
struct rank_table {
	const struct rank_rule *rows;
	size_t count;
};

extern const struct rank_table rank_table;

/* ---- inputs and outputs */

struct known_shape rank_input(const struct rank_context *c, size_t slot);
bool rank_has_input(const struct rank_context *c, size_t slot);
bool rank_has_output(const struct rank_context *c, size_t slot);
bool rank_has_shape(const struct rank_context *c, size_t slot);

/* True if the shapes of inputs 0 to `count` - 1 are known. */
bool rank_has_shapes(const struct rank_context *c, size_t count);

static inline int64_t rank_extent(struct known_shape shape, int64_t axis)
{
	return shape.dims ? shape.dims[axis] : -1;
}

/* Whether anything is known of a value. */
static inline bool rank_is_typed(struct known_shape shape)
{
	return shape.type || shape.rank >= 0 || shape.kind;
}

/* True if the types of both inputs are known and the same. */
bool rank_same_types(const struct rank_context *c, size_t a, size_t b);

bool rank_set_type(struct rank_context *c, size_t output, int32_t type);

/* Gives up where the input has no type. */
bool rank_copy_type(struct rank_context *c, size_t input, size_t output);

/* From the attribute `name`; `absent` 0: gives up without it. */
bool rank_attribute_type(
	struct rank_context *c, const char *name, int32_t absent, size_t output);

/* `rank` extents to be filled, all -1; NULL if memory is gone or there is no such
 * output. */
int64_t *rank_set_shape(struct rank_context *c, size_t output, int64_t rank);
bool rank_set_dims(
	struct rank_context *c, size_t output, const int64_t *dims, int64_t rank);
bool rank_copy_shape(struct rank_context *c, size_t input, size_t output);

/* ---- attributes and constants */

const Onnx__AttributeProto *rank_attribute(
	const struct rank_context *c, const char *name);
int64_t rank_int(const struct rank_context *c, const char *name, int64_t absent);

/* True if the attribute is the text; `absent` is what a missing one is. */
bool rank_text_is(
	const struct rank_context *c, const char *name, const char *text, bool absent);

struct rank_list {
	bool is_absent; /* neither attribute nor input */
	bool is_known;
	const int64_t *items;
	size_t count;
};

struct rank_list rank_ints(const struct rank_context *c, const char *name);

/* The constant in an input; not known if there is none. Gives up on one that is not
 * INT64 (or INT32 if `both`) or cannot be read. */
bool rank_constant(
	struct rank_context *c, size_t slot, bool both, struct rank_list *list);

/* The tensor of a constant input, or NULL. */
const Onnx__TensorProto *rank_data(const struct rank_context *c, size_t slot);

/* Its first element, of any type of number; gives up on another type or an empty one. */
struct rank_number {
	int32_t type;
	int64_t integer; /* of a float its truncation */
	double real;
};
bool rank_first(struct rank_context *c, size_t slot, struct rank_number *number);

/* All elements of a FLOAT constant, in the arena; gives up on another type. */
bool rank_floats(
	struct rank_context *c, size_t slot, const float **values, size_t *count);

/* The shape that an input holds: a constant, or as many times RANK_FREE as it is long. */
#define RANK_FREE INT64_MIN
bool rank_shape_input(struct rank_context *c, size_t slot, struct rank_list *list);

/* ---- extents: a value from 0 on, a symbol, or -1 */

/* A computed or given value as an extent: onnx takes those below 0 too. */
int64_t rank_made(const struct rank_context *c, int64_t value);

/* Makes both the same; gives up on values that differ. */
bool rank_unify(int64_t source, int64_t *target);

/* The extents of an input of `rank`, one by one, if its shape is known; gives up on
 * another rank. */
bool rank_unify_input(
	struct rank_context *c, size_t slot, int64_t rank, int64_t *const targets[]);
bool rank_unify_axis(struct rank_context *c, size_t slot, int64_t axis, int64_t *target);

/* Gives up if the input's shape is known and of another rank. */
bool rank_check(const struct rank_context *c, size_t slot, int64_t rank);

/* Products, sums and quotients with a number; a symbol stays only with 1 or 0. Give up
 * on overflow. */
bool rank_times(int64_t extent, int64_t factor, int64_t *result);
bool rank_over(int64_t extent, int64_t divisor, int64_t *result);

/* The product of extents, of which symbols are left only among ones. */
bool rank_product(struct known_shape x, int64_t from, int64_t to, int64_t *product);

/* An axis from the end; gives up outside of [-rank, rank). */
bool rank_axis(int64_t axis, int64_t rank, int64_t *result);

/* The same for all axes of a list, in a new one; gives up on a repeated one if
 * `unique`. */
bool rank_axes(struct rank_context *c, struct rank_list *axes, int64_t rank, bool unique);
bool rank_list_has(struct rank_list list, int64_t value);

/* The shape that the inputs (or any shapes) broadcast to, as output 0. */
bool rank_broadcast(
	struct rank_context *c, const struct known_shape *shapes, size_t count);
bool rank_broadcast_dims(
	const struct known_shape *shapes, size_t count, int64_t *out, int64_t rank);

/* ---- rules */

/* rank_same.c */
rank_rule_function rank_same_as, rank_broadcast_all, rank_broadcast_first, rank_cast,
	rank_dropout_10, rank_dropout_12, rank_softmax, rank_batch_norm, rank_layer_norm,
	rank_rms_norm, rank_quantize, rank_quantize_21, rank_dequantize_23,
	rank_dynamic_quantize, rank_shape_of, rank_shape_of_15, rank_scalar, rank_rotary,
	rank_trilu, rank_bit_cast, rank_string_split, rank_string_normalizer,
	rank_causal_conv, rank_tensor_scatter, rank_reverse, rank_swiglu, rank_optimizer;

/* rank_reshape.c */
rank_rule_function rank_reshape, rank_squeeze, rank_unsqueeze, rank_flatten,
	rank_transpose, rank_expand, rank_expand_8, rank_tile, rank_depth_to_space,
	rank_space_to_depth;

/* rank_join.c */
rank_rule_function rank_concat, rank_split;

/* rank_pick.c */
rank_rule_function rank_gather, rank_gather_nd, rank_compress, rank_unique, rank_top_k_1,
	rank_top_k, rank_one_hot, rank_non_zero;

/* rank_slice.c */
rank_rule_function rank_slice_1, rank_slice, rank_pad_2, rank_pad_11, rank_pad_18,
	rank_center_crop;

/* rank_reduce.c */
rank_rule_function rank_reduce, rank_arg_reduce, rank_nll_loss, rank_ce_loss, rank_det;

/* rank_spatial.c */
rank_rule_function rank_conv, rank_conv_integer, rank_qlinear_conv, rank_pool,
	rank_max_unpool, rank_conv_transpose, rank_global_pool, rank_max_roi_pool,
	rank_roi_align;

/* rank_resize.c */
rank_rule_function rank_resize_10, rank_resize, rank_upsample_7, rank_grid_sample,
	rank_affine_grid, rank_col2im, rank_image;

/* rank_fill.c */
rank_rule_function rank_constant_node, rank_constant_of_shape, rank_eye_like, rank_random,
	rank_random_like, rank_multinomial, rank_range, rank_tf_idf, rank_nms;

/* rank_signal.c */
rank_rule_function rank_window, rank_mel, rank_dft_17, rank_dft_20, rank_stft;

/* rank_linear.c */
rank_rule_function rank_mat_mul, rank_mat_mul_integer, rank_qlinear_mat_mul, rank_gemm,
	rank_gemm_13, rank_recurrent;

/* rank_attention.c */
rank_rule_function rank_attention, rank_linear_attention;

/* rank_einsum.c */
rank_rule_function rank_einsum;

/* rank_sequence.c */
rank_rule_function rank_sequence_construct, rank_sequence_empty, rank_sequence_insert,
	rank_sequence_erase, rank_sequence_at, rank_concat_sequence, rank_split_sequence,
	rank_optional, rank_optional_get, rank_optional_has;

/* rank_ml.c */
rank_rule_function rank_ml_features, rank_ml_mapper, rank_ml_encoder_1, rank_ml_encoder_2,
	rank_ml_encoder_4, rank_ml_linear, rank_ml_classifier, rank_ml_trees_3,
	rank_ml_regressor_3, rank_ml_trees_5, rank_ml_nothing, rank_ml_one_hot,
	rank_ml_cast_map, rank_ml_zip_map;

#endif
