/* Long work on a thread of its own that is waited for; the screen shows how far it is. */
#ifndef QDQEDIT_UI_WORK_H
#define QDQEDIT_UI_WORK_H

#include "ui/ui.h"

/* Runs `work` on a thread and waits. Without a terminal it is waited for outright; with
 * one (ui->wait is set) keys are read meanwhile, Ctrl-C cancels, and a line of progress
 * appears after 250 ms. The session must not be touched meanwhile. */
bool work_run(struct ui *ui, const char *what,
	bool (*work)(void *arg, const struct progress *progress, struct error *err),
	void *arg, struct error *err);

#endif
