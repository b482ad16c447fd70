/* The options of a plan that are not at their defaults, one by one. */
#include "export/writer.h"

#include <string.h>

/* Extra options that are not simply defaults of the whole model. The mode and what is
 * done about Constant nodes are this program's own and no part of a plan. */
static const struct {
	const char *name;
	enum export_part part;
} option_parts[] = {
	{"OpTypesToExcludeOutputQuantization", PART_FLOAT},
	{"ForceQuantizeNoInputCheck", PART_FLOAT},
	{"QuantizeBias", PART_FLOAT},
	{"AddQDQPairToWeight", PART_PLACEMENT},
	{"DedicatedQDQPair", PART_PLACEMENT},
	{"UseQDQContribOps", PART_PLACEMENT},
	{"QDQKeepRemovableActivations", PART_PLACEMENT},
};

static enum export_part part_of(const char *name)
{
	for (size_t i = 0; i < sizeof(option_parts) / sizeof(option_parts[0]); i++) {
		if (!strcmp(option_parts[i].name, name))
			return option_parts[i].part;
	}
	return PART_OPTIONS;
}

struct telling_options {
	bool (*each)(void *arg, const struct option_item *item);
	void *arg;
	bool fine;
};

static void tell(struct telling_options *t, enum export_part part, const char *word,
	const char *name, const char *value)
{
	const struct option_item item = {part, word, name, value};

	t->fine = t->fine && t->each(t->arg, &item);
}

static void tell_list(struct telling_options *t, const struct text_list *list,
	const char *word, const char *value)
{
	for (size_t i = 0; i < list->count; i++)
		tell(t, PART_FLOAT, word, list->items[i], value);
}

static void tell_extras(struct telling_options *t, const struct quant_options *options)
{
	char value[400];

	for (size_t i = 0; i < option_table_count; i++) {
		const struct option_info *info = &option_table[i];

		if (options_changed(options, info, value, sizeof(value)))
			tell(t, part_of(info->name), "option", info->name, value);
	}
}

bool export_each_option(const struct quant_options *options,
	bool (*each)(void *arg, const struct option_item *item), void *arg)
{
	struct telling_options t = {each, arg, true};
	struct quant_options usual;

	options_init(&usual);
	if (options->activation_type != usual.activation_type)
		tell(&t, PART_OPTIONS, "option", "activation-type",
			qtypes[options->activation_type].name);
	if (options->weight_type != usual.weight_type)
		tell(&t, PART_OPTIONS, "option", "weight-type",
			qtypes[options->weight_type].name);
	if (options->per_channel)
		tell(&t, PART_OPTIONS, "option", "per-channel", "true");
	if (options->reduce_range)
		tell(&t, PART_OPTIONS, "option", "reduce-range", "true");
	tell_extras(&t, options);
	if (options->opset_policy != usual.opset_policy)
		tell(&t, PART_PLACEMENT, "option", "opset-policy", "keep");
	if (options->all_op_types)
		tell(&t, PART_FLOAT, "option", "op-types", "all");
	tell_list(&t, &options->op_types, "op-type", "");
	tell_list(&t, &options->nodes_to_quantize, "only", "");
	tell_list(&t, &options->nodes_to_exclude, "exclude", "float");
	options_release(&usual);
	return t.fine;
}
