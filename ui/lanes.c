#include "ui/lanes.h"

#include <stdlib.h>
#include <string.h>

/* One row while it is worked out. `in` are lanes that the row reads. */
struct step {
	const struct lanes *lanes;
	const struct graph *graph;
	struct lane_state *state;
	struct lane_row *out;
	uint32_t row;
	unsigned in, dying, made; /* sets of lanes */
	int lane;
};

static bool is_alive(const struct lanes *lanes, tensor_id tensor, uint32_t row)
{
	uint32_t last = lanes->last[tensor];

	return last != ROW_NONE && last > row;
}

static int lane_of(const struct lane_state *state, tensor_id tensor)
{
	for (int i = 0; i < LANES; i++)
		if (state->tensor[i] == tensor)
			return i;
	return -1;
}

/* The free lane nearest to one; of two the right one, unless that would make chains of
 * branches walk ever farther to the right. */
static int free_lane(const struct lane_state *state, int limit, int near)
{
	int best = -1;

	for (int i = 0; i < limit; i++) {
		int apart = abs(i - near), so_far = best < 0 ? LANES : abs(best - near);

		if (state->tensor[i] != GRAPH_NONE)
			continue;
		if (apart < so_far || (apart == so_far && near < 2))
			best = i;
	}
	return best;
}

/* Parks the lane that was touched least recently, not one of `keep` if possible. */
static int park_lane(struct lane_state *state, int limit, unsigned keep)
{
	int best = -1;

	for (int i = 0; i < limit; i++)
		if (!(keep >> i & 1) && (best < 0 || state->used[i] < state->used[best]))
			best = i;
	if (best < 0)
		best = limit - 1;
	state->tensor[best] = GRAPH_NONE;
	state->parked++;
	return best;
}

static void read_input(struct step *step, tensor_id tensor)
{
	struct lane_state *state = step->state;
	uint32_t last = step->lanes->last[tensor];
	int lane = lane_of(state, tensor);

	if (last == ROW_NONE)
		return;
	if (lane >= 0) {
		step->in |= 1u << lane;
		state->used[lane] = step->row;
		if (last == step->row)
			step->dying |= 1u << lane;
		return;
	}
	if (step->out)
		step->out->parked_input = tensor;
	if (last == step->row && state->parked)
		state->parked--;
}

static bool read_before(const struct graph *graph, node_id node, uint32_t slot)
{
	for (uint32_t i = 0; i < slot; i++)
		if (graph_input_of(graph, node, i) == graph_input_of(graph, node, slot))
			return true;
	return false;
}

static void read_inputs(struct step *step, uint32_t code)
{
	if (code & ROW_TENSOR)
		return;
	for (uint32_t i = 0; i < step->graph->nodes[code].input_count; i++) {
		tensor_id in = graph_input_of(step->graph, code, i);

		/* a node with very many inputs is not compared in squares */
		if (in != GRAPH_NONE && (i > 64 || !read_before(step->graph, code, i)))
			read_input(step, in);
	}
}

static int highest(unsigned set)
{
	int lane = -1;

	for (int i = 0; i < LANES; i++)
		if (set >> i & 1)
			lane = i;
	return lane;
}

static void choose_lane(struct step *step)
{
	int near = highest(step->in);

	step->lane = highest(step->dying);
	if (step->lane >= 0)
		return;
	step->lane = free_lane(step->state, step->lanes->limit, near < 0 ? 0 : near);
	if (step->lane < 0)
		step->lane = park_lane(step->state, step->lanes->limit, step->in);
	step->in &= ~(1u << step->lane);
}

static void put(struct lane_row *out, int cell, const char *glyph, tensor_id tensor)
{
	out->glyph[cell] = glyph;
	out->tensor[cell] = tensor;
}

/* The line from lane `from` to the node; verticals on the way stay. */
static void connect(struct step *step, int from, const char *corner, tensor_id tensor)
{
	int a = 2 * from, b = 2 * step->lane, way = a < b ? 1 : -1;

	put(step->out, a, corner, tensor);
	for (int cell = a + way; cell != b; cell += way)
		if (cell % 2 || step->state->tensor[cell / 2] == GRAPH_NONE)
			put(step->out, cell, "─", tensor);
}

/* Where an input leaves its lane towards the node; inputs farther out pass through. */
static const char *corner(const struct step *step, int lane)
{
	bool left = lane < step->lane, dies = step->dying >> lane & 1;
	unsigned beyond = left ? step->in & ((1u << lane) - 1) : step->in >> (lane + 1);

	if (beyond)
		return dies ? "┴" : "┼";
	if (dies)
		return left ? "╰" : "╯";
	return left ? "├" : "┤";
}

