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

#endif
