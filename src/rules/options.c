#include "rules/options.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum option_kind {
	KIND_BOOL,
	KIND_NOT,      /* stored the other way round */
	KIND_TRISTATE, /* "none": absent */
	KIND_COUNT,    /* int64, 0: absent */
	KIND_SHARE,    /* double, 0 to 1 */
	KIND_PERCENT,  /* double, 0 to 100 */
	KIND_REAL,     /* double with a flag in front */
	KIND_LIST,
	KIND_AXES,
	KIND_UNUSED, /* known, without effect in the QDQ format */
};

#define AT(member) offsetof(struct quant_options, member)
#define BOOL_ROW(name, help, member)                                                     \
	{                                                                                \
		name, "true|false", help, AT(member), KIND_BOOL                          \
	}

const struct option_info option_table[] = {
	BOOL_ROW("ActivationSymmetric", "symmetric activations; keeps Relu and Clip",
		activation_symmetric),
	BOOL_ROW("ActivationRestrictedAsymmetric",
		"UINT8 activations get zero point 0 or 128",
		activation_restricted_asymmetric),
	{"BlockSize", "N", "weights of rank 2 in blocks of N along the axis; 0: off",
		AT(block_size), KIND_COUNT},
	{"WeightSymmetric", "true|false|none",
		"symmetric weights; none: signed types are", AT(weight_symmetric),
		KIND_TRISTATE},
	{"MinimumRealRange", "N|none", "smallest width of a range (0.0001 for QNN)",
		AT(has_minimum_real_range), KIND_REAL},
	BOOL_ROW("ForceQuantizeNoInputCheck",
		"Reshape, Transpose, Gather, Where... even if the input is not quantized",
		force_quantize_no_input_check),
	{"OpTypesToExcludeOutputQuantization", "A,B",
		"operators whose outputs stay float", AT(op_types_to_exclude_output),
		KIND_LIST},
	BOOL_ROW("AddQDQPairToWeight", "keep float weights and put Q and DQ behind them",
		add_qdq_pair_to_weight),
	BOOL_ROW("DedicatedQDQPair", "a Q/DQ pair of its own for each reader",
		dedicated_qdq_pair),
	{"QDQOpTypePerChannelSupportToAxis", "Op:axis,...",
		"per-channel axis of MatMul and the normalizations", AT(per_channel_axes),
		KIND_AXES},
	{"QuantizeBias", "true|false", "biases become int32 (default true)",
		AT(no_quantize_bias), KIND_NOT},
	BOOL_ROW("UseQDQContribOps", "Q and DQ in the domain com.microsoft",
		use_contrib_ops),
	BOOL_ROW("QDQKeepRemovableActivations", "keep every Relu and Clip",
		keep_removable_activations),
	BOOL_ROW("QDQDisableWeightAdjustForInt32Bias",
		"leave weight scales as they are, even if an int32 bias saturates",
		disable_weight_adjust),
	{"CalibTensorRangeSymmetric", "true|false|none", "symmetric calibration ranges",
		AT(calib_symmetric), KIND_TRISTATE},
	BOOL_ROW("CalibMovingAverage", "MinMax: mean over the batches",
		calib_moving_average),
	{"CalibMovingAverageConstant", "N", "weight of a further block (default 0.01)",
		AT(calib_averaging_constant), KIND_SHARE},
	{"CalibMaxIntermediateOutputs", "N|none", "batches kept before they are merged",
		AT(calib_max_intermediate_outputs), KIND_COUNT},
	{"CalibPercentile", "N", "for Percentile (default 99.999)", AT(calib_percentile),
		KIND_PERCENT},
	{"CalibStridedMinMax", "N|none", "calibrate in blocks of N samples",
		AT(calib_strided), KIND_COUNT},
	{"CalibBins", "N", "histogram bins (ours; 0: the method's default)",
		AT(calib_bins), KIND_COUNT},
	{"CalibQuantizedBins", "N", "Entropy: quantized bins (ours; 0: 128)",
		AT(calib_quantized_bins), KIND_COUNT},
	{"EnableSubgraph", "true|false", "no effect in the QDQ format", 0, KIND_UNUSED},
	{"MatMulConstBOnly", "true|false", "no effect in the QDQ format", 0, KIND_UNUSED},
	{"extra.Sigmoid.nnapi", "true|false", "no effect in the QDQ format", 0,
		KIND_UNUSED},
};

const size_t option_table_count = sizeof(option_table) / sizeof(option_table[0]);

