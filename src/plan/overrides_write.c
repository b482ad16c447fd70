/* Overrides as JSON: the layout of command-line.md 3, to the byte. */
#include "base/text.h"
#include "plan/json.h"
#include "plan/overrides.h"

#include <stdio.h>

struct writer {
	struct json_out out;
	const struct graph *graph;
	uint32_t line;
	bool first; /* no key yet in the object at hand */
};

static void put_key(struct writer *w, const char *key)
{
	if (!w->first)
		plan_json_puts(&w->out, ", ");
	w->first = false;
	plan_json_puts(&w->out, "\"");
	plan_json_puts(&w->out, key);
	plan_json_puts(&w->out, "\": ");
}

static void put_name(struct writer *w, name_id name)
{
	plan_json_put_string(&w->out, names_text(&w->graph->names, name),
		names_length(&w->graph->names, name), false);
}

static void put_integer(struct writer *w, const char *key, int32_t value)
{
	char text[16];

	put_key(w, key);
	snprintf(text, sizeof(text), "%d", (int)value);
	plan_json_puts(&w->out, text);
}

static void put_float(struct writer *w, const char *key, float value)
{
	char text[32];

	put_key(w, key);
	plan_json_puts(&w->out, text_f32(text, value, true));
}

static void put_bool(struct writer *w, const char *key, bool value)
{
	put_key(w, key);
	plan_json_puts(&w->out, value ? "true" : "false");
}

static void put_params(struct writer *w, const struct entry_params *p)
{
	if (p->has & ENTRY_TYPE) {
		put_key(w, "quant_type");
		plan_json_puts(&w->out, "\"");
		plan_json_puts(&w->out, qtypes[p->type].name);
		plan_json_puts(&w->out, "\"");
	}
	if (p->has & ENTRY_AXIS)
		put_integer(w, "axis", p->axis);
	if (p->has & ENTRY_SCALE)
		put_float(w, "scale", p->scale);
	if (p->has & ENTRY_ZERO_POINT)
		put_integer(w, "zero_point", p->zero_point);
	if (p->has & ENTRY_SYMMETRIC)
		put_bool(w, "symmetric", p->symmetric);
	if (p->has & ENTRY_REDUCE_RANGE)
		put_bool(w, "reduce_range", p->reduce_range);
	if (p->has & ENTRY_RMIN)
		put_float(w, "rmin", p->rmin);
	if (p->has & ENTRY_RMAX)
		put_float(w, "rmax", p->rmax);
}

static void put_receivers(struct writer *w, const struct entry *entry)
{
	put_key(w, "recv_nodes");
	plan_json_puts(&w->out, "[");
	for (uint32_t i = 0; i < entry->receiver_count; i++) {
		if (i)
			plan_json_puts(&w->out, ", ");
		put_name(w, entry->receivers[i]);
	}
	plan_json_puts(&w->out, "]");
}

static void put_entry(struct writer *w, const struct entry *entry)
{
	plan_json_puts(&w->out, "{");
	w->first = true;
	put_params(w, &entry->own);
	if (entry->own.has & ENTRY_CONVERT) {
		put_key(w, "convert");
		plan_json_puts(&w->out, "{");
		w->first = true;
		put_params(w, &entry->convert);
		if (entry->convert.has & ENTRY_RECEIVERS)
			put_receivers(w, entry);
		plan_json_puts(&w->out, "}");
		w->first = false;
	}
	plan_json_puts(&w->out, "}");
}

static void new_line(struct writer *w, const char *indent)
{
	plan_json_puts(&w->out, "\n");
	plan_json_puts(&w->out, indent);
	w->line++;
}

static void put_list(struct writer *w, const struct entry_list *list)
{
	put_name(w, w->graph->tensors[list->tensor].name);
	plan_json_puts(&w->out, ": [");
	for (uint32_t i = 0; i < list->count; i++) {
		if (i)
			plan_json_puts(&w->out, ",");
		if (list->count > 1)
			new_line(w, "    ");
		put_entry(w, &list->entries[i]);
	}
	if (list->count > 1)
		new_line(w, "  ");
	plan_json_puts(&w->out, "]");
}

char *overrides_write_list(
	const struct entry_list *list, const struct graph *graph, size_t *length)
{
	struct writer w = {{0}, graph, 1, true};

	plan_json_puts(&w.out, "  ");
	put_list(&w, list);
	return plan_json_finish(&w.out, length);
}

uint32_t overrides_lines_of(const struct entry_list *list)
{
	return list->count > 1 ? list->count + 2 : 1;
}

char *overrides_write(const struct overrides *overrides, const struct graph *graph,
	size_t *length, uint32_t *line_of)
{
	struct writer w = {{0}, graph, 1, true};

	plan_json_puts(&w.out, "{");
	for (uint32_t i = 0; i < overrides->count; i++) {
		if (i)
			plan_json_puts(&w.out, ",");
		new_line(&w, "  ");
		if (line_of)
			line_of[overrides->lists[i].tensor] = w.line;
		put_list(&w, &overrides->lists[i]);
	}
	if (overrides->count)
		new_line(&w, "");
	plan_json_puts(&w.out, "}\n");
	return plan_json_finish(&w.out, length);
}
