#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"
#include "plan/outcome.h"

#include <inttypes.h>
#include <stdlib.h>

static json_t *json_regions(const struct outcome *outcome)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < outcome->region_count; i++) {
		const struct region *r = &outcome->regions[i];

		json_array_append_new(array,
			json_pack("{s:s, s:s, s:s, s:o}", "letter", r->letter, "type",
				qtypes[r->type].name, "name", r->name, "nodes",
				json_nodes(outcome->graph, r->nodes, r->node_count)));
	}
	return array;
}

static int bounds_json(const struct session *session, const struct outcome *outcome)
{
	json_t *answer = json_object();

	json_object_set_new(answer, "model", json_string(session->title));
	json_object_set_new(answer, "base", json_string(qtypes[outcome->base].name));
	json_object_set_new(answer, "boundaries", json_boundaries(outcome));
	json_object_set_new(answer, "regions", json_regions(outcome));
	json_object_set_new(answer, "cost", json_cost(&outcome->cost));
	return print_json(answer);
}

static bool add_row(struct print_table *table, const struct outcome *outcome,
	const struct boundary *b)
{
	const struct graph *graph = outcome->graph;
	char *readers = words_nodes(graph, b->readers, b->reader_count);
	char *stays = words_nodes(graph, b->stays, b->stay_count);
	char bytes[24] = "?";
	bool fine;

	if (b->bytes)
		snprintf(bytes, sizeof(bytes), "%" PRIu64, b->bytes);
	fine = readers && stays &&
	       print_cell(table, "%s", words_tensor(graph, b->tensor)) &&
	       print_cell(table, "%s", qtypes[b->from].brief) &&
	       print_cell(table, "%s", qtypes[b->to].brief) &&
	       print_cell(table, "%s", bytes) && print_cell(table, "%s", readers) &&
	       print_cell(table, "%s", stays);
	free(readers);
	free(stays);
	return fine;
}

static void print_regions(const struct outcome *outcome)
{
	for (uint32_t i = 0; i < outcome->region_count; i++) {
		const struct region *r = &outcome->regions[i];
		char *nodes = words_nodes(outcome->graph, r->nodes, r->node_count);

		answer("region %s%s%s  %s  %s\n", r->letter, *r->name ? " " : "", r->name,
			qtypes[r->type].brief, nodes ? nodes : "?");
		free(nodes);
	}
}

static int bounds_text(const struct outcome *outcome)
{
	static const char *const heads[] = {
		"tensor", "from", "to", "bytes", "for", "stays for"};
	struct print_table table = {.heads = heads, .columns = 6};
	bool fine = true;

	for (uint32_t i = 0; fine && i < outcome->boundary_count; i++)
		fine = add_row(&table, outcome, &outcome->boundaries[i]);
	print_table(&table);
	print_regions(outcome);
	print_cost(answer_stream(), &outcome->cost);
	return fine ? EXIT_DONE : EXIT_REFUSED;
}

int run_bounds(const struct args *args)
{
	struct error err = ERROR_INIT;
	struct session *session;
	const struct outcome *outcome;
	int code;

	session = run_open(args, &args->seeds, false, &code);
	if (!session)
		return code;
	outcome = plan_outcome(session->plan, &err);
	if (!outcome || !check_closure(outcome, &err)) {
		code = cli_fail(&err);
	} else {
		print_notes(&session->notes);
		code = args->json ? bounds_json(session, outcome) : bounds_text(outcome);
	}
	session_free(session);
	return code;
}
