/* The tables of tensors in a Markdown report, and how names and sentences stand in it. */
#include "export/markdown.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Words. */

void markdown_put_code(struct export_writer *w, const char *text)
{
	char clean[MARKDOWN_NAME];
	const char *fence;

	text_escape(clean, sizeof(clean), text, strlen(text));
	fence = strchr(clean, '`') ? "`` " : "`";
	export_puts(w, fence);
	for (const char *c = clean; *c; c++) {
		if (*c == '|')
			export_puts(w, "\\");
		export_put(w, c, 1);
	}
	export_puts(w, fence[1] ? " ``" : "`");
}

void markdown_put_text(struct export_writer *w, const char *text)
{
	char clean[4096];

	text_escape(clean, sizeof(clean), text, strlen(text));
	for (const char *c = clean; *c; c++) {
		if (strchr("\\`*_[]<>|~&#", *c))
			export_puts(w, "\\");
		export_put(w, c, 1);
	}
}

static void put_node(struct export_writer *w, node_id node)
{
	export_name_node(w, node);
	markdown_put_code(w, graph_node_label(w->source->graph, node));
}

void markdown_put_nodes(struct export_writer *w, const node_id *nodes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		export_puts(w, i ? ", " : "");
		put_node(w, nodes[i]);
	}
}

void markdown_put_f32(struct export_writer *w, double value)
{
	char text[32];

	export_puts(w, text_f32(text, (float)value, false));
}

const char *markdown_type(enum qtype type)
{
	return type == QTYPE_NONE ? "float" : qtypes[type].brief;
}

/* ---- Which tensors have a row, and where. */

static tensor_id first_reader(const struct graph *g, tensor_id tensor)
{
	const struct graph_reader *readers;
	uint32_t count;

	readers = graph_readers_of(g, tensor, &count);
	return count ? readers[0].node : GRAPH_NONE;
}

/* The region of its producer; of a constant, that of its first reader. */
static const struct region *region_of(const struct export_source *s, tensor_id tensor)
{
	node_id producer = s->graph->tensors[tensor].producer;

	if (s->outcome->tensors[tensor].flags & STATE_CONSTANT)
		producer = first_reader(s->graph, tensor);
	return export_region(s, producer);
}

bool markdown_has_row(const struct export_source *s, tensor_id tensor)
{
	return export_is_row(s, tensor) &&
	       (region_of(s, tensor) || overrides_find(s->entries, tensor) ||
		       outcome_boundary(s->outcome, tensor));
}

/* ---- Tables of tensors. */

static void put_numbers(struct export_writer *w, const struct export_tensor *e)
{
	if (e->count > 1) {
		export_printf(w, "%" PRIu64 " scales, axis %d", e->count, (int)e->axis);
	} else if (e->count) {
		markdown_put_f32(w, e->scales[0]);
		export_printf(w, " / %d", e->zero_points ? (int)e->zero_points[0] : 0);
	}
	export_puts(w, e->count && e->symmetric ? ", symmetric" : "");
	export_puts(w, e->count && e->reduced ? ", reduced" : "");
	export_puts(w, " | ");
	if (e->converted.type != QTYPE_NONE) {
		markdown_put_f32(w, e->converted.value);
		export_printf(w, " / %d", (int)e->converted.zero_point);
	}
	export_puts(w, " | ");
}

static void put_ends(struct export_writer *w, bool there, double low, double high)
{
	if (there) {
		markdown_put_f32(w, low);
		export_puts(w, " .. ");
		markdown_put_f32(w, high);
	}
	export_puts(w, " | ");
}

static void put_ranges(struct export_writer *w, tensor_id tensor)
{
	const struct export_source *s = w->source;
	const struct entry_list *list = overrides_find(s->entries, tensor);
	const struct entry_params *own =
		list && list->count == 1 ? &list->entries[0].own : NULL;
	const struct range *range = ranges_find(s->ranges, tensor);
	bool given = own && (own->has & (ENTRY_RMIN | ENTRY_RMAX));

	put_ends(w, given, given ? (double)own->rmin : 0, given ? (double)own->rmax : 0);
	put_ends(w, range != NULL, range ? range->low : 0, range ? range->high : 0);
}

