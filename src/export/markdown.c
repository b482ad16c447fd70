/* A report for reviews in Markdown, grouped by region (export-formats.md 11.5): what was
 * chosen, what follows, what it costs, and what other formats would lose of it. */
#include "base/text.h"
#include "export/writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 512 };

/* A name as code in a cell of a table: a bar is written \|, a backtick needs two around.
 */
static void put_code(struct export_writer *w, const char *text)
{
	char clean[NAME_MOST];
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

/* A sentence as text: what Markdown would read as marks is escaped. */
static void put_text(struct export_writer *w, const char *text)
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
	put_code(w, graph_node_label(w->source->graph, node));
}

static void put_nodes(struct export_writer *w, const node_id *nodes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		export_puts(w, i ? ", " : "");
		put_node(w, nodes[i]);
	}
}

static void put_f32(struct export_writer *w, double value)
{
	char text[32];

	export_puts(w, text_f32(text, (float)value, false));
}

static const char *brief(enum qtype type)
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

/* Tensors about which nothing was chosen are counted, not listed. */
static bool has_row(const struct export_source *s, tensor_id tensor)
{
	return export_is_row(s, tensor) &&
	       (region_of(s, tensor) || overrides_find(s->entries, tensor) ||
		       outcome_boundary(s->outcome, tensor));
}

/* ---- What was chosen. */

static bool put_option(void *arg, const struct option_item *option)
{
	struct export_writer *w = arg;

	export_printf(w, "- %s ", option->word);
	put_code(w, option->name);
	if (*option->value) {
		export_puts(w, ": ");
		put_text(w, option->value);
	}
	export_puts(w, "\n");
	return true;
}

static void put_chosen(struct export_writer *w)
{
	const struct export_source *s = w->source;
	char words[NAME_MOST];

	export_printf(w, "\n## Chosen\n\n- activations %s, weights %s\n",
		brief(s->options->activation_type), brief(s->options->weight_type));
	export_each_option(s->options, put_option, w);
	for (size_t i = 0; i < s->plan->seeds.count; i++) {
		const struct seed *seed = &s->plan->seeds.items[i];

		export_puts(w, "- seed ");
		put_code(w, seed_words(s->graph, seed, words, sizeof(words)));
		export_puts(w, seed->symmetric == YES ? ", symmetric\n" : "\n");
	}
	if (s->plan->given->count) {
		export_printf(
			w, "- overrides of %u tensors from ", s->plan->given->count);
		put_text(w, s->plan->given_name);
		export_puts(w, "\n");
	}
	if (s->ranges->count) {
		export_printf(w, "- ranges of %u tensors from ", s->ranges->count);
		put_text(w, s->ranges->source);
		export_puts(w, s->ranges->random ? ", of random samples\n" : "\n");
	}
}

static void put_counts(struct export_writer *w)
{
	const struct cost *c = &w->source->outcome->cost;

	export_puts(w, "| | |\n|---|---|\n");
	export_printf(w, "| nodes | %u |\n| quantized | %u |\n| in 16 bit | %u |\n",
		c->main_nodes, c->quantized_nodes, c->wide_nodes);
	export_printf(w, "| regions | %u |\n| conversions | %u |\n",
		w->source->outcome->region_count, c->conversions);
	export_printf(w, "| bytes through them | %" PRIu64 "%s |\n", c->conversion_bytes,
		c->unknown_shapes ? " and more: some shapes are unknown" : "");
	for (int t = QTYPE_NONE; t < QTYPE_COUNT; t++) {
		if (c->weight_bytes[t])
			export_printf(w, "| bytes of %s constants | %" PRIu64 " |\n",
				brief((enum qtype)t), c->weight_bytes[t]);
	}
}

/* ---- Tables of tensors. */

static void put_numbers(struct export_writer *w, const struct export_tensor *e)
{
	if (e->count > 1) {
		export_printf(w, "%" PRIu64 " scales, axis %d", e->count, (int)e->axis);
	} else if (e->count) {
		put_f32(w, e->scales[0]);
		export_printf(w, " / %d", e->zero_points ? (int)e->zero_points[0] : 0);
	}
	export_puts(w, e->count && e->symmetric ? ", symmetric" : "");
	export_puts(w, e->count && e->reduced ? ", reduced" : "");
	export_puts(w, " | ");
	if (e->converted.type != QTYPE_NONE) {
		put_f32(w, e->converted.value);
		export_printf(w, " / %d", (int)e->converted.zero_point);
	}
	export_puts(w, " | ");
}

static void put_ends(struct export_writer *w, bool there, double low, double high)
{
	if (there) {
		put_f32(w, low);
		export_puts(w, " .. ");
		put_f32(w, high);
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
	put_code(w, graph_tensor_name(s->graph, tensor));
	export_printf(w, " | %s | ",
		state->flags & STATE_BIAS ? "s32" : brief((enum qtype)state->stored));
	put_numbers(w, &s->tensors[tensor]);
	put_ranges(w, tensor);
	export_printf(w, "%s | ", export_who(s, tensor));
	put_text(w, reason);
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
		if (has_row(s, t))
			rows->first[region_index(s, t) + 2]++;
	}
	for (size_t i = 2; i < regions + 3; i++)
		rows->first[i] += rows->first[i - 1];
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (has_row(s, t))
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
		put_text(w, r->name);
	}
	export_printf(w, "\n\n%s, %u node%s: ", brief(r->type), r->node_count,
		r->node_count == 1 ? "" : "s");
	put_nodes(w, r->nodes, r->node_count);
	export_puts(w, "\n");
	if (*r->note) {
		export_puts(w, "\n> ");
		put_text(w, r->note);
		export_puts(w, "\n");
	}
}

