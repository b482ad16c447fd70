/* Opening the simulations of a search, measuring plans, baselines. */
#include "eval/suggest_state.h"

#include "calib/feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 6 };

static bool make_base(struct suggesting *s, struct error *err)
{
	s->base = plan_snapshot(s->request->plan, err);
	if (!s->base || !plan_clear(s->base, err))
		return false;
	s->narrow = plan_outcome(s->base, err);
	if (!s->narrow)
		return false;
	outcome_keep(s->narrow);
	if (!s->base->ranges->count)
		return error_set(err, ERROR_REFUSED,
			"suggest: there are no ranges; calibrate first");
	return true;
}

static bool open_simulation(struct suggesting *s, struct simulation *sim,
	const struct dequantized *weights, bool plain, struct error *err)
{
	struct simulation_request request = {.graph = s->graph,
		.runtime = s->request->runtime,
		.outcome = plain ? NULL : s->narrow,
		.measured = s->measured,
		.measured_count = s->measured_count,
		.weights = weights,
		.threads = feed_threads(s->request->threads)};

	return simulation_open(sim, &request, s->progress, err);
}

bool suggest_renew_weights(struct suggesting *s, struct plan *plan, struct error *err)
{
	const struct outcome *outcome = plan_outcome(plan, err);

	simulation_release(&s->sim);
	dequantized_release(&s->weights);
	return outcome && dequantize_plan(&s->weights, plan, outcome, err) &&
	       open_simulation(s, &s->sim, &s->weights, false, err);
}

/* A third is held out, if there are three. */
static void divide_samples(struct suggesting *s)
{
	size_t count = s->reference.sample_count;

	s->held = count / 3;
	s->used = count - s->held;
	s->out->samples = s->used;
	s->out->held_out_samples = s->held;
}

/* By a session of its own: taps between float16 operators cost them precision. */
static bool measure_reference(struct suggesting *s, struct error *err)
{
	struct simulation plain;
	bool made = open_simulation(s, &plain, NULL, true, err) &&
		    sim_reference_make(&s->reference, &plain, s->request->samples,
			    SAMPLES_MAX, s->progress, err);

	simulation_release(&plain);
	return made;
}

bool suggest_open(struct suggesting *s, struct error *err)
{
	s->graph = s->request->plan->graph;
	if (!make_base(s, err))
		return false;
	s->measured =
		simulation_targets(s->graph, &s->measured_count, &s->out->inner, err);
	if (!s->measured || !dequantize_plan(&s->weights, s->base, s->narrow, err) ||
		!measure_reference(s, err) ||
		!open_simulation(s, &s->real, NULL, false, err) ||
		!open_simulation(s, &s->sim, &s->weights, false, err))
		return false;
	divide_samples(s);
	s->out->type = qtype_wider(s->base->options->activation_type);
	return true;
}

void suggest_close(struct suggesting *s)
{
	sim_reference_release(&s->reference);
	simulation_release(&s->real);
	simulation_release(&s->sim);
	dequantized_release(&s->weights);
	outcome_drop(s->narrow);
	plan_free(s->base);
	free(s->measured);
	free(s->set);
	free(s->place);
	free(s->chain);
}

/* ---- measuring plans */

struct plan *suggest_plan(const struct suggesting *s, const bool *set, struct error *err)
{
	struct plan *plan = plan_snapshot(s->base, err);
	struct error refused = ERROR_INIT;

	if (!plan || !plan_begin(plan, "suggested", err)) {
		plan_free(plan);
		return NULL;
	}
	for (uint32_t i = 0; i < s->out->ranked; i++)
		if (set[i])
			plan_promote_tensor(plan, s->out->ranking[i].tensor, s->out->type,
				UNSET, &refused);
	plan_commit(plan);
	return plan;
}

static uint32_t count_wide(const struct outcome *outcome)
{
	uint32_t count = 0;

	for (tensor_id i = 0; i < outcome->graph->main_tensors; i++)
		count += !(outcome->tensors[i].flags & STATE_CONSTANT) &&
			 qtypes[outcome->tensors[i].stored].bits == 16;
	return count;
}

