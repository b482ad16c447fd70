/* What encodings of AIMET and QAIRT cannot say (export-formats.md 5). */
#include "export/writer.h"

#include <string.h>

/* The tensor has an encoding with numbers of its own making. */
static const char *lost_number(
	const struct export_source *s, const struct export_item *item)
{
	const struct tensor_state *state;

	if (item->tensor == GRAPH_NONE || !export_is_row(s, item->tensor))
		return "the file has the tensors of this model";
	state = &s->outcome->tensors[item->tensor];
	if (state->stored == QTYPE_NONE && !(state->flags & STATE_BIAS))
		return "without effect: the tensor stays float";
	if (state->provider != GRAPH_NONE)
		return "without effect: the tensor has the numbers of another";
	return NULL;
}

static const struct entry_params *own_of(const struct export_source *s, tensor_id tensor)
{
	const struct entry *entry = overrides_entry(s->entries, tensor);

	return entry ? &entry->own : NULL;
}

/* Ranges are there as the ends of the grid, if the grid was made from them. */
static const char *lost_range(
	const struct export_source *s, const struct export_item *item)
{
	const char *why = lost_number(s, item);
	const struct entry_params *own = why ? NULL : own_of(s, item->tensor);

	if (own && (own->has & ENTRY_SCALE))
		return "without effect: scale and zero point are given";
	if (own && item->bulk && (own->has & ENTRY_RMIN) && (own->has & ENTRY_RMAX))
		return "without effect: another range is given";
	return why;
}

/* "symmetric" is there as the sign and zero point 0. */
static const char *lost_flag(
	const struct export_source *s, const struct export_item *item)
{
	const char *why = lost_number(s, item);
	const struct entry_params *own = why ? NULL : own_of(s, item->tensor);
	enum qtype type =
		why ? QTYPE_NONE : (enum qtype)s->outcome->tensors[item->tensor].stored;

	if (why)
		return why;
	if (strcmp(item->word, "symmetric"))
		return "its effect is in the scale";
	return own && own->symmetric && !qtypes[type].is_signed
		       ? "its effect is in the offset: symmetric means signed there"
		       : NULL;
}

/* Versions 0 and 1 list each float tensor, so what is excluded shows. */
static const char *lost_float(
	const struct export_source *s, const struct export_item *item)
{
	const struct graph *g = s->graph;

	if (strcmp(item->word, "exclude") || item->node == GRAPH_NONE)
		return "the file says which tensors are float, not the option";
	for (uint32_t i = 0; i < g->nodes[item->node].output_count; i++) {
		tensor_id t = graph_output_of(g, item->node, i);

		if (t != GRAPH_NONE && s->outcome->tensors[t].stored != QTYPE_NONE)
			return "its output has an encoding: others read it quantized";
	}
	return NULL;
}

/* The width of both defaults, the symmetry of weights, per channel. */
static const char *lost_option(
	const struct export_source *s, const struct export_item *item)
{
	const struct quant_options *o = s->options;

	if (!strcmp(item->subject, "activation-type"))
		return qtypes[o->activation_type].is_signed
			       ? "the file has the width of the default, not its sign"
			       : NULL;
	if (!strcmp(item->subject, "weight-type"))
		return qtypes[o->weight_type].is_signed
			       ? NULL
			       : "the file has the width of the default, not its sign";
	if (!strcmp(item->subject, "per-channel") ||
		!strcmp(item->subject, "WeightSymmetric"))
		return NULL;
	return "its effect is in the numbers of each tensor";
}

const char *export_lost_encodings_0(
	const struct export_source *s, const struct export_item *item)
{
	switch ((unsigned)item->part) {
	case PART_OPTIONS:
		return lost_option(s, item);
	case PART_RANGES:
		return lost_range(s, item);
	case PART_FLAGS:
		return lost_flag(s, item);
	case PART_FLOAT:
		return lost_float(s, item);
	default:
		return lost_number(s, item);
	}
}

/* Version 1 has a list of excluded nodes besides. */
const char *export_lost_encodings_1(
	const struct export_source *s, const struct export_item *item)
{
	bool listed = item->part == PART_FLOAT && !strcmp(item->word, "exclude") &&
		      item->node != GRAPH_NONE;

	return listed ? NULL : export_lost_encodings_0(s, item);
}

const char *export_lost_encodings_2(
	const struct export_source *s, const struct export_item *item)
{
	if (item->part == PART_FLOAT)
		return "what is float is not in the file; convert with --float_fallback";
	if (item->part == PART_FLAGS && !strcmp(item->word, "symmetric"))
		return lost_number(s, item) ? lost_number(s, item)
					    : "its effect is in the zero point";
	return export_lost_encodings_0(s, item);
}
