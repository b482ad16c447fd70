#include "graph/search.h"

#include <criterion/criterion.h>
#include <string.h>

static int32_t score(const char *pattern, const char *name)
{
	struct search search = search_prepare(pattern, strlen(pattern));

	return search_score(&search, name, strlen(name), NULL, 0);
}

Test(search, fuzzy_matches_letters_in_order)
{
	cr_expect_neq(score("o4o", "Op4_out"), SEARCH_NO_MATCH);
	cr_expect_eq(score("4Op", "Op4_out"), SEARCH_NO_MATCH);
	cr_expect_eq(score("abc", "ab"), SEARCH_NO_MATCH);
	cr_expect_eq(score("", "x"), 0);
}

Test(search, smart_case)
{
	cr_expect_neq(score("conv", "CONV_1"), SEARCH_NO_MATCH);
	cr_expect_eq(score("Conv", "conv_1"), SEARCH_NO_MATCH);
	cr_expect_neq(score("Conv", "Conv_1"), SEARCH_NO_MATCH);
}

Test(search, better_places_score_more)
{
	cr_expect_gt(score("conv", "conv"), score("conv", "conv_1"));
	cr_expect_gt(score("conv", "layer/conv"), score("conv", "layer/c_o_n_v"));
	cr_expect_gt(score("ab", "x_ab"), score("ab", "xxab"));
	cr_expect_gt(score("op4", "Op4_out"), score("op4", "Op14_out4"));
	cr_expect_gt(score("q", "a/q_proj"), score("q", "a/seq"));
	cr_expect_gt(score("l1at", "layer.1/attn"), score("l1at", "layer.21/beat"));
}

Test(search, places_are_those_of_the_best_match)
{
	struct search search = search_prepare("cv", 2);
	uint32_t at[2] = {9, 9};

	search_score(&search, "acb/cv", 6, at, 2);
	cr_expect_eq(at[0], 4);
	cr_expect_eq(at[1], 5);
}

Test(search, long_names_and_patterns_do_not_overflow)
{
	char name[2000], pattern[200];
	uint32_t at[200];
	struct search search;

	memset(name, 'a', sizeof(name));
	memset(pattern, 'a', sizeof(pattern));
	search = search_prepare(pattern, sizeof(pattern));
	cr_expect_neq(
		search_score(&search, name, sizeof(name), at, 200), SEARCH_NO_MATCH);
	cr_expect_eq(at[199], 199);
	search.length = 3;
	cr_expect_gt(search_score(&search, name, sizeof(name), at, 200), 0);
	cr_expect_lt(at[2], 2000);
}

Test(search, contains)
{
	struct search search = search_prepare("out", 3);

	cr_expect(search_contains(&search, "Op4_OUT", 7));
	cr_expect_not(search_contains(&search, "o_u_t", 5));
	cr_expect_not(search_contains(&search, "ou", 2));
}

Test(search, globs)
{
	cr_expect(search_glob("Op*_out", "Op44_out"));
	cr_expect(search_glob("*", "a/b/c"));
	cr_expect(search_glob("*", ""));
	cr_expect(search_glob("*attn*q*", "layer/attn/q/MatMul"));
	cr_expect(search_glob("Op?_out", "Op4_out"));
	cr_expect_not(search_glob("Op?_out", "Op44_out"));
	cr_expect(search_glob("?", "ä"));
	cr_expect(search_glob("Op[1-35]", "Op5"));
	cr_expect_not(search_glob("Op[1-35]", "Op4"));
	cr_expect(search_glob("Op[!1-3]", "Op4"));
	cr_expect(search_glob("a[]]b", "a]b"));
	cr_expect(search_glob("a[b", "a[b"));
	cr_expect(search_glob("a\\*b", "a*b"));
	cr_expect_not(search_glob("a\\*b", "axb"));
	cr_expect_not(search_glob("abc", "abcd"));
	cr_expect_not(search_glob("a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	cr_expect(search_is_glob("a*"));
	cr_expect_not(search_is_glob("a.b"));
}

static const char *const list[] = {"Op1_out", "Op2_out", "w", "Op10_out"};

static const char *name_of(const void *arg, uint32_t index)
{
	(void)arg;
	return list[index];
}

Test(search, select_by_glob_and_expression)
{
	struct search_hits hits = {0};
	struct error err = ERROR_INIT;

	cr_assert(search_select("Op1*", 4, name_of, NULL, &hits, &err));
	cr_assert_eq(hits.count, 2);
	cr_expect_eq(hits.items[1], 3);
	hits.count = 0;
	cr_assert(search_select("/^Op[0-9]_/", 4, name_of, NULL, &hits, &err));
	cr_assert_eq(hits.count, 2);
	cr_expect_eq(hits.items[1], 1);
	hits.count = 0;
	cr_expect_not(search_select("/Op(/", 4, name_of, NULL, &hits, &err));
	cr_expect(strstr(err.text, "/Op(/: "), "%s", err.text);
	error_clear(&err);
	cr_expect_not(search_select("/(Op+)+++++++++/", 4, name_of, NULL, &hits, &err));
	cr_expect(strstr(err.text, "repeats too much"), "%s", err.text);
	error_clear(&err);
	cr_expect_not(search_select("/(Op)\\1/", 4, name_of, NULL, &hits, &err));
	error_clear(&err);
	cr_expect(search_select(
		"/^([a-z]+[0-9]+_)+(x{2,5}|[]+*])?$/", 4, name_of, NULL, &hits, &err));
	ARRAY_RELEASE(&hits);
}
