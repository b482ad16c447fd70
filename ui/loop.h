/* The editor on a terminal: opening, waiting for keys, closing. */
#ifndef QDQEDIT_UI_LOOP_H
#define QDQEDIT_UI_LOOP_H

#include "ui/ui.h"

/* Opens model, terminal and editor. NULL with `err`, and the terminal given back. */
struct ui *loop_open(const struct ui_options *options, struct error *err);

/* Shows the frame and waits up to `ms` for a key: UK_NONE without one. Sizes are taken
 * care of. */
ui_key loop_wait(struct ui *ui, int ms);

/* The editor line by line; the exit code. */
int plain_main(const struct ui_options *options);

/* SIGTERM or SIGHUP came. */
bool loop_is_over(void);

/* Says why it did not begin; the exit code. */
int loop_fail(const struct error *err);

#endif
