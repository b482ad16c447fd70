/* :set, options of the quantizer and of the editor by name. */
#ifndef QDQEDIT_UI_SET_H
#define QDQEDIT_UI_SET_H

#include "ui/ui.h"

/* "NAME", "noNAME", "NAME=VALUE" or "NAME VALUE". */
unsigned set_option(struct ui *ui, const char *text);

/* The options of the editor and quantizer for the man page: "set", name, placeholder of
 * the value ("" of a flag), "editor" or "quantizer", help, with tabs; malloc'ed. */
char *set_dump(void);

/* All options with their values, a line each; malloc'ed. */
char *set_list(const struct ui *ui);

#endif
