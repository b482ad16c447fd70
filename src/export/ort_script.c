/* A complete Python script that quantizes as the plan says (export-formats.md 3.4): its
 * model is that of `quantize --ort-compatible`. */
#include "export/python.h"

#include "base/text.h"
#include "onnx/write.h"

#include <math.h>
#include <string.h>

/* ---- Options as Python. */

static void put_words(struct export_writer *w, const char *words)
{
	size_t length;

	export_puts(w, "[");
	for (const char *at = words; *at; at += length + (at[length] == ',')) {
		length = strcspn(at, ",");
		export_puts(w, at == words ? "" : ", ");
		export_put_string(w, at, length);
	}
	export_puts(w, "]");
}

static void put_axes(struct export_writer *w, const char *words)
{
	size_t length, name;

	export_puts(w, "{");
	for (const char *at = words; *at; at += length + (at[length] == ',')) {
		length = strcspn(at, ",");
		name = strcspn(at, ":");
		export_puts(w, at == words ? "" : ", ");
		export_put_string(w, at, name);
		export_puts(w, ": ");
		export_put(w, at + name + 1, length - name - 1);
	}
	export_puts(w, "}");
}

/* How the value of an option is written, by the form that the table tells. */
static void put_value(
	struct export_writer *w, const struct option_info *info, const char *value)
{
	if (!strcmp(value, "true"))
		export_puts(w, "True");
	else if (!strcmp(value, "false"))
		export_puts(w, "False");
	else if (!strcmp(info->value, "A,B"))
		put_words(w, value);
	else if (!strncmp(info->value, "Op:", 3))
		put_axes(w, value);
	else
		export_puts(w, value);
}

/* Options that ONNX Runtime's function does not take. */
static bool is_foreign(const char *name)
{
	return !strcmp(name, "CalibBins") || !strcmp(name, "CalibQuantizedBins");
}

static void put_extra_options(struct export_writer *w)
{
	const struct quant_options *options = w->source->options;
	char value[4096];

	export_puts(w, "EXTRA_OPTIONS = {\n"
		       "    \"TensorQuantOverrides\": OVERRIDES,\n");
	for (size_t i = 0; i < option_table_count; i++) {
		const struct option_info *info = &option_table[i];

		if (!options_changed(options, info, value, sizeof(value)) ||
			is_foreign(info->name))
			continue;
		export_printf(w, "    \"%s\": ", info->name);
		put_value(w, info, value);
		export_puts(w, ",\n");
	}
	export_puts(w, "}\n");
}

static bool is_never_quantized(const char *op_type)
{
	return !strcmp(op_type, "Cast") || !strcmp(op_type, "QuantizeLinear") ||
	       !strcmp(op_type, "DequantizeLinear");
}

/* Every type in the model, as `--op-types all` means. */
static bool collect_op_types(struct export_writer *w, struct text_list *list)
{
	const struct graph *g = w->source->graph;

	for (node_id n = 0; n < g->main_nodes; n++) {
		const char *op_type = graph_op_type(g, n);
		size_t length = strlen(op_type);

		if (!is_never_quantized(op_type) &&
			!text_list_has(list, op_type, length) &&
			!text_list_push(list, op_type, length, w->err))
			return false;
	}
	return true;
}

static bool put_op_types(struct export_writer *w)
{
	struct text_list list = {0};
	bool fine = true;

	if (w->source->options->all_op_types) {
		fine = collect_op_types(w, &list);
		export_put_list(w, &list);
		text_list_release(&list);
	} else if (w->source->options->op_types.count) {
		export_put_list(w, &w->source->options->op_types);
	} else {
		export_puts(w, "None");
	}
	return fine;
}

static void put_nodes(struct export_writer *w, const struct text_list *nodes)
{
	const struct graph *g = w->source->graph;

	for (size_t i = 0; i < nodes->count; i++) {
		node_id n = graph_find_node(g, nodes->items[i], strlen(nodes->items[i]));

		if (n != GRAPH_NONE)
			export_name_node(w, n);
	}
	export_put_list(w, nodes);
}

