/* `import` as a user runs it. */
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static const char encodings[] =
	"{\"version\": \"1.0.0\", \"activation_encodings\": [{\"name\": \"Op2_out\", "
	"\"enc_type\": \"PER_TENSOR\", \"dtype\": \"INT\", \"bw\": 8, \"is_sym\": false, "
	"\"scale\": [0.015686275], \"offset\": [-64]}, {\"name\": \"Op4_out\", "
	"\"dtype\": "
	"\"INT\", \"bw\": 16, \"is_sym\": false, \"scale\": [0.5], \"offset\": "
	"[-32768]}], "
	"\"param_encodings\": [], \"excluded_layers\": [\"Op8\"]}";

static const char wanted[] =
	"{\n  \"Op4_out\": [{\"quant_type\": \"QUInt16\", \"scale\": 0.5, "
	"\"zero_point\": "
	"32768}],\n  \"Op2_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 0.015686275, "
	"\"zero_point\": 64}]\n}\n";

static void begin(void)
{
	cli_begin();
	test_write_text(test_path("e.json"), encodings);
	test_write_text(test_path("s.csv"), "tensor,mse\nOp4_out,3\nOp5_out,7\nOp9,1\n");
	test_write_text(test_path("plain.json"), "{\"Op4_out\": 3, \"Op5_out\": 7}");
}

TestSuite(cli_import, .init = begin);

#define IMPORT "import e.json m.onnx --op-types all"

Test(cli_import, overrides_and_ranges)
{
	struct test_result run;

	cr_expect_str_eq(cli_answer(IMPORT), wanted);
	cli_answer(IMPORT " -o got.json --save-ranges got_ranges.json");
	cr_expect_str_eq(test_read_file(test_path("got.json"), NULL), wanted);
	cr_expect(strstr(test_read_file(test_path("got_ranges.json"), NULL),
		"\"Op4_out\": {\"lowest\": {\"data\": [-16384.0]"));
	run = cli_run(IMPORT);
	cr_expect(strstr(run.err, "1 node stays float, 'Op8'"), "%s", run.err);
	run = cli_run("check m.onnx -r ranges.json -c got.json --op-types all");
	cr_expect_eq(run.status, 0, "%s", run.out);
}

/* A project holds all of it. */
Test(cli_import, into_a_project)
{
	char *text;

	cli_answer(IMPORT " --save-ranges r.json -o p.qdq");
	text = test_read_file(test_path("p.qdq"), NULL);
	cr_expect(strstr(text, "ranges \"r.json\""), "%s", text);
	cr_expect(strstr(text, "\"Op8\""), "%s", text);
	cr_expect(strstr(text,
			  "\"Op4_out\": [{\"quant_type\": \"QUInt16\", \"scale\": 0.5"),
		"%s", text);
}

Test(cli_import, as_json)
{
	json_t *answer = cli_json(IMPORT " --json");

	cr_expect_str_eq(
		json_string_value(json_object_get(answer, "format")), "encodings");
	cr_expect_eq(json_object_size(json_object_get(answer, "overrides")), 2);
	cr_expect_eq(json_object_size(json_object_get(answer, "ranges")), 2);
	cr_expect_eq(json_array_size(json_object_get(answer, "float_nodes")), 1);
	cr_expect_eq(json_array_size(json_object_get(answer, "losses")), 0);
	cr_expect(json_is_null(json_object_get(answer, "worst")));
	json_decref(answer);
}

Test(cli_import, scores)
{
	struct test_result run = cli_run("import s.csv m.onnx");

	cr_expect_eq(run.status, 0);
	cr_expect_str_eq(run.out, "7            Op5_out\n3            Op4_out\n");
	cr_expect(strstr(run.err, "'Op9': the model has no tensor of this name"), "%s",
		run.err);
	run = cli_run("import plain.json m.onnx");
	cr_expect_str_eq(run.out, "3            Op4_out\n7            Op5_out\n");
	cr_expect(strstr(run.err, "--higher"), "%s", run.err);
	cr_expect_str_eq(cli_answer("import plain.json m.onnx --higher worse"),
		"7            Op5_out\n3            Op4_out\n");
	cr_expect_str_eq(cli_answer("import s.csv m.onnx --top 1 --op-types all"),
		cli_answer("promote m.onnx Op5_out=QUInt16 --op-types all"));
	cr_expect_str_eq(cli_answer("import plain.json m.onnx --top 50% --higher better "
				    "--op-types all"),
		cli_answer("promote m.onnx Op4_out=QUInt16 --op-types all"));
}

