#include "plan_models.h"

#include "plan/scores.h"
#include "plan/unplaced.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What reading a text as scores of mixed8 gives. */
struct reading {
	struct fixture f;
	struct scores scores;
	struct problem_list problems;
	bool done;
};

static struct reading read_bytes(const char *text, size_t length)
{
	struct reading r = {.f = fixture_mixed8()};
	struct error err = ERROR_INIT;

	r.done = scores_read(
		&r.scores, r.f.graph, text, length, "s.txt", &r.problems, &err);
	cr_assert_not(error_is_set(&err), "%s", err.text);
	cr_assert_eq(r.done, !problem_count(&r.problems, SEVERITY_ERROR));
	return r;
}

static void end(struct reading *r)
{
	scores_release(&r->scores);
	problem_clear(&r->problems);
	fixture_free(&r->f);
}

/* "Op1_out=3 Op2_out=nan" in the order of the scores. */
static const char *told(const struct reading *r)
{
	static char text[512];
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < r->scores.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%g",
			i ? " " : "",
			graph_tensor_name(r->f.graph, r->scores.items[i].tensor),
			r->scores.items[i].value);
	return text;
}

static void gives(const char *text, enum score_order order, bool decibels,
	const char *measure, const char *scores)
{
	struct reading r = read_bytes(text, strlen(text));

	cr_assert(r.done, "%s: %s", text,
		r.problems.count ? r.problems.items[0].cause : "");
	cr_expect_eq(r.scores.order, order, "%s", text);
	cr_expect_eq(r.scores.decibels, decibels, "%s", text);
	cr_expect_str_eq(r.scores.measure, measure);
	cr_expect_str_eq(told(&r), scores, "%s gives %s", text, told(&r));
	cr_expect_eq(unplaced_count(&r.problems, true), 0);
	end(&r);
}

Test(plan_scores, csv)
{
	gives("tensor,sqnr\nOp1_out,30\nOp2_out,20.5\n", SCORES_LOW_FIRST, true, "sqnr",
		"Op2_out=20.5 Op1_out=30");
	gives("\xef\xbb\xbfLayer Name;Kind;MSE\r\nOp1;x;1e-3\r\n\"Op2_out\";y;2\r\n",
		SCORES_HIGH_FIRST, false, "mse", "Op2_out=2 Op1_out=0.001");
	gives("Op1_out,3\nOp2_out,1\n", SCORES_UNORDERED, false, "",
		"Op1_out=3 Op2_out=1");
	gives("# by hand\nOp1_out,a,3\n\nOp2_out,b,1", SCORES_UNORDERED, false, "",
		"Op1_out=3 Op2_out=1");
	gives("tensor\tvalue\nOp1_out\tnan\nOp2_out\tinf\nOp3_out\t\nOp4_out\tnull\n",
		SCORES_UNORDERED, false, "value", "Op1_out=nan Op2_out=inf");
}

/* The columns of `compare --csv`; a tensor has two rows where it is converted. */
Test(plan_scores, own_comparison)
{
	gives("tensor,type,converted,output,sqnr_db,before_sqnr_db,cosine,max_error,"
	      "mean_error\n\"Op2_out\",QUInt8,0,0,31.5,,0.9,1,2\n"
	      "\"Op2_out\",QUInt16,1,0,29,,0.9,1,2\n\"Op1_out\",QUInt8,0,0,30,,1,1,1\n",
		SCORES_LOW_FIRST, true, "sqnr_db", "Op2_out=29 Op1_out=30");
	gives("{\"samples\": 3, \"outputs\": [], \"tensors\": [{\"tensor\": \"Op1_out\", "
	      "\"type\": \"u8\", \"converted\": false, \"sqnr\": 20, \"cosine\": 1}, "
	      "{\"tensor\": \"Op2_out\", \"sqnr\": null, \"cosine\": 1}]}",
		SCORES_LOW_FIRST, true, "sqnr", "Op1_out=20");
	gives("{\"ranking\": [{\"tensor\": \"Op1_out\", \"alone\": 20, \"chosen\": true},"
	      "{\"tensor\": \"Op2_out\", \"alone\": 30, \"chosen\": true}]}",
		SCORES_LOW_FIRST, true, "alone", "Op1_out=20 Op2_out=30");
}

