/* Types of tensors and nothing else: Olive's map (export-formats.md 8) and a snippet for
 * AIMET's simulation (6). */
#include "export/writer.h"

#include <string.h>

/* The type an entry gives a tensor, QTYPE_NONE where that is the default of its kind. */
static enum qtype chosen_type(
	const struct export_source *s, const struct entry_list *list)
{
	const struct entry_params *own = list->count ? &list->entries[0].own : NULL;

	return own && (own->has & ENTRY_TYPE) &&
			       own->type != export_usual_type(s, list->tensor)
		       ? own->type
		       : QTYPE_NONE;
}

/* ---- Olive: names of types without their Q, as its Quark pass takes them; it knows
 * none with 4 bits. */

static bool olive_knows(enum qtype type)
{
	return type != QTYPE_NONE && qtypes[type].bits >= 8;
}

bool export_write_olive(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool first = true;

	export_puts(w, "{");
	for (uint32_t i = 0; i < s->entries->count; i++) {
		enum qtype type = chosen_type(s, &s->entries->lists[i]);

		if (!olive_knows(type))
			continue;
		export_puts(w, first ? "\n  " : ",\n  ");
		first = false;
		export_put_tensor(w, s->entries->lists[i].tensor);
		export_printf(w, ": [{\"quant_type\": \"%s\"}]", qtypes[type].name + 1);
	}
	export_puts(w, first ? "}\n" : "\n}\n");
	return true;
}

const char *export_lost_olive(
	const struct export_source *source, const struct export_item *item)
{
	const struct entry_list *list = overrides_find(source->entries, item->tensor);
	enum qtype type = list ? chosen_type(source, list) : QTYPE_NONE;

	return type == QTYPE_NONE || olive_knows(type) ? NULL
						       : "Olive has no 4-bit types";
}

/* ---- AIMET: widths of quantizers that exist; their sign stays. */

static bool keeps_sign(const struct export_source *s, tensor_id tensor, enum qtype type)
{
	enum qtype usual = export_usual_type(s, tensor);

	return qtypes[type].is_signed == qtypes[usual].is_signed;
}

bool export_write_aimet_snippet(struct export_writer *w)
{
	const struct export_source *s = w->source;

	export_puts(w, "BITWIDTHS = {\n");
	for (uint32_t i = 0; i < s->entries->count; i++) {
		tensor_id tensor = s->entries->lists[i].tensor;
		enum qtype type = chosen_type(s, &s->entries->lists[i]);

		if (type == QTYPE_NONE || !keeps_sign(s, tensor, type))
			continue;
		export_puts(w, "    ");
		export_put_tensor(w, tensor);
		export_printf(w, ": %d,\n", qtypes[type].bits);
	}
	export_puts(w,
		"}\n\n\n"
		"def set_bitwidths(sim):\n"
		"    \"\"\"Of an aimet_onnx QuantizationSimModel; call it before "
		"compute_encodings.\"\"\"\n"
		"    missing = [name for name in BITWIDTHS if name not in "
		"sim.qc_quantize_op_dict]\n"
		"    if missing:\n"
		"        raise KeyError(f\"no quantizer on {', '.join(missing)}\")\n"
		"    for name, bits in BITWIDTHS.items():\n"
		"        sim.qc_quantize_op_dict[name].set_bitwidth(bits)\n");
	return true;
}

const char *export_lost_aimet_snippet(
	const struct export_source *source, const struct export_item *item)
{
	const struct entry_list *list = overrides_find(source->entries, item->tensor);

	return list && keeps_sign(source, item->tensor, chosen_type(source, list))
		       ? NULL
		       : "the snippet sets widths; signed and unsigned are AIMET's "
			 "choice";
}
