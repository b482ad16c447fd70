#include "ui/keymap.h"

#include "ui/command.h"

#include <stdlib.h>
#include <string.h>

void keymap_release(struct keymap *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->items[i].line);
	ARRAY_RELEASE(map);
}

static bool begins(const ui_key *keys, int count, const ui_key *with, int with_count)
{
	return with_count <= count &&
	       !memcmp(keys, with, (size_t)with_count * sizeof(*keys));
}

static struct key_binding *find(const struct keymap *map, const ui_key *keys, int count)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->items[i].count == count &&
			begins(keys, count, map->items[i].keys, count))
			return &map->items[i];
	return NULL;
}

bool keymap_set(struct keymap *map, const ui_key *keys, int count, const char *line)
{
	struct key_binding *binding = find(map, keys, count);
	struct key_binding made = {.count = count, .line = strdup(line)};

	memcpy(made.keys, keys, (size_t)count * sizeof(*keys));
	if (made.line && binding) {
		free(binding->line);
		*binding = made;
		return true;
	}
	if (made.line && ARRAY_PUSH(map, made))
		return true;
	free(made.line);
	return false;
}

bool keymap_remove(struct keymap *map, const ui_key *keys, int count)
{
	struct key_binding *binding = find(map, keys, count);

	if (!binding)
		return false;
	free(binding->line);
	*binding = map->items[--map->count];
	return true;
}

const char *keymap_find(
	const struct keymap *map, const ui_key *keys, int count, bool *prefix)
{
	const struct key_binding *binding = find(map, keys, count);

	*prefix = false;
	for (size_t i = 0; i < map->count; i++)
		*prefix |= map->items[i].count > count &&
			   begins(map->items[i].keys, map->items[i].count, keys, count);
	return binding ? binding->line : NULL;
}

bool keymap_hides(const struct keymap *map, const ui_key *keys, int count)
{
	for (size_t i = 0; i < map->count; i++)
		if (begins(keys, count, map->items[i].keys, map->items[i].count))
			return true;
	return false;
}

static bool is_hidden(const void *map, const ui_key *keys, int count)
{
	return keymap_hides(map, keys, count);
}

const struct ui_command *keymap_command(
	const struct keymap *map, const ui_key *keys, int count, bool *prefix)
{
	return command_of_keys_but(keys, count, prefix, is_hidden, map);
}

static size_t append(char *out, size_t at, size_t room, const char *text, size_t length)
{
	if (at + length + 2 > room)
		return at;
	if (at)
		out[at++] = ' ';
	memcpy(out + at, text, length);
	out[at + length] = '\0';
	return at + length;
}

static size_t append_keys(
	char *out, size_t at, size_t room, const struct key_binding *binding)
{
	char text[PENDING * 16 + 1] = "", name[16];

	for (int i = 0; i < binding->count; i++)
		strcat(text, keys_name(binding->keys[i], name));
	return append(out, at, room, text, strlen(text));
}

char *keymap_keys_of(const struct keymap *map, const struct ui_command *command,
	char *out, size_t room)
{
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < map->count; i++)
		if (!strcmp(map->items[i].line, command->name))
			at = append_keys(out, at, room, &map->items[i]);
	for (const char *text = command->keys; *text;) {
		size_t n = strcspn(text, " ");
		ui_key keys[PENDING + 1];
		size_t count = keys_parse(text, n, keys, PENDING + 1);

		if (!keymap_hides(map, keys, (int)count))
			at = append(out, at, room, text, n);
		text += n + (text[n] == ' ');
	}
	return out;
}
