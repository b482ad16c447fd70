/* The prompt at work: search, filter, going to a name, the command line. */
#ifndef QDQEDIT_UI_FIND_H
#define QDQEDIT_UI_FIND_H

#include "ui/ui.h"

void find_open(struct ui *ui, enum prompt_kind kind, const char *text);
unsigned find_prompt_key(struct ui *ui, ui_key key);

/* Looks at what was typed, when that was put off (--slow). */
unsigned find_typed(struct ui *ui);
void find_drop_search(struct ui *ui);

/* Goes to the next row that matches the search, from the cursor on. */
unsigned find_next(struct ui *ui, bool forward);

/* The nodes and tensors whose names fit best, as matches of the prompt. */
void find_near_names(struct ui *ui, const char *text);

/* For a bare word: how many nodes have an operator that it fits, and the query
 * "op:A,B" for them ("" if none). */
uint32_t find_ops(const struct ui *ui, const char *text, char *query, size_t room);

/* Searches or filters by a text outright. */
unsigned find_search(struct ui *ui, const char *text);
unsigned find_filter(struct ui *ui, const char *text);

#endif
