#include "eval/suggest_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PRUNE_ROUNDS = 4,
	POINTS_MAX = 64,
	GROUP_MAX = 8,
	GROUPS_TRIED = 32,
	FRONT_STEPS = 10
};

/* Tensors of one group differ by less than this; a group has to gain more than that. */
static const double GROUP_DECIBELS = 0.1, GAIN_DECIBELS = 0.02;

/* Prefixes to measure: 1, 2, 3, 4, 6, 8, 12, 16 ... and all. */
static uint32_t next_prefix(uint32_t k, uint32_t last)
{
	uint32_t power = 1, next;

	while (power * 2 <= k)
		power *= 2;
	next = k < 4 ? k + 1 : k + power / 2;
	return k < last && next > last ? last : next;
}

static bool measure_prefix(
	struct suggesting *s, uint32_t k, struct suggest_point *point, struct error *err)
{
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->set[i] = i < k;
	return suggest_measure(s, s->set, 0, s->used, point, err);
}

static bool is_allowed(const struct suggesting *s, const struct suggest_point *point)
{
	return s->request->max_conversions < 0 ||
	       point->conversions <= s->request->max_conversions;
}

static bool meets(const struct suggesting *s, const struct suggest_point *point)
{
	return point->sqnr >= s->out->target && is_allowed(s, point);
}

/* Measures prefixes until the goal is met with some to spare, or no tensor is left. */
static bool measure_curve(struct suggesting *s, struct error *err)
{
	struct suggestion *out = s->out;

	out->curve = calloc(POINTS_MAX, sizeof(*out->curve));
	if (!out->curve)
		return error_set_memory(err, "the curve");
	for (uint32_t k = 1; k <= out->ranked && out->points < POINTS_MAX;
		k = next_prefix(k, out->ranked)) {
		if (!measure_prefix(s, k, &out->curve[out->points], err))
			return false;
		out->points++;
	}
	return true;
}

/* Where conversions are the only limit: prefixes behind the first that needs twice as
 * many are another kind of plan, one that is mostly 16 bit. */
static bool is_beyond(const struct suggesting *s, const struct suggest_point *point)
{
	return isinf(s->out->target) &&
	       (point->conversions > 2 * s->request->max_conversions ||
		       2 * point->tensors > s->out->ranked);
}

/* The smallest point that meets the goal; else the best that is allowed. */
static const struct suggest_point *pick(const struct suggesting *s)
{
	const struct suggest_point *best = NULL;

	for (uint32_t i = 0; i < s->out->points; i++) {
		const struct suggest_point *point = &s->out->curve[i];

		if (meets(s, point))
			return point;
		if (is_beyond(s, point))
			break;
		if (is_allowed(s, point) && (!best || point->sqnr > best->sqnr))
			best = point;
	}
	return best;
}

static void take_prefix(struct suggesting *s, const struct suggest_point *point)
{
	s->out->chosen = *point;
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->out->ranking[i].chosen = i < point->tensors;
}

static void take_set(struct suggesting *s, const struct suggest_point *point)
{
	s->out->chosen = *point;
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->out->ranking[i].chosen = s->set[i];
}

/* Between the last prefix that misses the goal and the first that meets it. */
static bool bisect(struct suggesting *s, struct error *err)
{
	uint32_t low = 0, high = s->out->chosen.tensors;

	for (uint32_t i = 0; i < s->out->points; i++)
		if (s->out->curve[i].tensors < high)
			low = s->out->curve[i].tensors;
	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;
		struct suggest_point point;

		if (!measure_prefix(s, middle, &point, err))
			return false;
		if (meets(s, &point)) {
			take_prefix(s, &point);
			high = middle;
		} else {
			low = middle;
		}
	}
	return true;
}

/* Leaves out `length` chosen tensors from the `from`-th weakest on; keeps that if the
 * goal still holds and it costs no more. */
static bool try_without(
	struct suggesting *s, uint32_t from, uint32_t length, struct error *err)
{
	struct suggest_point point;
	uint32_t place = 0;

	for (uint32_t i = s->out->ranked; i-- > 0;) {
		bool chosen = s->out->ranking[i].chosen;

		s->set[i] = chosen && !(place >= from && place < from + length);
		place += chosen;
	}
	if (!suggest_measure(s, s->set, 0, s->used, &point, err))
		return false;
	if (meets(s, &point) && point.conversions <= s->out->chosen.conversions)
		take_set(s, &point);
	return true;
}

/* Blocks of a quarter of the chosen tensors, then an eighth, and so on. */
static bool prune(struct suggesting *s, struct error *err)
{
	for (int round = 0; round < PRUNE_ROUNDS; round++) {
		uint32_t length = s->out->chosen.tensors >> (round + 2);

		length = length ? length : 1;
		for (uint32_t from = 0; from < s->out->chosen.tensors;) {
			uint32_t before = s->out->chosen.tensors;

			if (before <= length || !try_without(s, from, length, err))
				return before <= length;
			if (s->out->chosen.tensors == before)
				from += length;
		}
		if (length == 1)
			break;
	}
	return true;
}

