/* Work on a thread of its own while the editor goes on: begun, looked at, ended. */
#ifndef QDQEDIT_UI_TASK_H
#define QDQEDIT_UI_TASK_H

#include "base/progress.h"

#include <pthread.h>
#include <stdatomic.h>

/* Zero-initialized is at rest. While it is busy, what `arg` points to belongs to the
 * thread; numbers of progress are written by it only. */
struct task {
	bool (*work)(void *arg, const struct progress *progress, struct error *err);
	void *arg;
	struct error err;
	bool busy, result;
	pthread_t thread;
	atomic_bool done, cancel;
	atomic_uint_fast64_t part, whole;
};

/* Begins; signals are blocked in the thread. False with `err` if the system refuses. */
bool task_start(struct task *task,
	bool (*work)(void *arg, const struct progress *progress, struct error *err),
	void *arg, struct error *err);

/* True once, when the work has ended: `result` and `err` then count. */
bool task_has_ended(struct task *task);

/* Asks it to end soon. */
void task_cancel(struct task *task);

/* Waits for its end; true if there was something to wait for. */
bool task_join(struct task *task);

/* How much is done, 0 to 100. */
unsigned task_percent(const struct task *task);

#endif
