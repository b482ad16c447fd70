/* Tables for a simulation: from the outcome of a plan, and by hand. */
#ifndef QDQEDIT_EVAL_SIM_TABLE_H
#define QDQEDIT_EVAL_SIM_TABLE_H

#include "eval/simulation.h"
#include "plan/outcome.h"
#include "plan/parameters.h"

/* The roundings of a plan: each tensor's stored type, and for readers that see it
 * converted that type behind it. NULL when the ranges do not do; freed by free. */
struct sim_rounding *sim_table_of_plan(const struct simulation *sim,
	const struct outcome *outcome, const struct quant_options *options,
	const struct ranges *ranges, struct error *err);

/* The rounding of one tensor's own value under an outcome, off if it stays float. */
struct rounding sim_rounding_of(const struct outcome *outcome,
	const struct parameter_table *parameters, tensor_id tensor);

/* An own copy of the plan without its choices, all activations in the type: no conversion
 * at all. */
struct plan *sim_plan_in(const struct plan *plan, enum qtype type, struct error *err);

#endif
