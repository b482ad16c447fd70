#include "config.h"

#include "calib/feed.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORKERS_MAX = 256, TICK_MILLISECONDS = 50 };

struct queued {
	struct sample sample;
	size_t index;
};

struct feed {
	const struct feed_job *job;
	struct ort_stop *stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct queued *queue; /* a ring of `room` */
	size_t room, head, queued;
	size_t read, finished;
	unsigned running; /* threads */
	unsigned next_worker;
	bool ended; /* an error or an interruption: everybody goes home */
	struct error error;
};

static void start_feed(struct feed *feed)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&feed->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&feed->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

/* With the lock held. The error of an interruption is worded by the watcher. */
static void end_feed(struct feed *feed, const struct error *error)
{
	if (!feed->ended)
		feed->error = *error;
	feed->ended = true;
	pthread_cond_broadcast(&feed->changed);
}

static void fail_feed(struct feed *feed, const struct error *error)
{
	pthread_mutex_lock(&feed->lock);
	end_feed(feed, error);
	pthread_mutex_unlock(&feed->lock);
	ort_stop_raise(feed->stop);
}

/* Puts a sample into the queue; false when nobody wants it any more. */
static bool offer(struct feed *feed, const struct sample *sample, size_t index)
{
	bool taken;

	pthread_mutex_lock(&feed->lock);
	while (feed->queued == feed->room && !feed->ended)
		pthread_cond_wait(&feed->changed, &feed->lock);
	taken = !feed->ended;
	if (taken) {
		feed->queue[(feed->head + feed->queued++) % feed->room] =
			(struct queued){*sample, index};
		pthread_cond_broadcast(&feed->changed);
	}
	pthread_mutex_unlock(&feed->lock);
	return taken;
}

static void leave(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->running--;
	pthread_cond_broadcast(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
}

static void *read_samples(void *arg)
{
	struct feed *feed = arg;
	const struct feed_job *job = feed->job;
	struct error error = ERROR_INIT;
	struct sample sample;

	for (size_t i = 0; i < job->count; i++) {
		memset(&sample, 0, sizeof(sample));
		if (job->set &&
			!sample_load(job->set, job->first + i, &sample, &error)) {
			fail_feed(feed, &error);
			break;
		}
		if (!offer(feed, &sample, job->first + i)) {
			sample_release(&sample);
			break;
		}
	}
	leave(feed);
	return NULL;
}

static bool take(struct feed *feed, struct queued *queued)
{
	bool taken = false;

	pthread_mutex_lock(&feed->lock);
	while (!feed->queued && !feed->ended && feed->read < feed->job->count)
		pthread_cond_wait(&feed->changed, &feed->lock);
	if (feed->queued && !feed->ended) {
		*queued = feed->queue[feed->head];
		feed->head = (feed->head + 1) % feed->room;
		feed->queued--;
		feed->read++;
		taken = true;
		pthread_cond_broadcast(&feed->changed);
	}
	pthread_mutex_unlock(&feed->lock);
	return taken;
}

static void count_finished(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->finished++;
	pthread_cond_broadcast(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
}

static unsigned worker_number(struct feed *feed)
{
	unsigned number;

	pthread_mutex_lock(&feed->lock);
	number = feed->next_worker++;
	pthread_mutex_unlock(&feed->lock);
	return number;
}

static void *run_samples(void *arg)
{
	struct feed *feed = arg;
	const struct feed_job *job = feed->job;
	unsigned worker = worker_number(feed);
	struct error error = ERROR_INIT;
	struct queued queued;

	while (take(feed, &queued)) {
		bool done = job->run(job->arg, worker, queued.index, &queued.sample,
			feed->stop, &error);

		sample_release(&queued.sample);
		if (!done) {
			fail_feed(feed, &error);
			break;
		}
		count_finished(feed);
	}
	leave(feed);
	return NULL;
}

/* Waits for a change or a tick, with the lock held. */
static void wait_a_tick(struct feed *feed)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_MILLISECONDS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&feed->changed, &feed->lock, &until);
}

static void watch(struct feed *feed, const char *what, uint64_t done, uint64_t whole,
	const struct progress *progress)
{
	pthread_mutex_lock(&feed->lock);
	while (feed->running) {
		struct error error = ERROR_INIT;
		uint64_t now = done + feed->finished;

		pthread_mutex_unlock(&feed->lock);
		if (!progress_step(progress, what, now, whole, &error))
			fail_feed(feed, &error);
		pthread_mutex_lock(&feed->lock);
		if (feed->running)
			wait_a_tick(feed);
	}
	pthread_mutex_unlock(&feed->lock);
}

