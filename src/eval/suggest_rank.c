/* The ranking: how much the output suffers when one tensor alone is rounded; where that
 * takes too long, groups of neighbours are measured and the worst ones divided. */
#include "eval/suggest_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPED_SHARE = 4, FIRST_SHARE = 3, GROUP_RUNS_LEAST = 8, CHAIN_DEPTH = 64 };

/* Noise of two tensors of one chain differs by less than this share. */
static const double CHAIN_SHARE = 0.02;

/* ---- what may be promoted */

/* The only input that is no constant, or GRAPH_NONE. */
static tensor_id main_input(const struct graph *graph, node_id node)
{
	tensor_id found = GRAPH_NONE;

	for (uint32_t i = 0; i < graph->nodes[node].input_count; i++) {
		tensor_id input = graph_input_of(graph, node, i);

		if (input == GRAPH_NONE || graph_is_constant(graph, input))
			continue;
		if (found != GRAPH_NONE)
			return GRAPH_NONE;
		found = input;
	}
	return found;
}

static bool makes_chains(const char *op_type)
{
	static const char *const names[] = {"Add", "Sub", "Mul", "Div", "Reshape",
		"Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Clip",
		"Relu"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(op_type, names[i]))
			return true;
	return false;
}

/* The tensor of the list that this one is made of with constants alone. */
static tensor_id chain_source(const struct suggesting *s, tensor_id tensor)
{
	const struct graph *graph = s->graph;

	for (int depth = 0; depth < CHAIN_DEPTH; depth++) {
		node_id node = graph->tensors[tensor].producer;

		if (node == GRAPH_NONE || !makes_chains(graph_op_type(graph, node)))
			return GRAPH_NONE;
		tensor = main_input(graph, node);
		if (tensor == GRAPH_NONE || tensor >= graph->main_tensors)
			return GRAPH_NONE;
		if (s->place[tensor] != GRAPH_NONE)
			return tensor;
	}
	return GRAPH_NONE;
}

static bool alloc_list(struct suggesting *s, struct error *err)
{
	size_t tensors = s->graph->main_tensors + (size_t)1;

	s->out->ranking = calloc(tensors, sizeof(*s->out->ranking));
	s->set = calloc(tensors, sizeof(*s->set));
	s->place = malloc(s->graph->tensor_count * sizeof(*s->place) + 1);
	s->chain = calloc(tensors, sizeof(*s->chain));
	if (!s->out->ranking || !s->set || !s->place || !s->chain)
		return error_set_memory(err, "the ranking");
	memset(s->place, 0xff, s->graph->tensor_count * sizeof(*s->place));
	return true;
}

/* Sorted by the first tensor of the chain, then by the tensor. */
struct listed {
	tensor_id first, tensor;
};

static int by_chain(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->tensor < y->tensor ? -1 : 1;
}

static void put_listed(struct suggesting *s, const struct listed *listed)
{
	struct suggestion *out = s->out;

	for (uint32_t i = 0; i < out->ranked; i++) {
		out->ranking[i] = (struct suggest_rank){.tensor = listed[i].tensor,
			.alone = NAN,
			.grouped = 1,
			.score = NAN,
			.rounding = NAN,
			.inherited = NAN,
			.seen = NAN,
			.growth = NAN,
			.clipped = NAN,
			.gain = NAN};
		s->place[listed[i].tensor] = i;
		s->chain[i] =
			i && listed[i].first == listed[i - 1].first ? s->chain[i - 1] : i;
	}
}

bool suggest_list_tensors(struct suggesting *s, struct error *err)
{
	const struct outcome *outcome = s->narrow;
	struct listed *listed =
		calloc(s->graph->main_tensors + (size_t)1, sizeof(*listed));
	uint32_t count = 0;

	if (!listed || !alloc_list(s, err)) {
		free(listed);
		return error_set_memory(err, "the ranking");
	}
	for (tensor_id i = 0; i < s->graph->main_tensors; i++) {
		const struct tensor_state *state = &outcome->tensors[i];

		if (qtypes[state->stored].bits != 8 || state->flags & STATE_CONSTANT)
			continue;
		s->place[i] = 0;
		listed[count++] = (struct listed){i, i};
	}
	for (uint32_t i = 0; i < count; i++)
		for (tensor_id next = listed[i].tensor; next != GRAPH_NONE;
			next = chain_source(s, next))
			listed[i].first = next;
	qsort(listed, count, sizeof(*listed), by_chain);
	s->out->ranked = count;
	put_listed(s, listed);
	free(listed);
	return count || error_set(err, ERROR_REFUSED,
				"suggest: no tensor is quantized to 8 bits, so there is "
				"nothing to promote; change --op-types or the types");
}

/* ---- measuring */

static double noise_of(double sqnr)
{
	return isnan(sqnr) ? INFINITY : pow(10, -sqnr / 10);
}

static double decibels_of(double noise)
{
	return -10 * log10(noise);
}

