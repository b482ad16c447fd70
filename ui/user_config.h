/* The user's file of settings and keys: $XDG_CONFIG_HOME/qdqedit/config. */
#ifndef QDQEDIT_UI_USER_CONFIG_H
#define QDQEDIT_UI_USER_CONFIG_H

#include "ui/ui.h"

/* Carries its lines out; faults are told with their lines, and do no harm. No file is no
 * fault. */
void config_load(struct ui *ui);

/* The same with a file of any name. */
void config_read(struct ui *ui, const char *path);

/* ":map [KEYS COMMAND]" and ":unmap KEYS". */
unsigned config_map(struct ui *ui, const char *args);
unsigned config_unmap(struct ui *ui, const char *args);

#endif
