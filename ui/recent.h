/* The models and projects that were opened before, newest first, in the user's state
 * folder: a line each, absolute. */
#ifndef QDQEDIT_UI_RECENT_H
#define QDQEDIT_UI_RECENT_H

#include "rules/options.h"

/* The paths of the list that still lead to a file. False only when memory is gone. */
bool recent_read(struct text_list *list, struct error *err);

/* Puts a path in front. What fails is not worth a word: the list is a convenience. */
void recent_add(const char *path);

#endif
