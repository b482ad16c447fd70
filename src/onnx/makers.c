/* Running the makers of payloads on several threads. */
#include "onnx/copy.h"

#include "base/text.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

struct pool {
	struct encoder *e;
	struct progress shared; /* what the makers are given */
	pthread_mutex_t lock;   /* around the caller's progress */
	uint64_t done;          /* bytes of finished makers, under the lock */
	atomic_size_t next;
	atomic_bool stop;
};

struct worker {
	struct pool *pool;
	pthread_t thread;
	bool started;
	struct error err;
};

static bool pool_cancelled(void *arg)
{
	struct pool *pool = arg;
	const struct progress *progress = pool->e->progress;
	bool cancelled = false;

	if (atomic_load(&pool->stop))
		return true;
	pthread_mutex_lock(&pool->lock);
	if (progress && progress->cancelled)
		cancelled = progress->cancelled(progress->arg);
	pthread_mutex_unlock(&pool->lock);
	return cancelled;
}

static void report_done(struct pool *pool, uint64_t bytes)
{
	const struct progress *progress = pool->e->progress;

	pthread_mutex_lock(&pool->lock);
	pool->done += bytes;
	if (progress && progress->report)
		progress->report(
			progress->arg, "Making weights", pool->done, pool->e->whole);
	pthread_mutex_unlock(&pool->lock);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct pool *pool = worker->pool;
	size_t i;

	while (!atomic_load(&pool->stop) &&
		(i = atomic_fetch_add(&pool->next, 1)) < pool->e->later.count) {
		const struct made_place *place = &pool->e->later.items[i];

		if (!copy_run_maker(pool->e->out, place, &pool->shared, &worker->err)) {
			atomic_store(&pool->stop, true);
			break;
		}
		report_done(pool, place->maker->length);
	}
	return NULL;
}

static unsigned thread_count(unsigned wanted, size_t jobs)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = wanted ? wanted : cores > 0 ? (size_t)cores : 1;

	if (count > THREADS_MAX)
		count = THREADS_MAX;
	return (unsigned)(count < jobs ? count : jobs);
}

/* The error that stopped the others, not the "cancelled" of those it stopped. */
static bool join(struct worker *workers, unsigned count, struct error *err)
{
	const struct error *first = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct error *e = &workers[i].err;

		if (workers[i].started)
			pthread_join(workers[i].thread, NULL);
		if (error_is_set(e) && (!first || (first->kind == ERROR_CANCELLED &&
							  e->kind != ERROR_CANCELLED)))
			first = e;
	}
	if (first)
		error_set(err, first->kind, "%s", first->text);
	return !first;
}

bool copy_run_makers(struct encoder *e, unsigned threads)
{
	struct worker workers[THREADS_MAX] = {0};
	unsigned count = thread_count(threads, e->later.count);
	struct pool pool = {.e = e, .lock = PTHREAD_MUTEX_INITIALIZER};
	bool ok;

	if (count == 0)
		return true;
	pool.shared = (struct progress){.cancelled = pool_cancelled, .arg = &pool};
	for (unsigned i = 0; i < count; i++)
		workers[i].pool = &pool;
	for (unsigned i = 1; i < count; i++)
		workers[i].started =
			pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
	work(&workers[0]);
	ok = join(workers, count, e->err);
	pthread_mutex_destroy(&pool.lock);
	return ok;
}
