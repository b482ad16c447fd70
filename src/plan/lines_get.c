/* Reading the parts of project and journal lines. */
#include "base/text.h"
#include "plan/entry.h"
#include "plan/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool line_skip(const struct line *line, const char *name, size_t length, char kind,
	const char *cause)
{
	char place[320], file[256], near[320] = "", remedy[360];

	text_escape(file, sizeof(file), line->file, strlen(line->file));
	snprintf(place, sizeof(place), "%s: line %zu", file, line->number);
	if (kind && line->plan)
		graph_suggest(line->plan->graph, kind, name, length, near, sizeof(near));
	snprintf(remedy, sizeof(remedy), "%s%s%s",
		*near ? "left out; did you mean " : "left out", near, *near ? "?" : "");
	return problem_add(line->problems, SEVERITY_WARNING, "project", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, place, cause, remedy) ||
	       error_set_memory(line->err, "project");
}

json_t *line_json(const struct line *line, const char *text)
{
	json_error_t error;
	json_t *value =
		json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	char cause[JSON_ERROR_TEXT_LENGTH + 16];

	if (!value) {
		text_escape(cause, sizeof(cause), error.text, strlen(error.text));
		line_skip(line, NULL, 0, 0, cause);
	}
	return value;
}

static bool skip_name(
	const struct line *line, const json_t *name, char kind, const char *what)
{
	const char *text = json_is_string(name) ? json_string_value(name) : "";
	char cause[200];

	snprintf(cause, sizeof(cause), "no %s %s in this model", what,
		text_quoted_z(text));
	return line_skip(line, text, strlen(text), kind, cause);
}

static tensor_id tensor_named(const struct line *line, const json_t *name)
{
	return json_is_string(name)
		       ? graph_find_tensor(line->plan->graph, json_string_value(name),
				 json_string_length(name))
		       : GRAPH_NONE;
}

static node_id node_named(const struct line *line, const json_t *value)
{
	const json_t *name = json_object_get(value, "node");
	const json_t *unnamed = json_object_get(value, "unnamed");
	unsigned index;

	if (json_is_string(name))
		return graph_find_node(line->plan->graph, json_string_value(name),
			json_string_length(name));
	if (json_is_string(unnamed) &&
		sscanf(json_string_value(unnamed), "#%u", &index) == 1 &&
		index < line->plan->graph->main_nodes &&
		!graph_node_name(line->plan->graph, index)[0])
		return index;
	return GRAPH_NONE;
}

static enum qtype type_named(const json_t *value)
{
	return json_is_string(value)
		       ? qtype_parse(json_string_value(value), json_string_length(value))
		       : QTYPE_NONE;
}

bool line_get_seed(
	const struct line *line, const json_t *value, struct seed *seed, bool *found)
{
	const json_t *tensor = json_object_get(value, "tensor");
	const json_t *symmetric = json_object_get(value, "symmetric");
	bool has_node =
		json_object_get(value, "node") || json_object_get(value, "unnamed");

	*found = false;
	*seed = (struct seed){.tensor = GRAPH_NONE,
		.node = GRAPH_NONE,
		.type = type_named(json_object_get(value, "type")),
		.symmetric = !symmetric                ? UNSET
			     : json_is_true(symmetric) ? YES
						       : NO,
		.region = json_string_value(json_object_get(value, "region")),
		.note = json_string_value(json_object_get(value, "note"))};
	if (seed->type == QTYPE_NONE || (!tensor && !has_node))
		return line_skip(line, NULL, 0, 0, "this is no seed");
	if (tensor && (seed->tensor = tensor_named(line, tensor)) == GRAPH_NONE)
		return skip_name(line, tensor, 't', "tensor");
	if (has_node && (seed->node = node_named(line, value)) == GRAPH_NONE)
		return skip_name(line, json_object_get(value, "node"), 'n', "node");
	seed->kind = !has_node ? SEED_TENSOR : tensor ? SEED_READER : SEED_NODE;
	*found = true;
	return true;
}

bool line_get_lists(const struct line *line, const json_t *value, struct overrides *out)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
	struct problem_list problems = {0};
	bool ok = text;

	if (!text) {
		*out = (struct overrides){0};
		return error_set_memory(line->err, "project");
	}
	overrides_read(out, line->plan->graph, text, strlen(text), line->file, &problems,
		line->err);
	for (size_t i = 0; i < problems.count && ok; i++) {
		char cause[1200];

		snprintf(cause, sizeof(cause), "%s: %s; %s", problems.items[i].place,
			problems.items[i].cause, problems.items[i].remedy);
		ok = line_skip(line, NULL, 0, 0, cause);
	}
	problem_clear(&problems);
	free(text);
	return ok && !error_is_set(line->err);
}

