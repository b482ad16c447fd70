/* Rules of the domain ai.onnx.ml. */
#include "infer/rule.h"

/* ---- features */

/* The number of indices, a symbol if that is all there is. */
static bool count_indices(struct known_shape at, int64_t *count)
{
	int64_t product = 1, symbol = -1;

	*count = -1;
	for (int64_t i = 0; i < at.rank; i++) {
		int64_t extent = infer_extent(at, i);

		if (extent >= 0) {
			if (__builtin_mul_overflow(product, extent, &product))
				return false;
		} else if (extent == -1 || symbol != -1) {
			return true;
		} else {
			symbol = extent;
		}
	}
	if (at.rank > 0)
		*count = symbol == -1 ? product : product == 1 ? symbol : -1;
	return true;
}

bool infer_ml_features(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t rank = x.rank ? x.rank : 1, *out;

	if (x.rank == 1)
		return true;
	out = infer_set_shape(c, 0, rank);
	for (int64_t i = 0; out && i < rank - 1; i++)
		out[i] = infer_extent(x, i);
	return out && count_indices(infer_input(c, 1), &out[rank - 1]);
}

bool infer_ml_mapper(struct infer_context *c)
{
	const Onnx__AttributeProto *numbers = infer_attribute(c, "cats_int64s"),
				   *texts = infer_attribute(c, "cats_strings");
	int32_t type = infer_input(c, 0).type;

	if (!numbers || !texts || numbers->n_ints != texts->n_strings)
		return false;
	infer_set_type(c, 0,
		type == ELEMENT_STRING  ? ELEMENT_INT64
		: type == ELEMENT_INT64 ? ELEMENT_STRING
					: 0);
	return infer_copy_shape(c, 0, 0);
}

bool infer_ml_cast_map(struct infer_context *c)
{
	int32_t type = infer_text_is(c, "cast_to", "TO_FLOAT", true)     ? ELEMENT_FLOAT
		       : infer_text_is(c, "cast_to", "TO_INT64", false)  ? ELEMENT_INT64
		       : infer_text_is(c, "cast_to", "TO_STRING", false) ? ELEMENT_STRING
									 : 0;

	return infer_set_type(c, 0, type);
}

bool infer_ml_zip_map(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank;

	c->out[0].kind = INFER_OTHER;
	return (rank < 0 || rank == 1 || rank == 2) &&
	       infer_set_type(c, 0, ELEMENT_FLOAT);
}

bool infer_ml_one_hot(struct infer_context *c)
{
	const Onnx__AttributeProto *numbers = infer_attribute(c, "cats_int64s"),
				   *texts = infer_attribute(c, "cats_strings");
	struct known_shape x = infer_input(c, 0);
	int64_t *out;

	if (!numbers == !texts)
		return false;
	if (x.rank < 0)
		return true;
	out = infer_set_shape(c, 0, x.rank + 1);
	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = infer_extent(x, i);
	if (out)
		out[x.rank] = (int64_t)(numbers ? numbers->n_ints : texts->n_strings);
	return out && infer_set_type(c, 0, ELEMENT_FLOAT);
}

/* ---- LabelEncoder */

bool infer_ml_encoder_1(struct infer_context *c)
{
	int32_t type = infer_input(c, 0).type;

	return infer_set_type(c, 0,
		type == ELEMENT_STRING  ? ELEMENT_INT64
		: type == ELEMENT_INT64 ? ELEMENT_STRING
					: 0);
}

/* Lists of keys or values: the element type of the one that is there; false if there is
 * none, or more than one. */
struct list_names {
	const char *strings, *numbers, *floats, *tensor;
};

static const struct list_names keys = {
	"keys_strings", "keys_int64s", "keys_floats", "keys_tensor"};
static const struct list_names values = {
	"values_strings", "values_int64s", "values_floats", "values_tensor"};

/* The type and length of a list in whatever field it stands. */
static bool measure(const Onnx__AttributeProto *a, int32_t *type, int64_t *length)
{
	*type = a->n_ints      ? ELEMENT_INT64
		: a->n_floats  ? ELEMENT_FLOAT
		: a->n_strings ? ELEMENT_STRING
			       : 0;
	*length = (int64_t)(a->n_ints + a->n_floats + a->n_strings);
	if (*type || !a->t)
		return true;
	*type = a->t->data_type;
	*length = a->t->n_dims == 1 ? a->t->dims[0] : -1;
	return *length >= 0;
}

