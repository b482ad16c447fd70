/* What the rules for types and extents share; private to src/infer. */
#ifndef QDQEDIT_INFER_RULE_H
#define QDQEDIT_INFER_RULE_H

#include "infer/state.h"
#include "onnx/tensor.h"

/* One node under inference. */
struct infer_context {
	struct infer_values *known;
	const struct model *model;
	const Onnx__NodeProto *node;
	int64_t opset;           /* of the node's domain */
	int64_t argument;        /* of the table of rules */
	struct known_shape *out; /* of the node's outputs; nothing is known before */
	bool no_memory;
};

/* Fills the outputs. False if onnx's inference gives up on the node (or memory is gone),
 * which leaves all outputs unknown. */
typedef bool infer_rule_function(struct infer_context *c);

/* A row of a table of rules, used from version `since` on up to the operator's next row.
 * A type given by an input is noted before the function is called; onnx gives up where
 * that input has none. The function is called only if the shapes of the first `needs`
 * inputs are known. */
struct infer_rule {
	const char *op_type; /* "ai.onnx.ml:Scaler" outside the default domain */
	int16_t since;
	int16_t type; /* INFER_TYPE_OF(input), an element type, or INFER_TYPE_OWN */
	int16_t needs;
	infer_rule_function *function; /* NULL: the shape of input 0 */
	int64_t argument;
};

#define INFER_TYPE_OF(input) (-1 - (input))
enum { INFER_TYPE_OWN = 0 };

/* A list of rows sorted by operator type and version. */
struct infer_table {
	const struct infer_rule *rows;
	size_t count;
};

extern const struct infer_table infer_table;

/* ---- inputs and outputs */

struct known_shape infer_input(const struct infer_context *c, size_t slot);
bool infer_has_input(const struct infer_context *c, size_t slot);
bool infer_has_output(const struct infer_context *c, size_t slot);
bool infer_has_shape(const struct infer_context *c, size_t slot);

/* True if the shapes of inputs 0 to `count` - 1 are known. */
bool infer_has_shapes(const struct infer_context *c, size_t count);

static inline int64_t infer_extent(struct known_shape shape, int64_t axis)
{
	return shape.dims ? shape.dims[axis] : -1;
}

/* Whether anything is known of a value. */
static inline bool infer_is_typed(struct known_shape shape)
{
	return shape.type || shape.rank >= 0 || shape.kind;
}

/* True if the types of both inputs are known and the same. */
bool infer_same_types(const struct infer_context *c, size_t a, size_t b);

bool infer_set_type(struct infer_context *c, size_t output, int32_t type);

/* Gives up where the input has no type. */
bool infer_copy_type(struct infer_context *c, size_t input, size_t output);

/* From the attribute `name`; `absent` 0: gives up without it. */
bool infer_attribute_type(
	struct infer_context *c, const char *name, int32_t absent, size_t output);

/* `rank` extents to be filled, all -1; NULL if memory is gone or there is no such
 * output. */
int64_t *infer_set_shape(struct infer_context *c, size_t output, int64_t rank);
bool infer_set_dims(
	struct infer_context *c, size_t output, const int64_t *dims, int64_t rank);
bool infer_copy_shape(struct infer_context *c, size_t input, size_t output);

/* ---- attributes and constants */

const Onnx__AttributeProto *infer_attribute(
	const struct infer_context *c, const char *name);
int64_t infer_int(const struct infer_context *c, const char *name, int64_t absent);

/* True if the attribute is the text; `absent` is what a missing one is. */
bool infer_text_is(
	const struct infer_context *c, const char *name, const char *text, bool absent);

struct infer_list {
	bool is_absent; /* neither attribute nor input */
	bool is_known;
	const int64_t *items;
	size_t count;
};

struct infer_list infer_ints(const struct infer_context *c, const char *name);

/* The constant in an input; not known if there is none. Gives up on one that is not
 * INT64 (or INT32 if `both`) or cannot be read. */
bool infer_constant(
	struct infer_context *c, size_t slot, bool both, struct infer_list *list);

/* The tensor of a constant input, or NULL. */
const Onnx__TensorProto *infer_data(const struct infer_context *c, size_t slot);

/* Its first element, of any type of number; gives up on another type or an empty one. */
struct infer_number {
	int32_t type;
	int64_t integer; /* of a float its truncation */
	double real;
};
bool infer_first(struct infer_context *c, size_t slot, struct infer_number *number);

/* All elements of a FLOAT constant, in the arena; gives up on another type. */
bool infer_floats(
	struct infer_context *c, size_t slot, const float **values, size_t *count);

/* The shape that an input holds: a constant, or as many times INFER_FREE as it is long.
 */
#define INFER_FREE INT64_MIN
bool infer_shape_input(struct infer_context *c, size_t slot, struct infer_list *list);

/* ---- extents: a value from 0 on, a symbol, or -1 */

/* A computed or given value as an extent: onnx takes those below 0 too. */
int64_t infer_made(const struct infer_context *c, int64_t value);

