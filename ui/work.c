#include "ui/work.h"

#include "ui/task.h"
#include "ui/words.h"

#include <stdio.h>

enum { SHOWN_AFTER = 250, TURN = 100 };

static void show(struct ui *ui, const char *what, const struct task *task, uint64_t begun)
{
	char done[48];
	uint64_t whole = atomic_load(&task->whole), part = atomic_load(&task->part);

	messages_clear_line(&ui->messages);
	ui->messages.severity = SEVERITY_NOTE;
	snprintf(ui->messages.line, sizeof(ui->messages.line),
		"%s   %s            Ctrl-C cancels", what,
		word_share(part, whole, ui->now - begun, done));
}

static void wait(struct ui *ui, const char *what, struct task *task)
{
	uint64_t begun = ui->now;

	while (!task_has_ended(task)) {
		if (ui->now >= begun + SHOWN_AFTER)
			show(ui, what, task, begun);
		if (ui->wait(ui, TURN))
			task_cancel(task);
	}
	messages_clear_line(&ui->messages);
}

bool work_run(struct ui *ui, const char *what,
	bool (*work)(void *arg, const struct progress *progress, struct error *err),
	void *arg, struct error *err)
{
	struct task task = {.busy = false};

	if (!task_start(&task, work, arg, NULL))
		return work(arg, &progress_never, err);
	if (ui->wait)
		wait(ui, what, &task);
	task_join(&task);
	*err = task.err;
	return task.result;
}
