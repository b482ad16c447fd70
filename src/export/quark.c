/* AMD Quark's configuration: as Python source, and as the dictionary that
 * QConfig.from_dict reads (export-formats.md 7.1 and 7.3). */
#include "export/quark.h"
#include "base/array.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Nodes of one layer configuration. */
struct quark_group {
	struct quark_layer layer;
	node_id *nodes;
	size_t count, room;
};

struct quark {
	struct export_writer *w;
	bool python;
	struct quark_group *items;
	size_t count, room;
};

static void release(struct quark *q)
{
	for (size_t i = 0; i < q->count; i++)
		free(q->items[i].nodes);
	free(q->items);
}

static bool push(struct quark *q, const struct quark_layer *layer, node_id node)
{
	struct quark_group *group = NULL;

	for (size_t i = 0; i < q->count && !group; i++)
		if (quark_layers_equal(&q->items[i].layer, layer))
			group = &q->items[i];
	if (!group) {
		struct quark_group fresh = {.layer = *layer};

		if (!array_reserve((void **)&q->items, &q->room, q->count + 1,
			    sizeof(*q->items)))
			return false;
		group = &q->items[q->count++];
		*group = fresh;
	}
	if (!array_reserve((void **)&group->nodes, &group->room, group->count + 1,
		    sizeof(*group->nodes)))
		return false;
	group->nodes[group->count++] = node;
	return true;
}

/* A layer whose tensors have several types on one side. */
static void tell_mixed(struct quark *q, node_id node, const struct quark_layer *l)
{
	const char *name = graph_node_label(q->w->source->graph, node);
	char subject[400];

	if (!l->mixed_in && !l->mixed_out)
		return;
	export_report(q->w, LOSS_MEANING, PART_TYPES, "layer",
		text_escape(subject, sizeof(subject), name, strlen(name)),
		qtypes[l->mixed_in ? l->in : l->out].brief,
		l->mixed_in ? "all that the layer reads gets the widest of its types"
			    : "all that the layer makes gets the widest of its types");
}

/* Names that begin with ^ are patterns to Quark. */
static bool can_name(struct quark *q, const char *name, const char *word)
{
	char subject[400];

	if (*name != '^')
		return true;
	export_report(q->w, LOSS_LOST, PART_TYPES, word,
		text_escape(subject, sizeof(subject), name, strlen(name)), "",
		"names that begin with ^ are patterns to Quark");
	return false;
}

/* All nodes whose layer is not what the defaults make of them. */
static bool collect(struct quark *q)
{
	const struct export_source *s = q->w->source;

	for (node_id n = 0; n < s->graph->main_nodes; n++) {
		struct quark_layer layer, usual;

		if (!quark_layer_of(s, n, &layer))
			continue;
		quark_default_layer(s, layer.weight != QTYPE_NONE, &usual);
		tell_mixed(q, n, &layer);
		/* what is float on one side has no type there */
		usual.in = layer.in ? usual.in : QTYPE_NONE;
		usual.in_symmetric = layer.in && usual.in_symmetric;
		usual.out = layer.out ? usual.out : QTYPE_NONE;
		usual.out_symmetric = layer.out && usual.out_symmetric;
		if (quark_layers_equal(&layer, &usual) ||
			!can_name(q, graph_node_name(s->graph, n), "layer"))
			continue;
		if (!push(q, &layer, n))
			return error_set_memory(q->w->err, "the layers");
	}
	return true;
}

/* ---- Text. */

static const char *word_of(enum qtype type)
{
	return qtypes[type].name + 1; /* "UInt8" of "QUInt8" */
}

static void put_spec(
	struct quark *q, const char *key, enum qtype type, bool symmetric, bool channel)
{
	struct export_writer *w = q->w;
	const char *unit = channel ? "Channel" : "Tensor";

	if (q->python)
		export_printf(w,
			"%s=%sSpec(symmetric=%s, "
			"calibration_method=CalibMethod.MinMax%s)",
			key, word_of(type), symmetric ? "True" : "False",
			channel ? ", quant_granularity=QuantGranularity.Channel" : "");
	else
		export_printf(w,
			"\"%s\": {\"symmetric\": %s, \"scale_type\": "
			"\"ScaleType.Float32\", \"calibration_method\": "
			"\"CalibMethod.MinMax\", \"quant_granularity\": "
			"\"QuantGranularity.%s\", \"data_type\": \"%s\"}",
			key, symmetric ? "true" : "false", unit, word_of(type));
}

static void put_layer(
	struct quark *q, const struct quark_layer *l, const char *indent, bool output)
{
	bool any = false;
	const struct {
		const char *key;
		enum qtype type;
		bool symmetric, channel;
	} sides[] = {
		{"input_tensors", l->in, l->in_symmetric, false},
		{"weight", l->weight, l->weight_symmetric,
			q->w->source->options->per_channel},
		{"output_tensors", output ? l->out : QTYPE_NONE, l->out_symmetric, false},
	};

	export_puts(q->w, q->python ? "QLayerConfig(" : "{");
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		if (sides[i].type == QTYPE_NONE)
			continue;
		export_printf(q->w, "%s\n%s", any ? "," : "", indent);
		put_spec(q, sides[i].key, sides[i].type, sides[i].symmetric,
			sides[i].channel);
		any = true;
	}
	export_puts(q->w, q->python ? ")" : "}");
}

