#include "plan_models.h"

#include "plan/project.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "qdqedit project 1\n"

static char *written(struct fixture *f)
{
	struct project_info info = {0};
	size_t length;
	char *text;

	info.model = strdup("a \"net\".onnx");
	info.model_size = 1234;
	strcpy(info.digest, "0123456789abcdef");
	cr_assert(text_list_add(&info.ranges, "calib.json", NULL));
	cr_assert(project_add_mark(&info, 'a', true, "Op4"));
	text = project_write(f->plan, &info, &length);
	cr_assert(text);
	project_info_release(&info);
	return text;
}

Test(plan_project, what_is_written_is_read_back)
{
	struct fixture f = fixture_mixed8(), g = fixture_mixed8();
	struct error err = ERROR_INIT;
	struct problem_list problems = {0};
	struct project_info info;
	struct quant_options options;
	struct param_edit edit = {.tensor = tensor_of(&f, "Op1_out"),
		.set = {.has = ENTRY_RMIN | ENTRY_RMAX, .rmin = -0.1f, .rmax = 0.25f}};
	char *text, *again;

	cr_assert(options_copy(&options, f.plan->options, &err));
	options.per_channel = true;
	cr_assert(options_set(&options, "MinimumRealRange", "0.0001", &err));
	cr_assert(text_list_add(&options.nodes_to_exclude, "Op8", &err));
	cr_assert(plan_set_options(f.plan, &options, &err));
	options_release(&options);
	fixture_load(&f, "{\"input_1\": [{\"quant_type\": \"u16\"}]}");
	fixture_seed(&f, "Op4_out=QUInt16,symmetric node:Op1=u16 Op2_out>Op7=u16");
	cr_assert(plan_name_region(f.plan, 0, "heart", "two\nlines", &err));
	cr_assert(plan_set_params(f.plan, &edit, &err), "%s", err.text);
	text = written(&f);
	cr_assert(project_read(text, strlen(text), "p.qdq", g.plan, &problems, &err),
		"%s", err.text);
	cr_assert_eq(
		problems.count, 0, "%s", problems.count ? problems.items[0].cause : "");
	again = written(&g);
	cr_assert_str_eq(again, text);
	cr_assert_eq(g.plan->seeds.items[0].symmetric, YES);
	cr_assert_eq(g.plan->seeds.items[2].kind, SEED_READER);
	cr_assert_eq(g.plan->params.items[0].set.rmax, 0.25f);
	cr_assert(options_equal(f.plan->options, g.plan->options));
	cr_assert_str_eq(g.plan->seeds.items[0].note, "two\nlines");
	cr_assert(project_read_info(text, strlen(text), "p.qdq", &info, &err));
	cr_assert_str_eq(info.model, "a \"net\".onnx");
	cr_assert_eq(info.model_size, 1234);
	cr_assert_str_eq(info.ranges.items[0], "calib.json");
	cr_assert_eq(info.marks[0].letter, 'a');
	cr_assert(info.marks[0].node);
	project_info_release(&info);
	free(text);
	free(again);
	problem_clear(&problems);
	fixture_free(&f);
	fixture_free(&g);
}

Test(plan_project, a_changed_model_loses_only_what_is_gone)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	struct problem_list problems = {0};
	const char *text = HEAD "seed {\"tensor\": \"Op4_ou\", \"type\": \"QUInt16\"}\n"
				"seed {\"node\": \"Op9\", \"type\": \"QUInt16\"}\n"
				"seed {\"tensor\": \"Op5_out\", \"type\": \"QUInt16\"}\n"
				"seed {\"tensor\": \"Op5_out\", \"node\": \"Op1\", "
				"\"type\": \"QUInt16\"}\n"
				"entry {\"gone\": [{\"quant_type\": \"QUInt16\"}]}\n"
				"entry {\"Op1_out\": [{\"quant_type\": \"QUInt8\"}]}\n"
				"option colour \"red\"\n"
				"seed nonsense\n"
				"future {}\n";

	cr_assert(project_read(text, strlen(text), "p.qdq", f.plan, &problems, &err),
		"%s", err.text);
	cr_assert_eq(f.plan->seeds.count, 1);
	cr_assert_eq(f.plan->given->count, 1);
	cr_assert_eq(problems.count, 7);
	cr_assert_str_eq(problems.items[0].place, "p.qdq: line 2");
	cr_assert(strstr(problems.items[0].remedy, "'Op4_out'"));
	cr_assert_eq(plan_group_count(f.plan), 2);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_project, what_is_no_project)
{
	struct fixture f = fixture_mixed8();
	static const char *const texts[] = {"", "{}", "qdqedit project 2\n", "x\ny\n"};

	for (size_t i = 0; i < 4; i++) {
		struct error err = ERROR_INIT;
		struct problem_list problems = {0};

		cr_assert_not(project_read(
			texts[i], strlen(texts[i]), "p.qdq", f.plan, &problems, &err));
		cr_assert(strstr(err.text, "p.qdq: line 1"), "%s", err.text);
		problem_clear(&problems);
	}
	fixture_free(&f);
}

