#include "quant/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_THREADS = 64 };

unsigned parallel_cores(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (unsigned)cores;
}

unsigned parallel_threads(const struct quant_work *work)
{
	if (!work->threads)
		return parallel_cores();
	return work->threads < MOST_THREADS ? work->threads : MOST_THREADS;
}

/* A thread with all signals blocked: they belong to the program's own threads. */
static bool start(pthread_t *thread, void *(*body)(void *), void *arg)
{
	sigset_t all, before;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(thread, NULL, body, arg) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

/* ---- independent tasks */

struct pool {
	pthread_mutex_t lock;
	size_t next, count;
	size_t failed; /* index of the first failure in order, or count */
	parallel_task task;
	void *arg;
	struct error *err;
};

struct worker {
	struct pool *pool;
	unsigned number;
};

static bool take_task(struct pool *pool, size_t *index)
{
	bool any;

	pthread_mutex_lock(&pool->lock);
	any = pool->next < pool->count && pool->failed == pool->count;
	if (any)
		*index = pool->next++;
	pthread_mutex_unlock(&pool->lock);
	return any;
}

static void note_failure(struct pool *pool, size_t index, const struct error *err)
{
	pthread_mutex_lock(&pool->lock);
	if (index < pool->failed) {
		pool->failed = index;
		if (pool->err)
			*pool->err = *err;
	}
	pthread_mutex_unlock(&pool->lock);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	size_t index;

	while (take_task(worker->pool, &index)) {
		struct error err = ERROR_INIT;

		if (!worker->pool->task(worker->pool->arg, worker->number, index, &err))
			note_failure(worker->pool, index, &err);
	}
	return NULL;
}

bool parallel_run(
	unsigned threads, size_t count, parallel_task task, void *arg, struct error *err)
{
	struct pool pool = {
		.count = count, .failed = count, .task = task, .arg = arg, .err = err};
	pthread_t ids[MOST_THREADS];
	struct worker workers[MOST_THREADS];
	unsigned started = 1;

	threads = threads > MOST_THREADS ? MOST_THREADS : threads;
	pthread_mutex_init(&pool.lock, NULL);
	workers[0] = (struct worker){&pool, 0};
	for (; started < threads && started < count; started++) {
		workers[started] = (struct worker){&pool, started};
		if (!start(&ids[started], work, &workers[started]))
			break;
	}
	work(&workers[0]);
	while (started-- > 1)
		pthread_join(ids[started], NULL);
	pthread_mutex_destroy(&pool.lock);
	return pool.failed == count;
}

/* ---- blocks in order */

enum slot_state { SLOT_FREE, SLOT_BUSY, SLOT_MADE };

struct pipe {
	const struct parallel_stream *stream;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t next;  /* block that the next thread takes */
	size_t given; /* blocks that are out */
	bool stop;
	enum slot_state *states;
	struct error *err;
};

struct pipe_worker {
	struct pipe *pipe;
	unsigned number;
};

/* The next block whose slot is free; false when there is none any more. */
static bool take_block(struct pipe *pipe, size_t *index)
{
	const struct parallel_stream *s = pipe->stream;

	pthread_mutex_lock(&pipe->lock);
	while (!pipe->stop && pipe->next < s->count &&
		pipe->next >= pipe->given + s->slots)
		pthread_cond_wait(&pipe->changed, &pipe->lock);
	*index = pipe->next;
	if (pipe->stop || pipe->next >= s->count) {
		pthread_mutex_unlock(&pipe->lock);
		return false;
	}
	pipe->next++;
	pipe->states[*index % s->slots] = SLOT_BUSY;
	pthread_mutex_unlock(&pipe->lock);
	return true;
}

static void finish_block(
	struct pipe *pipe, size_t index, bool ok, const struct error *err)
{
	pthread_mutex_lock(&pipe->lock);
	if (ok) {
		pipe->states[index % pipe->stream->slots] = SLOT_MADE;
	} else if (!pipe->stop) {
		pipe->stop = true;
		if (pipe->err)
			*pipe->err = *err;
	}
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
}

static void *make_blocks(void *arg)
{
	struct pipe_worker *worker = arg;
	const struct parallel_stream *s = worker->pipe->stream;
	size_t index;

	while (take_block(worker->pipe, &index)) {
		struct error err = ERROR_INIT;
		bool ok = s->make(s->arg, worker->number, index,
			(unsigned)(index % s->slots), &err);

		finish_block(worker->pipe, index, ok, &err);
	}
	return NULL;
}

static bool wait_for(struct pipe *pipe, size_t index)
{
	bool made;

	pthread_mutex_lock(&pipe->lock);
	while (!pipe->stop && pipe->states[index % pipe->stream->slots] != SLOT_MADE)
		pthread_cond_wait(&pipe->changed, &pipe->lock);
	made = !pipe->stop;
	pthread_mutex_unlock(&pipe->lock);
	return made;
}

static void release_slot(struct pipe *pipe, size_t index, bool ok)
{
	pthread_mutex_lock(&pipe->lock);
	pipe->states[index % pipe->stream->slots] = SLOT_FREE;
	pipe->given = index + 1;
	pipe->stop |= !ok;
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
}

static bool give_blocks(struct pipe *pipe)
{
	const struct parallel_stream *s = pipe->stream;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < s->count; i++) {
		bool ok = wait_for(pipe, i);

		if (!ok)
			return false;
		ok = s->give(s->arg, i, (unsigned)(i % s->slots), &err);
		release_slot(pipe, i, ok);
		if (!ok && pipe->err)
			*pipe->err = err;
		if (!ok)
			return false;
	}
	return true;
}

/* Without a thread of its own: one block after the other in slot 0. */
static bool run_alone(const struct parallel_stream *s, struct error *err)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!s->make(s->arg, 0, i, 0, err) || !s->give(s->arg, i, 0, err))
			return false;
	}
	return true;
}

bool parallel_stream_run(const struct parallel_stream *s, struct error *err)
{
	struct pipe pipe = {.stream = s, .err = err};
	struct pipe_worker workers[MOST_THREADS];
	pthread_t ids[MOST_THREADS];
	unsigned threads = s->threads > MOST_THREADS ? MOST_THREADS : s->threads;
	unsigned started = 0;
	bool ok;

	pipe.states = calloc(s->slots + 1, sizeof(*pipe.states));
	if (!pipe.states)
		return error_set_memory(err, "blocks of weights");
	pthread_mutex_init(&pipe.lock, NULL);
	pthread_cond_init(&pipe.changed, NULL);
	for (; threads > 1 && started < threads && started < s->count; started++) {
		workers[started] = (struct pipe_worker){&pipe, started};
		if (!start(&ids[started], make_blocks, &workers[started]))
			break;
	}
	ok = started ? give_blocks(&pipe) : run_alone(s, err);
	while (started-- > 0)
		pthread_join(ids[started], NULL);
	pthread_cond_destroy(&pipe.changed);
	pthread_mutex_destroy(&pipe.lock);
	free(pipe.states);
	return ok;
}