static void put_group(struct quark *q, const struct quark_group *group)
{
	struct export_writer *w = q->w;

	export_puts(w, q->python ? "        " : "    [");
	put_layer(q, &group->layer, q->python ? "            " : "      ", true);
	export_puts(w, q->python ? ": [" : ", [");
	for (size_t i = 0; i < group->count; i++) {
		export_puts(w, i ? ", " : "");
		export_put_node(w, group->nodes[i]);
	}
	export_puts(w, q->python ? "],\n" : "]]");
}

static void put_groups(struct quark *q)
{
	struct export_writer *w = q->w;

	export_puts(w, q->python ? "    specific_layer_config={\n"
				 : "  \"specific_layer_config\": [");
	for (size_t i = 0; i < q->count; i++) {
		export_puts(w, q->python ? "" : i ? ",\n" : "\n");
		put_group(q, &q->items[i]);
	}
	export_puts(w, q->python ? "    },\n" : q->count ? "\n  ],\n" : "],\n");
}

static void put_list(struct quark *q, const struct text_list *list)
{
	bool any = false;

	export_puts(q->w, "[");
	for (size_t i = 0; i < list->count; i++) {
		if (!can_name(q, list->items[i], "node"))
			continue;
		export_puts(q->w, any ? ", " : "");
		export_put_quoted(q->w, list->items[i]);
		any = true;
	}
	export_puts(q->w, "]");
}

static void put_key(struct quark *q, const char *key, bool *any)
{
	export_printf(q->w, "%s\"%s\": ", *any ? ", " : "", key);
	*any = true;
}

/* The value of an extra option as it stands in the table: a truth value, or names. */
static void put_value(struct quark *q, const struct quark_option *option, char *value)
{
	bool truth = !strcmp(value, "true");

	if (!option->list) {
		export_puts(q->w, q->python ? (truth ? "True" : "False")
					    : (truth ? "true" : "false"));
		return;
	}
	export_puts(q->w, "[");
	for (char *rest = value, *word; (word = strtok_r(rest, ",", &rest));) {
		export_puts(q->w, word == value ? "" : ", ");
		export_put_quoted(q->w, word);
	}
	export_puts(q->w, "]");
}

static bool differs(
	const struct quant_options *o, const char *name, char *value, size_t room)
{
	for (size_t i = 0; i < option_table_count; i++)
		if (!strcmp(option_table[i].name, name))
			return options_changed(o, &option_table[i], value, room) &&
			       *value;
	return false;
}

static void put_extras(struct quark *q)
{
	const struct quant_options *o = q->w->source->options;
	char value[1000];
	bool any = false;

	export_puts(q->w, q->python ? "    extra_options={" : "  \"extra_options\": {");
	if (q->w->source->outcome->boundary_count) {
		put_key(q, "EnableDualQuantNodePairs", &any);
		export_puts(q->w, q->python ? "True" : "true");
	}
	if (o->all_op_types) {
		put_key(q, "QuantizeAllOpTypes", &any);
		export_puts(q->w, q->python ? "True" : "true");
	}
	if (o->op_types.count) {
		put_key(q, "OpTypesToQuantize", &any);
		put_list(q, &o->op_types);
	}
	if (o->nodes_to_quantize.count) {
		put_key(q, "NodesToQuantize", &any);
		put_list(q, &o->nodes_to_quantize);
	}
	for (size_t i = 0; i < quark_option_count; i++) {
		if (!differs(o, quark_options[i].name, value, sizeof(value)))
			continue;
		put_key(q, quark_options[i].name, &any);
		put_value(q, &quark_options[i], value);
	}
	export_puts(q->w, q->python ? "},\n" : "}\n");
}

static void put_whole(struct quark *q)
{
	struct export_writer *w = q->w;
	struct quark_layer usual;

	quark_default_layer(w->source, true, &usual);
	export_puts(w, q->python ? "    global_config=" : "{\n  \"global_config\": ");
	put_layer(q, &usual, q->python ? "        " : "    ", false);
	export_puts(w, ",\n");
	put_groups(q);
	export_puts(w, q->python ? "    exclude=" : "  \"exclude\": ");
	put_list(q, &w->source->options->nodes_to_exclude);
	export_puts(w, ",\n");
	put_extras(q);
	export_puts(w, q->python ? ")\n" : "}\n");
}

static bool write_quark(struct export_writer *w, bool python)
{
	struct quark q = {.w = w, .python = python};
	bool fine = collect(&q);

	if (fine && python)
		export_puts(w,
			"from quark.onnx import (\n"
			"    CalibMethod, Int8Spec, Int16Spec, QConfig, QLayerConfig,\n"
			"    QuantGranularity, UInt8Spec, UInt16Spec)\n\n"
			"config = QConfig(\n");
	if (fine)
		put_whole(&q);
	release(&q);
	return fine;
}

bool export_write_quark(struct export_writer *w)
{
	return write_quark(w, true);
}

bool export_write_quark_json(struct export_writer *w)
{
	return write_quark(w, false);
}
