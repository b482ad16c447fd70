/* The one table of commands: keys, ":" and its palette, "?" help, the man page, the
 * completions and scripts all read it. */
#ifndef QDQEDIT_UI_COMMAND_H
#define QDQEDIT_UI_COMMAND_H

#include "ui/ui.h"

#include <stdio.h>

enum command_group {
	GROUP_EDIT,
	GROUP_VIEW,
	GROUP_MOVE,
	GROUP_FIND,
	GROUP_SELECT,
	GROUP_FILE,
	GROUP_OTHER,
	GROUP_COUNT
};

extern const char *const command_group_names[GROUP_COUNT];

/* One row. `keys` are sequences in notation, separated by blanks. `brief` is the word in
 * hints and in the box of a pending key, `help` the line in help and manual. */
struct ui_command {
	const char *name;
	const char *keys;
	const char *args; /* "[TYPE]", "" if it takes none */
	enum command_group group;
	const char *brief, *help;
	/* Why it cannot be done now, NULL if it can. */
	const char *(*blocked)(const struct ui *ui);
	unsigned (*run)(struct ui *ui, const char *args);
};

/* The table is made of parts, one for each file of handlers. */
struct command_part {
	const struct ui_command *commands;
	size_t count;
};

extern const struct command_part commands_promote;
extern const struct command_part commands_edit;
extern const struct command_part commands_move;
extern const struct command_part commands_go;
extern const struct command_part commands_find;
extern const struct command_part commands_view;
extern const struct command_part commands_file;
extern const struct command_part commands_open;
extern const struct command_part commands_script;
extern const struct command_part commands_teach;
extern const struct command_part commands_extra;
extern const struct command_part commands_measure;
extern const struct command_part commands_import;
extern const struct command_part commands_export;

size_t command_count(void);
const struct ui_command *command_at(size_t index);

/* By exact name, else by a beginning that only one command has; NULL otherwise. */
const struct ui_command *command_find(const char *name, size_t length);

/* The bytes of the command's name in front of a line: "w" of "w! file". */
size_t command_name_length(const char *line);

/* What a sequence of keys means: a command, or the begin of several (*prefix). */
const struct ui_command *command_of_keys(const ui_key *keys, int count, bool *prefix);

/* The same without the sequences that are hidden. */
const struct ui_command *command_of_keys_but(const ui_key *keys, int count, bool *prefix,
	bool (*hidden)(const void *arg, const ui_key *keys, int count), const void *arg);

/* Commands that match the words typed, best first, the one that is meant alone once its
 * arguments begin; returns how many in all, of which at most `room` are written. */
size_t command_match(const char *typed, uint32_t *out, size_t room);

/* Letters in this order, ignoring case: the rank of a match, or -1. */
int fuzzy_rank(const char *pattern, size_t length, const char *text);

/* The table as text for the man page generator: one command a line, fields separated
 * by tabs: name, arguments, keys, group, help. */
void command_dump(FILE *out);

/* "! FILE", "FILE": an exclamation mark in front allows what would be refused, as to
 * write over a file. Gives what stands behind it. */
const char *command_read_bang(const char *args, bool *force);

/* Why nothing can be written or measured: conflicts; NULL without. For `blocked`. */
const char *command_has_conflicts(const struct ui *ui);

/* Whether its arguments name a file: "~/" is the home folder there, and Tab completes. */
bool command_wants_file(const struct ui_command *command);

/* Checks that a command can run and runs it. */
unsigned command_run(struct ui *ui, const struct ui_command *command, const char *args);

#endif
