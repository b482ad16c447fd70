#include "ui/work.h"

#include "ui/words.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_AFTER = 250, TURN = 100 };

/* What the two threads share; numbers are written by the worker only. */
struct shared {
	bool (*work)(void *arg, const struct progress *progress, struct error *err);
	void *arg;
	struct error *err;
	bool result;
	atomic_bool done, cancel;
	_Atomic(const char *) what;
	atomic_uint_fast64_t part, whole;
};

static void report(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	struct shared *shared = arg;

	atomic_store(&shared->what, what);
	atomic_store(&shared->part, done);
	atomic_store(&shared->whole, whole);
}

static bool cancelled(void *arg)
{
	return atomic_load(&((struct shared *)arg)->cancel);
}

static void *thread(void *arg)
{
	struct shared *shared = arg;
	struct progress progress = {report, cancelled, shared};

	shared->result = shared->work(shared->arg, &progress, shared->err);
	atomic_store(&shared->done, true);
	return NULL;
}

static void show(
	struct ui *ui, const char *what, const struct shared *shared, uint64_t begun)
{
	char done[48];
	uint64_t whole = atomic_load(&shared->whole), part = atomic_load(&shared->part);

	messages_clear_line(&ui->messages);
	ui->messages.severity = SEVERITY_NOTE;
	snprintf(ui->messages.line, sizeof(ui->messages.line),
		"%s   %s            Ctrl-C cancels", what,
		word_share(part, whole, ui->now - begun, done));
}

static void wait(struct ui *ui, const char *what, struct shared *shared)
{
	uint64_t begun = ui->now;

	while (!atomic_load(&shared->done)) {
		if (ui->now >= begun + SHOWN_AFTER)
			show(ui, what, shared, begun);
		if (ui->wait(ui, TURN))
			atomic_store(&shared->cancel, true);
	}
	messages_clear_line(&ui->messages);
}

bool work_run(struct ui *ui, const char *what,
	bool (*work)(void *arg, const struct progress *progress, struct error *err),
	void *arg, struct error *err)
{
	struct shared shared = {.work = work, .arg = arg, .err = err};
	pthread_t worker;
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&worker, NULL, thread, &shared);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		struct progress never = progress_never;

		return work(arg, &never, err);
	}
	if (ui->wait)
		wait(ui, what, &shared);
	pthread_join(worker, NULL);
	return shared.result;
}
