/* What is told of tensors inside bodies. */
#include "calib/calibration.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Bodies beside each other may use the same names, which are one in a file: all tensors
 * of a name get the range that holds what was seen in each. */
static bool widen_by(struct ranges *out, const struct graph *graph, tensor_id tensor,
	tensor_id other, struct error *err)
{
	const struct range *a = ranges_find(out, tensor), *b = ranges_find(out, other);
	double low, high;

	if (!a || !b || (a->low == b->low && a->high == b->high))
		return true;
	low = fmin(a->low, b->low);
	high = fmax(a->high, b->high);
	return ranges_set(out, graph, tensor, low, high, a->type, err) &&
	       ranges_set(out, graph, other, low, high, b->type, err);
}

static bool widen_by_namesakes(struct ranges *out, const struct graph *graph,
	tensor_id tensor, struct error *err)
{
	const char *name = graph_tensor_name(graph, tensor);
	scope_id scope = 0;
	bool fine = true;
	tensor_id other;

	while (fine && (other = graph_find_inside(graph, name, strlen(name), &scope)) !=
			       GRAPH_NONE)
		if (other != tensor)
			fine = widen_by(out, graph, tensor, other, err);
	return fine;
}

static void count_inside(struct calibration *c, const struct ranges *out)
{
	const struct graph *graph = c->request->graph;
	struct calib_report *report = c->report;

	for (scope_id s = 1; s < graph->scope_count; s++) {
		const struct graph_scope *scope = &graph->scopes[s];
		uint32_t here = 0, measured = 0;

		for (tensor_id i = 0; i < scope->tensor_count; i++) {
			if (!calib_is_inside(graph, scope->first_tensor + i))
				continue;
			here++;
			measured += ranges_find(out, scope->first_tensor + i) != NULL;
		}
		report->inside.tensors += here;
		report->inside.measured += measured;
		report->inside.bodies += here > 0;
		report->inside.reached += measured > 0;
	}
}

static bool add_note(
	struct calibration *c, const char *cause, const char *remedy, struct error *err)
{
	return problem_add(&c->report->notes, SEVERITY_NOTE, "bodies", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, "If, Loop, Scan", cause, remedy) ||
	       error_set_memory(err, "notes");
}

static bool tell_measured(struct calibration *c, struct error *err)
{
	uint32_t all = c->report->inside.tensors, measured = c->report->inside.measured;
	uint32_t bodies = c->report->inside.bodies, reached = c->report->inside.reached;
	char cause[240], rest[100] = "";

	if (measured < all)
		snprintf(rest, sizeof(rest), "; %s",
			c->report->without_taps
				? "only taps see the others"
				: "these samples did not lead to the others");
	snprintf(cause, sizeof(cause),
		"%u of %u float tensor%s in %u of %u bod%s measured, for display: "
		"nothing is quantized there%s",
		measured, all, text_s(all), reached, bodies, bodies == 1 ? "y" : "ies",
		rest);
	return add_note(c, cause, "", err);
}

static bool tell_passed_over(struct calibration *c, struct error *err)
{
	uint32_t all = c->report->inside.tensors, bodies = c->report->inside.bodies;
	char cause[240];

	snprintf(cause, sizeof(cause),
		"%u float tensor%s in %u bod%s not measured, since nothing is quantized "
		"there",
		all, text_s(all), bodies, bodies == 1 ? "y is" : "ies are");
	return add_note(c, cause,
		calib_is_compatible(c->request) ? "" : "--bodies measures them", err);
}

bool calib_end_inside(struct calibration *c, struct ranges *out, struct error *err)
{
	const struct graph *graph = c->request->graph;

	count_inside(c, out);
	if (!c->report->inside.tensors)
		return true;
	if (!c->request->bodies)
		return tell_passed_over(c, err);
	for (size_t i = 0; i < c->collector.slots.count; i++) {
		tensor_id tensor = c->collector.slots.items[i];

		if (graph->tensors[tensor].scope && ranges_find(out, tensor) &&
			!widen_by_namesakes(out, graph, tensor, err))
			return false;
	}
	return tell_measured(c, err);
}