static bool put_regions(struct export_writer *w)
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

static void put_rest(struct export_writer *w)
{
	const struct export_source *s = w->source;
	uint32_t counts[QTYPE_COUNT] = {0};

	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (export_is_row(s, t) && !has_row(s, t))
			counts[s->outcome->tensors[t].stored]++;
	}
	export_puts(w, "\nTensors about which nothing was chosen:");
	for (int t = QTYPE_NONE; t < QTYPE_COUNT; t++) {
		if (counts[t])
			export_printf(w, " %u %s", counts[t], brief((enum qtype)t));
	}
	export_puts(w, "\n");
}

static void put_conversions(struct export_writer *w)
{
	const struct outcome *o = w->source->outcome;

	if (!o->boundary_count)
		return;
	export_puts(w,
		"\n## Conversions\n\n| tensor | from | to | for | stays for | bytes "
		"|\n|---|---|---|---|---|---|\n");
	for (uint32_t i = 0; i < o->boundary_count; i++) {
		const struct boundary *b = &o->boundaries[i];

		export_puts(w, "| ");
		put_code(w, graph_tensor_name(w->source->graph, b->tensor));
		export_printf(w, " | %s | %s | ", brief(b->from), brief(b->to));
		put_nodes(w, b->readers, b->reader_count);
		export_puts(w, " | ");
		put_nodes(w, b->stays, b->stay_count);
		if (b->bytes)
			export_printf(w, " | %" PRIu64 " |\n", b->bytes);
		else
			export_puts(w, " | ? |\n");
	}
}

static void put_scores(struct export_writer *w)
{
	const struct export_source *s = w->source;

	if (!s->scores)
		return;
	export_puts(w, "\n## Scores\n\n| tensor | ");
	put_text(w, s->score_name);
	export_puts(w, " |\n|---|---|\n");
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (isnan(s->scores[t]))
			continue;
		export_puts(w, "| ");
		put_code(w, graph_tensor_name(s->graph, t));
		export_puts(w, " | ");
		put_f32(w, s->scores[t]);
		export_puts(w, " |\n");
	}
}

/* ---- What each format of the table would lose. */

/* How many of each word; there are few words. */
struct word_count {
	const char *word;
	size_t count;
};

enum { WORDS_MOST = 32 };

static size_t count_words(const struct loss_list *losses, struct word_count *words)
{
	size_t known = 0, at;

	for (size_t i = 0; i < losses->count; i++) {
		for (at = 0; at < known; at++) {
			if (!strcmp(words[at].word, losses->items[i].word))
				break;
		}
		if (at == WORDS_MOST)
			continue;
		if (at == known)
			words[known++] = (struct word_count){losses->items[i].word, 0};
		words[at].count++;
	}
	return known;
}

/* "3 converts, 10 ranges", in the order in which they are told. */
static void put_loss_counts(struct export_writer *w, const struct loss_list *losses)
{
	struct word_count words[WORDS_MOST];
	size_t known = count_words(losses, words);

	for (size_t i = 0; i < known; i++)
		export_printf(w, "%s%zu %s%s", i ? ", " : "", words[i].count,
			words[i].word, words[i].count == 1 ? "" : "s");
	export_puts(w, known ? "" : "nothing");
}

static bool put_losses(struct export_writer *w)
{
	export_puts(
		w, "\n## What formats lose of this\n\n| format | lost |\n|---|---|\n");
	for (size_t i = 0; i < export_format_count; i++) {
		struct loss_list losses = {0};
		bool fine =
			export_foresee(w->source, &export_formats[i], &losses, w->err);

		if (fine) {
			export_printf(w, "| %s | ", export_formats[i].name);
			put_loss_counts(w, &losses);
			export_puts(w, " |\n");
		}
		loss_release(&losses);
		if (!fine)
			return false;
	}
	return true;
}

bool export_write_markdown(struct export_writer *w)
{
	export_puts(w, "# Quantization of ");
	put_text(w, w->source->title);
	export_puts(w, "\n\n");
	put_counts(w);
	put_chosen(w);
	if (!put_regions(w))
		return false;
	put_rest(w);
	put_conversions(w);
	put_scores(w);
	return put_losses(w);
}

const char *export_lost_markdown(
	const struct export_source *source, const struct export_item *item)
{
	const char *lost;

	if (item->part == PART_CHANNELS)
		return "the report says how many scales, not each";
	lost = export_lost_table(source, item);
	if (lost || item->part == PART_CONVERTED)
		return lost;
	return item->tensor != GRAPH_NONE && !has_row(source, item->tensor)
		       ? "tensors about which nothing was chosen are counted only"
		       : NULL;
}
