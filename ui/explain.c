#include "ui/explain.h"

#include "base/text.h"
#include "ui/arithmetic.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_nothing(FILE *out)
{
	fputs(TEXT_MUTED "Put the cursor on a tensor or node to see its numbers.\n", out);
}

static bool write_numbers(FILE *out, const struct ui *ui, struct error *err)
{
	if (ui->target.tensor == GRAPH_NONE) {
		write_nothing(out);
		return true;
	}
	return arithmetic_write(out, ui, ui->target.tensor, err);
}

static bool write_reasons(FILE *out, const struct ui *ui, struct error *err)
{
	struct why_list why;
	struct target t = ui->target;
	bool done;

	if (!target_is(t)) {
		write_nothing(out);
		return true;
	}
	done = t.tensor != GRAPH_NONE
		       ? outcome_why_tensor(ui->outcome, t.tensor, &why, err)
		       : outcome_why_node(ui->outcome, t.node, &why, err);
	if (!done)
		return false;
	fprintf(out, TEXT_TITLE "%s\n", why.title);
	for (size_t i = 0; i < why.count; i++)
		fprintf(out, "  %zu %s\n", i + 1, why.items[i].text);
	why_release(&why);
	return true;
}

static void write_node_names(
	FILE *out, const struct graph *graph, const node_id *nodes, uint32_t count)
{
	char name[80];

	for (uint32_t i = 0; i < count && i < 12; i++) {
		const char *label = graph_node_label(graph, nodes[i]);

		fprintf(out, " %s",
			text_escape(name, sizeof(name), label, strlen(label)));
	}
	if (count > 12)
		fprintf(out, " and %u more", count - 12);
	fputs(count ? "\n" : " none\n", out);
}

static bool write_boundary(FILE *out, const struct ui *ui, struct error *err)
{
	const struct graph *graph = ui->outcome->graph;
	const struct boundary *b;
	char name[80];
	const char *text;

	if (ui->target.tensor == GRAPH_NONE) {
		write_nothing(out);
		return true;
	}
	text = graph_tensor_name(graph, ui->target.tensor);
	text_escape(name, sizeof(name), text, strlen(text));
	b = outcome_boundary(ui->outcome, ui->target.tensor);
	if (!b) {
		fprintf(out, TEXT_TITLE "%s\n  It has one type, %s: no conversion.\n",
			name, word_tensor_type(ui->outcome, ui->target.tensor));
		return true;
	}
	fprintf(out, TEXT_TITLE "%s  %s ⇄ %s\n", name, word_type(b->from),
		word_type(b->to));
	fprintf(out, "  see %s:", word_type(b->to));
	write_node_names(out, graph, b->readers, b->reader_count);
	fprintf(out, "  stay at %s:", word_type(b->from));
	write_node_names(out, graph, b->stays, b->stay_count);
	return write_reasons(out, ui, err);
}

static void write_regions(FILE *out, const struct ui *ui)
{
	const struct outcome *o = ui->outcome;
	char name[120];

	if (!o->region_count)
		fputs(TEXT_MUTED "No region yet: p promotes what is under the cursor.\n",
			out);
	for (uint32_t i = 0; i < o->region_count && i < 20; i++) {
		const struct region *r = &o->regions[i];

		fprintf(out, TEXT_TITLE "region %s  %s%s%s\n", r->letter,
			word_type(r->type), *r->name ? "  " : "",
			text_escape(name, sizeof(name), r->name, strlen(r->name)));
		fprintf(out, "  nodes:");
		write_node_names(out, o->graph, r->nodes, r->node_count);
		if (*r->note)
			fprintf(out, "  note: %s\n",
				text_escape(
					name, sizeof(name), r->note, strlen(r->note)));
	}
}