/* Threads take no signals: those are the caller's. */
static bool start_thread(struct feed *feed, pthread_t *thread, void *(*body)(void *))
{
	sigset_t all, before;
	bool started;

	pthread_mutex_lock(&feed->lock);
	feed->running++;
	pthread_mutex_unlock(&feed->lock);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(thread, NULL, body, feed) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!started)
		leave(feed);
	return started;
}

/* Reader and workers; at least one of the latter has to start. */
static bool run_threads(struct feed *feed, unsigned workers,
	const struct progress *progress, struct error *err)
{
	const struct feed_job *job = feed->job;
	pthread_t threads[WORKERS_MAX + 1];
	unsigned started = 0;
	struct error error = ERROR_INIT;

	if (!start_thread(feed, &threads[0], read_samples))
		return error_set_memory(err, "a thread");
	while (started < workers &&
		start_thread(feed, &threads[started + 1], run_samples))
		started++;
	if (!started) {
		error_set_memory(&error, "a thread");
		fail_feed(feed, &error);
	}
	watch(feed, job->what, job->done, job->whole, progress);
	for (unsigned i = 0; i <= started; i++)
		pthread_join(threads[i], NULL);
	return !feed->ended || error_set(err, feed->error.kind, "%s", feed->error.text);
}

static void release_feed(struct feed *feed)
{
	for (; feed->queued; feed->queued--) {
		sample_release(&feed->queue[feed->head].sample);
		feed->head = (feed->head + 1) % feed->room;
	}
	pthread_mutex_destroy(&feed->lock);
	pthread_cond_destroy(&feed->changed);
	ort_stop_free(feed->stop);
	free(feed->queue);
}

bool feed_run(
	const struct feed_job *job, const struct progress *progress, struct error *err)
{
	unsigned workers = job->workers ? job->workers : 1;
	struct feed feed = {.job = job, .error = ERROR_INIT};
	bool done = false;

	if (workers > WORKERS_MAX)
		workers = WORKERS_MAX;
	if (workers > job->count)
		workers = job->count ? (unsigned)job->count : 1;
	start_feed(&feed);
	feed.room = workers + 1;
	feed.queue = calloc(feed.room, sizeof(*feed.queue));
	if (!feed.queue)
		error_set_memory(err, "samples");
	else if ((feed.stop = ort_stop_new(err)))
		done = run_threads(&feed, workers, progress, err) &&
		       progress_step(progress, job->what, job->done + job->count,
			       job->whole, err);
	release_feed(&feed);
	return done;
}

unsigned feed_threads(int64_t wanted)
{
	cpu_set_t cores;
	int count = 1;

	if (wanted > 0)
		return wanted < WORKERS_MAX ? (unsigned)wanted : WORKERS_MAX;
	if (!sched_getaffinity(0, sizeof(cores), &cores))
		count = CPU_COUNT(&cores);
	return count < WORKERS_MAX ? (unsigned)count : WORKERS_MAX;
}

/* ---- one long step */

struct step {
	struct feed feed; /* for its lock and the watcher */
	bool (*work)(void *arg, struct ort_stop *stop, struct error *err);
	void *arg;
};

static void *run_step(void *arg)
{
	struct step *step = arg;
	struct error error = ERROR_INIT;

	if (!step->work(step->arg, step->feed.stop, &error))
		fail_feed(&step->feed, &error);
	leave(&step->feed);
	return NULL;
}

bool feed_watch(bool (*work)(void *arg, struct ort_stop *stop, struct error *err),
	void *arg, const char *what, const struct progress *progress, struct error *err)
{
	struct step step = {.work = work, .arg = arg, .feed.error = ERROR_INIT};
	pthread_t thread;
	bool done = false;

	start_feed(&step.feed);
	step.feed.stop = ort_stop_new(err);
	if (step.feed.stop && start_thread(&step.feed, &thread, run_step)) {
		watch(&step.feed, what, 0, 0, progress);
		pthread_join(thread, NULL);
		done = !step.feed.ended ||
		       error_set(err, step.feed.error.kind, "%s", step.feed.error.text);
	} else if (step.feed.stop) {
		error_set_memory(err, "a thread");
	}
	release_feed(&step.feed);
	return done;
}
