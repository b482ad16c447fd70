/* What is written for other tools, and the report of what is lost by that: whatever is
 * in the plan and not in the file that is read back is in the report, and nothing else.
 */
#include "chaos.h"
#include "cli_fixture.h"
#include "plan_models.h"

#include "export/export.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(export, .init = cli_begin);

#define SEEDED " --seed Op4_out=u16 --op-types all -r ranges.json "

Test(export, list_has_every_format)
{
	char *page = test_read_file(test_source("man/qdqedit.1"), NULL), *plain = page;
	char *list = cli_answer("export --list");
	json_t *json = cli_json("export --list --json");

	for (const char *c = page; (*plain = *c); c++)
		plain += *c != '\\';
	for (size_t i = 0; i < export_format_count; i++) {
		const char *name = export_formats[i].name;

		cr_expect(strstr(list, export_formats[i].about));
		cr_expect(strstr(page, test_text("\n.B %s\n", name)) ||
				  strstr(page, test_text("\n.BR %s \"", name)) ||
				  strstr(page, test_text("\" %s", name)),
			"the man page has no format %s", name);
	}
	cr_expect_eq(json_array_size(json), export_format_count);
}

/* The report to the byte, and the exit status that it makes. */
Test(export, report)
{
	static const char report[] =
		"lost  option  op-types     all  the format does not say what stays "
		"float\n"
		"lost  seed    Op4_out u16       the format says what is, not who asked "
		"for it\n"
		"lost  range   10 ranges         overrides alone; the ranges have a file "
		"of their own (ort-calibration)\n";
	struct test_result r = cli_run("export m.onnx --format ort" SEEDED);

	cr_expect_eq(r.status, 0);
	cr_expect_str_eq(r.out, test_read_file(test_path("o.json"), NULL));
	cr_expect_str_eq(r.err, report);
	r = cli_run(
		"export m.onnx --format ort --strict -o e.json --report r.txt" SEEDED);
	cr_expect_eq(r.status, 3);
	cr_expect_str_eq(r.err, report);
	cr_expect_str_eq(r.out, "");
	cr_expect_str_eq(test_read_file(test_path("r.txt"), NULL), report);
	cr_expect_eq(cli_shell("cmp o.json e.json").status, 0);
	r = cli_run("export m.onnx --format ort --strict -c o.json");
	cr_expect_eq(r.status, 0);
	cr_expect_str_eq(r.err, "");
}

Test(export, report_for_programs)
{
	json_t *json = cli_json("export m.onnx --format ort --json" SEEDED);
	json_t *losses = json_object_get(json, "losses");

	cr_assert_eq(json_array_size(losses), 12);
	json = json_array_get(losses, 1);
	cr_expect_str_eq(json_string_value(json_object_get(json, "kind")), "lost");
	cr_expect_str_eq(json_string_value(json_object_get(json, "item")), "seed");
	cr_expect_str_eq(
		json_string_value(json_object_get(json, "subject")), "Op4_out u16");
	cli_answer("export m.onnx --format ort --quiet -o e.json --report r.json" SEEDED);
	cr_expect(json_equal(
		losses, json_loads(test_read_file(test_path("r.json"), NULL), 0, NULL)));
}

Test(export, nothing_is_overwritten)
{
	cli_shell("mkdir there; cp o.json old.json");
	cli_refuses("export m.onnx -c o.json --format csv -o old.json", 1, "exists");
	cli_refuses("export m.onnx -c o.json --format csv -o o.json --force", 1,
		"is one of the input files");
	cli_refuses(
		"export m.onnx --format csv -o m.onnx --force", 1, "is the input file");
	cli_refuses("export m.onnx --format csv -o there --force", 1, "is a folder");
	cli_refuses("export m.onnx --format csv -o t.csv --report old.json", 1, "exists");
	cli_answer("export m.onnx -c o.json --format csv -o old.json --force --quiet");
}

