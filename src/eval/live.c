#include "eval/live.h"

#include "calib/feed.h"
#include "eval/sim_table.h"

#include <stdlib.h>

struct live {
	struct ort_runtime *runtime;
	unsigned threads;
	tensor_id *measured;
	size_t measured_count;
	struct dequantized weights;
	struct simulation sim;
	struct sim_reference reference;
};

static bool open_simulation(struct live *live, const struct graph *graph,
	const struct outcome *outcome, const struct dequantized *weights,
	struct simulation *sim, const struct progress *progress, struct error *err)
{
	struct simulation_request simulation = {.graph = graph,
		.runtime = live->runtime,
		.outcome = outcome,
		.measured = live->measured,
		.measured_count = live->measured_count,
		.weights = weights,
		.threads = live->threads};

	return simulation_open(sim, &simulation, progress, err);
}

/* The session with the float weights is needed for the reference alone. */
static bool measure_reference(struct live *live, const struct live_request *request,
	const struct progress *progress, struct error *err)
{
	struct simulation real;
	bool made = open_simulation(live, request->plan->graph, NULL, NULL, &real,
			    progress, err) &&
		    sim_reference_make(&live->reference, &real, request->samples,
			    request->most, progress, err);

	simulation_release(&real);
	return made;
}

bool live_renew(struct live *live, struct plan *plan, const struct progress *progress,
	struct error *err)
{
	const struct outcome *outcome = plan_outcome(plan, err);

	simulation_release(&live->sim);
	dequantized_release(&live->weights);
	return outcome && dequantize_plan(&live->weights, plan, outcome, err) &&
	       open_simulation(live, plan->graph, outcome, &live->weights, &live->sim,
		       progress, err);
}

static bool open_all(struct live *live, const struct live_request *request,
	const struct progress *progress, struct error *err)
{
	bool inner;

	live->runtime = request->runtime;
	live->threads = feed_threads(request->threads);
	live->measured = simulation_targets(
		request->plan->graph, &live->measured_count, &inner, err);
	return live->measured && measure_reference(live, request, progress, err) &&
	       live_renew(live, request->plan, progress, err);
}

struct live *live_open(const struct live_request *request,
	const struct progress *progress, struct error *err)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live) {
		error_set_memory(err, "live accuracy");
		return NULL;
	}
	if (!request->plan->ranges->count)
		error_set(err, ERROR_REFUSED,
			"there are no ranges to measure accuracy with; calibrate first");
	else if (open_all(live, request, progress, err))
		return live;
	live_free(live);
	return NULL;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	sim_reference_release(&live->reference);
	simulation_release(&live->sim);
	dequantized_release(&live->weights);
	free(live->measured);
	free(live);
}

bool live_measure(struct live *live, struct plan *plan, double *sqnr,
	const struct progress *progress, struct error *err)
{
	const struct outcome *outcome = plan_outcome(plan, err);
	struct sim_trial trial = {0};
	struct sim_rounding *table;
	bool measured;

	table = outcome ? sim_table_of_plan(
				  &live->sim, outcome, plan->options, plan->ranges, err)
			: NULL;
	trial.table = table;
	measured = table && simulation_measure(&live->sim, &live->reference, 0,
				    live->reference.sample_count, &trial, 1, "measuring",
				    progress, err);
	*sqnr = trial.sqnr;
	free(table);
	return measured;
}
