#include "eval/sim_table.h"

#include <stdlib.h>

/* Of a sharing tensor the parameters are its provider's. */
static const struct parameters *parameters_of(const struct outcome *outcome,
	const struct parameter_table *table, tensor_id tensor)
{
	for (int depth = 0; depth < 1000; depth++) {
		tensor_id provider = outcome->tensors[tensor].provider;

		if (provider == GRAPH_NONE || provider == tensor)
			break;
		tensor = provider;
	}
	return &table->of[tensor];
}

static bool is_rounded(const struct outcome *outcome, tensor_id tensor)
{
	const struct tensor_state *state = &outcome->tensors[tensor];

	return state->stored != QTYPE_NONE && !(state->flags & STATE_CONSTANT);
}

struct rounding sim_rounding_of(const struct outcome *outcome,
	const struct parameter_table *table, tensor_id tensor)
{
	static const struct rounding off;
	const struct parameters *p = parameters_of(outcome, table, tensor);

	return is_rounded(outcome, tensor) && p->known ? rounding_of(&p->original) : off;
}

static struct rounding converted_of(const struct outcome *outcome,
	const struct parameter_table *table, tensor_id tensor, node_id reader)
{
	static const struct rounding off;
	const struct tensor_state *state = &outcome->tensors[tensor];

	if (state->converted == QTYPE_NONE || !is_rounded(outcome, tensor) ||
		!table->of[tensor].known ||
		outcome_seen(outcome, tensor, reader) != state->converted)
		return off;
	return rounding_of(&table->of[tensor].converted);
}

/* The only node that reads the tensor, if nobody else sees it; or GRAPH_NONE. */
static node_id only_reader(const struct graph *graph, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);
	node_id only = GRAPH_NONE;

	if (graph->tensors[tensor].flags & (TENSOR_OUTPUT | TENSOR_CAPTURED))
		return GRAPH_NONE;
	for (uint32_t i = 0; i < count; i++) {
		if (!graph_is_main(graph, readers[i].node))
			continue;
		if (only != GRAPH_NONE && only != readers[i].node)
			return GRAPH_NONE;
		only = readers[i].node;
	}
	return only;
}

static void fill_tap(const struct outcome *outcome, const struct parameter_table *table,
	const struct sim_tap *tap, struct sim_rounding *rounding)
{
	node_id only;

	if (tap->reader != GRAPH_NONE) {
		rounding->first = converted_of(outcome, table, tap->tensor, tap->reader);
		return;
	}
	rounding->first = sim_rounding_of(outcome, table, tap->tensor);
	only = only_reader(outcome->graph, tap->tensor);
	if (only != GRAPH_NONE)
		rounding->second = converted_of(outcome, table, tap->tensor, only);
}

struct sim_rounding *sim_table_of_plan(const struct simulation *sim,
	const struct outcome *outcome, const struct quant_options *options,
	const struct ranges *ranges, struct error *err)
{
	struct parameter_table *parameters = parameters_make(
		outcome->graph, options, &outcome->entries, ranges, NULL, err);
	struct sim_rounding *table;

	if (!parameters)
		return NULL;
	table = calloc(sim->model.count + (size_t)1, sizeof(*table));
	if (!table)
		error_set_memory(err, "the simulation");
	for (uint32_t i = 0; table && i < sim->model.count; i++)
		fill_tap(outcome, parameters, &sim->model.taps[i], &table[i]);
	parameters_free(parameters);
	return table;
}

struct plan *sim_plan_in(const struct plan *plan, enum qtype type, struct error *err)
{
	struct plan *copy = plan_snapshot(plan, err);
	struct quant_options options;
	bool set;

	if (!copy)
		return NULL;
	options_init(&options);
	set = plan_clear(copy, err) && options_copy(&options, copy->options, err);
	options.activation_type = type;
	set = set && plan_set_options(copy, &options, err);
	options_release(&options);
	if (set)
		return copy;
	plan_free(copy);
	return NULL;
}
