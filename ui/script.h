/* Scripts: lines of keys in notation and lines of ":" commands. */
#ifndef QDQEDIT_UI_SCRIPT_H
#define QDQEDIT_UI_SCRIPT_H

#include "ui/ui.h"

/* Called after each key and command (`done` is it as text), and before with a comment's
 * text; false ends the script. */
struct script_turn {
	bool (*after)(struct ui *ui, void *arg, const char *done);
	bool (*comment)(struct ui *ui, void *arg, const char *text);
	void *arg;
};

/* Runs the lines (changed on the way). A failed command ends it: false with the number
 * of the line, the message is in `ui`. `turn` may be NULL. */
bool script_run(
	struct ui *ui, char *text, const struct script_turn *turn, unsigned *line);

/* One line (changed on the way). */
unsigned script_line(struct ui *ui, char *line);

/* Reads the file of the options, or the shipped script of that name; NULL with `err`. */
char *script_read(const struct ui_options *options, struct error *err);

/* Says on standard error what went wrong in which line; 1. */
int script_fail(const char *script, unsigned line, const struct ui *ui);

/* The script on the terminal, at reading speed; the exit code. */
int script_show(const struct ui_options *options);

#endif
