#include "plan_models.h"

#include "ui/json_text.h"

#include <stdlib.h>
#include <string.h>

static const char given[] = "{\"Op2_out\": [{\"quant_type\": \"QUInt16\"}], "
			    "\"Op1_out\": [{\"scale\": 0.5, \"zero_point\": 3}], "
			    "\"Op3_out\": [{\"axis\": 0}, {\"axis\": 0}, {}]}";

/* Line by line it is what the file will be. */
static void lines_are_the_text(const struct outcome *o)
{
	struct json_text json = {0};
	struct error err = ERROR_INIT;
	size_t length, at = 0;
	char *text = overrides_write(&o->entries, o->graph, &length, NULL), mark;

	cr_assert(json_text_update(&json, o, &err));
	for (uint32_t i = 0; i < json.line_count; i++) {
		const char *line = json_text_line(&json, o, i, &mark);
		size_t n = strlen(line);

		cr_assert_eq(memcmp(text + at, line, n), 0, "%u: %s", i, line);
		cr_assert_eq(text[at + n], '\n', "%u: %s", i, line);
		cr_assert_eq(json_text_tensor(&json, i) == GRAPH_NONE, mark == ' ');
		at += n + 1;
	}
	cr_assert_eq(at, length);
	free(text);
	json_text_release(&json);
}

Test(ui_json, lines)
{
	struct fixture f = fixture_mixed8();

	lines_are_the_text(fixture_outcome(&f));
	fixture_seed(&f, "Op4_out=QUInt16");
	lines_are_the_text(fixture_outcome(&f));
	fixture_free(&f);
}

Test(ui_json, lists_and_marks)
{
	struct fixture f = fixture_mixed8();
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	struct json_text json = {0};
	const struct outcome *o;
	struct overrides read = {0};
	char mark;

	cr_assert(overrides_read(
			  &read, f.graph, given, strlen(given), "g", &problems, &err),
		"%s: %s", problems.items[0].place, problems.items[0].cause);
	cr_assert(plan_set_overrides(f.plan, &read, "g", &err));
	o = fixture_outcome(&f);
	lines_are_the_text(o);
	cr_assert(json_text_update(&json, o, &err));
	cr_assert(json_text_saved(&json, o, &err));
	json_text_line(&json, o, 1, &mark);
	cr_assert_eq(mark, ' ');
	fixture_seed(&f, "Op4_out=QUInt16");
	o = fixture_outcome(&f);
	cr_assert(json_text_update(&json, o, &err));
	json_text_line(&json, o, json.line_count - 2, &mark);
	cr_assert_eq(mark, '+');
	json_text_line(&json, o, 1, &mark);
	cr_assert_eq(mark, ' ');
	json_text_release(&json);
	problem_clear(&problems);
	fixture_free(&f);
}
