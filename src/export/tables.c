/* Plain tables: one row for each tensor and reader (export-formats.md 11.5). */
#include "base/text.h"
#include "export/writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct table {
	struct export_writer *w;
	char comma;
	bool first; /* in its row */
};

/* The cell at hand ends up quoted where its text needs it: by RFC 4180 with commas; with
 * tabs the characters that would divide are written \t, \n, \r and \\. */
static void put_cell(struct table *t, const char *text)
{
	bool quoted = t->comma == ',' && strpbrk(text, ",\"\r\n");

	if (!t->first)
		export_put(t->w, &t->comma, 1);
	t->first = false;
	if (quoted)
		export_puts(t->w, "\"");
	for (const char *c = text; *c; c++) {
		const char *escape = t->comma == ',' ? NULL
				     : *c == '\t'    ? "\\t"
				     : *c == '\n'    ? "\\n"
				     : *c == '\r'    ? "\\r"
				     : *c == '\\'    ? "\\\\"
						     : NULL;

		if (escape)
			export_puts(t->w, escape);
		else
			export_put(t->w, c, 1);
		if (quoted && *c == '"')
			export_puts(t->w, "\"");
	}
	if (quoted)
		export_puts(t->w, "\"");
}

static void put_number(struct table *t, bool there, double value)
{
	char text[32];

	put_cell(t, there ? text_f32(text, (float)value, false) : "");
}

static void put_integer(struct table *t, bool there, long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", value);
	put_cell(t, there ? text : "");
}

/* Several numbers in one cell, blanks between. */
static void put_scales(struct table *t, const struct export_tensor *e)
{
	char text[32];

	put_cell(t, "");
	for (uint64_t i = 0; i < e->count; i++) {
		export_puts(t->w, i ? " " : "");
		export_puts(t->w, text_f32(text, (float)e->scales[i], false));
	}
}

static void put_zero_points(struct table *t, const struct export_tensor *e)
{
	put_cell(t, "");
	for (uint64_t i = 0; i < e->count; i++)
		export_printf(t->w, "%s%d", i ? " " : "",
			e->zero_points ? (int)e->zero_points[i] : 0);
}

static const char *truth(bool value)
{
	return value ? "yes" : "no";
}

static const char *region_word(const struct region *region)
{
	return !region ? "" : *region->name ? region->name : region->letter;
}

/* What is given, and what was measured. */
static void put_ranges(struct table *t, tensor_id tensor)
{
	const struct export_source *s = t->w->source;
	const struct entry_list *list = overrides_find(s->entries, tensor);
	const struct entry_params *own =
		list && list->count == 1 ? &list->entries[0].own : NULL;
	const struct range *range = ranges_find(s->ranges, tensor);

	put_number(t, own && (own->has & ENTRY_RMIN), own ? (double)own->rmin : 0);
	put_number(t, own && (own->has & ENTRY_RMAX), own ? (double)own->rmax : 0);
	put_number(t, range != NULL, range ? range->low : 0);
	put_number(t, range != NULL, range ? range->high : 0);
}

static void put_own(struct table *t, tensor_id tensor)
{
	const struct export_source *s = t->w->source;
	const struct export_tensor *e = &s->tensors[tensor];
	const struct tensor_state *state = &s->outcome->tensors[tensor];
	node_id producer = s->graph->tensors[tensor].producer;

	t->first = true;
	put_cell(t, graph_tensor_name(s->graph, tensor));
	if (producer != GRAPH_NONE)
		export_name_node(t->w, producer);
	put_cell(t, producer == GRAPH_NONE ? "" : graph_node_label(s->graph, producer));
	put_cell(t, state->flags & STATE_BIAS     ? "s32"
		    : state->stored == QTYPE_NONE ? "float"
						  : qtypes[state->stored].brief);
	put_integer(t, e->axis >= 0, e->axis);
	put_scales(t, e);
	put_zero_points(t, e);
	put_cell(t, e->count ? truth(e->symmetric) : "");
	put_cell(t, e->kind == NUMBERS_CONSTANT ? truth(e->reduced) : "");
	put_ranges(t, tensor);
}

