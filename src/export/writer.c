#include "config.h" /* vasprintf */

#include "export/writer.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void export_put(struct export_writer *w, const char *bytes, size_t length)
{
	plan_json_put(&w->out, bytes, length);
}

void export_puts(struct export_writer *w, const char *text)
{
	plan_json_puts(&w->out, text);
}

void export_printf(struct export_writer *w, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		export_puts(w, text);
	else
		w->out.failed = true;
	free(text);
}

void export_put_f32(struct export_writer *w, double value)
{
	char text[32];

	export_puts(w, text_f32(text, (float)value, true));
}

void export_put_string(struct export_writer *w, const char *bytes, size_t length)
{
	if (!text_is_utf8(bytes, length))
		error_set(w->err, ERROR_REFUSED,
			"%s: the name %s is not UTF-8, which %s cannot hold; rename it",
			w->source->title, text_quoted(bytes, length), w->format->name);
	plan_json_put_string(&w->out, bytes, length, false);
}

void export_put_quoted(struct export_writer *w, const char *text)
{
	export_put_string(w, text, strlen(text));
}

void export_put_list(struct export_writer *w, const struct text_list *list)
{
	export_puts(w, "[");
	for (size_t i = 0; i < list->count; i++) {
		export_puts(w, i ? ", " : "");
		export_put_quoted(w, list->items[i]);
	}
	export_puts(w, "]");
}

void export_put_tensor(struct export_writer *w, tensor_id tensor)
{
	export_put_quoted(w, graph_tensor_name(w->source->graph, tensor));
}

void export_put_node(struct export_writer *w, node_id node)
{
	export_name_node(w, node);
	export_put_quoted(w, graph_node_name(w->source->graph, node));
}

void export_name_node(struct export_writer *w, node_id node)
{
	const struct export_source *s = w->source;
	char now[256], old[256], subject[600];
	const char *name;

	if (!s->old_names || !graph_is_main(s->graph, node) || w->told[node] ||
		!s->old_names[node])
		return;
	w->told[node] = true;
	name = graph_node_name(s->graph, node);
	text_escape(now, sizeof(now), name, strlen(name));
	text_escape(old, sizeof(old), s->old_names[node], strlen(s->old_names[node]));
	snprintf(subject, sizeof(subject), "\"%s\" -> %s", old, now);
	export_report(w, LOSS_RENAMED, PART_IDENTITY, "node", subject, "",
		*old ? "names must differ; 'qdqedit prepare' writes the model with this "
		       "one"
		     : "a name is needed; 'qdqedit prepare' writes the model with it");
}

void export_report(struct export_writer *w, enum loss_kind kind, enum export_part part,
	const char *word, const char *subject, const char *detail, const char *why)
{
	const struct loss loss = {kind, part, word, subject, detail, why, false};

	w->out.failed = !loss_add(&w->result->losses, &loss) || w->out.failed;
}

/* ---- Files. */

static bool end_file(struct export_writer *w)
{
	struct export_file file = {.suffix = w->suffix};

	file.text = plan_json_finish(&w->out, &file.length);
	w->out = (struct json_out){0};
	if (file.text && ARRAY_PUSH(w->result, file))
		return true;
	free(file.text);
	return error_set_memory(w->err, "the export");
}

bool export_next_file(struct export_writer *w, const char *suffix)
{
	bool fine = end_file(w);

	w->suffix = suffix;
	return fine;
}

/* Formats of numbers cannot be written while numbers are missing. */
static bool check_ranges(const struct export_source *s, struct error *err)
{
	tensor_id first = GRAPH_NONE;

	for (tensor_id t = 0; t < s->graph->main_tensors; t++) {
		if (s->tensors[t].kind != NUMBERS_NO_RANGE)
			continue;
		if (first == GRAPH_NONE)
			first = t;
		else if (err)
			err->more++;
	}
	return first == GRAPH_NONE ||
	       error_set(err, ERROR_REFUSED,
		       "%s: tensor %s has no range; add --ranges FILE", s->title,
		       text_quoted_z(graph_tensor_name(s->graph, first)));
}

static bool prepare(struct export_writer *w)
{
	unsigned flags = w->format->flags;

	w->told = calloc((size_t)w->source->graph->main_nodes + 1, sizeof(*w->told));
	if (!w->told)
		return error_set_memory(w->err, "the export");
	if ((flags & (EXPORT_NUMBERS | EXPORT_RANGES)) &&
		!export_measure(w->source, w->err))
		return false;
	return !(flags & EXPORT_RANGES) || check_ranges(w->source, w->err);
}

bool export_make(struct export_source *source, const struct export_format *format,
	const char *stem, struct export_result *result, struct error *err)
{
	struct export_writer w = {.source = source,
		.format = format,
		.stem = stem,
		.suffix = format->suffix,
		.result = result,
		.err = err};
	bool fine;

	*result = (struct export_result){0};
	fine = prepare(&w);
	fine = fine && export_foresee(source, format, &result->losses, err);
	fine = fine && format->write(&w) && !error_is_set(err) && end_file(&w);
	free(w.told);
	free(w.out.text);
	return fine || (!error_is_set(err) && error_set_memory(err, "the export"));
}

void export_release(struct export_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		free(result->items[i].text);
	ARRAY_RELEASE(result);
	loss_release(&result->losses);
}