/* ---- Ranges. */

/* Constants that stand for "no bound" are infinite. */
static const char *end_text(char text[32], double end)
{
	if (isinf(end))
		return end < 0 ? "-np.inf" : "np.inf";
	return text_f32(text, (float)end, true);
}

static void put_range(struct export_writer *w, const char *name, double low, double high)
{
	char a[32], b[32];

	export_puts(w, "    ");
	export_put_quoted(w, name);
	export_printf(w, ": (%s, %s),\n", end_text(a, low), end_text(b, high));
}

static void put_foreign(struct export_writer *w, const struct ranges *ranges)
{
	for (name_id i = 0; ranges && i < ranges->foreign_names.count; i++)
		put_range(w, names_text(&ranges->foreign_names, i),
			ranges->foreign[i].low, ranges->foreign[i].high);
}

static void put_half(struct export_writer *w, const char *name)
{
	export_put_quoted(w, name);
	export_puts(w, ", ");
}

static void put_foreign_half(struct export_writer *w, const struct ranges *ranges)
{
	for (name_id i = 0; ranges && i < ranges->foreign_names.count; i++)
		if (ranges->foreign[i].type == ELEMENT_FLOAT16 &&
			!ranges->foreign[i].bare)
			put_half(w, names_text(&ranges->foreign_names, i));
}

static void put_ranges(struct export_writer *w)
{
	const struct export_source *s = w->source;
	const struct ranges *ranges = s->ranges;

	export_puts(w, "RANGES = {\n");
	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->of[ranges->order[i]];

		put_range(w, graph_tensor_name(s->graph, ranges->order[i]), r->low,
			r->high);
	}
	put_foreign(w, ranges);
	put_foreign(w, s->more_ranges);
	export_puts(w, "}\nHALF = (");
	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct range *r = &ranges->of[ranges->order[i]];

		if (r->type == ELEMENT_FLOAT16 && !r->bare)
			put_half(w, graph_tensor_name(s->graph, ranges->order[i]));
	}
	put_foreign_half(w, ranges);
	put_foreign_half(w, s->more_ranges);
	export_puts(w, ")\n");
}

static const char cached[] =
	"\n\ndef save_ranges(path):\n"
	"    \"\"\"The ranges as quantize_static reads them.\"\"\"\n"
	"    data = {}\n"
	"    for name, (low, high) in RANGES.items():\n"
	"        number = np.float16 if name in HALF else np.float32\n"
	"        data[name] = TensorData(lowest=np.array([low], dtype=number),\n"
	"                                highest=np.array([high], dtype=number))\n"
	"    save_tensors_data(TensorsData(METHOD, data), path)\n";

static const char reader[] =
	"\n\nclass Samples(CalibrationDataReader):\n"
	"    \"\"\"The .npz files of a folder: one sample each, keys are input "
	"names.\"\"\"\n"
	"\n"
	"    def __init__(self, folder):\n"
	"        self.paths = iter(sorted(Path(folder).glob(\"*.npz\")))\n"
	"\n"
	"    def get_next(self):\n"
	"        path = next(self.paths, None)\n"
	"        return dict(np.load(path)) if path else None\n";

/* ---- The script. */

