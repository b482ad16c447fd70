/* Samples read by one thread and run by several, while the caller watches. */
#ifndef QDQEDIT_CALIB_FEED_H
#define QDQEDIT_CALIB_FEED_H

#include "calib/sample.h"

struct feed_job {
	struct sample_set *set; /* NULL: plain tasks, `run` gets an empty sample */
	size_t first, count;    /* which samples or tasks */
	unsigned workers;    /* 0: one */
	const char *what;    /* for progress, whose unit is a sample */
	uint64_t done, whole;
	/* Runs one sample; called on a worker thread (below `workers`), in no fixed
	 * order. What it runs has to be given `stop`. */
	bool (*run)(void *arg, unsigned worker, size_t index, const struct sample *sample,
		struct ort_stop *stop, struct error *err);
	void *arg;
};

/* The first error ends everything, as does an interruption. `progress` is called from
 * the caller's thread alone. */
bool feed_run(
	const struct feed_job *job, const struct progress *progress, struct error *err);

/* The threads to use: `wanted`, or the cores this process may use when it is 0. */
unsigned feed_threads(int64_t wanted);

/* Runs `work` on a thread of its own while the caller's thread watches `progress`, and
 * raises `stop` when it is cancelled. For one long step, as loading a model. */
bool feed_watch(bool (*work)(void *arg, struct ort_stop *stop, struct error *err),
	void *arg, const char *what, const struct progress *progress, struct error *err);

#endif
