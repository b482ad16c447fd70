#include "ui/json_text.h"

#include <stdlib.h>
#include <string.h>

static void drop_lines(struct json_text *json)
{
	free(json->first);
	free(json->tensors);
	free(json->text);
	json->first = NULL;
	json->tensors = NULL;
	json->text = NULL;
	json->list_count = json->line_count = json->at = 0;
	json->graph = NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct json_digest *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

/* How many of the saved tensors have lines no more. */
static uint32_t count_removed(const struct json_text *json, const struct graph *graph)
{
	uint32_t found = 0;

	for (uint32_t i = 0; json->saved_count && i < json->list_count; i++) {
		const char *name = graph_tensor_name(graph, json->tensors[i]);
		struct json_digest key = {names_hash(name, strlen(name)), 0};

		found += bsearch(&key, json->saved, json->saved_count, sizeof(key),
				 by_name) != NULL;
	}
	return json->saved_count - found;
}

bool json_text_update(
	struct json_text *json, const struct outcome *outcome, struct error *err)
{
	const struct overrides *entries = &outcome->entries;
	uint32_t line = 1;

	if (json->graph == outcome->graph && json->generation == outcome->generation)
		return true;
	drop_lines(json);
	json->first = malloc((entries->count + (size_t)1) * sizeof(*json->first));
	json->tensors = malloc((entries->count + (size_t)1) * sizeof(*json->tensors));
	if (!json->first || !json->tensors) {
		drop_lines(json);
		return error_set_memory(err, "the overrides text");
	}
	for (uint32_t i = 0; i < entries->count; i++) {
		json->first[i] = line;
		json->tensors[i] = entries->lists[i].tensor;
		line += overrides_lines_of(&entries->lists[i]);
	}
	json->list_count = json->at = entries->count;
	json->line_count = entries->count ? line + 1 : 1;
	json->graph = outcome->graph;
	json->generation = outcome->generation;
	json->removed = count_removed(json, outcome->graph);
	return true;
}

/* The list that a line belongs to, or list_count. */
static uint32_t list_of(const struct json_text *json, uint32_t line)
{
	uint32_t low = 0, high = json->list_count;

	if (!line || line + 1 >= json->line_count)
		return json->list_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (json->first[middle] <= line)
			low = middle;
		else
			high = middle;
	}
	return low;
}

tensor_id json_text_tensor(const struct json_text *json, uint32_t line)
{
	uint32_t list = list_of(json, line);

	return list < json->list_count ? json->tensors[list] : GRAPH_NONE;
}

/* A comma behind the text of all lists but the last; the digest is without it. */
static bool add_comma(struct json_text *json)
{
	char *more = realloc(json->text, json->text_length + 2);

	if (!more)
		return false;
	memcpy(more + json->text_length, ",", 2);
	json->text = more;
	return true;
}

/* Writes the text of a list, as lines. */
static bool write_list(
	struct json_text *json, const struct outcome *outcome, uint32_t list)
{
	const struct entry_list *entries = &outcome->entries.lists[list];
	char *line;

	if (json->text && json->at == list)
		return true;
	free(json->text);
	json->text = overrides_write_list(entries, outcome->graph, &json->text_length);
	json->at = list;
	if (json->text && list + 1 < json->list_count && !add_comma(json)) {
		free(json->text);
		json->text = NULL;
	}
	for (line = json->text; line && (line = strchr(line, '\n'));)
		*line++ = '\0';
	return json->text;
}

/* Of the list at hand. */
static struct json_digest digest(const struct json_text *json)
{
	const char *name = graph_tensor_name(json->graph, json->tensors[json->at]);

	return (struct json_digest){names_hash(name, strlen(name)),
		names_hash(json->text, json->text_length)};
}

bool json_text_saved(
	struct json_text *json, const struct outcome *outcome, struct error *err)
{
	struct json_digest *saved =
		malloc((json->list_count + (size_t)1) * sizeof(*saved));
	uint32_t count = 0;

	while (saved && count < json->list_count && write_list(json, outcome, count))
		saved[count++] = digest(json);
	if (!saved || count < json->list_count) {
		free(saved);
		return error_set_memory(err, "the saved overrides");
	}
	free(json->saved);
	json->saved = saved;
	json->saved_count = count;
	qsort(saved, count, sizeof(*saved), by_name);
	json->removed = 0;
	return true;
}

static char mark_of(const struct json_text *json)
{
	struct json_digest key = digest(json);
	const struct json_digest *saved =
		json->saved_count ? bsearch(&key, json->saved, json->saved_count,
					    sizeof(key), by_name)
				  : NULL;

	return !saved ? '+' : saved->text != key.text ? '~' : ' ';
}

const char *json_text_line(
	struct json_text *json, const struct outcome *outcome, uint32_t line, char *mark)
{
	uint32_t list = list_of(json, line);
	const char *text;

	*mark = ' ';
	if (list == json->list_count)
		return line ? "}" : json->line_count == 1 ? "{}" : "{";
	if (!write_list(json, outcome, list))
		return "";
	*mark = mark_of(json);
	text = json->text;
	for (uint32_t i = json->first[list]; i < line; i++)
		text += strlen(text) + 1;
	return text;
}

void json_text_release(struct json_text *json)
{
	drop_lines(json);
	free(json->saved);
	*json = (struct json_text){0};
}
