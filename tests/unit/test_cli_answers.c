/* What the batch commands answer: text for people, JSON for programs. */
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(cli_answers, .init = cli_begin);

/* command-line.md section 3, to the byte. */
Test(cli_answers, promote)
{
	static const char expected[] =
		"{\n"
		"  \"Op4_out\": [{\"quant_type\": \"QUInt16\"}],\n"
		"  \"Op2_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
		"{\"quant_type\": \"QUInt16\", \"recv_nodes\": [\"Op4\"]}}],\n"
		"  \"Op5_out\": [{\"quant_type\": \"QUInt16\", \"convert\": "
		"{\"quant_type\": \"QUInt8\", \"recv_nodes\": [\"Op6\"]}}],\n"
		"  \"Op3_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
		"{\"quant_type\": \"QUInt16\", \"recv_nodes\": [\"Op5\"]}}]\n"
		"}\n";
	struct test_result r = cli_run("promote m.onnx Op4_out=QUInt16 --op-types all");

	cr_expect_str_eq(r.out, expected);
	cr_expect_str_eq(r.err, "");
	r = cli_run("promote m.onnx Op4_out=QUInt16 --op-types all --ort-compatible");
	cr_expect_str_eq(r.out, expected);
	cli_answer("promote m.onnx Op4_out=u16 --op-types all -o p.json");
	cr_expect_str_eq(test_read_file(test_path("p.json"), NULL), expected);
	cr_expect_str_eq(cli_answer("promote m.onnx -c p.json --op-types all"), expected);
	cr_expect_str_eq(
		cli_answer("promote m.onnx Op4_out=u16 --op-types all -o -"), expected);
}

/* Biases become int32 whatever their node runs in. */
Test(cli_answers, promote_leaves_biases_alone)
{
	cli_shell("$Q demo convnet -o c");
	cr_expect_str_eq(cli_answer("promote c/convnet.onnx node:depthwise=QUInt16"),
		"{\n"
		"  \"depthwise_out\": [{\"quant_type\": \"QUInt16\", \"convert\": "
		"{\"quant_type\": \"QUInt8\", \"recv_nodes\": "
		"[\"depthwise_norm\"]}}],\n"
		"  \"stem_relu_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
		"{\"quant_type\": \"QUInt16\", \"recv_nodes\": "
		"[\"depthwise\"]}}]\n"
		"}\n");
}

/* The later of two seeds of one thing counts, and that is told. */
Test(cli_answers, promote_tells_of_seeds_that_make_way)
{
	struct test_result result;

	result = cli_run("promote m.onnx Op4_out=u16 Op4_out=u8 --op-types all");
	cr_expect_null(strstr(result.out, "QUInt16"), "%s", result.out);
	cr_expect(strstr(result.err, "seed 'Op4_out=u8': takes the place of 1 seed"),
		"%s", result.err);
	result = cli_run("promote m.onnx Op4_out=u16 Op4_out=u16 --op-types all");
	cr_expect_null(strstr(result.err, "takes the place"), "%s", result.err);
}

Test(cli_answers, bounds)
{
	cr_expect_str_eq(cli_answer("bounds m.onnx -c o.json --op-types all"),
		"tensor   from  to   bytes  for  stays for\n"
		"Op2_out  u8    u16  18     Op4  Op7, Op8\n"
		"Op5_out  u16   u8   18     Op6  -\n"
		"Op3_out  u8    u16  18     Op5  -\n"
		"region A  u16  Op4, Op5\n"
		"3 DQ->Q conversions, 2 of 8 nodes in 16 bit, 54 bytes through them\n");
	cr_expect_str_eq(cli_answer("bounds m.onnx --op-types all"),
		"0 DQ->Q conversions, 0 of 8 nodes in 16 bit\n");
}

Test(cli_answers, why)
{
	cr_expect_str_eq(cli_answer("why m.onnx Op4_out node:Op5 --seed Op4_out=u16 "
				    "--op-types all"),
		"Op4_out  u16\n"
		"  1 you set Op4_out to u16  (seed)\n"
		"Op5  Mul  u16\n"
		"  1 you set Op4_out to u16  (seed)\n"
		"  2 Op5 reads it, so Op5 runs in u16\n"
		"  3 it belongs to region A\n");
	cli_refuses("why m.onnx Op4_out Op44", 1, "no tensor or node has this name");
}