/* Every format read back, by ONNX Runtime where it reads them: tests/peer/exports.py. */
static void read_back(const char *name)
{
	const char *model = strcmp(name, "rec") ? "" : test_need_model("rec.onnx");
	const char *folder = test_path("%s", name);
	const char *argv[] = {test_need_python(), test_source("tests/peer/exports.py"),
		"--program", test_program(), "--case", name, "--model", model, NULL};
	struct test_result r;

	cr_assert_eq(mkdir(folder, 0777), 0);
	r = test_run_with(
		&(struct test_command){.argv = argv, .folder = folder, .seconds = 240});
	cr_expect_eq(r.status, 0, "%s%s", r.out, r.err);
}

/* Scripts with ranges of the default mode run, and make the compatible model. */
static void run_scripts(const char *model, const char *seed, const char *shape)
{
	struct test_result r;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	r = TEST_PYTHON("tests/peer/scripts.py", test_program(), test_folder(), model,
		seed, shape);
	cr_expect_eq(r.status, 0, "%s%s", r.out, r.err);
	cr_expect(strstr(r.out, "same"), "%s", r.out);
}

Test(export, script_runs, .timeout = 300)
{
	struct test_result r;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	r = TEST_PYTHON("tests/peer/scripts.py", test_program(), test_folder());
	cr_expect_eq(r.status, 0, "%s%s", r.out, r.err);
	cr_expect(strstr(r.out, "same"), "%s", r.out);
}

Test(export, script_of_classifier_runs, .timeout = 300)
{
	run_scripts(test_need_model("cls.onnx"), "op:Softmax=u16", "1,3,48,96");
}

Test(export, script_of_detector_runs, .timeout = 300)
{
	run_scripts(test_need_model("det.onnx"), "op:Sigmoid=u16", "1,3,96,96");
}

Test(export, script_of_recognizer_runs, .timeout = 300)
{
	run_scripts(test_need_model("rec.onnx"), "op:Softmax=u16", "1,3,48,96");
}

Test(export, read_back_mixed8, .timeout = 300)
{
	read_back("mixed8");
}

Test(export, read_back_every_key, .timeout = 300)
{
	read_back("given");
}

Test(export, read_back_constants, .timeout = 300)
{
	read_back("convnet");
}

Test(export, read_back_recognizer, .timeout = 300)
{
	read_back("rec");
}

/* The export of one format with the allocation after `n` more failing; true if one did.
 * What calls itself done must be all there. */
static bool survives(struct fixture *f, const struct scores *scores,
	const struct export_format *format, const char *whole, unsigned long n)
{
	struct export_source source = {0};
	struct export_result made = {0};
	struct error err = ERROR_INIT;
	bool done, failed;

	chaos_start(n, n % 2);
	done = export_open(&source, f->plan, plan_outcome(f->plan, &err), NULL, "m.onnx",
		       &err) &&
	       export_take_scores(&source, scores, &err) &&
	       export_make(&source, format, "m", &made, &err);
	failed = chaos_stop();
	cr_expect(done || error_is_set(&err), "%s, allocation %lu", format->name, n);
	if (done)
		cr_expect_str_eq(
			made.items[0].text, whole, "%s, allocation %lu", format->name, n);
	export_release(&made);
	export_close(&source);
	return failed;
}

static void survives_all(struct fixture *f, const struct export_format *format)
{
	struct tensor_score items[] = {{tensor_of(f, "Op4_out"), 3}};
	const struct scores scores = {.items = items, .count = 1, .measure = "mse"};
	struct export_source source = {0};
	struct export_result made = {0};
	struct error err = ERROR_INIT;

	cr_assert(
		export_open(&source, f->plan, fixture_outcome(f), NULL, "m.onnx", &err) &&
			export_take_scores(&source, &scores, &err) &&
			export_make(&source, format, "m", &made, &err),
		"%s: %s", format->name, err.text);
	for (unsigned long n = 0;; n += 1 + n / 64) {
		cr_assert_lt(n, 1000000, "%s never ends", format->name);
		if (!survives(f, &scores, format, made.items[0].text, n))
			break;
	}
	export_release(&made);
	export_close(&source);
}

