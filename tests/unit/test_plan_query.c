#include "plan_models.h"

#include "plan/query.h"
#include "plan/query_simple.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of the nodes or tensors that match, joined by blanks. */
static const char *found(struct fixture *f, const char *text, bool nodes)
{
	static char out[1024];
	struct error err = ERROR_INIT;
	struct query *query = query_parse(text, &err);
	const struct outcome *o = fixture_outcome(f);
	uint32_t count = nodes ? f->graph->main_nodes : f->graph->main_tensors;

	*out = '\0';
	cr_assert(query, "%s", err.text);
	for (uint32_t i = 0; i < count; i++)
		if (nodes ? query_match_node(query, f->plan, o, i, NULL)
			  : query_match_tensor(query, f->plan, o, i, NULL))
			snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s",
				*out ? " " : "",
				nodes ? graph_node_name(f->graph, i)
				      : graph_tensor_name(f->graph, i));
	query_free(query);
	return out;
}

#define NODES(text, names) cr_assert_str_eq(found(&f, text, true), names)
#define TENSORS(text, names) cr_assert_str_eq(found(&f, text, false), names)

Test(plan_query, words)
{
	struct fixture f = fixture_mixed8();

	NODES("", "Op1 Op2 Op3 Op4 Op5 Op6 Op7 Op8");
	NODES("'output", "Op6 Op7 Op8");
	NODES("^op6", "Op6");
	NODES("^OP6", "");
	NODES("_0$", "Op6");
	NODES("!^op !output", "");
	NODES("/^op[12]$/", "Op1 Op2");
	NODES("/^Op[12] x$/", "");
	NODES("/^O[[:lower:]][12]$/", "Op1 Op2");
	NODES("/^o[[:upper:]][12]$/", "Op1 Op2");
	NODES("o4", "Op4");
	TENSORS("^op4_out$", "Op4_out");
	fixture_free(&f);
}

Test(plan_query, keys)
{
	struct fixture f = fixture_mixed8();

	NODES("op:cos", "Op2 Op7");
	NODES("op:Cos,Tan*", "Op2 Op4 Op7");
	NODES("!op:Cos,Tan*,S*", "Op5 Op6");
	NODES("fan>1", "Op2");
	NODES("fan=0", "Op6 Op7 Op8");
	NODES("shape:1x2x3 op:Mul", "Op5");
	NODES("shape:1x*x3 op:Mul", "Op5");
	NODES("shape:**x3 op:Mul", "Op5");
	NODES("shape:** op:Mul", "Op5");
	NODES("shape:1x*", "");
	NODES("is:output", "Op6 Op7 Op8");
	TENSORS("is:input fan=1", "input_0 input_1");
	fixture_free(&f);
}

Test(plan_query, what_the_plan_says)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct error err = ERROR_INIT;

	cr_assert(ranges_set(&ranges, f.graph, tensor_of(&f, "Op3_out"), -200, 1,
		ELEMENT_FLOAT, &err));
	cr_assert(plan_set_ranges(f.plan, &ranges, &err));
	fixture_seed(&f, "Op4_out=QUInt16");
	cr_assert(plan_name_region(f.plan, 0, "heart", NULL, &err));
	NODES("type:u16", "Op4 Op5");
	NODES("!type:u16,s8 fan>0", "Op1 Op2 Op3");
	NODES("is:seed", "Op4");
	NODES("is:implied", "Op2 Op3 Op4 Op5");
	NODES("is:boundary", "Op2 Op3 Op4 Op5 Op6");
	NODES("in:a", "Op4 Op5");
	NODES("in:Heart", "Op4 Op5");
	NODES("in:B", "");
	NODES("range>100", "Op3");
	TENSORS("is:boundary type:u16", "Op2_out Op3_out Op5_out");
	fixture_free(&f);
}

static bool is_fixed(const char *text)
{
	struct query *query = query_parse(text, NULL);
	bool fixed = query && query_is_fixed(query);

	query_free(query);
	return fixed;
}

Test(plan_query, what_no_edit_changes)
{
	cr_assert(is_fixed("a !'b /c/ op:Mul shape:1x2 fan>1 is:input"));
	cr_assert_not(is_fixed("op:Mul type:u16"));
	cr_assert_not(is_fixed("is:seed"));
	cr_assert_not(is_fixed("is:float"));
	cr_assert_not(is_fixed("!in:A"));
	cr_assert_not(is_fixed("range>1"));
}

Test(plan_query, wrong_ones)
{
	static const char *const wrong[] = {
		"is:green", "type:u7", "type:", "fan>", "fan>x", "range=1x", "/(/"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error err = ERROR_INIT;

		cr_assert_null(query_parse(wrong[i], &err), "%s", wrong[i]);
		cr_assert_eq(err.kind, ERROR_USAGE);
		cr_assert(strstr(err.text, *wrong[i] == '/' ? "(" : wrong[i]), "%s",
			err.text);
	}
}

Test(plan_query, spans)
{
	struct error err = ERROR_INIT;
	struct query *query = query_parse("'out ^op !x /4/", &err);
	struct query_span spans[8];

	cr_assert_eq(query_spans(query, "Op4_out", spans, 8), 2);
	cr_assert_eq(spans[0].from, 0);
	cr_assert_eq(spans[0].to, 3);
	cr_assert_eq(spans[1].from, 4);
	cr_assert_eq(spans[1].to, 7);
	query_free(query);
}

static char *random_text(const char *const *pieces, size_t count, char *out, int most)
{
	int n = rand() % most;

	*out = '\0';
	for (int i = 0; i < n; i++)
		strcat(out, pieces[(size_t)rand() % count]);
	return out;
}

/* Simple expressions match as the C library says, and most random ones are simple. */
Test(plan_query, simple_expressions_match_as_all_others)
{
	static const char *const pieces[] = {"a", "b", ".", ".*", "B", "\\.", "_", "7"};
	static const char *const letters[] = {"a", "b", "B", ".", "_", "7", "A"};
	size_t usable = 0, matched = 0;

	srand(7);
	for (int i = 0; i < 4000; i++) {
		struct simple_expression simple;
		char middle[64], text[80], name[32];
		bool fold;
		regex_t regex;

		snprintf(text, sizeof(text), "%s%s%s", rand() % 3 ? "" : "^",
			random_text(pieces, 8, middle, 6), rand() % 3 ? "" : "$");
		fold = !strchr(text, 'B');
		simple_parse(&simple, text, fold);
		if (!simple.usable)
			continue;
		usable++;
		cr_assert_eq(regcomp(&regex, text, REG_EXTENDED | (fold ? REG_ICASE : 0)),
			0, "%s", text);
		for (int k = 0; k < 20; k++) {
			bool found = !regexec(
				&regex, random_text(letters, 7, name, 12), 0, NULL, 0);

			cr_assert_eq(simple_matches(&simple, name, strlen(name)), found,
				"/%s/ on '%s'", text, name);
			matched += found;
		}
		regfree(&regex);
	}
	cr_assert_gt(usable, 2000);
	cr_assert_gt(matched, 5000);
}

Test(plan_query, what_is_not_simple_goes_to_the_library)
{
	static const char *const others[] = {"", "^", "$", "a|b", "(a)", "[ab]", "a*",
		"a+", "a?", "a{2}", ".+", "a^b", "a$b", "\\w", "\xc3\xa9", ".**", "*a"};
	struct simple_expression simple;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		simple_parse(&simple, others[i], true);
		cr_expect_not(simple.usable, "%s", others[i]);
	}
}