Test(plan_scores, json_of_names)
{
	gives("{\"Op1_out\": 2, \"Op2_out\": 3}", SCORES_UNORDERED, false, "",
		"Op1_out=2 Op2_out=3");
	gives("{\"Op1_out\": 2, \"Op2_out\": NaN, \"Op3_out\": Infinity}",
		SCORES_UNORDERED, false, "", "Op1_out=2 Op2_out=nan Op3_out=inf");
	gives("[[\"Op1_out\", 2], [\"Op2\", 3]]", SCORES_UNORDERED, false, "",
		"Op1_out=2 Op2_out=3");
	gives("[{\"name\": \"Op1_out\", \"kl\": 2}, {\"name\": \"Op2\", \"kl\": 3}]",
		SCORES_HIGH_FIRST, false, "kl", "Op2_out=3 Op1_out=2");
	gives("{\"mse\": {\"Op1_out\": 2, \"Op2_out\": 3}}", SCORES_HIGH_FIRST, false,
		"mse", "Op2_out=3 Op1_out=2");
	gives("{\"scores\": [[\"Op1_out\", 2]]}", SCORES_UNORDERED, false, "",
		"Op1_out=2");
}

/* compute_activation_error and compute_weight_error of ONNX Runtime's qdq_loss_debug. */
Test(plan_scores, qdq_loss_debug)
{
	gives("{\"Op1_out\": {\"qdq_err\": 40.5, \"xmodel_err\": 30}, "
	      "\"Op2_out\": {\"xmodel_err\": 10, \"qdq_err\": 20}}",
		SCORES_LOW_FIRST, true, "qdq_err", "Op2_out=20 Op1_out=40.5");
	gives("{\"activations\": {\"Op1_out\": {\"qdq_err\": 40.5}}, "
	      "\"weights\": {\"Op2_out\": 20}}",
		SCORES_LOW_FIRST, true, "qdq_err", "Op2_out=20 Op1_out=40.5");
}

Test(plan_scores, aimet)
{
	gives("[[[[\"activation\", \"Op4_out\"]], \"((8, int), (8, int))\", 0.713, 0.12],"
	      "[[[\"activation\", \"Op5_out\"], [\"weight\", \"Op1_out\"]], \"((8, "
	      "int))\","
	      " 0.5, 0.09], [[[\"activation\", \"Op4_out\"]], \"x\", 0.9, 0.2]]",
		SCORES_LOW_FIRST, false, "accuracy",
		"Op5_out=0.5 Op1_out=0.5 Op4_out=0.713");
	gives("[[0.9, 0.71, [[\"activation\", \"Op4_out\"]], \"((8, int), (8, int))\"],"
	      "[0.8, 0.7, [[\"activation\", \"Op5_out\"]], \"((8, int), (8, int))\"]]",
		SCORES_LOW_FIRST, false, "accuracy", "Op5_out=0.7 Op4_out=0.71");
	gives("{\"ranking\": [{\"rank\": 1, \"name\": \"Op4\", \"score\": 9}, "
	      "{\"rank\": 2, \"name\": \"Op5\", \"score\": 3}]}",
		SCORES_HIGH_FIRST, false, "score", "Op4_out=9 Op5_out=3");
	gives("{\"ranking\": [{\"rank\": 1, \"name\": \"Op4\", \"score\": 3}, "
	      "{\"rank\": 2, \"name\": \"Op5\", \"score\": 9}]}",
		SCORES_LOW_FIRST, false, "score", "Op4_out=3 Op5_out=9");
}

/* A candidate that is switched off has no say. */
Test(plan_scores, quark)
{
	gives("{\"version\": \"0.13\", \"cache_key\": \"x\", \"results\": [{\"name\": "
	      "\"a\", \"candidate_nodes\": [\"Op4\", \"Op5\"], \"score\": 0.5, "
	      "\"all_config_scores\": [0.5], \"best_config_index\": 0, \"enabled\": "
	      "true},"
	      "{\"name\": \"b\", \"candidate_nodes\": [\"Op1\"], \"score\": 0.1, "
	      "\"all_config_scores\": [0.1], \"best_config_index\": 0, \"enabled\": "
	      "false},"
	      "{\"name\": \"c\", \"candidate_nodes\": [\"Op2\"], \"score\": 0.25, "
	      "\"all_config_scores\": [0.25], \"best_config_index\": 0}]}",
		SCORES_LOW_FIRST, false, "distance",
		"Op2_out=0.25 Op4_out=0.5 Op5_out=0.5");
}

Test(plan_scores, an_order_given_later)
{
	const char *text = "Op1_out,2\nOp2_out,3\nOp3_out,nan\nOp1_out,5\nOp4_out,3\n";
	struct reading r = read_bytes(text, strlen(text));

	cr_assert(scores_sort(&r.scores, r.f.graph, SCORES_HIGH_FIRST, NULL));
	cr_expect_str_eq(told(&r), "Op3_out=nan Op1_out=5 Op2_out=3 Op4_out=3");
	cr_expect_eq(r.scores.order, SCORES_HIGH_FIRST);
	cr_assert(scores_sort(&r.scores, r.f.graph, SCORES_LOW_FIRST, NULL));
	cr_expect_str_eq(told(&r), "Op3_out=nan Op2_out=3 Op4_out=3 Op1_out=5");
	end(&r);
}