bool suggest_measure_plan(struct suggesting *s, struct plan *plan, size_t first,
	size_t count, struct suggest_point *point, struct error *err)
{
	const struct outcome *outcome = plan_outcome(plan, err);
	struct sim_trial trial = {0};
	struct sim_rounding *table;
	bool measured;

	table = outcome ? sim_table_of_plan(
				  &s->sim, outcome, plan->options, plan->ranges, err)
			: NULL;
	if (!table)
		return false;
	trial.table = table;
	measured = simulation_measure(&s->sim, &s->reference, first, count, &trial, 1,
		"measuring", s->progress, err);
	s->tried++;
	free(table);
	point->wide = count_wide(outcome);
	point->conversions = outcome->cost.conversions;
	point->sqnr = trial.sqnr;
	return measured;
}

static uint32_t count_set(const struct suggesting *s, const bool *set)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < s->out->ranked; i++)
		count += set[i];
	return count;
}

bool suggest_cost(const struct suggesting *s, const bool *set,
	struct suggest_point *point, struct error *err)
{
	struct plan *plan = suggest_plan(s, set, err);
	const struct outcome *outcome = plan ? plan_outcome(plan, err) : NULL;

	if (outcome)
		*point = (struct suggest_point){.tensors = count_set(s, set),
			.wide = count_wide(outcome),
			.conversions = outcome->cost.conversions,
			.sqnr = -INFINITY};
	plan_free(plan);
	return outcome;
}

bool suggest_measure(struct suggesting *s, const bool *set, struct suggest_point *point,
	struct error *err)
{
	struct plan *plan = suggest_plan(s, set, err);
	bool measured;

	*point = (struct suggest_point){.tensors = count_set(s, set)};
	measured = plan && suggest_measure_plan(s, plan, 0, s->used, point, err);
	plan_free(plan);
	return measured;
}

static void report_plans(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	struct suggesting *s = arg;
	const struct progress *outer = s->request_progress;

	(void)what, (void)done, (void)whole;
	if (s->tried >= s->expected)
		s->expected = s->tried + 1;
	if (outer->report)
		outer->report(outer->arg, "trying plans", s->tried, s->expected);
}

static bool is_cancelled(void *arg)
{
	const struct progress *outer = ((struct suggesting *)arg)->request_progress;

	return outer->cancelled && outer->cancelled(outer->arg);
}

void suggest_count_plans(struct suggesting *s, uint32_t expected)
{
	s->request_progress = s->progress ? s->progress : &progress_never;
	s->trying = (struct progress){report_plans, is_cancelled, s};
	s->progress = &s->trying;
	s->tried = 0;
	s->expected = expected;
}

/* ---- baselines */

static bool measure_untouched(struct suggesting *s, double *sqnr, struct error *err)
{
	struct sim_trial trial = {.table = NULL};
	bool done = simulation_measure(&s->sim, &s->reference, 0, s->used, &trial, 1,
		"measuring", s->progress, err);

	*sqnr = trial.sqnr;
	return done;
}

bool suggest_baselines(struct suggesting *s, struct error *err)
{
	double begun = progress_seconds();
	struct plan *wide = sim_plan_in(s->base, s->out->type, err);
	struct plan *now = wide ? plan_snapshot(s->request->plan, err) : NULL;
	struct suggest_point point = {0};
	bool done = now && measure_untouched(s, &s->out->weights_only, err) &&
		    suggest_measure_plan(s, s->base, 0, s->used, &point, err);

	s->out->all_narrow = point.sqnr;
	done = done && suggest_measure_plan(s, wide, 0, s->used, &point, err);
	s->out->all_wide = point.sqnr;
	done = done && suggest_measure_plan(s, now, 0, s->used, &point, err);
	s->out->current = point.sqnr;
	s->run_seconds = (progress_seconds() - begun) / (4 * (double)s->used);
	s->out->held_out = s->out->held_out_narrow = s->out->held_out_wide = NAN;
	if (done && s->held) {
		done = suggest_measure_plan(s, s->base, s->used, s->held, &point, err);
		s->out->held_out_narrow = point.sqnr;
		done = done &&
		       suggest_measure_plan(s, wide, s->used, s->held, &point, err);
		s->out->held_out_wide = point.sqnr;
	}
	plan_free(wide);
	plan_free(now);
	return done;
}