/* Edits with a journal beside them, cut at every byte: the replay is always the state
 * after a whole number of pieces. */
Test(plan_project, a_journal_may_be_cut_anywhere)
{
	enum { EDITS = 7 };
	static const char *const seeds[EDITS] = {"Op4_out=u16", "node:Op1=s16", "", "",
		"Op2_out>Op7=u16", "op:Cos=u16", "Op4_out=s16"};
	struct fixture f = fixture_mixed8();
	struct project_info none = {0};
	char *states[EDITS + 1], journal[8192];
	size_t ends[EDITS + 1], length;
	char *text = project_write(f.plan, &none, &length);

	plan_forget_history(f.plan);
	strcpy(journal, text);
	free(text);
	states[0] = strdup(fixture_json(&f));
	ends[0] = strlen(journal);
	for (int i = 0; i < EDITS; i++) {
		struct error err = ERROR_INIT;

		if (*seeds[i]) {
			cr_assert(plan_begin(f.plan, "an edit", &err));
			fixture_seed(&f, seeds[i]);
			plan_commit(f.plan);
			text = journal_group(
				f.plan, plan_group_count(f.plan) - 1, &length);
		} else {
			text = strdup(i == 2 ? JOURNAL_UNDO : JOURNAL_REDO);
			cr_assert(i == 2 ? plan_undo(f.plan) : plan_redo(f.plan));
		}
		strcat(journal, text);
		free(text);
		states[i + 1] = strdup(fixture_json(&f));
		ends[i + 1] = strlen(journal);
	}
	for (size_t cut = ends[0]; cut <= ends[EDITS]; cut += 3) {
		struct fixture g = fixture_mixed8();
		struct problem_list problems = {0};
		struct error err = ERROR_INIT;
		int at = 0;

		while (at < EDITS && ends[at + 1] - 1 <= cut)
			at++;
		cr_assert(
			journal_replay(journal, cut, "j", g.plan, &problems, NULL, &err),
			"%s", err.text);
		cr_assert_str_eq(fixture_json(&g), states[at], "cut at %zu", cut);
		problem_clear(&problems);
		fixture_free(&g);
	}
	for (int i = 0; i <= EDITS; i++)
		free(states[i]);
	fixture_free(&f);
}

/* A journal that begins with ranges that are in no file. */
Test(plan_project, a_journal_holds_measured_ranges)
{
	struct fixture f = fixture_mixed8(), g = fixture_mixed8();
	struct ranges ranges = {.measured = true, .source = "4 samples"};
	struct project_info none = {0};
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	tensor_id tensor = graph_find_tensor(f.graph, "Op2_out", 7);
	size_t length, more;
	char *base = project_write(f.plan, &none, &length), *piece, *text;

	cr_assert(ranges_set(&ranges, f.graph, tensor, -1.25, 0.1f, ELEMENT_FLOAT, &err));
	cr_assert(ranges_add_file(&ranges, "old.json", &err));
	cr_assert(plan_set_ranges(f.plan, &ranges, &err));
	piece = journal_ranges(f.plan, &more);
	text = test_text("%s%s", base, piece);
	cr_assert(journal_replay(text, strlen(text), "j", g.plan, &problems, NULL, &err),
		"%s", err.text);
	cr_assert_eq(problems.count, 0);
	cr_assert_eq(g.plan->ranges->count, 1);
	cr_assert_eq(ranges_find(g.plan->ranges, tensor)->low, -1.25);
	cr_assert_eq(ranges_find(g.plan->ranges, tensor)->high, 0.1f);
	cr_assert_str_eq(g.plan->ranges->source, "4 samples");
	cr_assert_str_eq(g.plan->ranges->files[0], "old.json");
	cr_assert(g.plan->ranges->measured);
	cr_assert(plan_ranges_saved(g.plan, "new.json", &err));
	cr_assert_not(g.plan->ranges->measured);
	free(base);
	free(piece);
	fixture_free(&f);
	fixture_free(&g);
}

/* What is asked before a journal is taken up: how many edits are in force, which last. */
Test(plan_project, a_journal_is_told_without_a_plan)
{
	static const char text[] =
		"qdqedit project 1\n"
		"model {\"file\": \"net.onnx\", \"size\": 1, \"digest\": \"00\"}\n"
		"@ \"one\"\n.\n@ \"two\"\ninsert seed 0 {}\n.\nundo\n@ \"three\"\n.\n"
		"@ \"four\"\n.\nundo\nredo\nundo\n@ \"cut off\"\ninsert seed";
	struct journal_summary summary;
	struct error err = ERROR_INIT;

	cr_assert(journal_summarize(text, strlen(text), "j", &summary, &err), "%s",
		err.text);
	cr_assert_str_eq(summary.model, "net.onnx");
	cr_assert_eq(summary.edits, 2);
	cr_assert_str_eq(summary.last[0], "three");
	cr_assert_str_eq(summary.last[1], "one");
	cr_assert_str_empty(summary.last[2]);
	cr_assert_not(journal_summarize("nonsense\n", 9, "j", &summary, &err));
	cr_assert_eq(summary.edits, 0);
}