static unsigned read_drops(const json_t *list)
{
	static const char *const names[] = {"axis", "scale", "zero_point", "symmetric",
		"reduce_range", "rmin", "rmax"};
	static const unsigned keys[] = {ENTRY_AXIS, ENTRY_SCALE, ENTRY_ZERO_POINT,
		ENTRY_SYMMETRIC, ENTRY_REDUCE_RANGE, ENTRY_RMIN, ENTRY_RMAX};
	unsigned drop = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		for (size_t k = 0; k < 7; k++)
			if (json_is_string(json_array_get(list, i)) &&
				!strcmp(json_string_value(json_array_get(list, i)),
					names[k]))
				drop |= keys[k];
	return drop;
}

static bool fill_param(
	const struct entry_list *list, struct arena *arena, struct param_edit *edit)
{
	struct entry_params *channels;

	edit->tensor = list->tensor;
	if (list->count == 1 && !(list->entries[0].own.has & ENTRY_AXIS)) {
		edit->set = list->entries[0].own;
		edit->set.has &= ~(unsigned)(ENTRY_CONVERT | ENTRY_TYPE);
		return true;
	}
	channels = arena_zalloc(arena, list->count, sizeof(*channels));
	for (uint32_t i = 0; channels && i < list->count; i++)
		channels[i] = list->entries[i].own;
	edit->channels = channels;
	edit->channel_count = list->count;
	return channels;
}

bool line_get_param(const struct line *line, const json_t *value, struct arena *arena,
	struct param_edit *edit, bool *found)
{
	const char *side = json_string_value(json_object_get(value, "side"));
	struct overrides lists = {0};
	bool ok;

	*found = false;
	*edit = (struct param_edit){.converted = side && !strcmp(side, "converted"),
		.drop = read_drops(json_object_get(value, "drop"))};
	if (!side || !json_is_object(json_object_get(value, "entries")))
		return line_skip(line, NULL, 0, 0, "this is no parameter edit");
	ok = line_get_lists(line, json_object_get(value, "entries"), &lists);
	if (ok && lists.count && lists.lists[0].count) {
		ok = fill_param(&lists.lists[0], arena, edit) ||
		     error_set_memory(line->err, "project");
		*found = ok;
	}
	overrides_release(&lists);
	return ok;
}

/* ---- options */

static bool get_texts(
	const struct line *line, const json_t *value, struct text_list *list)
{
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *text = json_string_value(json_array_get(value, i));
		char *copy = text ? strdup(text) : NULL;

		if (text && (!copy || !ARRAY_PUSH(list, copy))) {
			free(copy);
			return error_set_memory(line->err, "project");
		}
	}
	return true;
}

static bool *flag_named(struct quant_options *options, const char *name)
{
	if (!strcmp(name, "per-channel"))
		return &options->per_channel;
	if (!strcmp(name, "reduce-range"))
		return &options->reduce_range;
	if (!strcmp(name, "ort-compatible"))
		return &options->ort_compatible;
	return strcmp(name, "keep-constants") ? NULL : &options->keep_constants;
}

static struct text_list *list_named(struct quant_options *options, const char *name)
{
	if (!strcmp(name, "op-types"))
		return &options->op_types;
	if (!strcmp(name, "nodes-to-quantize"))
		return &options->nodes_to_quantize;
	return strcmp(name, "nodes-to-exclude") ? NULL : &options->nodes_to_exclude;
}

static bool get_extra(const struct line *line, const char *name, const char *text,
	struct quant_options *options)
{
	struct error own = ERROR_INIT;

	if (text && options_set(options, name, text, &own))
		return true;
	if (own.kind == ERROR_MEMORY)
		return error_set_memory(line->err, "project");
	return line_skip(line, NULL, 0, 0, text ? own.text : "this is no option");
}

bool line_get_option(const struct line *line, const char *name, const json_t *value,
	struct quant_options *options)
{
	const char *text = json_string_value(value);
	enum qtype type = type_named(value);
	bool *flag = flag_named(options, name);

	if (flag && json_is_boolean(value)) {
		*flag = json_is_true(value);
		return true;
	}
	if (!strcmp(name, "activation-type") && type != QTYPE_NONE)
		options->activation_type = type;
	else if (!strcmp(name, "weight-type") && type != QTYPE_NONE)
		options->weight_type = type;
	else if (!strcmp(name, "op-types") && text && !strcmp(text, "all"))
		options->all_op_types = true;
	else if (!strcmp(name, "opset-policy") && text)
		options->opset_policy = strcmp(text, "keep") ? OPSET_RAISE : OPSET_KEEP;
	else if (list_named(options, name) && json_is_array(value))
		return get_texts(line, value, list_named(options, name));
	else
		return get_extra(line, name, text, options);
	return true;
}

bool lines_each(const char *text, size_t length,
	bool (*each)(void *arg, size_t number, char *line), void *arg, struct error *err)
{
	char *copy = malloc(length + 1), *line, *next;
	size_t number = 0;
	bool ok = copy;

	if (!copy)
		return error_set_memory(err, "project");
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	for (line = copy; ok && line < copy + length; line = next) {
		size_t run = strcspn(line, "\n");

		next = line + run + 1;
		line[run] = '\0';
		if (run && line[run - 1] == '\r')
			line[run - 1] = '\0';
		ok = each(arg, ++number, line);
	}
	free(copy);
	return ok;
}
