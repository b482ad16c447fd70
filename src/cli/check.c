#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "plan/outcome.h"

static const char *const severity_words[] = {"note", "warning", "error"};

static void print_problems(const struct problem_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct problem *p = &list->items[i];

		answer("%s: %s%s%s%s%s  [%s]\n", severity_words[p->severity], p->place,
			*p->place ? ": " : "", p->cause, *p->remedy ? "; " : "",
			p->remedy, p->id);
	}
}

/* Everything that was found, list by list. */
static int report(
	const struct args *args, const struct problem_list *const *lists, size_t count)
{
	size_t errors = 0, warnings = 0;
	json_t *all = args->json ? json_array() : NULL;

	for (size_t i = 0; i < count; i++) {
		size_t worse = problem_count(lists[i], SEVERITY_ERROR);

		errors += worse;
		warnings += problem_count(lists[i], SEVERITY_WARNING) - worse;
		if (all) {
			json_t *part = print_json_problems(lists[i]);

			json_array_extend(all, part);
			json_decref(part);
		} else {
			print_problems(lists[i]);
		}
	}
	if (all)
		print_json(json_pack("{s:i, s:i, s:o}", "errors", (int)errors, "warnings",
			(int)warnings, "problems", all));
	else
		answer("%zu error%s, %zu warning%s\n", errors, text_s(errors), warnings,
			text_s(warnings));
	return errors ? EXIT_FOUND : EXIT_DONE;
}

int run_check(const struct args *args)
{
	struct error err = ERROR_INIT;
	struct session *session;
	struct problem_list dry = {0};
	const struct outcome *outcome;
	int code;

	session = run_open(args, &args->seeds, true, &code);
	if (!session)
		return code;
	outcome = plan_outcome(session->plan, &err);
	if (!outcome || !session_try_quantize(session, &dry, &err)) {
		code = cli_fail(&err);
	} else {
		const struct problem_list *lists[] = {
			&session->notes, &session->faults, &outcome->problems, &dry};

		code = report(args, lists, 4);
	}
	problem_clear(&dry);
	session_free(session);
	return code;
}
