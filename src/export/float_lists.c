/* Lists of nodes that stay float, for tools without 16-bit integers: what is promoted
 * here stays float there (export-formats.md 9). */
#include "base/text.h"
#include "export/writer.h"

#include <stdlib.h>
#include <string.h>

/* Calls for each node that the tool is to leave float; `any` tells the first. */
typedef void (*put_node)(struct export_writer *w, node_id node, bool first);

static bool is_wide(const struct export_source *s, node_id node)
{
	enum qtype seen = (enum qtype)s->outcome->nodes[node].seen;

	return seen != QTYPE_NONE && qtypes[seen].bits > 8;
}

/* True if a person wants it float: by name, or by a list that it is not in. */
static bool is_excluded(const struct export_source *s, node_id node)
{
	const struct quant_options *o = s->options;
	const char *name = graph_node_name(s->graph, node);
	tensor_id t = graph_output_of(s->graph, node, 0);

	if (text_list_has(&o->nodes_to_exclude, name, strlen(name)))
		return true;
	return (o->op_types.count || o->nodes_to_quantize.count) && t != GRAPH_NONE &&
	       export_is_row(s, t) && !graph_is_constant(s->graph, t) &&
	       !(s->outcome->nodes[node].flags & STATE_SELECTED);
}

size_t export_count_wide(const struct export_source *source)
{
	size_t count = 0;

	for (node_id n = 0; n < source->graph->main_nodes; n++)
		count += is_wide(source, n) && !is_excluded(source, n);
	return count;
}

/* True if there is one. */
static bool put_nodes(struct export_writer *w, put_node put)
{
	bool first = true;

	for (node_id n = 0; n < w->source->graph->main_nodes; n++) {
		if (!is_wide(w->source, n) && !is_excluded(w->source, n))
			continue;
		export_name_node(w, n);
		put(w, n, first);
		first = false;
	}
	return !first;
}

/* What is promoted changes its meaning, region by region; where 16 bits are the default
 * there are no regions of them. */
static void tell_meaning(struct export_writer *w)
{
	const struct export_source *s = w->source;
	enum qtype usual = s->options->activation_type;
	char count[32];

	for (uint32_t i = 0; i < s->outcome->region_count; i++) {
		const struct region *r = &s->outcome->regions[i];
		char name[300], words[340];

		if (qtypes[r->type].bits <= 8)
			continue;
		text_escape(name, sizeof(name), r->name, strlen(r->name));
		snprintf(words, sizeof(words), "%s%s%s", r->letter, *name ? " " : "",
			name);
		snprintf(count, sizeof(count), "%u node%s", r->node_count,
			text_s(r->node_count));
		export_report(w, LOSS_MEANING, PART_TYPES, "region", words, count,
			"written as float: the format has no 16-bit integers");
	}
	if (qtypes[usual].bits > 8)
		export_report(w, LOSS_MEANING, PART_OPTIONS, "option", "activation-type",
			qtypes[usual].name,
			"written as float: the format has no 16-bit integers");
}

const char *export_lost_float_list(
	const struct export_source *source, const struct export_item *item)
{
	(void)source;
	if (!strcmp(item->word, "option"))
		return "the tool decides by rules of its own what it quantizes";
	return NULL;
}

/* ---- NNCF */

static void put_nncf(struct export_writer *w, node_id node, bool first)
{
	(void)first;
	export_puts(w, "        ");
	export_put_node(w, node);
	export_puts(w, ",\n");
}

bool export_write_nncf(struct export_writer *w)
{
	export_puts(
		w, "import nncf\n\nignored_scope = nncf.IgnoredScope(\n    names=[\n");
	put_nodes(w, put_nncf);
	export_puts(w, "    ],\n    validate=True,\n)\n");
	tell_meaning(w);
	return true;
}

/* ---- Regular expressions of Python that match a name and nothing else. */

static void put_pattern(struct export_writer *w, const char *name,
	void (*put)(struct export_writer *, char))
{
	for (const char *c = name; *c; c++) {
		if (strchr("\\.^$*+?{}[]|()", *c))
			put(w, '\\');
		put(w, *c);
	}
}

