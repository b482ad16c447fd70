#include "ui/task.h"

#include <signal.h>
#include <string.h>

static void report(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	struct task *task = arg;

	(void)what;
	atomic_store(&task->part, done);
	atomic_store(&task->whole, whole);
}

static bool cancelled(void *arg)
{
	return atomic_load(&((struct task *)arg)->cancel);
}

static void *thread(void *arg)
{
	struct task *task = arg;
	struct progress progress = {report, cancelled, task};

	task->result = task->work(task->arg, &progress, &task->err);
	atomic_store(&task->done, true);
	return NULL;
}

bool task_start(struct task *task,
	bool (*work)(void *arg, const struct progress *progress, struct error *err),
	void *arg, struct error *err)
{
	sigset_t all, before;
	int failed;

	task->work = work;
	task->arg = arg;
	task->result = false;
	error_clear(&task->err);
	atomic_store(&task->done, false);
	atomic_store(&task->cancel, false);
	atomic_store(&task->part, 0);
	atomic_store(&task->whole, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&task->thread, NULL, thread, task);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	task->busy = !failed;
	return !failed ||
	       error_set(err, ERROR_IO, "no further thread: %s; end other programs",
		       strerror(failed));
}

bool task_join(struct task *task)
{
	if (!task->busy)
		return false;
	pthread_join(task->thread, NULL);
	task->busy = false;
	return true;
}

bool task_has_ended(struct task *task)
{
	return task->busy && atomic_load(&task->done) && task_join(task);
}

void task_cancel(struct task *task)
{
	atomic_store(&task->cancel, true);
}

unsigned task_percent(const struct task *task)
{
	uint64_t whole = atomic_load(&task->whole), part = atomic_load(&task->part);

	return whole ? (unsigned)((double)part * 100.0 / (double)whole) : 0;
}
