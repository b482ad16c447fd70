#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"
#include "onnx/imports.h"
#include "plan/outcome.h"

#include <stdlib.h>
#include <string.h>

/* What the closure made, as {"overrides": {...}, "boundaries": [...], "cost": {...}}. */
static int promote_json(
	const struct session *session, const struct outcome *outcome, const char *output)
{
	json_t *answer = json_object();

	if (output)
		json_object_set_new(
			answer, "output", print_json_text(output, strlen(output)));
	json_object_set_new(answer, "overrides", json_overrides(outcome));
	json_object_set_new(answer, "boundaries", json_boundaries(outcome));
	json_object_set_new(answer, "cost", json_cost(&outcome->cost));
	json_object_set_new(answer, "notes", print_json_problems(&session->notes));
	return print_json(answer);
}

static int promote_out(
	const struct args *args, struct session *session, const struct outcome *outcome)
{
	struct error err = ERROR_INIT;
	const char *path = args->output;

	if (!path && !args->json)
		path = "-";
	if (args->json && path && !strcmp(path, "-"))
		path = NULL; /* the one document holds the overrides */
	if (path && !session_save_overrides(session, path, args->force, &err))
		return cli_fail(&err);
	if (args->json)
		return promote_json(session, outcome, path);
	if (!args->quiet && strcmp(path, "-"))
		print_cost(answer_stream(), &outcome->cost);
	return EXIT_DONE;
}

static int promote(const struct args *args, struct session *session)
{
	struct error err = ERROR_INIT;
	const struct outcome *outcome;

	if (session->plan->options->ort_compatible &&
		!model_check_domains(session->model, &err))
		return cli_fail(&err);
	if (!plan_close_given(session->plan, true, &err))
		return cli_fail(&err);
	outcome = plan_outcome(session->plan, &err);
	if (!outcome || !check_closure(outcome, &err))
		return cli_fail(&err);
	/* a seed that does nothing would leave its author with {} and no reason */
	if (!problem_add_all(&session->notes, &outcome->problems, "no-effect")) {
		error_set_memory(&err, "the notes");
		return cli_fail(&err);
	}
	print_notes(&session->notes);
	return promote_out(args, session, outcome);
}

int run_promote(const struct args *args)
{
	struct text_list seeds = {args->operands.items + 1, args->operands.count - 1, 0};
	struct error err = ERROR_INIT;
	struct session *session;
	int code;

	if (!seeds.count && !args->overrides) {
		error_set(&err, ERROR_USAGE,
			"promote: a SEED or --overrides is wanted; see 'qdqedit help "
			"promote'");
		return cli_fail(&err);
	}
	session = run_open(args, &seeds, false, &code);
	if (!session)
		return code;
	code = promote(args, session);
	session_free(session);
	return code;
}