static bool run_trials(
	struct suggesting *s, struct sim_trial *trials, size_t count, struct error *err)
{
	return simulation_measure(&s->real, &s->reference, 0, 1, trials, count,
		"ranking tensors", s->progress, err);
}

static bool rank_each(
	struct suggesting *s, const struct sim_rounding *table, struct error *err)
{
	uint32_t count = s->out->ranked;
	struct sim_trial *trials = calloc(count, sizeof(*trials));
	bool done;

	if (!trials)
		return error_set_memory(err, "the ranking");
	for (uint32_t i = 0; i < count; i++)
		trials[i] = (struct sim_trial){
			.table = table, .place = s->place, .first = i, .count = 1};
	done = run_trials(s, trials, count, err);
	for (uint32_t i = 0; done && i < count; i++)
		s->out->ranking[i].alone = trials[i].sqnr;
	free(trials);
	return done;
}

/* ---- by groups of neighbours */

struct grouping {
	struct suggesting *s;
	struct sim_trial *trials; /* the groups, as they are to be rounded */
	double *noise;            /* of each; NaN: not measured yet */
	uint32_t count, budget;   /* groups, runs that are left */
};

/* The place where a chain begins, nearest to the middle; 0 if the group is one chain. */
static uint32_t middle_of(const struct suggesting *s, const struct sim_trial *group)
{
	uint32_t middle = group->first + group->count / 2;
	uint32_t before = s->chain[middle], after = middle;
	uint32_t end = group->first + group->count;

	while (after < end && s->chain[after] == before)
		after++;
	if (before > group->first && (after == end || middle - before <= after - middle))
		return before;
	return after < end ? after : 0;
}

static bool measure_groups(struct grouping *g, struct error *err)
{
	struct sim_trial *trials = calloc(g->count, sizeof(*trials));
	uint32_t *which = calloc(g->count, sizeof(*which)), count = 0;
	bool done;

	for (uint32_t i = 0; trials && which && i < g->count; i++)
		if (isnan(g->noise[i])) {
			which[count] = i;
			trials[count++] = g->trials[i];
		}
	done = trials && which ? run_trials(g->s, trials, count, err)
			       : error_set_memory(err, "groups");
	for (uint32_t i = 0; done && i < count; i++)
		g->noise[which[i]] = noise_of(trials[i].sqnr);
	g->budget -= count < g->budget ? count : g->budget;
	free(trials);
	free(which);
	return done;
}

static void split(struct grouping *g, uint32_t group, uint32_t middle)
{
	struct sim_trial *old = &g->trials[group], *new = &g->trials[g->count];

	*new = *old;
	new->first = middle;
	new->count = old->first + old->count - middle;
	old->count = middle - old->first;
	g->noise[group] = g->noise[g->count++] = NAN;
}

/* Divides the worst measured group that can be; false if none can. */
static bool split_worst(struct grouping *g)
{
	uint32_t worst = GRAPH_NONE, at = 0;

	for (uint32_t i = 0; i < g->count; i++) {
		uint32_t middle = g->trials[i].count > 1 && !isnan(g->noise[i])
					  ? middle_of(g->s, &g->trials[i])
					  : 0;

		if (middle && (worst == GRAPH_NONE || g->noise[i] > g->noise[worst])) {
			worst = i;
			at = middle;
		}
	}
	if (worst != GRAPH_NONE)
		split(g, worst, at);
	return worst != GRAPH_NONE;
}

/* Halves the largest group until there are `count`. */
static void split_evenly(struct grouping *g, uint32_t count)
{
	while (g->count < count) {
		uint32_t largest = 0, middle;

		for (uint32_t i = 1; i < g->count; i++)
			if (g->trials[i].count > g->trials[largest].count)
				largest = i;
		middle = g->trials[largest].count > 1
				 ? middle_of(g->s, &g->trials[largest])
				 : 0;
		if (!middle)
			return;
		split(g, largest, middle);
	}
}

/* As many at a time as there are threads. */
static bool split_and_measure(struct grouping *g, struct error *err)
{
	bool more = true;

	if (!measure_groups(g, err))
		return false;
	while (more && g->budget >= 2) {
		uint32_t before = g->count;

		for (unsigned i = 0; more && i < g->s->real.workers; i++)
			if (2 * (g->count - before + 1) <= g->budget)
				more = split_worst(g);
		if (g->count > before && !measure_groups(g, err))
			return false;
	}
	return true;
}

/* Every tensor of a group has its share of the group's noise. */
static void share_noise(struct grouping *g)
{
	struct suggestion *out = g->s->out;

	for (uint32_t i = 0; i < g->count; i++)
		for (uint32_t k = 0; k < g->trials[i].count; k++) {
			struct suggest_rank *rank = &out->ranking[g->trials[i].first + k];

			rank->grouped = g->trials[i].count;
			rank->alone = decibels_of(g->noise[i] / rank->grouped);
		}
	out->groups = g->count;
}