/* Chains (a tensor, its product with a constant, their sum) carry the same error and
 * stand together in the ranking: promoting one of them alone gains nothing. */
static uint32_t group_end(const struct suggesting *s, uint32_t first)
{
	const struct suggest_rank *ranking = s->out->ranking;
	uint32_t end = first + 1;

	while (end < s->out->ranked && end < first + GROUP_MAX &&
		ranking[end].alone - ranking[first].alone < GROUP_DECIBELS)
		end++;
	return end;
}

static bool is_better(const struct suggesting *s, const struct suggest_point *point)
{
	double so_far = s->out->chosen.tensors ? s->out->chosen.sqnr : s->out->all_narrow;

	return is_allowed(s, point) && point->tensors &&
	       2 * point->tensors <= s->out->ranked &&
	       point->sqnr > so_far + GAIN_DECIBELS;
}

/* The first part of the network up to some node: a region with one border, which needs
 * few conversions however large it is. */
static bool take_front(struct suggesting *s, struct error *err)
{
	struct suggest_point point;

	for (uint32_t step = 1; step <= FRONT_STEPS; step++) {
		tensor_id last = (tensor_id)((uint64_t)s->graph->main_nodes * step /
					     (2 * FRONT_STEPS));

		for (uint32_t i = 0; i < s->out->ranked; i++) {
			node_id producer =
				s->graph->tensors[s->out->ranking[i].tensor].producer;

			s->set[i] = producer == GRAPH_NONE || producer < last;
		}
		if (!suggest_measure(s, s->set, 0, s->used, &point, err))
			return false;
		if (is_better(s, &point))
			take_set(s, &point);
	}
	return true;
}

/* Adds the groups of the ranking in its order, each if the plan gets better by it and
 * keeps within the conversions. */
static bool take_groups(struct suggesting *s, struct error *err)
{
	struct suggest_point point;
	uint32_t tried = 0, end;

	for (uint32_t first = 0; first < s->out->ranked && tried < GROUPS_TRIED;
		first = end) {
		bool new = false;

		end = group_end(s, first);
		for (uint32_t i = 0; i < s->out->ranked; i++) {
			bool chosen = s->out->ranking[i].chosen;

			s->set[i] = chosen || (i >= first && i < end);
			new = new || (s->set[i] && !chosen);
		}
		if (!new)
			continue;
		tried++;
		if (!suggest_measure(s, s->set, 0, s->used, &point, err))
			return false;
		if (is_better(s, &point))
			take_set(s, &point);
	}
	return true;
}

/* As good as the conversions allow. */
static bool fill_conversions(struct suggesting *s, struct error *err)
{
	return take_front(s, err) && take_groups(s, err);
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

static bool search(struct suggesting *s, struct error *err)
{
	const struct suggest_point *point;

	if (!measure_curve(s, err))
		return false;
	point = pick(s);
	if (!point)
		return !isinf(s->out->target) || fill_conversions(s, err);
	take_prefix(s, point);
	s->out->reached = meets(s, point);
	if (isinf(s->out->target))
		return fill_conversions(s, err);
	return !s->out->reached || (bisect(s, err) && prune(s, err));
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
	return true;
}

static bool finish(struct suggesting *s, struct error *err)
{
	struct suggest_point point;

	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->set[i] = s->out->ranking[i].chosen;
	s->out->plan = suggest_plan(s, s->set, err);
	if (!s->out->plan)
		return false;
	if (s->out->interrupted || !s->out->chosen.tensors)
		return true;
	if (!suggest_renew_weights(s, s->out->plan, err) ||
		!suggest_measure_plan(s, s->out->plan, 0, s->used, &point, err))
		return false;
	s->out->chosen.sqnr = point.sqnr;
	if (!s->held)
		return true;
	if (!suggest_measure_plan(s, s->out->plan, s->used, s->held, &point, err))
		return false;
	s->out->held_out = point.sqnr;
	return true;
}

bool suggest_run(const struct suggest_request *request, struct suggestion *suggestion,
	const struct progress *progress, struct error *err)
{
	struct suggesting s = {
		.request = request, .out = suggestion, .progress = progress};
	bool done;

	memset(suggestion, 0, sizeof(*suggestion));
	done = suggest_open(&s, err) && suggest_baselines(&s, err) &&
	       suggest_rank_tensors(&s, err);
	if (done) {
		set_target(&s);
		done = (search(&s, err) || keep_best(&s, err)) && finish(&s, err);
	}
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