/* ---- values from text */

static bool wrong_value(
	const struct option_info *info, const char *value, struct error *err)
{
	return error_set(err, ERROR_USAGE, "%s=%s: not a value of it; give %s",
		info->name, text_quoted_z(value), info->value);
}

static bool is_none(const char *value)
{
	return !*value || strcasecmp(value, "none") == 0 ||
	       strcasecmp(value, "null") == 0;
}

static enum tristate parse_bool(const char *value)
{
	static const char *const words[][2] = {
		{"false", "true"}, {"0", "1"}, {"no", "yes"}, {"off", "on"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int b = 0; b < 2; b++) {
			if (strcasecmp(value, words[i][b]) == 0)
				return b ? YES : NO;
		}
	}
	return UNSET;
}

static bool parse_count(const char *value, int64_t *out)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (end == value || *end || errno || number < 0)
		return false;
	*out = number;
	return true;
}

static bool parse_real(const char *value, double least, double most, double *out)
{
	char *end;
	double number = strtod(value, &end);

	if (end == value || *end || !isfinite(number) || number < least || number > most)
		return false;
	*out = number;
	return true;
}

static void release_axes(struct quant_options *options)
{
	for (size_t i = 0; i < options->per_channel_axis_count; i++)
		free(options->per_channel_axes[i].op_type);
	free(options->per_channel_axes);
	options->per_channel_axes = NULL;
	options->per_channel_axis_count = 0;
}