static void write_opset(FILE *out, const struct ui *ui)
{
	const Onnx__ModelProto *proto = ui->session->input->proto;
	const struct quant_options *options = ui->session->plan->options;
	bool wide = false;

	for (size_t i = 0; i < proto->n_opset_import; i++)
		if (!proto->opset_import[i]->domain.len)
			fprintf(out, TEXT_TITLE "this model: opset %lld\n",
				(long long)proto->opset_import[i]->version);
	for (tensor_id t = 0; t < ui->outcome->graph->main_tensors; t++)
		wide |= qtypes[ui->outcome->tensors[t].stored].bits == 16 ||
			qtypes[ui->outcome->tensors[t].converted].bits == 16;
	fprintf(out, "  %s 16 bit now; opset-policy is %s.\n",
		wide ? "something is" : "nothing is",
		options->opset_policy == OPSET_KEEP ? "keep" : "raise");
}

static void write_cost(FILE *out, const struct ui *ui)
{
	const struct cost *cost = &ui->outcome->cost;
	char bytes[32];

	fprintf(out, TEXT_TITLE "now\n");
	fprintf(out, "  %u DQ→Q pair%s, moving %s", cost->conversions,
		text_s(cost->conversions), word_bytes(cost->conversion_bytes, bytes));
	if (cost->unknown_shapes)
		fprintf(out, " (%u of unknown shape not counted)", cost->unknown_shapes);
	fprintf(out, "\n  %u of %u quantized nodes in 16 bit\n", cost->wide_nodes,
		cost->quantized_nodes);
}

static bool write_view(
	FILE *out, const struct ui *ui, enum topic_view view, struct error *err)
{
	if (view == VIEW_NUMBERS)
		return write_numbers(out, ui, err);
	if (view == VIEW_BOUNDARY)
		return write_boundary(out, ui, err);
	if (view == VIEW_REASONS)
		return write_reasons(out, ui, err);
	if (view == VIEW_REGIONS)
		write_regions(out, ui);
	if (view == VIEW_OPSET)
		write_opset(out, ui);
	if (view == VIEW_COST)
		write_cost(out, ui);
	return true;
}

static void write_topic(FILE *out, const struct ui *ui, const struct topic *topic)
{
	struct error err = ERROR_INIT;

	fprintf(out, "%s\n", topic->text);
	if (!write_view(out, ui, topic->view, &err))
		fprintf(out, TEXT_ERROR "%s\n", err.text);
	fprintf(out, "\n" TEXT_MUTED "see also: %s   (:explain WORD)\n", topic->see);
}

static void write_list(FILE *out)
{
	for (unsigned i = 0; i < topic_count; i++)
		fprintf(out, " %-14s %s\n", topics[i].word, topics[i].brief);
}

/* The nearest word, for a wrong one; NULL if none is near. */
static const char *nearest(const char *word)
{
	struct text_nearest near = {word, strlen(word), 4, NULL};

	for (unsigned i = 0; i < topic_count; i++)
		text_offer(&near, topics[i].word);
	return near.found;
}

static unsigned refuse(struct ui *ui, const char *word)
{
	const char *near = nearest(word);
	char clean[80];

	text_escape(clean, sizeof(clean), word, strlen(word));
	if (near)
		return ui_say(ui, SEVERITY_ERROR,
			"%s is not among the words; is it %s? :explain lists them all",
			clean, near);
	return ui_say(ui, SEVERITY_ERROR,
		"%s is not among the words; :explain lists them", clean);
}

unsigned explain(struct ui *ui, const char *word)
{
	const struct topic *topic = topic_find(word);
	char *text = NULL, title[64];
	size_t length;
	FILE *out;

	if (!topic && *word)
		return refuse(ui, word);
	out = open_memstream(&text, &length);
	if (!out)
		return ui_show_text(ui, "", NULL);
	if (topic)
		write_topic(out, ui, topic);
	else
		write_list(out);
	if (fclose(out)) {
		free(text);
		text = NULL;
	}
	snprintf(title, sizeof(title), topic ? "explain: %s" : "explain WORD, of these",
		topic ? topic->word : "");
	return ui_show_text(ui, title, text);
}