/* ---- Intel Neural Compressor 2.x: op_name_dict, whose keys are patterns. */

static void put_in_json(struct export_writer *w, char c)
{
	const char *escape = c == '"' || c == '\\' ? "\\" : "";

	if ((unsigned char)c < 0x20 || c == 0x7f)
		export_printf(w, "\\u%04x", c);
	else
		export_printf(w, "%s%c", escape, c);
}

static void put_inc(struct export_writer *w, node_id node, bool first)
{
	export_puts(w, first ? "\n  \"" : ",\n  \"");
	put_pattern(w, graph_node_name(w->source->graph, node), put_in_json);
	export_puts(w, "\": {\"activation\": {\"dtype\": [\"fp32\"]}, "
		       "\"weight\": {\"dtype\": [\"fp32\"]}}");
}

bool export_write_inc(struct export_writer *w)
{
	export_puts(w, "{");
	export_puts(w, put_nodes(w, put_inc) ? "\n}\n" : "}\n");
	tell_meaning(w);
	return true;
}

/* ---- Intel Neural Compressor 3.x: StaticQuantConfig.from_json_file. */

static void put_listed(struct export_writer *w, node_id node, bool first)
{
	export_puts(w, first ? "\n      " : ",\n      ");
	export_put_node(w, node);
}

/* ONNX's number of a type of 8 bits; of others the default's. */
static int32_t element_of(enum qtype type, enum qtype usual)
{
	return qtypes[qtypes[type].bits == 8 ? type : usual].element_type;
}

bool export_write_inc3(struct export_writer *w)
{
	const struct quant_options *o = w->source->options;

	export_printf(w,
		"{\n  \"global\": {\n    \"activation_type\": %d,\n    \"weight_type\": "
		"%d,\n    \"per_channel\": %s,\n    \"reduce_range\": %s,\n"
		"    \"op_types_to_quantize\": ",
		element_of(o->activation_type, QTYPE_U8),
		element_of(o->weight_type, QTYPE_S8), o->per_channel ? "true" : "false",
		o->reduce_range ? "true" : "false");
	export_put_list(w, &o->op_types);
	export_puts(w, ",\n    \"nodes_to_exclude\": [");
	export_puts(w, put_nodes(w, put_listed) ? "\n    ]\n  }\n}\n" : "]\n  }\n}\n");
	tell_meaning(w);
	return true;
}

const char *export_lost_inc3(
	const struct export_source *s, const struct export_item *item)
{
	static const char *const kept[] = {"per-channel", "reduce-range"};
	bool activation = !strcmp(item->subject, "activation-type"),
	     weight = !strcmp(item->subject, "weight-type");

	if (item->part == PART_FLOAT)
		return export_lost_float_list(s, item);
	if (activation || weight)
		return qtypes[activation ? s->options->activation_type
					 : s->options->weight_type]
					       .bits == 8
			       ? NULL
			       : "the tool has types of 8 bits";
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!strcmp(item->subject, kept[i]))
			return NULL;
	return "the file has types, per channel and reduced range";
}

/* ---- ModelOpt: a line for the shell; its patterns match the beginning of a name. */

static void put_in_quotes(struct export_writer *w, char c)
{
	if (c == '\'')
		export_puts(w, "'\\''");
	else
		export_put(w, &c, 1);
}

static void put_modelopt(struct export_writer *w, node_id node, bool first)
{
	export_puts(w, first ? " \\\n  --nodes_to_exclude" : "");
	export_puts(w, " \\\n    '^");
	put_pattern(w, graph_node_name(w->source->graph, node), put_in_quotes);
	export_puts(w, "$'");
}

bool export_write_modelopt(struct export_writer *w)
{
	export_puts(w, "#!/bin/sh\n# usage: sh FILE MODEL.onnx [OPTION...]\nmodel=$1\n"
		       "shift\nexec python -m modelopt.onnx.quantization "
		       "--onnx_path=\"$model\"");
	put_nodes(w, put_modelopt);
	export_puts(w, " \\\n  \"$@\"\n");
	tell_meaning(w);
	return true;
}
