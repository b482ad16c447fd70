/* Writing the parts of project and journal lines. */
#include "plan/entry.h"
#include "plan/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void line_put_text(struct json_out *out, const char *text)
{
	plan_json_put_string(out, text, strlen(text), false);
}

static void put_member(
	struct json_out *out, bool *first, const char *key, const char *text)
{
	plan_json_puts(out, *first ? "" : ", ");
	*first = false;
	line_put_text(out, key);
	plan_json_puts(out, ": ");
	line_put_text(out, text);
}

/* A node without a name is told by its place in the file. */
static void put_node(
	struct json_out *out, bool *first, const struct graph *graph, node_id node)
{
	const char *name = graph_node_name(graph, node);
	char number[16];

	if (*name) {
		put_member(out, first, "node", name);
		return;
	}
	snprintf(number, sizeof(number), "#%u", (unsigned)node);
	put_member(out, first, "unnamed", number);
}

void line_put_seed(
	struct json_out *out, const struct graph *graph, const struct seed *seed)
{
	bool first = true;

	plan_json_puts(out, "{");
	if (seed->tensor != GRAPH_NONE)
		put_member(out, &first, "tensor", graph_tensor_name(graph, seed->tensor));
	if (seed->node != GRAPH_NONE)
		put_node(out, &first, graph, seed->node);
	put_member(out, &first, "type", qtypes[seed->type].name);
	if (seed->symmetric != UNSET) {
		plan_json_puts(out, ", \"symmetric\": ");
		plan_json_puts(out, seed->symmetric == YES ? "true" : "false");
	}
	if (seed->region)
		put_member(out, &first, "region", seed->region);
	if (seed->note)
		put_member(out, &first, "note", seed->note);
	plan_json_puts(out, "}");
}

/* The overrides' own text on one line: line ends stand between values only. */
void line_put_list(
	struct json_out *out, const struct graph *graph, const struct entry_list *list)
{
	struct overrides one = {.lists = (struct entry_list *)list, .count = 1};
	size_t length;
	char *text = overrides_write(&one, graph, &length, NULL);

	if (!text) {
		out->failed = true;
		return;
	}
	for (char *at = text; *at;) {
		size_t run = strcspn(at, "\n");

		plan_json_put(out, at, run);
		at += run;
		at += strspn(at, "\n");
		at += strspn(at, " ");
	}
	free(text);
}

static const struct {
	unsigned key;
	const char *name;
} drops[] = {{ENTRY_AXIS, "axis"}, {ENTRY_SCALE, "scale"},
	{ENTRY_ZERO_POINT, "zero_point"}, {ENTRY_SYMMETRIC, "symmetric"},
	{ENTRY_REDUCE_RANGE, "reduce_range"}, {ENTRY_RMIN, "rmin"}, {ENTRY_RMAX, "rmax"}};

void line_put_param(
	struct json_out *out, const struct graph *graph, const struct param_edit *edit)
{
	uint32_t count = edit->channel_count ? edit->channel_count : 1;
	struct entry *entries = calloc(count, sizeof(*entries));
	struct entry_list list = {edit->tensor, entries, count};
	bool first = true;

	if (!entries) {
		out->failed = true;
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		entries[i].own = edit->channel_count ? edit->channels[i] : edit->set;
	plan_json_puts(
		out, edit->converted ? "{\"side\": \"converted\"" : "{\"side\": \"own\"");
	if (edit->drop) {
		plan_json_puts(out, ", \"drop\": [");
		for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++)
			if (edit->drop & drops[i].key) {
				plan_json_puts(out, first ? "" : ", ");
				line_put_text(out, drops[i].name);
				first = false;
			}
		plan_json_puts(out, "]");
	}
	plan_json_puts(out, ", \"entries\": ");
	line_put_list(out, graph, &list);
	plan_json_puts(out, "}");
	free(entries);
}

/* ---- options */

struct option_writer {
	struct json_out *out;
	bool as_object, first;
};

static void start_option(struct option_writer *w, const char *name)
{
	if (!w->as_object) {
		plan_json_puts(w->out, "option ");
		plan_json_puts(w->out, name);
		plan_json_puts(w->out, " ");
		return;
	}
	plan_json_puts(w->out, w->first ? "" : ", ");
	w->first = false;
	line_put_text(w->out, name);
	plan_json_puts(w->out, ": ");
}

static void end_option(struct option_writer *w)
{
	if (!w->as_object)
		plan_json_puts(w->out, "\n");
}

static void put_option(struct option_writer *w, const char *name, const char *value)
{
	start_option(w, name);
	line_put_text(w->out, value);
	end_option(w);
}

static void put_flag(struct option_writer *w, const char *name, bool value)
{
	if (!value)
		return;
	start_option(w, name);
	plan_json_puts(w->out, "true");
	end_option(w);
}

static void put_texts(
	struct option_writer *w, const char *name, const struct text_list *list)
{
	if (!list->count)
		return;
	start_option(w, name);
	plan_json_puts(w->out, "[");
	for (size_t i = 0; i < list->count; i++) {
		plan_json_puts(w->out, i ? ", " : "");
		line_put_text(w->out, list->items[i]);
	}
	plan_json_puts(w->out, "]");
	end_option(w);
}

/* Extra options that differ from the default, as the text that --set takes. */
static void put_extras(struct option_writer *w, const struct quant_options *options)
{
	enum { ROOM = 1 << 16 };
	char *value = malloc(ROOM);

	if (!value)
		w->out->failed = true;
	for (size_t i = 0; value && i < option_table_count; i++)
		if (options_changed(options, &option_table[i], value, ROOM))
			put_option(w, option_table[i].name, value);
	free(value);
}

void line_put_options(
	struct json_out *out, const struct quant_options *options, bool as_object)
{
	struct option_writer w = {out, as_object, true};

	if (as_object)
		plan_json_puts(out, "{");
	put_option(&w, "activation-type", qtypes[options->activation_type].name);
	put_option(&w, "weight-type", qtypes[options->weight_type].name);
	put_flag(&w, "per-channel", options->per_channel);
	put_flag(&w, "reduce-range", options->reduce_range);
	if (options->all_op_types)
		put_option(&w, "op-types", "all");
	else
		put_texts(&w, "op-types", &options->op_types);
	put_texts(&w, "nodes-to-quantize", &options->nodes_to_quantize);
	put_texts(&w, "nodes-to-exclude", &options->nodes_to_exclude);
	put_flag(&w, "ort-compatible", options->ort_compatible);
	put_flag(&w, "keep-constants", options->keep_constants);
	if (options->opset_policy == OPSET_KEEP)
		put_option(&w, "opset-policy", "keep");
	put_extras(&w, options);
	if (as_object)
		plan_json_puts(out, "}");
}
