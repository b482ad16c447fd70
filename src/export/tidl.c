/* TI TIDL: lists of layers with 16 bits, as compile options (export-formats.md 10.1). */
#include "base/text.h"
#include "export/writer.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 400 };

/* Layers whose width may differ from their input's; elementwise ones besides. */
static const char *const changers[] = {"Conv", "ConvTranspose", "BatchNormalization",
	"AveragePool", "GlobalAveragePool", "LpPool", "GlobalLpPool", "Add", "Sub", "Mul",
	"Div", "Max", "Min", "Sum", "Mean", "Pow", "PRelu"};

static bool may_change(const struct export_source *s, node_id node)
{
	for (size_t i = 0; i < sizeof(changers) / sizeof(changers[0]); i++)
		if (!strcmp(graph_op_type(s->graph, node), changers[i]))
			return true;
	return false;
}

static bool is_wide(const struct export_source *s, tensor_id tensor)
{
	enum qtype type = (enum qtype)s->outcome->tensors[tensor].stored;

	return type != QTYPE_NONE && qtypes[type].bits == 16;
}

static bool has_wide_output(const struct export_source *s, node_id node)
{
	for (uint32_t i = 0; i < s->graph->nodes[node].output_count; i++) {
		tensor_id t = graph_output_of(s->graph, node, i);

		if (t != GRAPH_NONE && !graph_is_constant(s->graph, t) && is_wide(s, t))
			return true;
	}
	return false;
}

static bool has_wide_params(const struct export_source *s, node_id node)
{
	for (uint32_t i = 0; i < s->graph->nodes[node].input_count; i++) {
		tensor_id t = graph_input_of(s->graph, node, i);

		if (t != GRAPH_NONE && graph_is_constant(s->graph, t) && is_wide(s, t))
			return true;
	}
	return false;
}

/* The layer's name there: the node's in the file, else its first output's. */
static const char *name_of(const struct export_source *s, node_id node)
{
	const char *name = graph_node_name(s->graph, node);
	tensor_id t = graph_output_of(s->graph, node, 0);

	if (s->old_names && s->old_names[node])
		name = s->old_names[node];
	return *name || t == GRAPH_NONE ? name : graph_tensor_name(s->graph, t);
}

static void flag(struct export_writer *w, node_id node, const char *why)
{
	const char *name = name_of(w->source, node);
	char subject[NAME_MOST];

	export_report(w, LOSS_LOST, PART_TYPES, "layer",
		text_escape(subject, sizeof(subject), name, strlen(name)),
		graph_op_type(w->source->graph, node), why);
}

/* One text with the names divided by commas, as the start of a JSON string. */
static void put_list(struct export_writer *w, const char *option,
	bool (*wanted)(const struct export_source *s, node_id node))
{
	const struct export_source *s = w->source;
	struct json_out names = {0};

	for (node_id n = 0; n < s->graph->main_nodes; n++) {
		const char *name = name_of(s, n);

		if (!wanted(s, n))
			continue;
		if (strchr(name, ',')) {
			flag(w, n, "not written: the list is divided by commas");
			continue;
		}
		if (!may_change(s, n))
			flag(w, n,
				"listed, but TIDL changes widths at convolutions, batch "
				"normalization, pooling other than max and elementwise "
				"layers; others follow their input");
		plan_json_puts(&names, names.length ? "," : "");
		plan_json_puts(&names, name);
	}
	export_printf(w, "  \"advanced_options:%s\": ", option);
	export_put_string(w, names.text ? names.text : "", names.length);
	w->out.failed |= names.failed;
	free(names.text);
}

bool export_write_tidl(struct export_writer *w)
{
	export_puts(w, "{\n");
	put_list(w, "output_feature_16bit_names_list", has_wide_output);
	export_puts(w, ",\n");
	put_list(w, "params_16bit_names_list", has_wide_params);
	export_puts(w, "\n}\n");
	return true;
}

const char *export_lost_tidl(
	const struct export_source *s, const struct export_item *item)
{
	const struct graph_tensor *t = &s->graph->tensors[item->tensor];

	if (!is_wide(s, item->tensor))
		return "the lists say what has 16 bits, no other type";
	if (graph_is_constant(s->graph, item->tensor))
		return NULL;
	return t->producer == GRAPH_NONE ? "no layer makes it" : NULL;
}
