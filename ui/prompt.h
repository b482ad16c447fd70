/* The line at the bottom in which one types: commands, searches, filters, names. */
#ifndef QDQEDIT_UI_PROMPT_H
#define QDQEDIT_UI_PROMPT_H

#include "ui/keys.h"
#include "ui/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROMPT_ROOM = 1024, PROMPT_MATCHES = 256, PROMPT_HISTORY = 32 };

/* Text being edited; zero-initialized is empty. */
struct line_edit {
	char text[PROMPT_ROOM];
	size_t length, at; /* bytes */
	bool fresh;        /* all selected: the next character replaces it */
};

void line_set(struct line_edit *line, const char *text, bool fresh);

/* Puts a text in at the cursor; one for which there is no room is left out. */
void line_insert(struct line_edit *line, const char *text);

/* Takes an editing key (characters, BS, Del, arrows, Ctrl-A E U K W); false if it is
 * none. *changed says whether the text differs now. */
bool line_key(struct line_edit *line, ui_key key, bool *changed);

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_COMMAND, /* : with the palette above it */
	PROMPT_SEARCH,  /* / */
	PROMPT_FILTER,  /* backslash */
	PROMPT_GO,      /* Ctrl-P: all names */
};

struct prompt {
	enum prompt_kind kind;
	struct line_edit line;
	uint32_t matches[PROMPT_MATCHES]; /* commands, or row codes of PROMPT_GO */
	struct list list;
	uint32_t found;  /* all that match, shown or not */
	uint32_t origin; /* visible row where a search began, and its code */
	uint32_t origin_code;
	bool waits;   /* with --slow: the text was not looked at yet */
	bool applied; /* the rows are filtered by the text as it stands */
	uint64_t typed_at;
	char fault[200];               /* of the query, "" if sound */
	char *history[PROMPT_HISTORY]; /* of commands, newest last; owned */
	unsigned history_count, history_at;
};

void prompt_remember(struct prompt *prompt, const char *text);
void prompt_release(struct prompt *prompt);

#endif