Test(export, memory, .timeout = 120)
{
	struct fixture f = fixture_mixed8();
	struct error err = ERROR_INIT;
	struct ranges ranges = {0};

	for (tensor_id t = 0; t < f.graph->main_tensors; t++)
		cr_assert(
			ranges_set(&ranges, f.graph, t, -1, 1 + t, ELEMENT_FLOAT, &err));
	cr_assert(plan_set_ranges(f.plan, &ranges, &err));
	fixture_seed(&f, "node:Op4=u16 Op5_out=u16");
	cr_assert(plan_name_region(f.plan, 0, "heart", "slow", &err));
	for (size_t i = 0; i < export_format_count; i++)
		survives_all(&f, &export_formats[i]);
	fixture_free(&f);
}

/* A project is a plan too. */
Test(export, project)
{
	test_write_text(test_path("p.qdq"),
		"qdqedit project 1\nmodel {\"file\": \"m.onnx\"}\nranges "
		"\"ranges.json\"\noption op-types \"all\"\nseed {\"tensor\": "
		"\"Op4_out\", \"type\": \"QUInt16\", \"region\": \"heart\", \"note\": "
		"\"slow\"}\n");
	struct test_result r = cli_run("export p.qdq --format ort");

	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect_str_eq(r.out, test_read_file(test_path("o.json"), NULL));
	cr_expect(strstr(r.err, "lost  region  heart        slow  "), "%s", r.err);
	r = cli_run("bounds p.qdq --seed Op1_out=u16");
	cr_expect(
		strstr(r.out, "region A heart  u16  Op1, Op3, Op4, Op5\n"), "%s", r.out);
}

/* Of a quantized model too; the script alone needs the float one. */
Test(export, quantized_model)
{
	struct test_result r;

	cli_answer("quantize m.onnx -o q.onnx --quiet" SEEDED);
	r = cli_run("export q.onnx --format ort");
	cr_expect_eq(r.status, 0);
	cr_expect_str_eq(r.out, test_read_file(test_path("o.json"), NULL));
	cr_expect_not(strstr(r.err, "renamed"), "%s", r.err);
	cli_refuses("export q.onnx --format ort-script", 1, "starts from a float model");
}

/* Nodes that were named on opening have another name in the file. */
Test(export, renamed_nodes)
{
	cli_refuses("export bad.onnx --format ort", 1, "bad.onnx");
	struct fixture f = fixture_mixed8();
	struct export_source source;
	struct export_result made;
	struct error err = ERROR_INIT;
	const char *old[8] = {0};

	fixture_seed(&f, "Op4_out=u16");
	cr_assert(
		export_open(&source, f.plan, fixture_outcome(&f), NULL, "m.onnx", &err));
	old[node_of(&f, "Op4")] = "";
	old[node_of(&f, "Op1")] = "x";
	source.old_names = old;
	cr_assert(export_make(&source, export_find("ort", &err), "m", &made, &err));
	cr_assert_eq(made.losses.count, 3);
	cr_expect_str_eq(made.losses.items[2].subject, "\"\" -> Op4");
	cr_expect_eq(made.losses.items[2].kind, LOSS_RENAMED);
	export_release(&made);
	export_close(&source);
	fixture_free(&f);
}

/* The nodes of a quantized model have the names of its file: Q and DQ are none of them,
 * also where a DQ writes what Op5 wrote before its Relu went. */
Test(export, nodes_of_a_quantized_model)
{
	cr_assert_eq(cli_run("demo mixed8 -o demo").status, 0);
	cr_assert_eq(cli_run("quantize demo/mixed8.onnx -r demo/ranges.json --op-types "
			     "all --seed node:Op4=u16 -o q.onnx")
			     .status,
		0);
	struct test_result r = cli_run("export q.onnx --format ort");

	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect(strstr(r.out, "\"recv_nodes\": [\"Op5\"]"), "%s", r.out);
	cr_expect_not(strstr(r.err, "renamed"), "%s", r.err);
}
