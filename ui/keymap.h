/* Keys of one's own, in front of the command table. */
#ifndef QDQEDIT_UI_KEYMAP_H
#define QDQEDIT_UI_KEYMAP_H

#include "base/array.h"
#include "ui/keys.h"

struct ui_command;

enum { PENDING = 3 }; /* keys of a sequence at most */

/* One sequence; an empty line means that it does nothing. */
struct key_binding {
	ui_key keys[PENDING];
	int count;
	char *line; /* owned: a command line */
};

/* Zero-initialized is empty. */
struct keymap ARRAY_OF(struct key_binding);

void keymap_release(struct keymap *map);

/* Binds a sequence; false when memory is gone. */
bool keymap_set(struct keymap *map, const ui_key *keys, int count, const char *line);

/* Takes an own binding away; false if there is none. */
bool keymap_remove(struct keymap *map, const ui_key *keys, int count);

/* The line of a sequence, NULL if none is bound; *prefix: it begins another one. */
const char *keymap_find(
	const struct keymap *map, const ui_key *keys, int count, bool *prefix);

/* True if keys of the command table cannot be reached because of it. */
bool keymap_hides(const struct keymap *map, const ui_key *keys, int count);

/* The command of the table that keys mean, without what is hidden. */
const struct ui_command *keymap_command(
	const struct keymap *map, const ui_key *keys, int count, bool *prefix);

/* All keys of a command as they are now, in notation, divided by blanks. */
char *keymap_keys_of(const struct keymap *map, const struct ui_command *command,
	char *out, size_t room);

#endif
