/* The curves of a search: plans that promote the first k of a ranking. */
#include "eval/suggest_state.h"

#include <math.h>
#include <stdlib.h>

enum { POINTS_MAX = 128 };

bool suggestion_promotes(const struct suggestion *suggestion,
	const struct suggest_point *point, uint32_t rank)
{
	return (point->by_growth ? suggestion->ranking[rank].growth_place : rank) <
	       point->tensors;
}

/* Prefixes to measure: 1, 2, 3, 4, 6, 8, 12, 16 ... and the last. */
static uint32_t next_prefix(uint32_t k, uint32_t last)
{
	uint32_t power = 1, next;

	while (power * 2 <= k)
		power *= 2;
	next = k < 4 ? k + 1 : k + power / 2;
	return k < last && next > last ? last : next;
}

/* A chain is promoted as a whole. */
static uint32_t whole_chains(const struct suggesting *s, uint32_t k)
{
	while (k < s->out->ranked && s->chain[k] == s->chain[k - 1])
		k++;
	return k;
}

static bool measure_prefix(struct suggesting *s, uint32_t k, bool by_growth,
	struct suggest_point *point, struct error *err)
{
	struct suggest_point prefix = {.tensors = k, .by_growth = by_growth};

	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->set[i] = suggestion_promotes(s->out, &prefix, i);
	if (!suggest_measure(s, s->set, point, err))
		return false;
	point->by_growth = by_growth;
	return true;
}

static bool measure_curve(struct suggesting *s, bool by_growth, struct error *err)
{
	struct suggestion *out = s->out;
	uint32_t last = by_growth ? (out->ranked + 1) / 2 : out->ranked, done = 0;

	for (uint32_t k = 1; k <= last && out->points < POINTS_MAX;
		k = next_prefix(k, last)) {
		uint32_t whole = by_growth ? k : whole_chains(s, k);

		if (whole == done)
			continue;
		if (!measure_prefix(s, whole, by_growth, &out->curve[out->points], err))
			return false;
		out->points++;
		done = whole;
	}
	return true;
}

static bool is_beaten(const struct suggest_point *a, const struct suggest_point *by)
{
	bool no_worse = by->wide <= a->wide && by->conversions <= a->conversions &&
			by->sqnr >= a->sqnr;
	bool better = by->wide < a->wide || by->conversions < a->conversions ||
		      by->sqnr > a->sqnr;

	return no_worse && better;
}

static int by_tensors(const void *a, const void *b)
{
	const struct suggest_point *x = a, *y = b;

	if (x->tensors != y->tensors)
		return x->tensors < y->tensors ? -1 : 1;
	return (int)x->by_growth - (int)y->by_growth;
}

/* What nothing else beats in tensors, conversions and decibels together. */
static void find_front(struct suggestion *out)
{
	qsort(out->curve, out->points, sizeof(*out->curve), by_tensors);
	for (uint32_t i = 0; i < out->points; i++) {
		struct suggest_point *point = &out->curve[i];

		point->front = point->sqnr > out->all_narrow;
		for (uint32_t k = 0; point->front && k < out->points; k++)
			point->front = !is_beaten(point, &out->curve[k]);
	}
}

bool suggest_curves(struct suggesting *s, struct error *err)
{
	bool done;

	s->out->curve = calloc(POINTS_MAX, sizeof(*s->out->curve));
	if (!s->out->curve)
		return error_set_memory(err, "the curve");
	done = measure_curve(s, false, err) && measure_curve(s, true, err);
	find_front(s->out);
	return done;
}

/* Between the last prefix that misses the goal and the first that meets it. */
static bool bisect(struct suggesting *s, bool by_growth, struct error *err)
{
	uint32_t low = 0, high = s->out->chosen.tensors;

	for (uint32_t i = 0; i < s->out->points; i++)
		if (s->out->curve[i].by_growth == by_growth &&
			s->out->curve[i].tensors < high)
			low = s->out->curve[i].tensors;
	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;
		struct suggest_point point;

		if (!measure_prefix(s, middle, by_growth, &point, err))
			return false;
		if (suggest_meets(s, &point)) {
			suggest_take_set(s, &point);
			high = middle;
		} else {
			low = middle;
		}
	}
	return true;
}

bool suggest_bisect(struct suggesting *s, struct error *err)
{
	return bisect(s, s->out->chosen.by_growth, err);
}