/* --strict: 3 when something had no place; the result is written all the same. */
Test(cli_import, strict)
{
	struct test_result run;

	cr_expect_eq(cli_run(IMPORT " --strict").status, 0);
	run = cli_run("import s.csv m.onnx --strict");
	cr_expect_eq(run.status, 3);
	cr_expect_neq(*run.out, '\0');
}

Test(cli_import, report)
{
	json_t *answer = cli_json("import s.csv m.onnx --report lost.txt --json");
	json_t *loss = json_array_get(json_object_get(answer, "losses"), 0);
	char *text = test_read_file(test_path("lost.txt"), NULL);

	cr_expect_eq(json_array_size(json_object_get(answer, "losses")), 1);
	cr_expect_str_eq(json_string_value(json_object_get(loss, "subject")), "'Op9'");
	cr_expect(strstr(text, "lost"), "%s", text);
	cr_expect(strstr(text, "the model has no tensor of this name"), "%s", text);
	json_decref(answer);
	cli_refuses("import s.csv m.onnx --report lost.txt", 1, "lost.txt: exists");
}

/* Float tensors that a quantized node reads. */
Test(cli_import, float_tensors)
{
	const char *text = "{\"encodings\": [{\"name\": \"input_0\", \"output_dtype\": "
			   "\"float16\"}, {\"name\": \"Op2_out\", \"output_dtype\": "
			   "\"uint8\", \"y_scale\": 1}]}";

	test_write_text(test_path("f.json"), text);
	cr_expect_eq(cli_run("import f.json m.onnx --strict").status, 3);
	cr_expect_eq(cli_run("import f.json m.onnx --strict --accept-float").status, 0);
}

Test(cli_import, a_region)
{
	test_write_text(test_path("q.json"),
		"{\"subgraphs\": [{\"name\": \"heart\", \"start_nodes\": [\"Op4\"], "
		"\"end_nodes\": [\"Op5\"]}]}");
	cr_expect_str_eq(cli_answer("import q.json m.onnx --op-types all"),
		cli_answer("promote m.onnx node:Op4=QUInt16 node:Op5=QUInt16 --op-types "
			   "all"));
	cli_answer("import q.json m.onnx --op-types all -o q.qdq");
	cr_expect(strstr(
		test_read_file(test_path("q.qdq"), NULL), "\"region\": \"heart\""));
}

/* The overrides and ranges that a model was quantized with, with and without its float
 * model. */
Test(cli_import, a_quantized_model)
{
	struct test_result run;
	json_t *answer, *wanted_json, *got;

	cli_answer("quantize m.onnx -r ranges.json -c o.json --op-types all -o q.onnx");
	run = cli_run("import q.onnx m.onnx --save-ranges r.json -o got.json");
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect(strstr(run.err, "it was made with --activation-type QUInt8"), "%s",
		run.err);
	wanted_json = json_load_file(test_path("o.json"), 0, NULL);
	got = json_load_file(test_path("got.json"), 0, NULL);
	cr_expect(json_equal(got, wanted_json));
	json_decref(got);
	json_decref(wanted_json);
	cli_answer("quantize m.onnx -r r.json -c got.json --op-types all -o q2.onnx");
	cr_expect_str_eq(cli_answer("import q.onnx"), cli_answer("import q2.onnx"));
	wanted_json = json_loads(cli_answer("import q.onnx"), 0, NULL);
	got = json_load_file(test_path("got.json"), 0, NULL);
	cr_expect(json_equal(got, wanted_json));
	json_decref(got);
	json_decref(wanted_json);
	answer = cli_json("import q.onnx --json");
	cr_expect_str_eq(json_string_value(json_object_get(answer, "format")), "onnx");
	cr_expect(strstr(json_string_value(json_object_get(answer, "options")),
		"--activation-type QUInt8"));
	json_decref(answer);
	cli_refuses("import m.onnx", 1, "m.onnx: it is not quantized");
	cli_refuses("import m.onnx m.onnx", 1, "m.onnx: it is not quantized");
	cli_refuses("import q.onnx c.onnx", 1, "c.onnx");
	cli_refuses("import - m.onnx --format onnx", 1, "");
}

