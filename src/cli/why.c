#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"
#include "plan/outcome.h"

#include <string.h>

/* What a NAME is: a tensor first, then a node; "node:" and "tensor:" say it outright. */
struct subject {
	tensor_id tensor;
	node_id node;
};

static bool find_subject(const struct graph *graph, const char *name,
	struct subject *subject, struct error *err)
{
	const char *bare = name;
	char near[256];

	*subject = (struct subject){graph_find_tensor(graph, name, strlen(name)),
		graph_find_node(graph, name, strlen(name))};
	if (subject->tensor == GRAPH_NONE && subject->node == GRAPH_NONE) {
		if (!strncmp(name, "node:", 5)) {
			bare = name + 5;
			subject->node = graph_find_node(graph, bare, strlen(bare));
		} else if (!strncmp(name, "tensor:", 7)) {
			bare = name + 7;
			subject->tensor = graph_find_tensor(graph, bare, strlen(bare));
		}
	}
	if (subject->tensor != GRAPH_NONE || subject->node != GRAPH_NONE)
		return true;
	graph_suggest(graph, 't', bare, strlen(bare), near, sizeof(near));
	if (!*near)
		graph_suggest(graph, 'n', bare, strlen(bare), near, sizeof(near));
	return error_set(err, ERROR_REFUSED, "%s: no tensor or node has this name; %s%s",
		text_quoted_z(name),
		*near ? "nearest: " : "'qdqedit info' lists what there is", near);
}

static bool explain(const struct outcome *outcome, const struct subject *subject,
	struct why_list *why, struct error *err)
{
	*why = (struct why_list){0};
	if (subject->tensor != GRAPH_NONE)
		return outcome_why_tensor(outcome, subject->tensor, why, err);
	return outcome_why_node(outcome, subject->node, why, err);
}

static void print_why(const struct why_list *why)
{
	answer("%s\n", why->title);
	for (size_t i = 0; i < why->count; i++)
		answer("  %zu %s\n", i + 1, why->items[i].text);
}

static json_t *json_why(const char *name, const struct why_list *why)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < why->count; i++)
		json_array_append_new(steps, json_string(why->items[i].text));
	return json_pack("{s:o, s:s, s:o}", "name", print_json_text(name, strlen(name)),
		"summary", why->title, "steps", steps);
}

/* Explains every NAME; the JSON goes to `answer` if that is not NULL. */
static bool explain_all(const struct args *args, const struct outcome *outcome,
	json_t *answer, struct error *err)
{
	for (size_t i = 1; i < args->operands.count; i++) {
		const char *name = args->operands.items[i];
		struct subject subject;
		struct why_list why;
		bool fine = find_subject(outcome->graph, name, &subject, err);

		if (!fine || !explain(outcome, &subject, &why, err))
			return false;
		if (answer)
			json_array_append_new(answer, json_why(name, &why));
		else
			print_why(&why);
		why_release(&why);
	}
	return true;
}

int run_why(const struct args *args)
{
	struct error err = ERROR_INIT;
	struct session *session;
	const struct outcome *outcome;
	json_t *answer = args->json ? json_array() : NULL;
	int code = EXIT_DONE;

	session = run_open(args, &args->seeds, false, &code);
	if (!session)
		return code;
	outcome = plan_outcome(session->plan, &err);
	if (!outcome || !explain_all(args, outcome, answer, &err))
		code = cli_fail(&err);
	else if (answer)
		code = print_json(json_incref(answer));
	json_decref(answer);
	session_free(session);
	return code;
}