static bool add_axis(
	struct quant_options *options, const char *op, size_t length, int axis)
{
	size_t count = options->per_channel_axis_count;
	struct op_axis *grown =
		realloc(options->per_channel_axes, (count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	options->per_channel_axes = grown;
	grown[count].op_type = strndup(op, length);
	grown[count].axis = axis;
	if (!grown[count].op_type)
		return false;
	options->per_channel_axis_count = count + 1;
	return true;
}

static bool parse_axes(struct quant_options *fresh, const struct option_info *info,
	const char *value, struct error *err)
{
	const char *at = value;

	while (*at) {
		size_t length = strcspn(at, ",");
		const char *colon = memchr(at, ':', length);
		char *end = NULL;
		long axis = colon ? strtol(colon + 1, &end, 10) : 0;

		if (!colon || colon == at || end == colon + 1 || end != at + length ||
			axis < -1000 || axis > 1000)
			return wrong_value(info, value, err);
		if (!add_axis(fresh, at, (size_t)(colon - at), (int)axis))
			return error_set_memory(err, info->name);
		at += length + (at[length] == ',');
	}
	return true;
}

static bool set_axes(struct quant_options *options, const struct option_info *info,
	const char *value, struct error *err)
{
	struct quant_options fresh = {0};

	if (!is_none(value) && !parse_axes(&fresh, info, value, err)) {
		release_axes(&fresh);
		return false;
	}
	release_axes(options);
	options->per_channel_axes = fresh.per_channel_axes;
	options->per_channel_axis_count = fresh.per_channel_axis_count;
	return true;
}

static bool set_list(struct text_list *list, const char *value, struct error *err)
{
	struct text_list fresh = {0};

	if (!is_none(value) && !text_list_add(&fresh, value, err)) {
		text_list_release(&fresh);
		return false;
	}
	text_list_release(list);
	*list = fresh;
	return true;
}

static bool set_real(struct quant_options *options, const char *value)
{
	options->has_minimum_real_range = !is_none(value);
	options->minimum_real_range = 0;
	return is_none(value) ||
	       parse_real(value, 0, HUGE_VAL, &options->minimum_real_range);
}

static bool set_simple(
	struct quant_options *options, const struct option_info *info, const char *value)
{
	char *field = (char *)options + info->offset;
	enum tristate flag = parse_bool(value);

	switch (info->kind) {
	case KIND_BOOL:
	case KIND_NOT:
		*(bool *)field = (flag == YES) != (info->kind == KIND_NOT);
		return flag != UNSET;
	case KIND_TRISTATE:
		*(enum tristate *)field = flag;
		return flag != UNSET || is_none(value);
	case KIND_COUNT:
		*(int64_t *)field = 0;
		return is_none(value) || parse_count(value, (int64_t *)field);
	case KIND_SHARE:
		return parse_real(value, 0, 1, (double *)field);
	case KIND_PERCENT:
		return parse_real(value, 0, 100, (double *)field);
	case KIND_REAL:
		return set_real(options, value);
	default:
		return flag != UNSET || is_none(value);
	}
}

/* ---- names */

static const struct option_info *find(const char *name)
{
	for (size_t i = 0; i < option_table_count; i++) {
		if (strcasecmp(option_table[i].name, name) == 0)
			return &option_table[i];
	}
	return NULL;
}

static const char *nearest(const char *name)
{
	size_t length = strlen(name);
	struct text_nearest near = {name, length, (unsigned)length / 2 + 1, NULL};

	for (size_t i = 0; i < option_table_count; i++)
		text_offer(&near, option_table[i].name);
	return near.found;
}

static bool unknown_name(const char *name, struct error *err)
{
	const char *near = nearest(name);

	if (strcasecmp(name, "TensorQuantOverrides") == 0)
		return error_set(err, ERROR_USAGE,
			"--set TensorQuantOverrides: not set this way; give the file "
			"with --overrides");
	if (strncasecmp(name, "SmoothQuant", 11) == 0)
		return error_set(err, ERROR_USAGE,
			"--set %s: SmoothQuant needs a package outside of ONNX Runtime "
			"and is not done here; leave it out",
			text_quoted_z(name));
	if (near)
		return error_set(err, ERROR_USAGE,
			"--set %s: no such option; did you mean %s?", text_quoted_z(name),
			near);
	return error_set(err, ERROR_USAGE,
		"--set %s: no such option; 'qdqedit help options' lists them",
		text_quoted_z(name));
}

bool options_set(struct quant_options *options, const char *name, const char *value,
	struct error *err)
{
	const struct option_info *info = find(name);
	struct quant_options before;

	if (!info)
		return unknown_name(name, err);
	if (info->kind == KIND_LIST)
		return set_list(
			(struct text_list *)((char *)options + info->offset), value, err);
	if (info->kind == KIND_AXES)
		return set_axes(options, info, value, err);
	before = *options;
	if (set_simple(options, info, value))
		return true;
	*options = before;
	return wrong_value(info, value, err);
}

/* ---- values to text */

static void append(char *out, size_t room, const char *divider, const char *text)
{
	size_t used = strlen(out);

	snprintf(out + used, room - used, "%s%s", used ? divider : "", text);
}

static void list_text(const struct text_list *list, char *out, size_t room)
{
	for (size_t i = 0; i < list->count; i++)
		append(out, room, ",", list->items[i]);
}

static void axes_text(const struct quant_options *options, char *out, size_t room)
{
	char piece[128];

	for (size_t i = 0; i < options->per_channel_axis_count; i++) {
		snprintf(piece, sizeof(piece), "%s:%d",
			options->per_channel_axes[i].op_type,
			options->per_channel_axes[i].axis);
		append(out, room, ",", piece);
	}
}

static void bool_text(enum tristate value, char *out, size_t room)
{
	append(out, room, "", value == UNSET ? "" : value ? "true" : "false");
}

static void number_text(double value, char *out, size_t room)
{
	char text[32];

	append(out, room, "", text_f64(text, value, false));
}

char *options_get(const struct quant_options *options, const struct option_info *info,
	char *out, size_t room)
{
	const char *field = (const char *)options + info->offset;

	out[0] = '\0';
	switch (info->kind) {
	case KIND_BOOL:
	case KIND_NOT:
		bool_text(*(const bool *)field != (info->kind == KIND_NOT), out, room);
		break;
	case KIND_TRISTATE:
		bool_text(*(const enum tristate *)field, out, room);
		break;
	case KIND_COUNT:
		if (*(const int64_t *)field)
			snprintf(out, room, "%lld", (long long)*(const int64_t *)field);
		break;
	case KIND_SHARE:
	case KIND_PERCENT:
		number_text(*(const double *)field, out, room);
		break;
	case KIND_REAL:
		if (options->has_minimum_real_range)
			number_text(options->minimum_real_range, out, room);
		break;
	case KIND_LIST:
		list_text((const struct text_list *)field, out, room);
		break;
	case KIND_AXES:
		axes_text(options, out, room);
		break;
	default:
		break;
	}
	return out;
}

bool options_changed(const struct quant_options *options, const struct option_info *info,
	char *out, size_t room)
{
	struct quant_options usual;
	char text[64]; /* lists are empty in it */
	bool changed;

	options_init(&usual);
	changed = strcmp(options_get(options, info, out, room),
			  options_get(&usual, info, text, sizeof(text))) != 0;
	options_release(&usual);
	return changed;
}