Test(cli_answers, info)
{
	char *text = cli_answer("info m.onnx");

	cr_expect(strstr(text, "model       m.onnx\n"), "%s", text);
	cr_expect(strstr(text, "nodes       8 in the main graph, 0 in 0 subgraphs\n"));
	cr_expect(strstr(text, "opset       ai.onnx 21\n"), "%s", text);
	cr_expect(strstr(text, "Sigmoid 2\n"), "%s", text);
}

/* As in the file, though Constants are planned on as initializers. */
Test(cli_answers, info_of_constants)
{
	const char *path = test_need_model("cls.onnx");
	char *text = cli_answer(test_text("info %s", path));

	cr_expect(strstr(text, " 0 initializers, "), "%s", text);
	cr_expect(strstr(text, "Constant "), "%s", text);
}

Test(cli_answers, check)
{
	struct test_result r;

	cr_expect_str_eq(
		cli_answer("check m.onnx -c o.json -r ranges.json --op-types all"),
		"0 errors, 0 warnings\n");
	test_write_text(test_path("bad.json"),
		"{\"Op44_out\": [{\"quant_type\": \"QUInt16\"}], \"Op4_out\": "
		"[{\"quant_type\": \"QUInt16\", \"convert\": {\"quant_type\": "
		"\"QUInt8\", \"recv_nodes\": [\"Op8\"]}}]}");
	r = cli_run("check m.onnx -c bad.json --op-types all");
	cr_expect_eq(r.status, 3);
	cr_expect(strstr(r.out, "error: bad.json: 'Op44_out'"), "%s", r.out);
	cr_expect(strstr(r.out, "\n2 errors, 0 warnings\n"), "%s", r.out);
	cr_expect_str_eq(r.err, "");
	cli_refuses("bounds m.onnx -c bad.json", 1, "(and 1 more: qdqedit check)");
}

Test(cli_answers, quantize)
{
	struct test_result r = cli_run(
		"quantize m.onnx -c o.json -r ranges.json --op-types all -o q.onnx");

	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_expect(strstr(r.out, "13 Q, 14 DQ, 3 conversions"), "%s", r.out);
	r = cli_run("quantize m.onnx -c o.json -r ranges.json --op-types all -o q2.onnx "
		    "--quiet");
	cr_expect_str_eq(r.out, "");
	cr_expect_str_eq(r.err, "");
	cr_expect_eq(cli_shell("cmp q.onnx q2.onnx").status, 0);
}

static const struct {
	const char *line;
	const char *key; /* of the object, NULL: an array */
} documents[] = {
	{"info m.onnx --json", "operators"},
	{"promote m.onnx Op4_out=u16 --op-types all --json", "overrides"},
	{"promote m.onnx Op4_out=u16 --op-types all --json -o -", "cost"},
	{"promote m.onnx Op4_out=u16 --op-types all --json -o j.json", "output"},
	{"bounds m.onnx -c o.json --json", "boundaries"},
	{"why m.onnx Op4_out Op5 --json", NULL},
	{"check m.onnx -c o.json --json", "problems"},
	{"prepare m.onnx -o j.onnx --json", "constants"},
	{"quantize m.onnx -r ranges.json -o k.onnx --json", "dequantize_nodes"},
	{"demo --list --json", NULL},
};

Test(cli_answers, json_is_one_document)
{
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		const char *key = documents[i].key;
		json_t *json = cli_json(documents[i].line);

		cr_expect(key ? json_object_get(json, key) != NULL
			      : json_array_size(json) > 0,
			"%s: %s", documents[i].line, json_dumps(json, 0));
	}
}

Test(cli_answers, json_tells_what_was_written)
{
	json_t *json = cli_json("quantize m.onnx -c o.json -r ranges.json --op-types all "
				"-o q.onnx --json");
	size_t length;

	test_read_file(test_path("q.onnx"), &length);
	cr_expect_eq(
		json_integer_value(json_object_get(json, "bytes")), (json_int_t)length);
	cr_expect_str_eq(json_string_value(json_object_get(json, "output")), "q.onnx");
	cr_expect_eq(json_integer_value(json_object_get(json, "conversions")), 3);
	json = cli_json("bounds m.onnx -c o.json --op-types all --json");
	cr_expect_eq(json_array_size(json_object_get(json, "boundaries")), 3);
	cr_expect_str_eq(json_string_value(json_object_get(
				 json_array_get(json_object_get(json, "boundaries"), 0),
				 "tensor")),
		"Op2_out");
}

