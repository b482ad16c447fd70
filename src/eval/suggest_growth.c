/* What each tensor's rounding does: to its own values in the float model, and to the
 * error that has come as far as it in the 8-bit model. */
#include "calib/feed.h"
#include "calib/scan.h"
#include "eval/metric.h"
#include "eval/profile.h"
#include "eval/suggest_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 2 };

/* The float values of one tensor in the sample at hand, and what was found. */
struct pair {
	float *items;
	size_t count, room;
	struct rounding_sums own;
	struct metric before, after;
};

struct pairing {
	struct suggesting *s;
	struct pair *pairs;         /* by place in the ranking */
	struct rounding *rounding;  /* the same */
	struct sim_rounding *table; /* of the 8-bit plan */
};

/* For scan_blocks. */
struct pair_block {
	struct metric *metric;
	float *at;
};

static void keep_block(void *arg, const float *values, size_t count)
{
	struct pair_block *block = arg;

	memcpy(block->at, values, count * sizeof(*values));
	block->at += count;
}

static void compare_block(void *arg, const float *values, size_t count)
{
	struct pair_block *block = arg;

	metric_add(block->metric, block->at, values, count);
	block->at += count;
}

static bool see_float(void *arg, tensor_id tensor, const struct ort_tensor *value,
	bool rounded, struct error *err)
{
	struct pairing *p = arg;
	uint32_t place = p->s->place[tensor];
	struct pair *pair = place == GRAPH_NONE ? NULL : &p->pairs[place];
	struct pair_block block = {0};

	if (!pair || rounded)
		return true;
	if (value->count >= SIZE_MAX / sizeof(float) ||
		!array_reserve((void **)&pair->items, &pair->room, value->count + 1,
			sizeof(*pair->items)))
		return error_set_memory(err, "the values of a tensor");
	block.at = pair->items;
	pair->count = value->count;
	scan_blocks(value, keep_block, &block);
	rounding_sums_add(&pair->own, &p->rounding[place], pair->items, pair->count);
	return true;
}

static bool see_rounded(void *arg, tensor_id tensor, const struct ort_tensor *value,
	bool rounded, struct error *err)
{
	struct pairing *p = arg;
	uint32_t place = p->s->place[tensor];
	struct pair *pair = place == GRAPH_NONE ? NULL : &p->pairs[place];
	struct pair_block block;

	(void)err;
	if (!pair || pair->count != value->count)
		return true;
	block = (struct pair_block){rounded ? &pair->after : &pair->before, pair->items};
	scan_blocks(value, compare_block, &block);
	return true;
}

static bool run_pair(void *arg, unsigned worker, size_t index,
	const struct sample *unused, struct ort_stop *stop, struct error *err)
{
	struct pairing *p = arg;
	const struct sample *sample = &p->s->reference.samples[index];
	struct sim_watch real = {see_float, p}, narrow = {see_rounded, p};

	(void)worker, (void)unused;
	return simulation_watch(&p->s->real, sample, NULL, &real, stop, err) &&
	       simulation_watch(&p->s->sim, sample, p->table, &narrow, stop, err);
}

static bool run_pairs(struct pairing *p, struct error *err)
{
	struct feed_job job = {
		.workers = 1, .what = "following the error", .run = run_pair, .arg = p};

	job.count = job.whole = p->s->used < PAIRS ? p->s->used : PAIRS;
	return feed_run(&job, p->s->progress, err);
}

static bool open_pairs(struct pairing *p, struct error *err)
{
	const struct suggesting *s = p->s;
	const struct simulation *sim = &s->sim;

	p->pairs = calloc(s->out->ranked, sizeof(*p->pairs));
	p->rounding = calloc(s->out->ranked, sizeof(*p->rounding));
	if (!p->pairs || !p->rounding)
		return error_set_memory(err, "the error of tensors");
	p->table =
		sim_table_of_plan(sim, s->narrow, s->base->options, s->base->ranges, err);
	for (uint32_t i = 0; p->table && i < sim->model.count; i++) {
		uint32_t place = s->place[sim->model.taps[i].tensor];

		if (place != GRAPH_NONE && sim->model.taps[i].reader == GRAPH_NONE)
			p->rounding[place] = p->table[i].first;
	}
	return p->table;
}

static void take_pairs(struct pairing *p)
{
	for (uint32_t i = 0; i < p->s->out->ranked; i++) {
		struct suggest_rank *rank = &p->s->out->ranking[i];
		const struct pair *pair = &p->pairs[i];

		rank->rounding = rounding_sums_sqnr(&pair->own);
		rank->clipped = rounding_sums_clipped(&pair->own);
		if (!pair->after.count)
			continue;
		rank->inherited = metric_sqnr(&pair->before);
		rank->seen = metric_sqnr(&pair->after);
		rank->growth = pair->after.signal > 0
				       ? (pair->after.noise - pair->before.noise) /
						 pair->after.signal
				       : NAN;
	}
}

/* ---- the ranking by growth */

struct grown {
	double growth;
	uint32_t place;
};

static int largest_first(const void *a, const void *b)
{
	const struct grown *x = a, *y = b;

	if (x->growth != y->growth)
		return x->growth > y->growth ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static bool place_by_growth(struct suggesting *s, struct error *err)
{
	struct suggest_rank *ranking = s->out->ranking;
	struct grown *grown = calloc(s->out->ranked, sizeof(*grown));

	if (!grown)
		return error_set_memory(err, "the ranking");
	for (uint32_t i = 0; i < s->out->ranked; i++)
		grown[i] = (struct grown){
			isnan(ranking[i].growth) ? -INFINITY : ranking[i].growth, i};
	qsort(grown, s->out->ranked, sizeof(*grown), largest_first);
	for (uint32_t i = 0; i < s->out->ranked; i++)
		ranking[grown[i].place].growth_place = i;
	free(grown);
	return true;
}

bool suggest_rank_growth(struct suggesting *s, struct error *err)
{
	struct pairing p = {.s = s};
	bool done = open_pairs(&p, err) && run_pairs(&p, err);

	if (done)
		take_pairs(&p);
	for (uint32_t i = 0; p.pairs && i < s->out->ranked; i++)
		free(p.pairs[i].items);
	free(p.pairs);
	free(p.rounding);
	free(p.table);
	return done && place_by_growth(s, err);
}
