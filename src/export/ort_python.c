/* ONNX Runtime's overrides for Python: a loader beside the JSON (export-formats.md 3.3),
 * and the dictionary as source (3.4). */
#include "config.h" /* asprintf */

#include "export/python.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- ort-python */

bool export_write_ort_python(struct export_writer *w)
{
	export_puts(w, "import numpy as np\n"
		       "from onnxruntime.quantization import QuantType as T\n\n\n");
	python_put_helpers(w);
	python_put_overrides(w, "TENSOR_QUANT_OVERRIDES");
	return true;
}

/* ---- ort-loader */

/* The head of the loader stands before this, with NAME, DEFAULT, ASSUMED and HALF. */
static const char loader[] =
	"KIND = {\"QInt8\": np.int8, \"QUInt8\": np.uint8, \"QInt16\": np.int16,\n"
	"        \"QUInt16\": np.uint16, \"QInt4\": np.int8, \"QUInt4\": np.uint8}\n"
	"\n\n"
	"def revive(entry, number, assumed):\n"
	"    \"\"\"One entry, or its convert part, as ONNX Runtime wants it.\"\"\"\n"
	"    result = dict(entry)\n"
	"    kind = entry.get(\"quant_type\", assumed)\n"
	"    if \"quant_type\" in entry:\n"
	"        result[\"quant_type\"] = QuantType.from_string(kind)\n"
	"    for key in (\"scale\", \"rmin\", \"rmax\"):\n"
	"        if key in entry:\n"
	"            result[key] = np.array(entry[key], dtype=number)\n"
	"    if \"zero_point\" in entry:\n"
	"        result[\"zero_point\"] = np.array(entry[\"zero_point\"], "
	"dtype=KIND[kind])\n"
	"    if \"recv_nodes\" in entry:\n"
	"        result[\"recv_nodes\"] = set(entry[\"recv_nodes\"])\n"
	"    if \"convert\" in entry:\n"
	"        result[\"convert\"] = revive(entry[\"convert\"], number, assumed)\n"
	"    return result\n"
	"\n\n"
	"def load_overrides(path=None):\n"
	"    \"\"\"The dictionary for extra_options[\"TensorQuantOverrides\"].\"\"\"\n"
	"    path = Path(path) if path else Path(__file__).with_name(NAME)\n"
	"    entries = json.loads(path.read_text(encoding=\"utf-8\"))\n"
	"    result = {}\n"
	"    for name, tensor in entries.items():\n"
	"        number = np.float16 if name in HALF else np.float32\n"
	"        assumed = ASSUMED.get(name, DEFAULT)\n"
	"        if tensor:\n"
	"            result[name] = [revive(entry, number, assumed) for entry in "
	"tensor]\n"
	"    return result\n";

static bool is_half(const struct export_source *s, tensor_id tensor)
{
	const struct range *range = ranges_find(s->ranges, tensor);

	return (range ? range->type : s->graph->tensors[tensor].element_type) ==
	       ELEMENT_FLOAT16;
}

/* Constants whose entry has a zero point of the default weight type. */
static void put_assumed(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool first = true;

	export_puts(w, "ASSUMED = {");
	for (uint32_t i = 0; i < s->entries->count; i++) {
		const struct entry_list *list = &s->entries->lists[i];
		unsigned has = list->count ? list->entries[0].own.has : 0;

		if (!(has & ENTRY_ZERO_POINT) || (has & ENTRY_TYPE) ||
			!(s->outcome->tensors[list->tensor].flags & STATE_CONSTANT))
			continue;
		export_puts(w, first ? "" : ", ");
		first = false;
		export_put_tensor(w, list->tensor);
		export_printf(w, ": \"%s\"", qtypes[s->options->weight_type].name);
	}
	export_puts(w, "}\n");
}

/* Tensors whose numbers are float16. */
static void put_half(struct export_writer *w)
{
	const struct overrides *o = w->source->entries;

	export_puts(w, "HALF = (");
	for (uint32_t i = 0; i < o->count; i++) {
		if (!is_half(w->source, o->lists[i].tensor))
			continue;
		export_put_tensor(w, o->lists[i].tensor);
		export_puts(w, ", ");
	}
	export_puts(w, ")\n");
}

/* The name of the file beside this one. */
static bool put_neighbour(struct export_writer *w, const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s%s", w->stem, suffix) < 0)
		return error_set_memory(w->err, "the export");
	export_put_quoted(w, name);
	free(name);
	return true;
}

bool export_write_ort_loader(struct export_writer *w)
{
	export_puts(w, "\"\"\"Overrides for onnxruntime.quantization: "
		       "load_overrides().\"\"\"\n"
		       "import json\n"
		       "from pathlib import Path\n\n"
		       "import numpy as np\n"
		       "from onnxruntime.quantization import QuantType\n\n"
		       "NAME = ");
	if (!put_neighbour(w, ".json"))
		return false;
	export_printf(w, "\nDEFAULT = \"%s\"\n",
		qtypes[w->source->options->activation_type].name);
	put_assumed(w);
	put_half(w);
	export_puts(w, loader);
	return export_next_file(w, ".json") && export_write_ort(w);
}
