/* Model Explorer: node data for a graph, keyed by output tensors (export-formats.md
 * 11.3): the widths of activations, or measured scores. */
#include "export/writer.h"

#include <math.h>

static bool is_keyed(const struct export_source *s, tensor_id tensor)
{
	return s->graph->tensors[tensor].producer != GRAPH_NONE &&
	       !graph_is_constant(s->graph, tensor);
}

static void put_begin(struct export_writer *w, const char *name)
{
	const ProtobufCBinaryData *graph = &w->source->graph->model->proto->graph->name;

	export_puts(w, "{\n  ");
	if (graph->len)
		export_put_string(w, (const char *)graph->data, graph->len);
	else
		export_put_quoted(w, "main_graph");
	export_puts(w, ": {\n    \"name\": ");
	export_put_quoted(w, name);
	export_puts(w, ",\n    \"results\": {");
}

static void put_end(struct export_writer *w, bool any, const char *low, const char *high)
{
	export_printf(w,
		"%s},\n    \"gradient\": [{\"stop\": 0, \"bgColor\": \"%s\"}, "
		"{\"stop\": 1, \"bgColor\": \"%s\"}]\n  }\n}\n",
		any ? "\n    " : "", low, high);
}

static void put_key(struct export_writer *w, tensor_id tensor, bool any)
{
	export_puts(w, any ? ",\n      " : "\n      ");
	export_put_tensor(w, tensor);
	export_puts(w, ": {\"value\": ");
}

bool export_write_overlay(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool any = false;

	put_begin(w, "activation bits");
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		enum qtype type = (enum qtype)s->outcome->tensors[t].stored;

		if (type == QTYPE_NONE || !is_keyed(s, t))
			continue;
		put_key(w, t, any);
		export_printf(w, "%d%s}", qtypes[type].bits,
			qtypes[type].bits > 8 ? ", \"bgColor\": \"#fde68a\"" : "");
		any = true;
	}
	put_end(w, any, "#dbeafe", "#f59e0b");
	return true;
}

bool export_write_overlay_scores(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool any = false;

	if (!s->scores)
		return error_set(w->err, ERROR_REFUSED,
			"%s: there are no scores to show; add --scores FILE", s->title);
	put_begin(w, s->score_name);
	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (isnan(s->scores[t]) || !is_keyed(s, t))
			continue;
		put_key(w, t, any);
		export_put_f32(w, s->scores[t]);
		export_puts(w, "}");
		any = true;
	}
	put_end(w, any, "#f59e0b", "#dbeafe");
	return true;
}

const char *export_lost_overlay(
	const struct export_source *s, const struct export_item *item)
{
	enum qtype type;

	if (item->tensor == GRAPH_NONE || !is_keyed(s, item->tensor))
		return "the overlay has what nodes make, no inputs and constants";
	if (item->part == PART_SCORES)
		return isfinite(s->scores[item->tensor]) ? NULL
							 : "JSON has finite numbers";
	type = (enum qtype)s->outcome->tensors[item->tensor].stored;
	if (type == QTYPE_NONE)
		return "without effect: the tensor stays float";
	return qtypes[type].is_signed != qtypes[s->options->activation_type].is_signed
		       ? "the overlay has the width, not the sign"
		       : NULL;
}
