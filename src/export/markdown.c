/* A report for reviews in Markdown, grouped by region (export-formats.md 11.5): what was
 * chosen, what follows, what it costs, and what other formats would lose of it. */
#include "export/markdown.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- What was chosen. */

static bool put_option(void *arg, const struct option_item *option)
{
	struct export_writer *w = arg;

	export_printf(w, "- %s ", option->word);
	markdown_put_code(w, option->name);
	if (*option->value) {
		export_puts(w, ": ");
		markdown_put_text(w, option->value);
	}
	export_puts(w, "\n");
	return true;
}

static void put_chosen(struct export_writer *w)
{
	const struct export_source *s = w->source;
	char words[MARKDOWN_NAME];

	export_printf(w, "\n## Chosen\n\n- activations %s, weights %s\n",
		markdown_type(s->options->activation_type),
		markdown_type(s->options->weight_type));
	export_each_option(s->options, put_option, w);
	for (size_t i = 0; i < s->plan->seeds.count; i++) {
		const struct seed *seed = &s->plan->seeds.items[i];

		export_puts(w, "- seed ");
		markdown_put_code(w, seed_words(s->graph, seed, words, sizeof(words)));
		export_puts(w, seed->symmetric == YES ? ", symmetric\n" : "\n");
	}
	if (s->plan->given->count) {
		export_printf(
			w, "- overrides of %u tensors from ", s->plan->given->count);
		markdown_put_text(w, s->plan->given_name);
		export_puts(w, "\n");
	}
	if (s->ranges->count) {
		export_printf(w, "- ranges of %u tensors from ", s->ranges->count);
		markdown_put_text(w, s->ranges->source);
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
				markdown_type((enum qtype)t), c->weight_bytes[t]);
	}
}

/* ---- Parts behind the regions. */

static void put_rest(struct export_writer *w)
{
	const struct export_source *s = w->source;
	uint32_t counts[QTYPE_COUNT] = {0};

	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (export_is_row(s, t) && !markdown_has_row(s, t))
			counts[s->outcome->tensors[t].stored]++;
	}
	export_puts(w, "\nTensors about which nothing was chosen:");
	for (int t = QTYPE_NONE; t < QTYPE_COUNT; t++) {
		if (counts[t])
			export_printf(
				w, " %u %s", counts[t], markdown_type((enum qtype)t));
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
		markdown_put_code(w, graph_tensor_name(w->source->graph, b->tensor));
		export_printf(
			w, " | %s | %s | ", markdown_type(b->from), markdown_type(b->to));
		markdown_put_nodes(w, b->readers, b->reader_count);
		export_puts(w, " | ");
		markdown_put_nodes(w, b->stays, b->stay_count);
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
	markdown_put_text(w, s->score_name);
	export_puts(w, " |\n|---|---|\n");
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (isnan(s->scores[t]))
			continue;
		export_puts(w, "| ");
		markdown_put_code(w, graph_tensor_name(s->graph, t));
		export_puts(w, " | ");
		markdown_put_f32(w, s->scores[t]);
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
			words[i].word, text_s(words[i].count));
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
	markdown_put_text(w, w->source->title);
	export_puts(w, "\n\n");
	put_counts(w);
	put_chosen(w);
	if (!markdown_put_regions(w))
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
	return item->tensor != GRAPH_NONE && !markdown_has_row(source, item->tensor)
		       ? "tensors about which nothing was chosen are counted only"
		       : NULL;
}