static bool rank_groups(
	struct suggesting *s, const struct sim_rounding *table, struct error *err)
{
	uint32_t ranked = s->out->ranked;
	struct grouping g = {.s = s, .count = 1, .budget = ranked / GROUPED_SHARE};
	bool done;

	if (g.budget < GROUP_RUNS_LEAST)
		g.budget = GROUP_RUNS_LEAST;
	g.trials = calloc(ranked + (size_t)1, sizeof(*g.trials));
	g.noise = calloc(ranked + (size_t)1, sizeof(*g.noise));
	done = (g.trials && g.noise) || error_set_memory(err, "groups");
	if (done) {
		g.trials[0] = (struct sim_trial){
			.table = table, .place = s->place, .count = ranked};
		g.noise[0] = NAN;
		split_evenly(&g, g.budget / FIRST_SHARE);
		done = split_and_measure(&g, err);
	}
	if (done)
		share_noise(&g);
	free(g.trials);
	free(g.noise);
	return done;
}

/* ---- sorting */

/* Chains keep together as far as their noise is the same: the others leave it. */
static void part_chains(struct suggesting *s)
{
	const struct suggest_rank *ranking = s->out->ranking;

	for (uint32_t i = 1; i < s->out->ranked; i++) {
		uint32_t first = s->chain[i];
		double a, b;

		if (first == i)
			continue;
		a = noise_of(ranking[first].alone);
		b = noise_of(ranking[i].alone);
		if (!(fabs(a - b) <= CHAIN_SHARE * fmax(a, b)))
			s->chain[i] = i;
	}
}

/* How a tensor is sorted: by the worst of its chain, then together with it. */
struct sorted {
	struct suggest_rank rank;
	double worst;
	uint32_t chain, place;
};

static int worst_first(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->worst != y->worst)
		return x->worst < y->worst ? -1 : 1;
	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static double sort_key(const struct suggest_rank *rank)
{
	return isnan(rank->alone) ? -INFINITY : rank->alone;
}

static void put_sorted(struct suggesting *s, const struct sorted *sorted)
{
	for (uint32_t i = 0; i < s->out->ranked; i++) {
		s->out->ranking[i] = sorted[i].rank;
		s->place[sorted[i].rank.tensor] = i;
		s->chain[i] =
			i && sorted[i].chain == sorted[i - 1].chain ? s->chain[i - 1] : i;
	}
}

static bool sort_ranking(struct suggesting *s, double (*key)(const struct suggest_rank *),
	struct error *err)
{
	uint32_t count = s->out->ranked;
	struct sorted *sorted = calloc(count, sizeof(*sorted));

	if (!sorted)
		return error_set_memory(err, "the ranking");
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = (struct sorted){
			s->out->ranking[i], key(&s->out->ranking[i]), s->chain[i], i};
	for (uint32_t i = 0; i < count; i++) {
		double *first = &sorted[sorted[i].chain].worst;

		*first = fmin(*first, sorted[i].worst);
	}
	for (uint32_t i = 0; i < count; i++)
		sorted[i].worst = sorted[sorted[i].chain].worst;
	qsort(sorted, count, sizeof(*sorted), worst_first);
	put_sorted(s, sorted);
	free(sorted);
	return true;
}

/* ---- scores from elsewhere */

/* While sorting, `gain` holds the position in the list of scores. */
static double score_key(const struct suggest_rank *rank)
{
	return rank->gain;
}

static bool rank_scores(struct suggesting *s, struct error *err)
{
	const struct scores *scores = s->request->scores;
	uint32_t placed = 0;
	bool sorted;

	for (uint32_t i = 0; i < s->out->ranked; i++) {
		s->chain[i] = i;
		s->out->ranking[i].gain = INFINITY;
	}
	for (size_t i = scores->count; i-- > 0;) {
		uint32_t place = s->place[scores->items[i].tensor];

		if (place == GRAPH_NONE)
			continue;
		placed += isinf(s->out->ranking[place].gain);
		s->out->ranking[place].gain = (double)i;
		s->out->ranking[place].score = scores->items[i].value;
	}
	if (!placed)
		return error_set(err, ERROR_REFUSED,
			"--scores: none of its tensors is quantized to 8 bits here; "
			"leave it out to have them measured");
	s->out->scored = true;
	sorted = sort_ranking(s, score_key, err);
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->out->ranking[i].gain = NAN;
	return sorted;
}

bool suggest_rank_tensors(struct suggesting *s, struct error *err)
{
	double seconds = s->run_seconds * s->out->ranked;
	struct sim_rounding *table;
	bool done;

	if (s->request->scores)
		return rank_scores(s, err);
	table = sim_table_of_plan(
		&s->real, s->narrow, s->base->options, s->base->ranges, err);
	if (!table)
		return false;
	done = seconds > s->request->patience ? rank_groups(s, table, err)
					      : rank_each(s, table, err);
	free(table);
	if (done)
		part_chains(s);
	return done && sort_ranking(s, sort_key, err);
}
