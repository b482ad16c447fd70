/* Leaving out what the goal does not need, and what each of the rest is worth. */
#include "eval/suggest_state.h"

#include <stdlib.h>

enum { PRUNE_ROUNDS = 6, WEIGHED_MOST = 24 };

static bool is_chosen(const struct suggesting *s, tensor_id tensor)
{
	uint32_t place = tensor == GRAPH_NONE ? GRAPH_NONE : s->place[tensor];

	return place != GRAPH_NONE && s->out->ranking[place].chosen;
}

/* Whether a node reads or makes another chosen tensor. */
static bool node_touches(const struct suggesting *s, node_id node, tensor_id but)
{
	const struct graph_node *n = &s->graph->nodes[node];

	for (uint32_t i = 0; i < n->input_count + n->output_count; i++) {
		uint32_t slot = i < n->input_count
					? n->first_input + i
					: n->first_output + (i - n->input_count);
		tensor_id tensor = s->graph->slots[slot];

		if (tensor != but && is_chosen(s, tensor))
			return true;
	}
	return false;
}

/* A tensor without a chosen neighbour has a region of its own, with two conversions. */
static bool is_lonely(const struct suggesting *s, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(s->graph, tensor, &count);
	node_id producer = s->graph->tensors[tensor].producer;

	if (producer != GRAPH_NONE && node_touches(s, producer, tensor))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (graph_is_main(s->graph, readers[i].node) &&
			node_touches(s, readers[i].node, tensor))
			return false;
	return true;
}

/* The chosen places in the order in which to do without them: lonely ones first, among
 * these the weakest. Returns their number. */
static uint32_t list_chosen(const struct suggesting *s, uint32_t *places)
{
	uint32_t count = 0;

	for (int lonely = 1; lonely >= 0; lonely--)
		for (uint32_t i = s->out->ranked; i-- > 0;)
			if (s->out->ranking[i].chosen &&
				is_lonely(s, s->out->ranking[i].tensor) == lonely)
				places[count++] = i;
	return count;
}

static void set_without(
	struct suggesting *s, const uint32_t *places, uint32_t from, uint32_t length)
{
	for (uint32_t i = 0; i < s->out->ranked; i++)
		s->set[i] = s->out->ranking[i].chosen;
	for (uint32_t i = from; i < from + length; i++)
		s->set[places[i]] = false;
}

/* Keeps to it if the goal still holds and it costs no more. */
static bool try_without(struct suggesting *s, const uint32_t *places, uint32_t from,
	uint32_t length, struct error *err)
{
	struct suggest_point point;

	set_without(s, places, from, length);
	if (!suggest_cost(s, s->set, &point, err))
		return false;
	if (point.conversions > s->out->chosen.conversions)
		return true;
	if (!suggest_measure(s, s->set, &point, err))
		return false;
	if (suggest_meets(s, &point))
		suggest_take_set(s, &point);
	return true;
}

static bool prune_round(
	struct suggesting *s, uint32_t *places, uint32_t length, struct error *err)
{
	uint32_t count = list_chosen(s, places);

	for (uint32_t from = 0; from < count; from += length) {
		uint32_t part = count - from < length ? count - from : length;

		if (part == s->out->chosen.tensors)
			break;
		if (!try_without(s, places, from, part, err))
			return false;
	}
	return true;
}

/* Blocks of a quarter of the chosen tensors, then an eighth, and so on; single ones as
 * long as some go. */
bool suggest_prune(struct suggesting *s, struct error *err)
{
	uint32_t *places = calloc(s->out->ranked + (size_t)1, sizeof(*places));
	uint32_t length = 0, before = 0;
	bool done = places || error_set_memory(err, "the choice");

	for (int round = 0; done && round < PRUNE_ROUNDS; round++) {
		if (length == 1 && s->out->chosen.tensors == before)
			break;
		before = s->out->chosen.tensors;
		length = s->out->chosen.tensors >> (round + 2);
		length = length ? length : 1;
		done = prune_round(s, places, length, err);
	}
	free(places);
	return done;
}

bool suggest_weigh_choice(struct suggesting *s, struct error *err)
{
	const struct suggest_point *chosen = &s->out->chosen;
	struct suggest_point point;

	for (uint32_t i = 0; chosen->tensors <= WEIGHED_MOST && i < s->out->ranked; i++) {
		struct suggest_rank *rank = &s->out->ranking[i];

		if (!rank->chosen)
			continue;
		set_without(s, &i, 0, 1);
		if (!suggest_measure(s, s->set, &point, err))
			return false;
		rank->gain = chosen->sqnr - point.sqnr;
		rank->cost = (int32_t)chosen->conversions - (int32_t)point.conversions;
	}
	return true;
}