/* What cannot be placed is told with the nearest names; the rest is taken. */
Test(plan_scores, names_of_another_model)
{
	const char *text = "{\"Op1_ou\": 2, \"Op2_out\": 3, \"Op44\": 1, \"Op1\": []}";
	struct reading r = read_bytes(text, strlen(text));

	cr_assert(r.done);
	cr_expect_str_eq(told(&r), "Op2_out=3");
	cr_assert_eq(unplaced_count(&r.problems, true), 3);
	cr_expect_str_eq(r.problems.items[0].place, "s.txt: 'Op1_ou'");
	cr_expect_str_eq(
		r.problems.items[0].cause, "the model has no tensor of this name");
	cr_expect_str_eq(r.problems.items[0].remedy,
		"did you mean 'Op1_out' or 'Op2_out' or 'Op3_out'?");
	cr_expect(strstr(r.problems.items[1].remedy, "'Op4'"));
	cr_expect_str_eq(r.problems.items[2].cause, "a list where a score belongs");
	end(&r);
}

static void refused(const char *text, size_t length, const char *place, const char *cause)
{
	struct reading r = read_bytes(text, length);

	cr_assert_not(r.done, "%.40s", text);
	for (size_t i = 0; i < r.problems.count; i++) {
		const struct problem *p = &r.problems.items[i];

		if (p->severity != SEVERITY_ERROR)
			continue;
		cr_expect_str_eq(p->place, place);
		cr_expect(strstr(p->cause, cause), "%s", p->cause);
		cr_expect_neq(*p->remedy, '\0');
		end(&r);
		return;
	}
	cr_assert_fail("no error");
}

static void refused_z(const char *text, const char *place, const char *cause)
{
	refused(text, strlen(text), place, cause);
}

Test(plan_scores, what_is_no_file_of_scores)
{
	refused_z("", "s.txt", "no score");
	refused_z("hello", "s.txt: line 1", "no score is on the line");
	refused_z("tensor,score\n", "s.txt", "no score");
	refused_z("Op1_out,1\nOp2_out,x\n", "s.txt: line 2", "no number");
	refused_z("Op1_out,1\n\"Op2\n,3\n", "s.txt: line 4", "not closed");
	refused_z("\"Op1_out\"x,1\n", "s.txt: line 1", "behind a quoted field");
	refused_z("Op1_out,1\nOp2_out\n", "s.txt: line 2", "no score is on the line");
	refused_z("{\"Op1_out\": 1,}", "s.txt: line 1", "expected");
	refused_z("{\"Op1_out\": 1, \"Op1_out\": 2}", "s.txt: line 1", "duplicate");
	refused_z("{\"x\": 1}", "s.txt", "no score of a tensor of this model");
	refused_z("[1, 2]", "s.txt: [0]", "no score");
	refused_z("[[[[\"activation\", 3]], \"x\", 1, 1]]", "s.txt: [0]", "no score");
	refused_z("[[[[\"activation\", \"Op1_out\"]], \"x\", \"y\", 1]]", "s.txt: [0]",
		"no score");
	refused_z("[{\"name\": \"Op1_out\"}]", "s.txt: [0]", "no score");
	refused_z("{\"results\": [{\"candidate_nodes\": [4], \"score\": 1}]}",
		"s.txt: [0]", "no score");
	refused("Op1_out\0,1\n", 11, "s.txt", "no score of a tensor of this model");
	refused("Op1_out,1\nOp2_out,1\0x\n", 22, "s.txt: line 2", "no number");
}

/* A line of nothing but commas ends where a table of scores would. */
Test(plan_scores, many_fields_and_deep_json)
{
	char *commas = malloc(100000), *deep = malloc(100000);

	memset(commas, ',', 100000);
	memset(deep, '[', 100000);
	refused(commas, 100000, "s.txt: line 1", "too many fields");
	refused(deep, 100000, "s.txt: line 1", "depth");
	free(commas);
	free(deep);
}

Test(plan_scores, a_file)
{
	struct fixture f = fixture_mixed8();
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	struct scores scores;

	cr_assert_not(scores_load(&scores, f.graph, "/nonexistent/s.csv",
		SCORES_LOW_FIRST, &problems, &err));
	cr_expect(strstr(err.text, "/nonexistent/s.csv: cannot be read"), "%s", err.text);
	fixture_free(&f);
}