Test(cli_answers, promote_tells_seeds_without_effect)
{
	struct test_result r = cli_run("promote m.onnx node:Op4=u16");

	cr_expect_str_eq(r.out, "{}\n");
	cr_expect(strstr(r.err, "note: 'Op4': the seed has no effect"), "%s", r.err);
	r = cli_run("promote m.onnx Op4_out=QUInt16");
	cr_expect(strstr(r.err,
			  "note: 'Op4_out': only its readers become u16: 'Op4', which "
			  "makes it, is not quantized; select it"),
		"%s", r.err);
	r = cli_run("promote m.onnx Op4_out=QUInt16 --op-types all");
	cr_expect_str_eq(r.err, "");
	cr_expect_eq(json_array_size(json_object_get(
			     cli_json("promote m.onnx node:Op4=u16 --json"), "notes")),
		1);
	r = cli_run("promote m.onnx node:Op4=u16 --op-types all");
	cr_expect_str_eq(r.err, "");
}

/* A reader of what nothing makes: the output of Op3 gets another name. */
Test(cli_answers, check_looks_at_the_model)
{
	struct test_result r;

	cli_shell("LC_ALL=C sed 's/Op3_out\\x1a/Op9_out\\x1a/' m.onnx > undefined.onnx");
	r = cli_run("check undefined.onnx");
	cr_expect_eq(r.status, 0);
	cr_expect(strstr(r.out, "warning: model: 'Op5': reads 'Op3_out', which is not"),
		"%s", r.out);
	cr_expect_not(strstr(cli_answer("check m.onnx"), "warning:"));
}

/* Numbers of overrides come out as they went in. */
Test(cli_answers, json_keeps_numbers)
{
	json_t *entry;

	test_write_text(test_path("n.json"),
		"{\"Op4_out\": [{\"quant_type\": \"QUInt16\", \"scale\": 0.1, "
		"\"zero_point\": 3}]}");
	entry = json_array_get(
		json_object_get(
			json_object_get(cli_json("promote m.onnx -c n.json --json "
						 "--op-types all"),
				"overrides"),
			"Op4_out"),
		0);
	cr_expect_eq(json_real_value(json_object_get(entry, "scale")), 0.1);
	cr_expect_eq(json_integer_value(json_object_get(entry, "zero_point")), 3);
}

Test(cli_answers, reports_go_to_files)
{
	char *text = cli_answer("bounds m.onnx -c o.json");

	cr_expect_str_eq(cli_answer("bounds m.onnx -c o.json -o b.txt"), "");
	cr_expect_str_eq(test_read_file(test_path("b.txt"), NULL), text);
	cli_refuses("bounds m.onnx -o b.txt", 1, "b.txt: exists; use --force");
	cli_refuses("info m.onnx -o m.onnx --force", 1, "m.onnx: is the input file");
	cr_expect_str_eq(cli_answer("info m.onnx -o b.txt --force --json"), "");
	cr_expect_eq(test_read_file(test_path("b.txt"), NULL)[0], '{');
}

/* Notes: one line each on standard error, silent with --quiet. */
Test(cli_answers, notes)
{
	struct test_result r;

	cli_shell("$Q demo convnet -o c");
	r = cli_run("quantize c/convnet.onnx -r c/ranges.json -o n.onnx --set "
		    "QDQKeepRemovableActivations=false");
	cr_assert_eq(r.status, 0, "%s", r.err);
	for (char *line = r.err; *line; line = strchr(line, '\n') + 1)
		cr_expect_eq(strncmp(line, "qdqedit: note: ", 15), 0, "%s", line);
	r = cli_run("quantize c/convnet.onnx -r c/ranges.json -o o.onnx --quiet");
	cr_expect_str_eq(r.err, "");
	cr_expect_str_eq(r.out, "");
}
