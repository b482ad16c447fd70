/* Defaults, copies and comparison of options. */
#include "base/array.h"
#include "rules/options.h"

#include <stdlib.h>
#include <string.h>

void options_init(struct quant_options *options)
{
	*options = (struct quant_options){
		.activation_type = QTYPE_U8,
		.weight_type = QTYPE_S8,
		.weight_symmetric = UNSET,
		.calib_symmetric = UNSET,
		.calib_averaging_constant = 0.01,
		.calib_percentile = 99.999,
	};
}

static struct text_list *list_of(struct quant_options *options, int which)
{
	struct text_list *const lists[] = {&options->op_types,
		&options->nodes_to_quantize, &options->nodes_to_exclude,
		&options->op_types_to_exclude_output};

	return which < 4 ? lists[which] : NULL;
}

void options_release(struct quant_options *options)
{
	struct text_list *list;

	for (int i = 0; (list = list_of(options, i)); i++)
		text_list_release(list);
	for (size_t i = 0; i < options->per_channel_axis_count; i++)
		free(options->per_channel_axes[i].op_type);
	free(options->per_channel_axes);
	options->per_channel_axes = NULL;
	options->per_channel_axis_count = 0;
}

static bool copy_list(struct text_list *to, const struct text_list *from)
{
	*to = (struct text_list){0};
	if (!array_reserve(
		    (void **)&to->items, &to->room, from->count, sizeof(*to->items)))
		return false;
	for (size_t i = 0; i < from->count; i++) {
		to->items[i] = strdup(from->items[i]);
		if (!to->items[i])
			return false;
		to->count++;
	}
	return true;
}

static bool copy_axes(struct quant_options *to, const struct quant_options *from)
{
	size_t count = from->per_channel_axis_count;

	to->per_channel_axes = NULL;
	to->per_channel_axis_count = 0;
	if (!count)
		return true;
	to->per_channel_axes = calloc(count, sizeof(*to->per_channel_axes));
	if (!to->per_channel_axes)
		return false;
	for (size_t i = 0; i < count; i++) {
		to->per_channel_axes[i].axis = from->per_channel_axes[i].axis;
		to->per_channel_axes[i].op_type =
			strdup(from->per_channel_axes[i].op_type);
		if (!to->per_channel_axes[i].op_type)
			return false;
		to->per_channel_axis_count++;
	}
	return true;
}

bool options_copy(
	struct quant_options *to, const struct quant_options *from, struct error *err)
{
	struct quant_options source = *from, copy = *from;
	struct text_list *list;
	bool ok = true;

	for (int i = 0; (list = list_of(&copy, i)); i++)
		*list = (struct text_list){0};
	ok = copy_axes(&copy, from);
	for (int i = 0; ok && (list = list_of(&copy, i)); i++)
		ok = copy_list(list, list_of(&source, i));
	if (!ok) {
		options_release(&copy);
		return error_set_memory(err, "options");
	}
	*to = copy;
	return true;
}

bool options_exclude(
	struct quant_options *options, const struct text_list *nodes, struct error *err)
{
	struct text_list *all = &options->nodes_to_exclude;

	for (size_t i = 0; i < nodes->count; i++) {
		size_t length = strlen(nodes->items[i]);

		if (!text_list_has(all, nodes->items[i], length) &&
			!text_list_push(all, nodes->items[i], length, err))
			return false;
	}
	return true;
}

static bool lists_equal(const struct text_list *a, const struct text_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	}
	return true;
}

static bool axes_equal(const struct quant_options *a, const struct quant_options *b)
{
	if (a->per_channel_axis_count != b->per_channel_axis_count)
		return false;
	for (size_t i = 0; i < a->per_channel_axis_count; i++) {
		if (a->per_channel_axes[i].axis != b->per_channel_axes[i].axis ||
			strcmp(a->per_channel_axes[i].op_type,
				b->per_channel_axes[i].op_type) != 0)
			return false;
	}
	return true;
}

static bool texts_equal(const struct quant_options *a, const struct quant_options *b)
{
	struct quant_options left = *a, right = *b;
	struct text_list *list;

	for (int i = 0; (list = list_of(&left, i)); i++) {
		if (!lists_equal(list, list_of(&right, i)))
			return false;
	}
	return axes_equal(a, b);
}

static bool choices_equal(const struct quant_options *a, const struct quant_options *b)
{
	return a->activation_type == b->activation_type &&
	       a->weight_type == b->weight_type && a->per_channel == b->per_channel &&
	       a->reduce_range == b->reduce_range && a->all_op_types == b->all_op_types &&
	       a->ort_compatible == b->ort_compatible &&
	       a->keep_constants == b->keep_constants &&
	       a->opset_policy == b->opset_policy;
}

bool options_equal(const struct quant_options *a, const struct quant_options *b)
{
	char left[64], right[64];

	for (size_t i = 0; i < option_table_count; i++) {
		const struct option_info *info = &option_table[i];

		if (strcmp(options_get(a, info, left, sizeof(left)),
			    options_get(b, info, right, sizeof(right))) != 0)
			return false;
	}
	return choices_equal(a, b) && texts_equal(a, b);
}