/* Makes both the same; gives up on values that differ. */
bool infer_unify(int64_t source, int64_t *target);

/* The extents of an input of `rank`, one by one, if its shape is known; gives up on
 * another rank. */
bool infer_unify_input(
	struct infer_context *c, size_t slot, int64_t rank, int64_t *const targets[]);
bool infer_unify_axis(
	struct infer_context *c, size_t slot, int64_t axis, int64_t *target);

/* Gives up if the input's shape is known and of another rank. */
bool infer_check(const struct infer_context *c, size_t slot, int64_t rank);

/* Products, sums and quotients with a number; a symbol stays only with 1 or 0. Give up
 * on overflow. */
bool infer_times(int64_t extent, int64_t factor, int64_t *result);
bool infer_over(int64_t extent, int64_t divisor, int64_t *result);

/* The product of extents, of which symbols are left only among ones. */
bool infer_product(struct known_shape x, int64_t from, int64_t to, int64_t *product);

/* An axis from the end; gives up outside of [-rank, rank). */
bool infer_axis(int64_t axis, int64_t rank, int64_t *result);

/* The same for all axes of a list, in a new one; gives up on a repeated one if
 * `unique`. */
bool infer_axes(
	struct infer_context *c, struct infer_list *axes, int64_t rank, bool unique);
bool infer_list_has(struct infer_list list, int64_t value);

/* The shape that the inputs (or any shapes) broadcast to, as output 0. */
bool infer_broadcast(
	struct infer_context *c, const struct known_shape *shapes, size_t count);
bool infer_broadcast_dims(
	const struct known_shape *shapes, size_t count, int64_t *out, int64_t rank);

/* ---- rules */

/* same.c */
infer_rule_function infer_same_as, infer_broadcast_all, infer_broadcast_first, infer_cast,
	infer_dropout_10, infer_dropout_12, infer_softmax, infer_batch_norm,
	infer_layer_norm, infer_rms_norm, infer_quantize, infer_quantize_21,
	infer_dequantize_23, infer_dynamic_quantize, infer_shape_of, infer_shape_of_15,
	infer_scalar, infer_rotary, infer_trilu, infer_bit_cast, infer_string_split,
	infer_string_normalizer, infer_causal_conv, infer_tensor_scatter, infer_reverse,
	infer_swiglu, infer_optimizer;

/* reshape.c */
infer_rule_function infer_reshape, infer_squeeze, infer_unsqueeze, infer_flatten,
	infer_transpose, infer_expand, infer_expand_8, infer_tile, infer_depth_to_space,
	infer_space_to_depth;

/* join.c */
infer_rule_function infer_concat, infer_split;

/* pick.c */
infer_rule_function infer_gather, infer_gather_nd, infer_compress, infer_unique,
	infer_top_k_1, infer_top_k, infer_one_hot, infer_non_zero;

/* slice.c */
infer_rule_function infer_slice_1, infer_slice, infer_pad_2, infer_pad_11, infer_pad_18,
	infer_center_crop;

/* reduce.c */
infer_rule_function infer_reduce, infer_arg_reduce, infer_nll_loss, infer_ce_loss,
	infer_det;

/* spatial.c */
infer_rule_function infer_conv, infer_conv_integer, infer_qlinear_conv, infer_pool,
	infer_max_unpool, infer_conv_transpose, infer_global_pool, infer_max_roi_pool,
	infer_roi_align;

/* resize.c */
infer_rule_function infer_resize_10, infer_resize, infer_upsample_7, infer_grid_sample,
	infer_affine_grid, infer_col2im, infer_image;

/* fill.c */
infer_rule_function infer_constant_node, infer_constant_of_shape, infer_eye_like,
	infer_random, infer_random_like, infer_multinomial, infer_range, infer_tf_idf,
	infer_nms;

/* signal.c */
infer_rule_function infer_window, infer_mel, infer_dft_17, infer_dft_20, infer_stft;

/* linear.c */
infer_rule_function infer_mat_mul, infer_mat_mul_integer, infer_qlinear_mat_mul,
	infer_gemm, infer_gemm_13, infer_recurrent;

/* attention.c */
infer_rule_function infer_attention, infer_linear_attention;

/* einsum.c */
infer_rule_function infer_einsum;

/* sequence.c */
infer_rule_function infer_sequence_construct, infer_sequence_empty, infer_sequence_insert,
	infer_sequence_erase, infer_sequence_at, infer_concat_sequence,
	infer_split_sequence, infer_optional, infer_optional_get, infer_optional_has;

/* ml.c */
infer_rule_function infer_ml_features, infer_ml_mapper, infer_ml_encoder_1,
	infer_ml_encoder_2, infer_ml_encoder_4, infer_ml_linear, infer_ml_classifier,
	infer_ml_trees_3, infer_ml_regressor_3, infer_ml_trees_5, infer_ml_nothing,
	infer_ml_one_hot, infer_ml_cast_map, infer_ml_zip_map;

#endif