static void put_call(struct export_writer *w, bool ranges)
{
	const struct quant_options *o = w->source->options;

	export_puts(w, "\n\ndef quantize(model, out, **source):\n"
		       "    quantize_static(\n"
		       "        model, out, quant_format=QuantFormat.QDQ,\n");
	export_printf(w, "        activation_type=T.%s, weight_type=T.%s,\n",
		qtypes[o->activation_type].name, qtypes[o->weight_type].name);
	export_printf(w, "        per_channel=%s, reduce_range=%s,\n",
		o->per_channel ? "True" : "False", o->reduce_range ? "True" : "False");
	export_puts(w,
		"        op_types_to_quantize=OP_TYPES,\n"
		"        nodes_to_quantize=NODES, nodes_to_exclude=EXCLUDED,\n"
		"        use_external_data_format=EXTERNAL, calibrate_method=METHOD,\n"
		"        extra_options=EXTRA_OPTIONS, **source)\n");
	export_puts(w, "\n\ndef main():\n"
		       "    parser = argparse.ArgumentParser(description=__doc__)\n"
		       "    parser.add_argument(\"model\", nargs=\"?\", default=MODEL)\n"
		       "    parser.add_argument(\"out\", nargs=\"?\", default=OUT)\n");
	if (!ranges)
		export_puts(w,
			"    parser.add_argument(\"--samples\", required=True,\n"
			"                        help=\"folder of .npz files\")\n");
	export_puts(w, "    args = parser.parse_args()\n");
	if (ranges)
		export_puts(w, "    with tempfile.TemporaryDirectory() as folder:\n"
			       "        cache = Path(folder) / \"ranges.json\"\n"
			       "        save_ranges(cache)\n"
			       "        quantize(args.model, args.out, "
			       "calibration_cache_path=cache)\n");
	else
		export_puts(w, "    quantize(args.model, args.out,\n"
			       "             "
			       "calibration_data_reader=Samples(args.samples))\n");
	export_puts(w, "\n\nif __name__ == \"__main__\":\n    main()\n");
}

static void put_head(struct export_writer *w, bool ranges)
{
	export_puts(w, "#!/usr/bin/env python3\n"
		       "\"\"\"Quantizes a model with ONNX Runtime as it was chosen in "
		       "qdqedit.\"\"\"\n"
		       "import argparse\n");
	export_puts(w, ranges ? "import tempfile\n" : "");
	export_puts(w, "from pathlib import Path\n\n"
		       "import numpy as np\n"
		       "from onnxruntime.quantization import ");
	export_puts(w, ranges ? "CalibrationMethod, QuantFormat, quantize_static\n"
			      : "(CalibrationDataReader, CalibrationMethod,\n"
				"                                       QuantFormat, "
				"quantize_static)\n");
	export_puts(w, "from onnxruntime.quantization import QuantType as T\n");
	if (ranges)
		export_puts(w,
			"from onnxruntime.quantization.calibrate import (TensorData, "
			"TensorsData,\n"
			"                                                "
			"save_tensors_data)\n");
}

/* Where the model lies, as it was given; a demo is written out as NAME.onnx. */
static void put_model(struct export_writer *w)
{
	const char *path = w->source->graph->model->path;
	char name[256];

	if (!strncmp(path, "demo:", 5)) {
		snprintf(name, sizeof(name), "%s.onnx", path + 5);
		path = name;
	}
	export_put_quoted(w, path);
}

bool export_write_ort_script(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool ranges = s->ranges->count > 0, fine;

	put_head(w, ranges);
	export_puts(w, "\nMODEL = ");
	put_model(w);
	export_puts(w, "\nOUT = \"quantized.onnx\"\nOP_TYPES = ");
	fine = put_op_types(w);
	export_puts(w, "\nNODES = ");
	put_nodes(w, &s->options->nodes_to_quantize);
	export_puts(w, "\nEXCLUDED = ");
	put_nodes(w, &s->options->nodes_to_exclude);
	export_printf(w, "\nEXTERNAL = %s\nMETHOD = CalibrationMethod.%s\n\n\n",
		model_uses_side_files(s->graph->model) ? "True" : "False",
		ranges_method_name(s->ranges->method));
	python_put_helpers(w);
	python_put_overrides(w, "OVERRIDES");
	put_extra_options(w);
	if (ranges)
		put_ranges(w);
	export_puts(w, ranges ? cached : reader);
	put_call(w, ranges);
	return fine;
}

const char *export_lost_script(
	const struct export_source *source, const struct export_item *item)
{
	(void)source;
	if (!strcmp(item->subject, "opset-policy"))
		return "quantize_static raises the opset";
	if (is_foreign(item->subject))
		return "ONNX Runtime's function does not take it";
	return NULL;
}
