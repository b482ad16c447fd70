/* Extremes of constants, read in blocks on all cores. */
#include "base/text.h"
#include "onnx/tensor.h"
#include "quant/kernels.h"
#include "quant/parallel.h"
#include "quant/weight_runs.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK = 1 << 16,       /* elements read at once */
	PART = 1 << 22,        /* elements of a weight in one task */
	MANY_SCALES = 1 << 16, /* with more of them a weight is one task */
	FEW = 1 << 20          /* elements altogether: one thread does */
};

/* A part of a weight. */
struct part {
	const struct weight *weight;
	uint64_t first, count;
	struct extremes extremes; /* scale_count long */
};

struct part_list ARRAY_OF(struct part);

struct reading {
	const struct model *model;
	const struct kernels *kernels;
	struct part_list parts;
	float **buffers; /* by thread */
	const struct progress *progress;
	pthread_mutex_t lock; /* around it */
	uint64_t done, total; /* elements */
};

static void widen_runs(const struct reading *r, const struct part *part, uint64_t at,
	uint64_t count, const float *x)
{
	for (uint64_t done = 0; done < count;) {
		struct run run = weight_run_at(part->weight, at + done);
		uint64_t length = run.length < count - done ? run.length : count - done;
		struct extremes e = {part->extremes.low + run.scale,
			part->extremes.high + run.scale, part->extremes.nan + run.scale};

		(run.columns ? r->kernels->column_extremes : r->kernels->extremes)(
			x + done, length, e);
		done += length;
	}
}

static bool report(struct reading *r, uint64_t count, struct error *err)
{
	bool ok;

	pthread_mutex_lock(&r->lock);
	r->done += count;
	ok = progress_step(r->progress, "Reading weights", r->done, r->total, err);
	pthread_mutex_unlock(&r->lock);
	return ok;
}

static bool read_part(void *arg, unsigned thread, size_t index, struct error *err)
{
	struct reading *r = arg;
	const struct part *part = &r->parts.items[index];
	uint64_t end = part->first + part->count;
	float *buffer = r->buffers[thread];
	struct tensor_reader reader;
	bool ok = tensor_open(&reader, r->model, part->weight->proto, err);

	for (uint64_t at = part->first; ok && at < end; at += BLOCK) {
		uint64_t count = end - at < BLOCK ? end - at : BLOCK;

		ok = tensor_read_f32(&reader, at, count, buffer, err);
		if (ok)
			widen_runs(r, part, at, count, buffer);
		ok = ok && report(r, count, err);
	}
	tensor_close(&reader);
	return ok;
}

/* ---- dividing and joining */

static bool allocate(struct extremes *e, uint64_t count, struct arena *arena)
{
	e->low = arena_zalloc(arena, count, sizeof(*e->low));
	e->high = arena_zalloc(arena, count, sizeof(*e->high));
	e->nan = arena_zalloc(arena, count, sizeof(*e->nan));
	if (!e->low || !e->high || !e->nan)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		e->low[i] = INFINITY;
		e->high[i] = -INFINITY;
	}
	return true;
}

static bool divide(struct reading *r, struct weight *w, struct arena *arena)
{
	uint64_t size = w->scale_count > MANY_SCALES ? w->count : PART;

	if (!allocate(&w->extremes, w->scale_count, arena))
		return false;
	for (uint64_t first = 0; first < w->count; first += size) {
		struct part part = {w, first,
			w->count - first < size ? w->count - first : size, w->extremes};

		if ((first && !allocate(&part.extremes, w->scale_count, arena)) ||
			!ARRAY_PUSH(&r->parts, part))
			return false;
	}
	return true;
}

/* The first part of a weight is the weight's own. */
static void join(const struct reading *r)
{
	for (size_t p = 0; p < r->parts.count; p++) {
		const struct part *part = &r->parts.items[p];
		const struct extremes *e = &part->weight->extremes;

		for (uint64_t i = 0; part->first && i < part->weight->scale_count; i++) {
			e->low[i] = fminf(e->low[i], part->extremes.low[i]);
			e->high[i] = fmaxf(e->high[i], part->extremes.high[i]);
			e->nan[i] |= part->extremes.nan[i];
		}
	}
}

static bool make_buffers(struct reading *r, unsigned threads)
{
	r->buffers = calloc(threads, sizeof(*r->buffers));
	for (unsigned i = 0; r->buffers && i < threads; i++) {
		r->buffers[i] = malloc(BLOCK * sizeof(**r->buffers));
		if (!r->buffers[i])
			return false;
	}
	return r->buffers;
}

static void release(struct reading *r, unsigned threads)
{
	for (unsigned i = 0; r->buffers && i < threads; i++)
		free(r->buffers[i]);
	free(r->buffers);
	ARRAY_RELEASE(&r->parts);
}

bool weights_read_extremes(struct weight_list *list, const struct model *model,
	const struct quant_work *work, struct error *err)
{
	struct reading r = {.model = model,
		.kernels = kernels_best(),
		.progress = work->progress,
		.lock = PTHREAD_MUTEX_INITIALIZER};
	unsigned threads = 1;
	bool ok = true;

	for (size_t i = 0; ok && i < list->count; i++) {
		if (list->items[i].given || !list->items[i].scale_count)
			continue;
		ok = divide(&r, &list->items[i], &list->arena);
		r.total += list->items[i].count;
	}
	if (r.total > FEW)
		threads = parallel_threads(work);
	ok = ok && make_buffers(&r, threads);
	ok = ok ? parallel_run(threads, r.parts.count, read_part, &r, err)
		: error_set_memory(err, "extremes of weights");
	if (ok)
		join(&r);
	release(&r, threads);
	pthread_mutex_destroy(&r.lock);
	return ok;
}
