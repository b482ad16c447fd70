/* Everything that says how a model is quantized, apart from overrides and ranges. */
#ifndef QDQEDIT_RULES_OPTIONS_H
#define QDQEDIT_RULES_OPTIONS_H

#include "base/error.h"
#include "rules/qtype.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tristate { UNSET = -1, NO = 0, YES = 1 };
enum opset_policy { OPSET_RAISE, OPSET_KEEP };

/* Texts owned by the options. */
struct text_list {
	char **items;
	size_t count, room;
};

struct op_axis {
	char *op_type;
	int axis;
};

/* Freed by options_release; options_init gives the defaults of command-line.md. */
struct quant_options {
	enum qtype activation_type, weight_type;
	bool per_channel, reduce_range;
	bool all_op_types;         /* --op-types all */
	struct text_list op_types; /* empty: the default list of qdq-semantics.md 3.2 */
	struct text_list nodes_to_quantize, nodes_to_exclude;
	bool ort_compatible, keep_constants;
	enum opset_policy opset_policy;

	/* extra_options under ONNX Runtime's names (qdq-semantics.md 7.7) */
	bool activation_symmetric;
	bool activation_restricted_asymmetric;
	int64_t block_size;
	enum tristate weight_symmetric;
	bool has_minimum_real_range;
	double minimum_real_range;
	bool force_quantize_no_input_check;
	struct text_list op_types_to_exclude_output;
	bool add_qdq_pair_to_weight;
	bool dedicated_qdq_pair;
	struct op_axis *per_channel_axes;
	size_t per_channel_axis_count;
	bool no_quantize_bias; /* QuantizeBias = false */
	bool use_contrib_ops;
	bool keep_removable_activations;
	bool disable_weight_adjust;
	enum tristate calib_symmetric;
	bool calib_moving_average;
	double calib_averaging_constant;
	int64_t calib_max_intermediate_outputs; /* 0: absent */
	double calib_percentile;
	int64_t calib_strided;                    /* 0: absent */
	int64_t calib_bins, calib_quantized_bins; /* ours; 0: the method's default */
};

void options_init(struct quant_options *options);
bool options_copy(
	struct quant_options *to, const struct quant_options *from, struct error *err);
void options_release(struct quant_options *options);

/* Excludes nodes by name, those that are already but once. */
bool options_exclude(
	struct quant_options *options, const struct text_list *nodes, struct error *err);
bool options_equal(const struct quant_options *a, const struct quant_options *b);

/* One row for each extra option: the table feeds --set, :set, help, JSON and docs. */
struct option_info {
	const char *name;  /* ONNX Runtime's */
	const char *value; /* "true|false", "N", "A,B", "Op:axis,..." */
	const char *help;
	size_t offset;
	int kind; /* private to options.c */
};

extern const struct option_info option_table[];
extern const size_t option_table_count;

/* Sets an extra option by name from text; an unknown name is an error that suggests the
 * nearest. */
bool options_set(struct quant_options *options, const char *name, const char *value,
	struct error *err);

/* The value as text for display, "" if absent. */
char *options_get(const struct quant_options *options, const struct option_info *info,
	char *out, size_t room);

/* The same; whether it is not the default's. */
bool options_changed(const struct quant_options *options, const struct option_info *info,
	char *out, size_t room);

/* Appends the comma-separated texts ("@FILE" reads one a line). */
bool text_list_add(struct text_list *list, const char *texts, struct error *err);
bool text_list_push(
	struct text_list *list, const char *text, size_t length, struct error *err);
bool text_list_has(const struct text_list *list, const char *text, size_t length);
void text_list_release(struct text_list *list);

#endif