static void put_reader(struct table *t, tensor_id tensor, node_id node)
{
	const struct export_source *s = t->w->source;
	const struct export_tensor *e = &s->tensors[tensor];
	const struct tensor_state *state = &s->outcome->tensors[tensor];
	enum qtype seen;
	bool converted;

	if (node == GRAPH_NONE) {
		for (int i = 0; i < 6; i++)
			put_cell(t, "");
		return;
	}
	seen = outcome_seen(s->outcome, tensor, node);
	converted = seen != QTYPE_NONE && seen != state->stored;
	export_name_node(t->w, node);
	put_cell(t, graph_node_label(s->graph, node));
	put_cell(t, seen == QTYPE_NONE ? "float" : qtypes[seen].brief);
	put_cell(t, truth(converted));
	converted = converted && e->converted.type != QTYPE_NONE;
	put_number(t, converted, e->converted.value);
	put_integer(t, converted, e->converted.zero_point);
	put_cell(t, region_word(export_region(s, node)));
}

static void put_row(struct table *t, tensor_id tensor, node_id node, const char *reason)
{
	const struct export_source *s = t->w->source;
	const struct region *region =
		export_region(s, s->graph->tensors[tensor].producer);
	bool scored = s->scores && !isnan(s->scores[tensor]);

	put_own(t, tensor);
	put_reader(t, tensor, node);
	put_cell(t, region_word(region));
	put_cell(t, region ? region->note : "");
	put_cell(t, export_who(s, tensor));
	put_cell(t, reason);
	put_number(t, scored, scored ? s->scores[tensor] : 0);
	export_puts(t->w, "\n");
}

static bool put_tensor(struct table *t, tensor_id tensor)
{
	const struct export_source *s = t->w->source;
	char *reason = export_reason(s, tensor, t->w->err);
	const struct graph_reader *readers;
	uint32_t count;

	if (!reason)
		return false;
	readers = graph_readers_of(s->graph, tensor, &count);
	if (!count)
		put_row(t, tensor, GRAPH_NONE, reason);
	for (uint32_t i = 0; i < count; i++) {
		if (!i || readers[i].node != readers[i - 1].node)
			put_row(t, tensor, readers[i].node, reason);
	}
	free(reason);
	return true;
}

static bool write_table(struct export_writer *w, char comma)
{
	static const char *const heads[] = {"tensor", "producer", "stored", "axis",
		"scale", "zero_point", "symmetric", "reduced", "rmin", "rmax",
		"measured_min", "measured_max", "consumer", "seen", "conversion",
		"seen_scale", "seen_zero_point", "consumer_region", "region", "note",
		"origin", "reason", "score"};
	struct table t = {w, comma, true};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		put_cell(&t, heads[i]);
	export_puts(w, "\n");
	for (tensor_id i = 0; i < w->source->graph->main_tensors; i++) {
		if (export_is_row(w->source, i) && !put_tensor(&t, i))
			return false;
	}
	return true;
}

bool export_write_csv(struct export_writer *w)
{
	return write_table(w, ',');
}

bool export_write_tsv(struct export_writer *w)
{
	return write_table(w, '\t');
}

const char *export_lost_table(
	const struct export_source *source, const struct export_item *item)
{
	if (item->part == PART_FLOAT)
		return "the table says what is float, not the option";
	if (item->part == PART_CONVERTED)
		return strcmp(item->word, "scale")
			       ? "of the converted side the table has the scale"
			       : NULL;
	if (!strcmp(item->word, "convert"))
		return outcome_seen(source->outcome, item->tensor, item->node) ==
				       source->outcome->tensors[item->tensor].stored
			       ? "without effect: nothing is converted there"
			       : NULL;
	if (item->tensor == GRAPH_NONE || !export_is_row(source, item->tensor))
		return "the table has rows for float tensors of this model";
	if (item->part != PART_RANGES && source->tensors &&
		source->tensors[item->tensor].shares != GRAPH_NONE)
		return "without effect: the tensor has the numbers of another";
	return NULL;
}
