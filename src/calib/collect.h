/* Running samples through a tapped model and keeping what the taps see; private to
 * src/calib. */
#ifndef QDQEDIT_CALIB_COLLECT_H
#define QDQEDIT_CALIB_COLLECT_H

#include "calib/calib.h"
#include "calib/feed.h"
#include "calib/histogram.h"

#include <pthread.h>

struct collector;

/* What one worker keeps; `sample` is of the sample it runs. Arrays by slot. */
struct collect_worker {
	struct collector *collector;
	struct stats *sample, *total;
	uint32_t *scratch; /* of grid_count */
};

struct tensor_ids ARRAY_OF(tensor_id);

/* Smallest and largest value of a tensor in one sample. */
struct extent {
	float low, high;
};

struct collector {
	const struct calib_request *request;
	const struct graph *graph;
	bool *wanted;            /* by tensor */
	struct tensor_ids slots; /* the tensors measured, by id */
	uint32_t *slot_of;       /* by tensor */
	struct model *model;     /* with taps */
	struct ort_session *session;
	const char **outputs; /* what a run asks for */
	size_t output_count;
	tensor_id *output_tensors; /* without taps: what they are */
	unsigned workers;          /* samples at a time */
	bool settled;              /* their number has been fitted to the memory */
	struct collect_worker *worker;
	unsigned worker_count;
	bool near_zero;               /* the nearest value is asked for */
	struct extent *extents;       /* by sample of the call and slot, or NULL */
	size_t call_first;            /* the call's first sample */
	struct histogram *histograms; /* by slot while counting, else NULL */
	pthread_mutex_t lock;         /* of their counts */
	const char *what;             /* for progress */
	uint64_t done, whole;
};

/* What the taps call. */
extern const struct ort_taps collect_taps;

/* Chooses the tensors, makes the tapped model and loads it. Without taps when the
 * library refuses them (then *refused says why it did). */
bool collect_open(struct collector *collector, const struct calib_request *request,
	struct error *refused, const struct progress *progress, struct error *err);
void collect_close(struct collector *collector);

/* One pass over `count` samples from `first` on: the statistics of each slot, merged
 * over the workers, in `stats`. */
bool collect_extents(struct collector *collector, size_t first, size_t count,
	struct stats *stats, const struct progress *progress, struct error *err);

/* One pass that counts into the histograms' next_counts. */
bool collect_counts(struct collector *collector, size_t first, size_t count,
	struct histogram *histograms, const struct progress *progress, struct error *err);

#endif