static void draw_inputs(struct step *step)
{
	for (int i = 0; i < LANES; i++) {
		tensor_id tensor = step->state->tensor[i];

		if (tensor != GRAPH_NONE && i != step->lane)
			put(step->out, 2 * i, "│", tensor);
		if (i != step->lane && step->in >> i & 1)
			connect(step, i, corner(step, i), tensor);
	}
}

static void start_lane(struct step *step, tensor_id tensor, bool first)
{
	struct lane_state *state = step->state;
	int lane = first ? step->lane : free_lane(state, step->lanes->limit, step->lane);

	if (!is_alive(step->lanes, tensor, step->row))
		return;
	if (lane < 0)
		lane = park_lane(
			state, step->lanes->limit, step->made | 1u << step->lane);
	state->tensor[lane] = tensor;
	state->used[lane] = step->row;
	step->made |= 1u << lane;
	if (step->out && lane != step->lane)
		connect(step, lane, lane > step->lane ? "╮" : "╭", tensor);
}

static void make_outputs(struct step *step, uint32_t code)
{
	bool first = true;

	for (int i = 0; i < LANES; i++)
		if (step->dying >> i & 1)
			step->state->tensor[i] = GRAPH_NONE;
	if (code & ROW_TENSOR) {
		start_lane(step, code & ~ROW_TENSOR, true);
		return;
	}
	for (uint32_t i = 0; i < step->graph->nodes[code].output_count; i++) {
		tensor_id out = graph_output_of(step->graph, code, i);

		if (out == GRAPH_NONE || !is_alive(step->lanes, out, step->row))
			continue;
		start_lane(step, out, first);
		first = false;
	}
}

void lanes_step(const struct lanes *lanes, uint32_t row, struct lane_state *state,
	struct lane_row *out)
{
	uint32_t code = lanes->rows->all[row];
	struct step step = {lanes, lanes->rows->graph, state, out, row, 0, 0, 0, 0};

	if (out) {
		*out = (struct lane_row){.parked_input = GRAPH_NONE};
		for (int i = 0; i < LANE_CELLS; i++)
			put(out, i, " ", GRAPH_NONE);
	}
	read_inputs(&step, code);
	choose_lane(&step);
	if (out) {
		out->lane = step.lane;
		draw_inputs(&step);
	}
	make_outputs(&step, code);
	if (out)
		out->parked = state->parked;
}

void lanes_seek(const struct lanes *lanes, uint32_t row, struct lane_state *state)
{
	uint32_t from = row / LANE_STRIDE;

	*state = lanes->kept[from];
	for (uint32_t i = from * LANE_STRIDE; i < row; i++)
		lanes_step(lanes, i, state, NULL);
}

static void find_last_readers(struct lanes *lanes)
{
	const struct graph *graph = lanes->rows->graph;

	memset(lanes->last, 0xff, graph->tensor_count * sizeof(*lanes->last));
	for (uint32_t row = 0; row < lanes->rows->count; row++) {
		uint32_t code = lanes->rows->all[row];

		if (code & ROW_TENSOR)
			continue;
		for (uint32_t i = 0; i < graph->nodes[code].input_count; i++) {
			tensor_id in = graph_input_of(graph, code, i);

			if (in != GRAPH_NONE && !graph_is_constant(graph, in))
				lanes->last[in] = row;
		}
	}
}

static int lanes_used(const struct lane_state *state)
{
	for (int i = LANES; i > 0; i--)
		if (state->tensor[i - 1] != GRAPH_NONE)
			return i;
	return 0;
}

bool lanes_build(
	struct lanes *lanes, const struct rows *rows, int limit, struct error *err)
{
	struct lane_state state = {.parked = 0};

	lanes_release(lanes);
	lanes->rows = rows;
	lanes->limit = limit < 1 ? 1 : limit > LANES ? LANES : limit;
	lanes->last = malloc((rows->graph->tensor_count + 1) * sizeof(*lanes->last));
	lanes->kept = malloc((rows->count / LANE_STRIDE + 1) * sizeof(*lanes->kept));
	if (!lanes->last || !lanes->kept)
		return error_set_memory(err, "the lanes");
	find_last_readers(lanes);
	for (int i = 0; i < LANES; i++)
		state.tensor[i] = GRAPH_NONE;
	lanes->kept[0] = state;
	for (uint32_t row = 0; row < rows->count; row++) {
		struct lane_state *kept = &lanes->kept[row / LANE_STRIDE];
		int used;

		if (row % LANE_STRIDE == 0)
			*kept = state;
		lanes_step(lanes, row, &state, NULL);
		used = lanes_used(&state);
		lanes->most = used > lanes->most ? used : lanes->most;
	}
	return true;
}

void lanes_release(struct lanes *lanes)
{
	free(lanes->last);
	free(lanes->kept);
	*lanes = (struct lanes){0};
}
