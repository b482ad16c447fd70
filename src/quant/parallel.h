/* Work on all cores: independent tasks, and blocks that are made in any order but given
 * out in theirs. */
#ifndef QDQEDIT_QUANT_PARALLEL_H
#define QDQEDIT_QUANT_PARALLEL_H

#include "base/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the work of a person's command may take, and who follows it. */
struct quant_work {
	unsigned threads;                /* 0: the cores */
	const struct progress *progress; /* NULL: nobody */
};

/* The number of cores that may be used, and of threads for large data. */
unsigned parallel_cores(void);
unsigned parallel_threads(const struct quant_work *work);

/* One task; called from several threads at once, each with its number `thread`. */
typedef bool (*parallel_task)(
	void *arg, unsigned thread, size_t index, struct error *err);

/* Runs tasks 0 .. count - 1 on at most `threads` threads. After a failure no further
 * ones begin; the error is that of the first in order which failed. */
bool parallel_run(
	unsigned threads, size_t count, parallel_task task, void *arg, struct error *err);

/* Makes block `index` in the memory of `slot`; and gives out what a slot holds. */
struct parallel_stream {
	bool (*make)(void *arg, unsigned thread, size_t index, unsigned slot,
		struct error *err);
	bool (*give)(void *arg, size_t index, unsigned slot, struct error *err);
	void *arg;
	size_t count;
	unsigned threads, slots; /* slots >= threads + 1 */
};

/* `make` runs on the threads, `give` on the caller's, in order of the blocks. */
bool parallel_stream_run(const struct parallel_stream *stream, struct error *err);

#endif
