/* Regions that cost few conversions: gaps in a choice, and the first part of a network.
 */
#include "eval/suggest_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRONT_STEPS = 10, GROUPS_TRIED = 48, GROUP_MAX = 8, GAP_TRIALS = 400 };

/* Tensors of one group differ by less than this; a group has to gain more than that. */
static const double GROUP_DECIBELS = 0.1, GAIN_DECIBELS = 0.02;

/* ---- gaps */

/* The places at which conversions end that nobody has chosen yet: a tensor that stands
 * between two regions costs none when it is promoted and takes away those at both ends.
 */
static uint32_t list_gaps(
	const struct suggesting *s, const bool *set, uint32_t *places, struct error *err)
{
	struct plan *plan = suggest_plan(s, set, err);
	const struct outcome *outcome = plan ? plan_outcome(plan, err) : NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; outcome && i < outcome->boundary_count; i++) {
		uint32_t place = s->place[outcome->boundaries[i].tensor];

		if (place != GRAPH_NONE && !set[place])
			places[count++] = place;
	}
	plan_free(plan);
	return count;
}

/* Takes in the gaps of the list that save conversions. */
static bool take_gaps(const struct suggesting *s, bool *set, const uint32_t *places,
	uint32_t count, uint32_t *trials, struct suggest_point *point, struct error *err)
{
	struct suggest_point next;

	for (uint32_t i = 0; i < count && *trials; i++, --*trials) {
		set[places[i]] = true;
		if (!suggest_cost(s, set, &next, err))
			return false;
		if (next.conversions < point->conversions)
			*point = next;
		else
			set[places[i]] = false;
	}
	return true;
}

bool suggest_close_gaps(const struct suggesting *s, bool *set,
	struct suggest_point *point, struct error *err)
{
	uint32_t *places = calloc(s->out->ranked + (size_t)1, sizeof(*places));
	uint32_t trials = GAP_TRIALS, before;
	bool done = places ? suggest_cost(s, set, point, err)
			   : error_set_memory(err, "the gaps");

	do {
		before = point->conversions;
		done = done && take_gaps(s, set, places, list_gaps(s, set, places, err),
				       &trials, point, err);
		done = done && !error_is_set(err);
	} while (done && trials && point->conversions < before);
	free(places);
	return done;
}

static void set_to_choice(struct suggesting *s)
{
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->set[i] = s->out->ranking[i].chosen;
}

bool suggest_fill_gaps(struct suggesting *s, struct error *err)
{
	const struct suggest_point *chosen = &s->out->chosen;
	bool met = suggest_meets(s, chosen);
	struct suggest_point point;

	set_to_choice(s);
	if (!suggest_close_gaps(s, s->set, &point, err))
		return false;
	if (point.tensors == chosen->tensors)
		return true;
	if (!suggest_measure(s, s->set, &point, err))
		return false;
	if (suggest_is_allowed(s, &point) &&
		(met ? suggest_meets(s, &point) : point.sqnr >= chosen->sqnr))
		suggest_take_set(s, &point);
	return true;
}

/* ---- as good as the conversions allow */

static bool is_better(const struct suggesting *s, const struct suggest_point *point)
{
	double so_far = s->out->chosen.tensors ? s->out->chosen.sqnr : s->out->all_narrow;

	return point->sqnr > so_far + GAIN_DECIBELS;
}

/* Mostly 16 bit is another kind of plan than a region. */
static bool is_worth_measuring(
	const struct suggesting *s, const struct suggest_point *point)
{
	return suggest_is_allowed(s, point) && point->tensors &&
	       2 * point->tensors <= s->out->ranked;
}

/* Measures s->set with its gaps closed if it is within the conversions, and takes it if
 * it is better. */
static bool try_set(struct suggesting *s, struct error *err)
{
	struct suggest_point point;

	if (!suggest_close_gaps(s, s->set, &point, err))
		return false;
	if (!is_worth_measuring(s, &point))
		return true;
	if (!suggest_measure(s, s->set, &point, err))
		return false;
	if (is_better(s, &point))
		suggest_take_set(s, &point);
	return true;
}

/* The first part of the network up to some node: a region with one border, which needs
 * few conversions however large it is. */
static bool take_front(struct suggesting *s, struct error *err)
{
	for (uint32_t step = 1; step <= FRONT_STEPS; step++) {
		tensor_id last = (tensor_id)((uint64_t)s->graph->main_nodes * step /
					     (2 * FRONT_STEPS));

		for (uint32_t i = 0; i < s->out->ranked; i++) {
			node_id producer =
				s->graph->tensors[s->out->ranking[i].tensor].producer;

			s->set[i] = producer == GRAPH_NONE || producer < last;
		}
		if (!try_set(s, err))
			return false;
	}
	return true;
}

/* A chain, or neighbours in the ranking that carry the same error: promoting one of them
 * alone gains nothing. */
static uint32_t group_end(const struct suggesting *s, uint32_t first)
{
	const struct suggest_rank *ranking = s->out->ranking;
	uint32_t end = first + 1;

	while (end < s->out->ranked && end < first + GROUP_MAX &&
		(s->chain[end] == s->chain[first] ||
			ranking[end].alone - ranking[first].alone < GROUP_DECIBELS))
		end++;
	return end;
}

bool suggest_add_groups(struct suggesting *s, struct error *err)
{
	uint32_t tried = 0, end;

	for (uint32_t first = 0; first < s->out->ranked && tried < GROUPS_TRIED &&
				 !suggest_meets(s, &s->out->chosen);
		first = end) {
		bool new = false;

		end = group_end(s, first);
		set_to_choice(s);
		for (uint32_t i = first; i < end; i++) {
			new = new || !s->set[i];
			s->set[i] = true;
		}
		tried += new;
		if (new && !try_set(s, err))
			return false;
	}
	return true;
}

bool suggest_fill_conversions(struct suggesting *s, struct error *err)
{
	return take_front(s, err) && suggest_add_groups(s, err);
}
