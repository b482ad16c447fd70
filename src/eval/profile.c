#include "eval/profile.h"

#include "calib/feed.h"
#include "calib/scan.h"
#include "eval/sim_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- sums */

static void add_block(struct rounding_sums *sums, const struct rounding *r,
	const float *values, const float *rounded, size_t count)
{
	float low = (r->low - 0.5f) * r->scale, high = (r->high + 0.5f) * r->scale;
	double signal = 0, noise = 0;
	size_t clipped = 0;

	for (size_t i = 0; i < count; i++) {
		double x = values[i], error = x - (double)rounded[i];

		signal += x * x;
		noise += error * error;
		clipped += values[i] < low || values[i] > high;
	}
	sums->signal += signal;
	sums->noise += noise;
	sums->clipped += clipped;
	sums->count += count;
}

void rounding_sums_add(struct rounding_sums *sums, const struct rounding *rounding,
	const float *values, size_t count)
{
	float rounded[SCAN_BLOCK];

	if (rounding->scale == 0)
		return;
	for (size_t at = 0; at < count; at += SCAN_BLOCK) {
		size_t part = count - at < SCAN_BLOCK ? count - at : SCAN_BLOCK;

		rounding_apply(rounding, values + at, rounded, part);
		add_block(sums, rounding, values + at, rounded, part);
	}
}

double rounding_sums_sqnr(const struct rounding_sums *sums)
{
	if (!sums->count || isnan(sums->noise))
		return NAN;
	return sums->noise == 0 ? INFINITY : 10 * log10(sums->signal / sums->noise);
}

double rounding_sums_clipped(const struct rounding_sums *sums)
{
	return sums->count ? (double)sums->clipped / (double)sums->count : NAN;
}

/* ---- a pass over the samples */

struct profiling {
	const struct profile_request *request;
	struct profile *profile;
	const struct graph *graph;
	struct rounding *rounding[PROFILE_TYPES]; /* by tensor */
	struct simulation sim;
};

/* For scan_blocks. */
struct profiled {
	const struct profiling *profiling;
	tensor_id tensor;
};

static void count_bins(struct tensor_profile *of, const float *values, size_t count)
{
	float width = (of->high - of->low) / PROFILE_BINS;

	for (size_t i = 0; width > 0 && i < count; i++) {
		float at = (values[i] - of->low) / width;
		int bin = at > 0 ? at < PROFILE_BINS ? (int)at : PROFILE_BINS - 1 : 0;

		of->bins[bin] += of->bins[bin] < UINT32_MAX;
	}
}

static void add_values(void *arg, const float *values, size_t count)
{
	const struct profiled *p = arg;
	struct tensor_profile *of = &p->profiling->profile->of[p->tensor];

	for (int i = 0; i < PROFILE_TYPES; i++)
		rounding_sums_add(
			&of->as[i], &p->profiling->rounding[i][p->tensor], values, count);
	count_bins(of, values, count);
}

static bool see(void *arg, tensor_id tensor, const struct ort_tensor *value, bool rounded,
	struct error *err)
{
	struct profiled profiled = {arg, tensor};

	(void)err;
	if (!rounded)
		scan_blocks(value, add_values, &profiled);
	return true;
}

static bool run_sample(void *arg, unsigned worker, size_t index,
	const struct sample *sample, struct ort_stop *stop, struct error *err)
{
	struct profiling *profiling = arg;
	struct sim_watch watch = {see, profiling};

	(void)worker, (void)index;
	return simulation_watch(&profiling->sim, sample, NULL, &watch, stop, err);
}

static bool run_samples(
	struct profiling *p, const struct progress *progress, struct error *err)
{
	size_t count = sample_set_count(p->request->samples);
	struct feed_job job = {.set = p->request->samples,
		.workers = 1,
		.what = "looking at values",
		.run = run_sample,
		.arg = p};

	job.count = job.whole = count < p->request->most ? count : p->request->most;
	p->profile->samples = job.count;
	return feed_run(&job, progress, err);
}

/* ---- what to round with */

static bool fill_roundings(struct profiling *p, int which, struct error *err)
{
	struct plan *plan = sim_plan_in(p->request->plan, p->profile->types[which], err);
	const struct outcome *outcome = plan ? plan_outcome(plan, err) : NULL;
	struct parameter_table *table =
		outcome ? parameters_make(p->graph, plan->options, &outcome->entries,
				  plan->ranges, NULL, err)
			: NULL;

	for (tensor_id i = 0; table && i < p->graph->main_tensors; i++)
		p->rounding[which][i] = sim_rounding_of(outcome, table, i);
	parameters_free(table);
	plan_free(plan);
	return table;
}

static bool fill(struct profiling *p, struct error *err)
{
	enum qtype base = p->request->plan->options->activation_type;
	const struct ranges *ranges = p->request->plan->ranges;

	p->profile->types[0] = base;
	p->profile->types[1] = qtype_wider(base);
	p->profile->of =
		calloc(p->graph->main_tensors + (size_t)1, sizeof(*p->profile->of));
	for (int i = 0; i < PROFILE_TYPES; i++) {
		p->rounding[i] =
			calloc(p->graph->main_tensors + (size_t)1, sizeof(**p->rounding));
		if (!p->profile->of || !p->rounding[i])
			return error_set_memory(err, "the values of tensors");
		if (!fill_roundings(p, i, err))
			return false;
	}
	for (tensor_id i = 0; i < p->graph->main_tensors; i++) {
		const struct range *range = ranges_find(ranges, i);

		if (!range)
			continue;
		p->profile->of[i].low = (float)range->low;
		p->profile->of[i].high = (float)range->high;
	}
	return true;
}

static bool open_model(
	struct profiling *p, const struct progress *progress, struct error *err)
{
	struct plan *plan = plan_snapshot(p->request->plan, err);
	const struct outcome *outcome = plan ? plan_outcome(plan, err) : NULL;
	struct simulation_request request = {.graph = p->graph,
		.runtime = p->request->runtime,
		.outcome = outcome,
		.threads = 1};
	tensor_id *measured;
	bool inner, opened;

	measured = simulation_targets(p->graph, &request.measured_count, &inner, err);
	request.measured = measured;
	opened = outcome && measured && simulation_open(&p->sim, &request, progress, err);
	free(measured);
	plan_free(plan);
	return opened;
}

bool profile_measure(const struct profile_request *request, struct profile *profile,
	const struct progress *progress, struct error *err)
{
	struct profiling p = {
		.request = request, .profile = profile, .graph = request->plan->graph};
	bool done;

	memset(profile, 0, sizeof(*profile));
	done = fill(&p, err) && open_model(&p, progress, err) &&
	       run_samples(&p, progress, err);
	simulation_release(&p.sim);
	for (int i = 0; i < PROFILE_TYPES; i++)
		free(p.rounding[i]);
	return done;
}

void profile_release(struct profile *profile)
{
	free(profile->of);
	memset(profile, 0, sizeof(*profile));
}
