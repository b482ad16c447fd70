/* The editor on a terminal: opening, waiting for keys, closing. */
#ifndef QDQEDIT_UI_LOOP_H
#define QDQEDIT_UI_LOOP_H

#include "ui/ui.h"

/* Opens model, terminal and editor. NULL with `err`, and the terminal given back. */
struct ui *loop_open(const struct ui_options *options, struct error *err);

/* The editor over what safety_open gave: both are taken over, with `info` the marks of a
 * project. NULL without a session or when memory is gone. */
struct ui *loop_take(struct session *owned, struct project_info *info,
	const struct ui_options *options, const struct ui_settings *settings, int w,
	int h, struct error *err);

/* Before the first key: what the configuration file says, the journal. */
void loop_start(struct ui *ui);

/* Leaves the editor and frees it; edits about which nobody decided are kept. */
void loop_end(struct ui *ui, bool undecided);

/* A clock that only goes forward, in ms: ui->now. */
uint64_t loop_clock(void);

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