static bool put_row(struct export_writer *w, tensor_id tensor)
{
	const struct export_source *s = w->source;
	const struct tensor_state *state = &s->outcome->tensors[tensor];
	char *reason = export_reason(s, tensor, w->err);

	if (!reason)
		return false;
	export_puts(w, "| ");
	markdown_put_code(w, graph_tensor_name(s->graph, tensor));
	export_printf(w, " | %s | ",
		state->flags & STATE_BIAS ? "s32"
					  : markdown_type((enum qtype)state->stored));
	put_numbers(w, &s->tensors[tensor]);
	put_ranges(w, tensor);
	export_printf(w, "%s | ", export_who(s, tensor));
	markdown_put_text(w, reason);
	export_puts(w, " |\n");
	free(reason);
	return true;
}

/* The rows, region by region, those of none behind. */
struct rows {
	tensor_id *items;
	uint32_t *first; /* of each region, of none, and the end */
	uint32_t regions;
};

static uint32_t region_index(const struct export_source *s, tensor_id tensor)
{
	const struct region *region = region_of(s, tensor);

	return region ? (uint32_t)(region - s->outcome->regions)
		      : s->outcome->region_count;
}

static void rows_release(struct rows *rows)
{
	free(rows->items);
	free(rows->first);
}

/* Counts, then fills from the counts on. */
static bool rows_find(struct rows *rows, const struct export_source *s, struct error *err)
{
	size_t regions = s->outcome->region_count;

	rows->regions = s->outcome->region_count;
	rows->items = calloc((size_t)s->graph->main_tensors + 1, sizeof(*rows->items));
	rows->first = calloc(regions + 3, sizeof(*rows->first));
	if (!rows->items || !rows->first)
		return error_set_memory(err, "the report");
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (markdown_has_row(s, t))
			rows->first[region_index(s, t) + 2]++;
	}
	for (size_t i = 2; i < regions + 3; i++)
		rows->first[i] += rows->first[i - 1];
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (markdown_has_row(s, t))
			rows->items[rows->first[region_index(s, t) + 1]++] = t;
	}
	return true;
}

/* The tensors of a region, or, behind the last one, of none. */
static bool put_tensors(struct export_writer *w, const struct rows *rows, uint32_t region)
{
	uint32_t at = rows->first[region], end = rows->first[region + 1];

	if (at < end)
		export_puts(w, "\n| tensor | stored | scale / zero point | converted | "
			       "range | measured | by | why |\n"
			       "|---|---|---|---|---|---|---|---|\n");
	for (; at < end; at++) {
		if (!put_row(w, rows->items[at]))
			return false;
	}
	return true;
}

static void put_region_head(struct export_writer *w, const struct region *r)
{
	export_printf(w, "\n## Region %s", r->letter);
	if (*r->name) {
		export_puts(w, ": ");
		markdown_put_text(w, r->name);
	}
	export_printf(w, "\n\n%s, %u node%s: ", markdown_type(r->type), r->node_count,
		text_s(r->node_count));
	markdown_put_nodes(w, r->nodes, r->node_count);
	export_puts(w, "\n");
	if (*r->note) {
		export_puts(w, "\n> ");
		markdown_put_text(w, r->note);
		export_puts(w, "\n");
	}
}

bool markdown_put_regions(struct export_writer *w)
{
	struct rows rows = {0};
	bool fine = rows_find(&rows, w->source, w->err);

	for (uint32_t i = 0; fine && i < rows.regions; i++) {
		put_region_head(w, &w->source->outcome->regions[i]);
		fine = put_tensors(w, &rows, i);
	}
	export_puts(w, "\n## Outside of regions\n");
	fine = fine && put_tensors(w, &rows, rows.regions);
	rows_release(&rows);
	return fine;
}
