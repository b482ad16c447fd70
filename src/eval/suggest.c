#include "eval/suggest_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Decibels that all-16 has to be above all-8 for promoting to make sense. */
static const double WORTH_DECIBELS = 1;

/* How often a choice may be added to, and how many plans a search tries about. */
enum { TRIES = 2, PLANS = 100 };

bool suggest_is_allowed(const struct suggesting *s, const struct suggest_point *point)
{
	return s->request->max_conversions < 0 ||
	       point->conversions <= s->request->max_conversions;
}

bool suggest_meets(const struct suggesting *s, const struct suggest_point *point)
{
	return point->sqnr >= s->out->target && suggest_is_allowed(s, point);
}

/* Where conversions are the only limit: prefixes that need twice as many, or are mostly
 * 16 bit, are another kind of plan. */
static bool is_beyond(const struct suggesting *s, const struct suggest_point *point)
{
	return isinf(s->out->target) &&
	       (point->conversions > 2 * s->request->max_conversions ||
		       2 * point->tensors > s->out->ranked);
}

/* The point with the fewest 16-bit tensors that meets the goal; else the best that is
 * allowed. */
static const struct suggest_point *pick(const struct suggesting *s)
{
	const struct suggest_point *best = NULL;
	bool met = false;

	for (uint32_t i = 0; i < s->out->points; i++) {
		const struct suggest_point *point = &s->out->curve[i];
		bool meets = suggest_meets(s, point);

		if (is_beyond(s, point) || !suggest_is_allowed(s, point) ||
			(met && !meets))
			continue;
		if (!best || (meets && !met) ||
			(meets ? point->wide < best->wide : point->sqnr > best->sqnr))
			best = point;
		met = meets;
	}
	return best;
}

static void take_prefix(struct suggesting *s, const struct suggest_point *point)
{
	s->out->chosen = *point;
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->out->ranking[i].chosen = suggestion_promotes(s->out, point, i);
}

void suggest_take_set(struct suggesting *s, const struct suggest_point *point)
{
	s->out->chosen = *point;
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->out->ranking[i].chosen = s->set[i];
}

static void set_target(struct suggesting *s)
{
	const struct suggest_request *request = s->request;
	struct suggestion *out = s->out;

	if (request->has_goal)
		out->target = request->goal;
	else if (request->has_within)
		out->target = out->all_wide - request->within;
	else if (request->max_conversions >= 0)
		out->target = INFINITY; /* as good as the conversions allow */
	else
		out->target = (out->all_narrow + out->all_wide) / 2;
}

/* The plan as it is does, or nothing would come of promoting. */
static bool needs_nothing(struct suggesting *s)
{
	struct suggestion *out = s->out;
	bool asked = s->request->has_goal || s->request->has_within;

	out->enough = asked && out->current >= out->target;
	out->reached = out->enough;
	return out->enough || out->all_wide - out->all_narrow < WORTH_DECIBELS;
}

static bool refine(struct suggesting *s, struct error *err)
{
	return suggest_bisect(s, err) && suggest_prune(s, err) &&
	       suggest_fill_gaps(s, err);
}

/* From the curves to a choice. */
static bool choose(struct suggesting *s, struct error *err)
{
	const struct suggest_point *point = pick(s);
	bool reached = point && suggest_meets(s, point);

	if (point)
		take_prefix(s, point);
	if (isinf(s->out->target))
		return suggest_fill_conversions(s, err);
	return !reached || refine(s, err);
}

/* An interruption ends the search, not the suggestion: the best point so far. */
static bool keep_best(struct suggesting *s, struct error *err)
{
	const struct suggest_point *point;

	if (err->kind != ERROR_CANCELLED || !s->out->points)
		return false;
	error_clear(err);
	s->out->interrupted = true;
	s->progress = NULL;
	point = s->out->chosen.tensors ? NULL : pick(s);
	if (point)
		take_prefix(s, point);
	s->out->reached = s->out->chosen.tensors && s->out->chosen.sqnr >= s->out->target;
	return true;
}

static bool take_plan(struct suggesting *s, struct error *err)
{
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->set[i] = s->out->ranking[i].chosen;
	plan_free(s->out->plan);
	s->out->plan = suggest_plan(s, s->set, err);
	return s->out->plan;
}

/* The choice with the weights that it has itself: constants that it promotes. */
static bool verify(struct suggesting *s, struct error *err)
{
	struct suggest_point point;

	if (!suggest_renew_weights(s, s->out->plan, err) ||
		!suggest_measure_plan(s, s->out->plan, 0, s->used, &point, err))
		return false;
	s->out->chosen.sqnr = point.sqnr;
	s->out->reached = point.sqnr >= s->out->target;
	return true;
}

/* A choice that misses the goal with its own weights gets more to reach it. */
static bool search(struct suggesting *s, struct error *err)
{
	suggest_count_plans(s, PLANS);
	if (!suggest_curves(s, err) || !choose(s, err))
		return false;
	for (int tries = 0; s->out->chosen.tensors; tries++) {
		if (!take_plan(s, err) || !verify(s, err))
			return false;
		if (s->out->reached || isinf(s->out->target) || tries == TRIES)
			break;
		if (!suggest_add_groups(s, err))
			return false;
	}
	return suggest_weigh_choice(s, err);
}

static bool hold_out(struct suggesting *s, struct error *err)
{
	struct suggest_point point;

	if (s->out->interrupted || !s->out->chosen.tensors || !s->held)
		return true;
	if (!suggest_measure_plan(s, s->out->plan, s->used, s->held, &point, err))
		return keep_best(s, err);
	s->out->held_out = point.sqnr;
	return true;
}

static bool run(struct suggesting *s, struct error *err)
{
	if (!suggest_open(s, err) || !suggest_list_tensors(s, err) ||
		!suggest_baselines(s, err))
		return false;
	set_target(s);
	if (needs_nothing(s))
		return true;
	if (!suggest_rank_tensors(s, err) || !suggest_rank_growth(s, err))
		return false;
	return (search(s, err) || keep_best(s, err)) && take_plan(s, err) &&
	       hold_out(s, err);
}

bool suggest_run(const struct suggest_request *request, struct suggestion *suggestion,
	const struct progress *progress, struct error *err)
{
	struct suggesting s = {
		.request = request, .out = suggestion, .progress = progress};
	bool done;

	memset(suggestion, 0, sizeof(*suggestion));
	done = run(&s, err);
	suggest_close(&s);
	return done;
}

void suggestion_release(struct suggestion *suggestion)
{
	free(suggestion->ranking);
	free(suggestion->curve);
	plan_free(suggestion->plan);
	memset(suggestion, 0, sizeof(*suggestion));
}
