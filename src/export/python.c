/* Overrides as Python source (export-formats.md 3.4). Numbers of activations are arrays
 * of no dimensions in the type of their range, those of constants are plain: what ONNX
 * Runtime takes. */
#include "export/python.h"

/* How the numbers of one tensor are written. */
enum number_form { FORM_PLAIN, FORM_F32, FORM_F16 };

static enum number_form form_of(const struct export_source *s, tensor_id tensor)
{
	const struct range *range = ranges_find(s->ranges, tensor);
	int32_t type = range ? range->type : s->graph->tensors[tensor].element_type;

	if (s->outcome->tensors[tensor].flags & STATE_CONSTANT)
		return FORM_PLAIN;
	return type == ELEMENT_FLOAT16 ? FORM_F16 : FORM_F32;
}

/* The type of a zero point in an entry that may leave it out. */
static enum qtype zero_type(
	const struct export_source *s, tensor_id tensor, const struct entry_params *p)
{
	return p->has & ENTRY_TYPE ? p->type : export_usual_type(s, tensor);
}

/* ---- Helpers. */

struct needs {
	bool f32, f16, zeros[QTYPE_COUNT];
};

static void need(const struct export_source *s, tensor_id tensor,
	const struct entry_params *p, struct needs *needs)
{
	enum number_form form = form_of(s, tensor);

	if (form == FORM_PLAIN)
		return;
	if (p->has & (ENTRY_SCALE | ENTRY_RMIN | ENTRY_RMAX)) {
		needs->f32 |= form == FORM_F32;
		needs->f16 |= form == FORM_F16;
	}
	if (p->has & ENTRY_ZERO_POINT)
		needs->zeros[zero_type(s, tensor, p)] = true;
}

static void put_helper(struct export_writer *w, bool needed, const char *name, char kind,
	const char *numpy_type, int bits)
{
	if (needed)
		export_printf(w,
			"def %s(x):\n    return np.array(x, dtype=np.%s%d)\n\n\n", name,
			kind == 'f' ? "float" : numpy_type, bits);
}

void python_put_helpers(struct export_writer *w)
{
	const struct overrides *o = w->source->entries;
	struct needs needs = {0};

	for (uint32_t i = 0; i < o->count; i++) {
		for (uint32_t k = 0; k < o->lists[i].count; k++) {
			const struct entry *e = &o->lists[i].entries[k];

			need(w->source, o->lists[i].tensor, &e->own, &needs);
			if (e->own.has & ENTRY_CONVERT)
				need(w->source, o->lists[i].tensor, &e->convert, &needs);
		}
	}
	put_helper(w, needs.f32, "f32", 'f', "", 32);
	put_helper(w, needs.f16, "f16", 'f', "", 16);
	for (int t = QTYPE_NONE + 1; t < QTYPE_COUNT; t++)
		put_helper(w, needs.zeros[t], qtypes[t].brief, 'i',
			qtypes[t].is_signed ? "int" : "uint",
			qtypes[t].bits == 16 ? 16 : 8);
}

/* ---- The dictionary. */

struct entry_writer {
	struct export_writer *w;
	tensor_id tensor;
	bool first;
};

static void put_key(struct entry_writer *e, const char *key)
{
	export_printf(e->w, "%s\"%s\": ", e->first ? "" : ", ", key);
	e->first = false;
}

static void put_float(struct entry_writer *e, const char *key, float value)
{
	static const char *const open[] = {"", "f32(", "f16("};
	enum number_form form = form_of(e->w->source, e->tensor);

	put_key(e, key);
	export_puts(e->w, open[form]);
	export_put_f32(e->w, (double)value);
	export_puts(e->w, form == FORM_PLAIN ? "" : ")");
}

static void put_zero_point(struct entry_writer *e, const struct entry_params *p)
{
	put_key(e, "zero_point");
	if (form_of(e->w->source, e->tensor) == FORM_PLAIN)
		export_printf(e->w, "%d", (int)p->zero_point);
	else
		export_printf(e->w, "%s(%d)",
			qtypes[zero_type(e->w->source, e->tensor, p)].brief,
			(int)p->zero_point);
}

static void put_bool(struct entry_writer *e, const char *key, bool value)
{
	put_key(e, key);
	export_puts(e->w, value ? "True" : "False");
}

static void put_params(struct entry_writer *e, const struct entry_params *p)
{
	if (p->has & ENTRY_TYPE) {
		put_key(e, "quant_type");
		export_printf(e->w, "T.%s", qtypes[p->type].name);
	}
	if (p->has & ENTRY_AXIS) {
		put_key(e, "axis");
		export_printf(e->w, "%d", (int)p->axis);
	}
	if (p->has & ENTRY_SCALE)
		put_float(e, "scale", p->scale);
	if (p->has & ENTRY_ZERO_POINT)
		put_zero_point(e, p);
	if (p->has & ENTRY_SYMMETRIC)
		put_bool(e, "symmetric", p->symmetric);
	if (p->has & ENTRY_REDUCE_RANGE)
		put_bool(e, "reduce_range", p->reduce_range);
	if (p->has & ENTRY_RMIN)
		put_float(e, "rmin", p->rmin);
	if (p->has & ENTRY_RMAX)
		put_float(e, "rmax", p->rmax);
}

/* The program's own name of a node is told by what names it in the report. */
static void tell_reader(struct export_writer *w, name_id name)
{
	const struct graph *g = w->source->graph;
	node_id node = graph_find_node(
		g, names_text(&g->names, name), names_length(&g->names, name));

	if (node != GRAPH_NONE)
		export_name_node(w, node);
}

static void put_receivers(struct entry_writer *e, const struct entry *entry)
{
	const struct names *names = &e->w->source->graph->names;

	put_key(e, "recv_nodes");
	export_puts(e->w, entry->receiver_count ? "{" : "set(");
	for (uint32_t i = 0; i < entry->receiver_count; i++) {
		export_puts(e->w, i ? ", " : "");
		export_put_string(e->w, names_text(names, entry->receivers[i]),
			names_length(names, entry->receivers[i]));
		tell_reader(e->w, entry->receivers[i]);
	}
	export_puts(e->w, entry->receiver_count ? "}" : ")");
}

static void put_entry(struct entry_writer *e, const struct entry *entry)
{
	export_puts(e->w, "{");
	e->first = true;
	put_params(e, &entry->own);
	if (entry->own.has & ENTRY_CONVERT) {
		put_key(e, "convert");
		export_puts(e->w, "{");
		e->first = true;
		put_params(e, &entry->convert);
		if (entry->convert.has & ENTRY_RECEIVERS)
			put_receivers(e, entry);
		export_puts(e->w, "}");
	}
	export_puts(e->w, "}");
}

void python_put_overrides(struct export_writer *w, const char *name)
{
	const struct overrides *o = w->source->entries;

	export_printf(w, "%s = {\n", name);
	for (uint32_t i = 0; i < o->count; i++) {
		const struct entry_list *list = &o->lists[i];
		struct entry_writer e = {w, list->tensor, true};

		if (!list->count)
			continue;
		export_puts(w, "    ");
		export_put_tensor(w, list->tensor);
		export_puts(w, ": [");
		for (uint32_t k = 0; k < list->count; k++) {
			export_puts(w, k ? ",\n        " : "");
			put_entry(&e, &list->entries[k]);
		}
		export_puts(w, "],\n");
	}
	export_puts(w, "}\n");
}
