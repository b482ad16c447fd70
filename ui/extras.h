/* Beyond the basic commands: presets, differences to a file, regions, what will be in
 * the file, folding. Each is the handler of a command. */
#ifndef QDQEDIT_UI_EXTRAS_H
#define QDQEDIT_UI_EXTRAS_H

#include "ui/ui.h"

/* "NAME [PATTERN] [TYPE]": promotes a set of nodes; "" lists the sets. */
unsigned preset_run(struct ui *ui, const char *args);

/* "[FILE]": the overrides as they would be written against those in a file. */
unsigned diff_run(struct ui *ui, const char *args);

/* "[name|note TEXT]": names the region under the cursor or lists all. */
unsigned region_run(struct ui *ui, const char *args);

/* Sets name and note of the region under the cursor; NULL keeps, "" removes. */
unsigned region_set(struct ui *ui, const char *name, const char *note);

/* The node under the cursor as it will stand in the file, and at run time. */
unsigned in_file_run(struct ui *ui, const char *args);

/* "[name|op|off|all|none]": folds the outline; "" turns folding by name on or off. */
unsigned fold_run(struct ui *ui, const char *args);

/* Closes the group of the outline's row, or the one around it; opens the closed one. */
unsigned fold_close(struct ui *ui);
unsigned fold_open(struct ui *ui);

/* "If_1/then_branch": the way from the main graph to a scope, "" for the main graph. */
void level_path(const struct graph *graph, scope_id scope, char *out, size_t room);

/* Into the first body of the node under the cursor, which has one; to the node around
 * this level; "[NAME]": into a body by name, or into the next one. */
unsigned level_open(struct ui *ui);
unsigned level_up(struct ui *ui);
unsigned level_run(struct ui *ui, const char *args);

/* Why there is no body, or nothing around this level; NULL if there is. */
const char *level_no_body(const struct ui *ui);
const char *level_is_main(const struct ui *ui);

#endif
