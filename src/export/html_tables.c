/* The tables of the page. */
#include "export/html.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Cells. */

/* The columns of a table; a name that begins with '#' is of numbers. */
static void put_heads(struct export_writer *w, const char *const *heads, size_t count)
{
	export_puts(w, "<table class=\"sort\"><thead><tr>");
	for (size_t i = 0; i < count; i++) {
		bool number = *heads[i] == '#';

		export_printf(w, "<th scope=\"col\"%s>%s</th>",
			number ? " class=\"n\"" : "", heads[i] + number);
	}
	export_puts(w, "</tr></thead>\n<tbody>\n");
}

#define HEADS(w, ...)                                                                    \
	put_heads(w, (const char *const[]){__VA_ARGS__},                                 \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void put_cell(struct export_writer *w, const char *text)
{
	export_puts(w, "<td>");
	html_put(w, text);
	export_puts(w, "</td>");
}

static void put_name_cell(struct export_writer *w, const char *name)
{
	export_puts(w, "<td>");
	html_put_name(w, name);
	export_puts(w, "</td>");
}

static void put_count(struct export_writer *w, uint64_t count)
{
	export_printf(w, "<td class=\"n\">%" PRIu64 "</td>", count);
}

static void put_number(struct export_writer *w, bool there, double value)
{
	char text[32];

	export_printf(w, "<td class=\"n\">%s</td>",
		there ? text_f32(text, (float)value, false) : "");
}

static void put_nodes(struct export_writer *w, const node_id *nodes, uint32_t count)
{
	export_puts(w, "<td>");
	for (uint32_t i = 0; i < count; i++) {
		export_puts(w, i ? ", " : "");
		export_name_node(w, nodes[i]);
		html_put_name(w, graph_node_label(w->source->graph, nodes[i]));
	}
	export_puts(w, "</td>");
}

static void put_end(struct export_writer *w)
{
	export_puts(w, "</tbody></table>\n");
}

/* ---- Conversions. */

static bool put_conversion(struct export_writer *w, const struct boundary *b)
{
	char *reason = export_reason(w->source, b->tensor, w->err);

	if (!reason)
		return false;
	export_puts(w, "<tr>");
	put_name_cell(w, graph_tensor_name(w->source->graph, b->tensor));
	put_cell(w, qtypes[b->from].brief);
	put_cell(w, qtypes[b->to].brief);
	put_nodes(w, b->readers, b->reader_count);
	put_nodes(w, b->stays, b->stay_count);
	if (b->bytes)
		put_count(w, b->bytes);
	else
		export_puts(w, "<td class=\"n\"></td>");
	put_cell(w, reason);
	export_puts(w, "</tr>\n");
	free(reason);
	return true;
}

bool html_put_conversions(struct export_writer *w)
{
	const struct outcome *o = w->source->outcome;
	bool fine = true;

	export_puts(w, "<h2>Conversions</h2>\n");
	if (!o->boundary_count) {
		export_puts(w, "<p>None.</p>\n");
		return true;
	}
	HEADS(w, "Tensor", "Stored", "Converted", "For", "Stays for", "#Bytes", "Why");
	for (uint32_t i = 0; fine && i < o->boundary_count; i++)
		fine = put_conversion(w, &o->boundaries[i]);
	put_end(w);
	return fine;
}

void html_put_regions(struct export_writer *w)
{
	const struct outcome *o = w->source->outcome;

	export_puts(w, "<h2>Regions</h2>\n");
	if (!o->region_count) {
		export_puts(w, "<p>None: no node differs from the default.</p>\n");
		return;
	}
	HEADS(w, "Region", "Name", "Note", "Type", "#Nodes", "Which");
	for (uint32_t i = 0; i < o->region_count; i++) {
		const struct region *r = &o->regions[i];

		export_printf(w, "<tr><td><a href=\"#r%u\">%s</a></td>", i, r->letter);
		put_name_cell(w, r->name);
		put_name_cell(w, r->note);
		put_cell(w, qtypes[r->type].name);
		put_count(w, r->node_count);
		put_nodes(w, r->nodes, r->node_count);
		export_puts(w, "</tr>\n");
	}
	put_end(w);
}

/* ---- Cost. */

static void put_fact(struct export_writer *w, const char *name, uint64_t value)
{
	export_puts(w, "<tr>");
	put_cell(w, name);
	put_count(w, value);
	export_puts(w, "</tr>\n");
}

void html_put_cost(struct export_writer *w)
{
	const struct cost *c = &w->source->outcome->cost;
	char name[64];

	export_puts(w, "<h2>Cost</h2>\n");
	HEADS(w, "What", "#How much");
	put_fact(w, "conversions", c->conversions);
	put_fact(w, "bytes that conversions move", c->conversion_bytes);
	if (c->unknown_shapes)
		put_fact(w, "conversions of unknown size", c->unknown_shapes);
	put_fact(w, "quantized nodes", c->quantized_nodes);
	put_fact(w, "of these in 16 bits", c->wide_nodes);
	for (int type = 0; type < QTYPE_COUNT; type++) {
		if (!c->weight_bytes[type])
			continue;
		snprintf(name, sizeof(name), "bytes of constants in %s",
			type ? qtypes[type].name : "float");
		put_fact(w, name, c->weight_bytes[type]);
	}
	put_end(w);
}

/* ---- Choices. */

void html_put_choices(struct export_writer *w)
{
	const struct export_items *items = &w->source->items;

	export_puts(w, "<h2>Choices</h2>\n<p class=\"soft\">All that is not by "
		       "default: options, what was asked for, and what follows.</p>\n");
	HEADS(w, "Kind", "What", "Value");
	for (size_t i = 0; i < items->count; i++) {
		if (items->items[i].bulk)
			continue;
		export_puts(w, "<tr>");
		put_cell(w, items->items[i].word);
		put_cell(w, items->items[i].subject);
		put_cell(w, items->items[i].detail);
		export_puts(w, "</tr>\n");
	}
	put_end(w);
}

/* ---- Tensors. */

/* "u8", and behind it each further type with those that see it. */
static void put_seen(struct export_writer *w, tensor_id tensor)
{
	const struct export_source *s = w->source;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(s->graph, tensor, &count);

	export_puts(w, "<td>");
	for (uint32_t i = 0; i < count; i++) {
		node_id node = readers[i].node;
		enum qtype seen = outcome_seen(s->outcome, tensor, node);

		if (i && node == readers[i - 1].node)
			continue;
		export_name_node(w, node);
		export_puts(w, i ? ", " : "");
		html_put_name(w, graph_node_label(s->graph, node));
		if (seen != (enum qtype)s->outcome->tensors[tensor].stored)
			export_printf(w, "&nbsp;(%s)", drawing_type(s, tensor, seen));
	}
	export_puts(w, "</td>");
}

/* The first scale and zero point; of how many, if there are more. */
static void put_scale(struct export_writer *w, const struct export_tensor *t)
{
	put_number(w, t->count > 0, t->count ? t->scales[0] : 0);
	export_puts(w, "<td class=\"n\">");
	if (t->count)
		export_printf(w, "%" PRId32, t->zero_points ? t->zero_points[0] : 0);
	export_puts(w, "</td><td class=\"n\">");
	if (t->count > 1)
		export_printf(w, "%" PRIu64, t->count);
	export_puts(w, "</td>");
}

static void put_ends(struct export_writer *w, tensor_id tensor)
{
	const struct export_tensor *t = &w->source->tensors[tensor];
	const struct range *range = ranges_find(w->source->ranges, tensor);

	put_number(w, t->origin != ORIGIN_NONE, t->low);
	put_number(w, t->origin != ORIGIN_NONE, t->high);
	put_number(w, range != NULL, range ? range->low : 0);
	put_number(w, range != NULL, range ? range->high : 0);
}

static bool put_tensor(struct export_writer *w, tensor_id tensor)
{
	const struct export_source *s = w->source;
	const struct tensor_state *state = &s->outcome->tensors[tensor];
	char *reason = export_reason(s, tensor, w->err);

	if (!reason)
		return false;
	export_puts(w, "<tr>");
	put_name_cell(w, graph_tensor_name(s->graph, tensor));
	put_cell(w, state->flags & STATE_BIAS
			    ? "s32"
			    : drawing_type(s, tensor, (enum qtype)state->stored));
	put_scale(w, &s->tensors[tensor]);
	put_ends(w, tensor);
	put_seen(w, tensor);
	if (s->scores)
		put_number(w, !isnan(s->scores[tensor]), s->scores[tensor]);
	put_cell(w, reason);
	export_puts(w, "</tr>\n");
	free(reason);
	return true;
}

bool html_put_tensors(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool fine = true;

	export_puts(w, "<h2>Tensors</h2>\n<details><summary>All float tensors of the "
		       "main graph</summary>\n<div class=\"scroll\">\n");
	if (s->scores)
		HEADS(w, "Tensor", "Stored", "#Scale", "#Zero point", "#Scales", "#From",
			"#To", "#Measured from", "#Measured to", "Readers", "#Score",
			"Why");
	else
		HEADS(w, "Tensor", "Stored", "#Scale", "#Zero point", "#Scales", "#From",
			"#To", "#Measured from", "#Measured to", "Readers", "Why");
	for (tensor_id t = 0; fine && t < s->graph->main_tensors; t++)
		if (export_is_row(s, t))
			fine = put_tensor(w, t);
	put_end(w);
	export_puts(w, "</div></details>\n");
	return fine;
}

/* ---- Other formats. */

static bool put_format(struct export_writer *w, const struct export_format *format)
{
	struct loss_list losses = {0};
	size_t length;
	bool fine = export_foresee(w->source, format, &losses, w->err);
	char *text = fine ? loss_text(&losses, &length) : NULL;

	if (text) {
		export_puts(w, "<tr>");
		put_cell(w, format->name);
		put_cell(w, format->about);
		put_count(w, losses.count);
		export_puts(w, "<td>");
		if (losses.count) {
			export_puts(w, "<details><summary>which</summary><pre>");
			html_put(w, text);
			export_puts(w, "</pre></details>");
		}
		export_puts(w, "</td></tr>\n");
	}
	free(text);
	loss_release(&losses);
	return text != NULL;
}

bool html_put_losses(struct export_writer *w)
{
	bool fine = true;

	export_puts(w, "<h2>Other tools</h2>\n<p class=\"soft\">What a file in each "
		       "format would lose of this plan.</p>\n");
	HEADS(w, "Format", "What it is", "#Lost", "Report");
	for (size_t i = 0; fine && i < export_format_count; i++)
		if (&export_formats[i] != w->format)
			fine = put_format(w, &export_formats[i]);
	put_end(w);
	return fine || error_set_memory(w->err, "the page");
}