static bool one_list(const struct infer_context *c, const struct list_names *names,
	int32_t *type, int64_t *length)
{
	const char *const all[] = {
		names->tensor, names->strings, names->numbers, names->floats};

	*type = 0;
	*length = 0;
	for (int i = 0; i < 4; i++) {
		const Onnx__AttributeProto *a = infer_attribute(c, all[i]);

		if (a && (*type || !measure(a, type, length)))
			return false;
	}
	return *type;
}

static bool list_type(
	const struct infer_context *c, const struct list_names *names, int32_t *type)
{
	const char *const all[] = {names->strings, names->numbers, names->floats};
	static const int32_t types[] = {ELEMENT_STRING, ELEMENT_INT64, ELEMENT_FLOAT};
	int found = 0;

	for (int i = 0; i < 3; i++)
		if (infer_attribute(c, all[i])) {
			*type = types[i];
			found++;
		}
	return found == 1;
}

bool infer_ml_encoder_2(struct infer_context *c)
{
	int32_t key, value;

	return c->node->n_input == 1 && c->node->n_output == 1 &&
	       list_type(c, &keys, &key) && list_type(c, &values, &value) &&
	       infer_input(c, 0).type == key && infer_set_type(c, 0, value) &&
	       infer_copy_shape(c, 0, 0);
}

bool infer_ml_encoder_4(struct infer_context *c)
{
	const Onnx__AttributeProto *absent = infer_attribute(c, "default_tensor");
	int32_t key, value;
	int64_t key_count, value_count;

	if (!one_list(c, &keys, &key, &key_count) ||
		!one_list(c, &values, &value, &value_count) || key_count != value_count ||
		infer_input(c, 0).type != key)
		return false;
	if (absent && absent->t && absent->t->data_type &&
		(absent->t->data_type != value || absent->t->n_dims != 1 ||
			absent->t->dims[0] != 1))
		return false;
	return infer_set_type(c, 0, value) && infer_copy_shape(c, 0, 0);
}

/* ---- classifiers and regressors */

static size_t texts_in(const struct infer_context *c, const char *name)
{
	const Onnx__AttributeProto *a = infer_attribute(c, name);

	return a ? a->n_strings : 0;
}

static bool label_type(struct infer_context *c, size_t texts)
{
	return infer_set_type(c, 0, texts ? ELEMENT_STRING : ELEMENT_INT64);
}

bool infer_ml_classifier(struct infer_context *c)
{
	return label_type(c, texts_in(c, "classlabels_strings"));
}

/* Labels [batch] and scores [batch, classes]. */
static bool scores(struct infer_context *c, int64_t batch, int64_t classes)
{
	return infer_set_type(c, 1, ELEMENT_FLOAT) && infer_set_dims(c, 0, &batch, 1) &&
	       infer_set_dims(c, 1, (const int64_t[]){batch, classes}, 2);
}

bool infer_ml_linear(struct infer_context *c)
{
	const Onnx__AttributeProto *intercepts = infer_attribute(c, "intercepts");
	struct known_shape x = infer_input(c, 0);
	size_t texts = texts_in(c, "classlabels_strings"),
	       labels = texts ? texts : infer_ints(c, "classlabels_ints").count,
	       classes = intercepts ? intercepts->n_floats : 0;

	if (x.rank == 0 || x.rank > 2)
		return false;
	label_type(c, texts);
	return scores(c,
		x.rank < 0    ? -1
		: x.rank == 1 ? 1
			      : infer_extent(x, 0),
		classes == 1 && labels == 2 ? 2 : (int64_t)classes);
}

/* Of each pair at most one may be there. */
static bool without_both(const struct infer_context *c, const char *const pairs[][2])
{
	for (int i = 0; i < 4; i++)
		if (infer_attribute(c, pairs[i][0]) && infer_attribute(c, pairs[i][1]))
			return false;
	return true;
}

