#include "ui/json_text.h"

#include <stdlib.h>
#include <string.h>

static void drop_lines(struct json_text *json)
{
	free(json->text);
	free(json->lines);
	free(json->tensors);
	json->text = NULL;
	json->lines = NULL;
	json->tensors = NULL;
	json->line_count = 0;
	json->graph = NULL;
}

static uint32_t count_lines(const char *text, size_t length)
{
	uint32_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	return count;
}

static void split(struct json_text *json, size_t length)
{
	uint32_t line = 0;

	json->lines[0] = 0;
	for (size_t i = 0; i < length; i++)
		if (json->text[i] == '\n') {
			json->text[i] = '\0';
			if (++line < json->line_count)
				json->lines[line] = (uint32_t)i + 1;
		}
}

/* Lines up to the next tensor's belong to the one that began. */
static void name_lines(
	struct json_text *json, const struct outcome *outcome, const uint32_t *line_of)
{
	const struct overrides *entries = &outcome->entries;

	for (uint32_t i = 0; i < json->line_count; i++)
		json->tensors[i] = GRAPH_NONE;
	for (uint32_t i = 0; i < entries->count; i++) {
		tensor_id tensor = entries->lists[i].tensor;
		uint32_t line = line_of[tensor];

		if (line && line <= json->line_count)
			json->tensors[line - 1] = tensor;
	}
	for (uint32_t i = 1; i + 1 < json->line_count; i++)
		if (json->tensors[i] == GRAPH_NONE)
			json->tensors[i] = json->tensors[i - 1];
}

bool json_text_update(
	struct json_text *json, const struct outcome *outcome, struct error *err)
{
	uint32_t *line_of;
	size_t length;

	if (json->graph == outcome->graph && json->generation == outcome->generation)
		return true;
	drop_lines(json);
	line_of = calloc(outcome->graph->tensor_count + 1, sizeof(*line_of));
	json->text = line_of ? overrides_write(&outcome->entries, outcome->graph, &length,
				       line_of)
			     : NULL;
	if (json->text) {
		json->line_count = count_lines(json->text, length);
		json->lines = malloc((json->line_count + 1) * sizeof(*json->lines));
		json->tensors = malloc((json->line_count + 1) * sizeof(*json->tensors));
	}
	if (!json->text || !json->lines || !json->tensors) {
		free(line_of);
		drop_lines(json);
		return error_set_memory(err, "the overrides text");
	}
	split(json, length);
	name_lines(json, outcome, line_of);
	json->graph = outcome->graph;
	json->generation = outcome->generation;
	free(line_of);
	return true;
}

/* A line without the comma that only says that another one follows. */
static uint64_t line_digest(const char *line)
{
	size_t length = strlen(line);

	if (length && line[length - 1] == ',')
		length--;
	return names_hash(line, length);
}

static struct json_digest digest(const struct json_text *json, uint32_t *line)
{
	tensor_id tensor = json->tensors[*line];
	const char *name = graph_tensor_name(json->graph, tensor);
	struct json_digest digest = {names_hash(name, strlen(name)), 0};

	for (; *line < json->line_count && json->tensors[*line] == tensor; ++*line)
		digest.text =
			digest.text * 31 + line_digest(json->text + json->lines[*line]);
	return digest;
}

static int by_name(const void *a, const void *b)
{
	const struct json_digest *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

bool json_text_saved(struct json_text *json, struct error *err)
{
	struct json_digest *saved = malloc((json->line_count + 1) * sizeof(*saved));
	uint32_t line = 0;

	if (!saved)
		return error_set_memory(err, "the saved overrides");
	free(json->saved);
	json->saved = saved;
	json->saved_count = 0;
	while (line < json->line_count) {
		if (json->tensors[line] == GRAPH_NONE)
			line++;
		else
			saved[json->saved_count++] = digest(json, &line);
	}
	qsort(saved, json->saved_count, sizeof(*saved), by_name);
	return true;
}

char json_text_mark(const struct json_text *json, uint32_t line)
{
	tensor_id tensor = json->tensors[line];
	struct json_digest key;
	const struct json_digest *saved;

	if (tensor == GRAPH_NONE)
		return ' ';
	while (line && json->tensors[line - 1] == tensor)
		line--;
	key = digest(json, &line);
	saved = json->saved_count ? bsearch(&key, json->saved, json->saved_count,
					    sizeof(key), by_name)
				  : NULL;
	return !saved ? '+' : saved->text != key.text ? '~' : ' ';
}

uint32_t json_text_find(const struct json_text *json, tensor_id tensor)
{
	uint32_t line = 0;

	while (line < json->line_count && json->tensors[line] != tensor)
		line++;
	return line;
}

void json_text_release(struct json_text *json)
{
	drop_lines(json);
	free(json->saved);
	*json = (struct json_text){0};
}