Test(cli_import, a_quantized_model_of_another)
{
	struct test_result run;

	cli_answer("quantize m.onnx -r ranges.json -c o.json --op-types all -o q.onnx");
	cli_answer("demo convnet -o c");
	cli_refuses("import q.onnx c/convnet.onnx", 1, "nothing in it has a place");
	run = cli_run("import q.onnx q.onnx");
	cr_expect_eq(run.status, 0, "%s", run.err);
}

Test(cli_import, from_standard_input)
{
	struct test_result run =
		cli_run_with("import - m.onnx --op-types all", encodings);

	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_str_eq(run.out, wanted);
}

Test(cli_import, what_is_refused)
{
	cli_refuses("import e.json", 2, "the MODEL that 'e.json' is for is wanted");
	cli_refuses("import", 2, "wanted");
	cli_refuses("import nothing.json m.onnx", 1, "nothing.json: cannot be read");
	cli_refuses("import e.json bad.onnx", 1, "bad.onnx");
	cli_refuses("import bad.onnx m.onnx", 1, "bad.onnx: it is of no format");
	cli_refuses("import e.json m.onnx --format encodinks-x", 2, "no such format");
	cli_refuses("import e.json m.onnx --format ort-calibration", 1, "e.json");
	cli_refuses("import e.json m.onnx --top x", 2, "--top 'x'");
	cli_refuses("import e.json m.onnx --top 0", 2, "--top '0'");
	cli_refuses("import e.json m.onnx --top 101%", 2, "--top '101%'");
	cli_refuses("import e.json m.onnx --higher up", 2, "--higher");
	cli_refuses("import plain.json m.onnx --top 1", 1, "high scores are good or bad");
	cli_refuses("import s.csv m.onnx -o x.json", 2, "it gives scores");
	cli_refuses("import ranges.json m.onnx", 2, "--save-ranges");
	cli_refuses(
		"import e.json m.onnx -o e.json --force", 1, "one of the input files");
	cli_refuses("import e.json m.onnx -o m.onnx --force", 1, "is the input file");
	cli_refuses("import ranges.json m.onnx --save-ranges ranges.json --force", 1,
		"one of the input files");
	cli_refuses("import e.json m.onnx -o x --save-ranges x", 2, "two files");
	cli_refuses("import e.json m.onnx -o o.json", 1, "o.json: exists");
	cli_refuses("import - -", 2, "a model cannot be standard input");
}

/* What ONNX Runtime's own tools write of a demo. */
Test(cli_import, the_peers_own_files, .timeout = 240)
{
	struct test_result run;
	json_t *answer;

	cli_answer("demo convnet -o c");
	run = TEST_PYTHON("tests/unit/ort_results.py", test_path("c"));
	cr_assert_eq(run.status, 0, "%s", run.err);
	answer = cli_json("import c/debug.json c/convnet.onnx --json --strict");
	cr_expect_str_eq(
		json_string_value(json_object_get(answer, "format")), "ort-loss-debug");
	cr_expect_str_eq(
		json_string_value(json_object_get(answer, "worst")), "low first");
	cr_expect(json_array_size(json_object_get(answer, "scores")) >= 14);
	json_decref(answer);
	answer = cli_json("import c/calibration.json c/convnet.onnx --json --strict");
	cr_expect_str_eq(
		json_string_value(json_object_get(answer, "format")), "ort-calibration");
	cr_expect_eq(json_object_size(json_object_get(answer, "ranges")), 11);
	json_decref(answer);
	answer = cli_json("import c/calibration.cache c/convnet.onnx --json --strict");
	cr_expect_str_eq(
		json_string_value(json_object_get(answer, "format")), "ort-cache");
	cr_expect_eq(json_object_size(json_object_get(answer, "ranges")), 11);
	json_decref(answer);
	answer = cli_json("import c/q.onnx c/convnet.onnx --json --strict");
	cr_expect_eq(json_object_size(json_object_get(answer, "overrides")), 0);
	cr_expect_eq(json_object_size(json_object_get(answer, "ranges")), 11);
	json_decref(answer);
}

Test(cli_import, list)
{
	char *text = cli_answer("import --list");
	json_t *list = cli_json("import --list --json");

	cr_expect(strstr(text, "encodings "));
	cr_expect(json_array_size(list) > 10);
	json_decref(list);
}