static bool first_of_two(struct infer_context *c, int64_t *batch)
{
	*batch = -1;
	return infer_check(c, 0, 2) && infer_unify_axis(c, 0, 0, batch);
}

bool infer_ml_trees_3(struct infer_context *c)
{
	static const char *const pairs[][2] = {{"nodes_values", "nodes_values_as_tensor"},
		{"nodes_hitrates", "nodes_hitrates_as_tensor"},
		{"class_weights", "class_weights_as_tensor"},
		{"base_values", "base_values_as_tensor"}};
	size_t texts = texts_in(c, "classlabels_strings"),
	       labels = texts ? texts : infer_ints(c, "classlabels_int64s").count;
	int64_t batch;

	return without_both(c, pairs) && first_of_two(c, &batch) && labels &&
	       label_type(c, texts) && scores(c, batch, (int64_t)labels);
}

static int64_t targets(const struct infer_context *c)
{
	return infer_attribute(c, "n_targets")
		       ? infer_made(c, infer_int(c, "n_targets", 0))
		       : -1;
}

bool infer_ml_regressor_3(struct infer_context *c)
{
	static const char *const pairs[][2] = {{"nodes_values", "nodes_values_as_tensor"},
		{"nodes_hitrates", "nodes_hitrates_as_tensor"},
		{"target_weights", "target_weights_as_tensor"},
		{"base_values", "base_values_as_tensor"}};
	int64_t dims[2] = {-1, targets(c)};

	return without_both(c, pairs) && first_of_two(c, &dims[0]) &&
	       infer_set_type(c, 0, ELEMENT_FLOAT) && infer_set_dims(c, 0, dims, 2);
}

/* An attribute may be missing unless it is required; its tensor or list has the length of
 * the others and the type. */
static bool fits_nodes(const struct infer_context *c, const char *name, int32_t type,
	int64_t length, bool required)
{
	const Onnx__AttributeProto *a = infer_attribute(c, name);
	int32_t actual;
	int64_t count;

	if (!a)
		return !required;
	return measure(a, &actual, &count) && actual == type && count == length;
}

static bool fits_tree(const struct infer_context *c, int32_t type, int64_t nodes)
{
	return fits_nodes(c, "nodes_featureids", ELEMENT_INT64, nodes, true) &&
	       fits_nodes(c, "nodes_hitrates", ELEMENT_FLOAT, nodes, false) &&
	       fits_nodes(c, "nodes_modes", ELEMENT_UINT8, nodes, true) &&
	       fits_nodes(c, "nodes_truenodeids", ELEMENT_INT64, nodes, true) &&
	       fits_nodes(c, "nodes_falsenodeids", ELEMENT_INT64, nodes, true) &&
	       fits_nodes(c, "nodes_trueleafs", ELEMENT_INT64, nodes, true) &&
	       fits_nodes(c, "nodes_falseleafs", ELEMENT_INT64, nodes, true) &&
	       fits_nodes(c, "nodes_missing_value_tracks_true", ELEMENT_INT64, nodes,
		       false) &&
	       fits_nodes(c, "nodes_splits", type, nodes, true);
}

bool infer_ml_trees_5(struct infer_context *c)
{
	const Onnx__AttributeProto *splits = infer_attribute(c, "nodes_splits"),
				   *members = infer_attribute(c, "membership_values"),
				   *weights = infer_attribute(c, "leaf_weights");
	int64_t dims[2] = {-1, targets(c)};
	int32_t type = infer_input(c, 0).type;

	if (!splits || !splits->t || splits->t->n_dims != 1 || !weights || !weights->t ||
		weights->t->n_dims != 1 || weights->t->data_type != type ||
		(members && members->t && members->t->data_type != type))
		return false;
	return fits_tree(c, type, splits->t->dims[0]) &&
	       infer_attribute(c, "leaf_targetids") &&
	       (int64_t)infer_ints(c, "leaf_targetids").count == weights->t->dims[0] &&
	       first_of_two(c, &dims[0]) && infer_set_type(c, 0, type) &&
	       infer_set_dims(c, 0, dims, 2);
}

/* Of the operators that TreeEnsemble replaces. */
bool infer_ml_nothing(struct infer_context *c)
{
	(void)c;
	return true;
}
