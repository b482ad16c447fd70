#include "chaos.h"
#include "plan_models.h"

#include "export/import.h"
#include "plan/unplaced.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What importing a text for a graph gives. */
struct reading {
	struct fixture f;
	struct imported got;
	struct problem_list problems;
	bool done;
};

static struct reading read_bytes(
	struct fixture f, const char *format, const char *text, size_t length)
{
	struct reading r = {.f = f};
	struct error err = ERROR_INIT;
	const struct import_format *wanted = format ? import_find(format, &err) : NULL;

	r.done = import_read(&r.got, r.f.graph, r.f.plan->options, text, length, "f.json",
		wanted, &r.problems, &err);
	cr_assert_not(error_is_set(&err), "%s", err.text);
	cr_assert_eq(r.done, !problem_count(&r.problems, SEVERITY_ERROR));
	return r;
}

static struct reading read_text(const char *text)
{
	return read_bytes(fixture_mixed8(), NULL, text, strlen(text));
}

static void end(struct reading *r)
{
	import_release(&r->got);
	problem_clear(&r->problems);
	fixture_free(&r->f);
}

static const char *last_cause(const struct reading *r)
{
	return r->problems.count ? r->problems.items[r->problems.count - 1].cause : "";
}

static void has_overrides(const struct reading *r, const char *json)
{
	size_t length;
	char *text = overrides_write(&r->got.overrides, r->f.graph, &length, NULL);

	cr_assert(r->done, "%s", last_cause(r));
	cr_expect_str_eq(text, json);
	free(text);
}

static void has_range(
	const struct reading *r, const char *tensor, double low, double high)
{
	const struct range *range = ranges_find(&r->got.ranges, tensor_of(&r->f, tensor));

	cr_assert(range, "%s", tensor);
	cr_expect_float_eq(range->low, low, 1e-6);
	cr_expect_float_eq(range->high, high, 1e-6);
}

static void gives(const char *text, const char *format, const char *json)
{
	struct reading r = read_text(text);

	cr_assert(r.done, "%s", last_cause(&r));
	cr_expect_str_eq(r.got.format->name, format);
	has_overrides(&r, json);
	cr_expect_eq(unplaced_count(&r.problems, true), 0, "%s", last_cause(&r));
	end(&r);
}

/* Op2_out of the example: -1 to 3 in u8. */
#define OP2_SCALE "0.015686275"
#define OP2_ENTRY                                                                        \
	"{\"quant_type\": \"QUInt8\", \"scale\": 0.015686275, \"zero_point\": 64}"

/* ---- encodings */

Test(export_import, encodings_0_6_1)
{
	static const char *const forms[] = {
		"{\"version\": \"0.6.1\", \"activation_encodings\": {\"Op2_out\": "
		"[{\"bitwidth\": 8, \"dtype\": \"int\", \"is_symmetric\": \"False\", "
		"\"min\": -1.0039216, \"max\": 2.9960785, \"offset\": -64, \"scale\": "
		"0.015686275}]}, \"param_encodings\": {}}",
		"{\"activation_encodings\": {\"Op2_out\": {\"bitwidth\": 8, \"dtype\": "
		"\"INT\", \"is_symmetric\": false, \"offset\": -64, \"scale\": "
		"0.015686275}}}",
	};

	for (size_t i = 0; i < 2; i++) {
		struct reading r = read_text(forms[i]);

		has_overrides(&r, "{\n  \"Op2_out\": [" OP2_ENTRY "]\n}\n");
		cr_expect_str_eq(r.got.format->name, "encodings-0.6.1");
		has_range(&r, "Op2_out", -64 * 0.015686275, 191 * 0.015686275);
		cr_expect_eq(unplaced_count(&r.problems, true), 0);
		end(&r);
	}
}

/* Without scale and offset the ends of the grid tell them. */
Test(export_import, encodings_of_ends_alone)
{
	gives("{\"version\": \"0.4.0\", \"activation_encodings\": {\"Op3_out\": "
	      "[{\"bitwidth\": 8, \"min\": -2.0, \"max\": 0.55}]}}",
		"encodings-0.6.1",
		"{\n  \"Op3_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 0.01, "
		"\"zero_point\": 200}]\n}\n");
}

/* Offsets are those of an unsigned grid; symmetric means signed (5.4). */
Test(export_import, encodings_1_0_0)
{
	gives("{\"version\": \"1.0.0\", \"activation_encodings\": [{\"name\": "
	      "\"Op2_out\","
	      " \"enc_type\": \"PER_TENSOR\", \"dtype\": \"INT\", \"bw\": 8, \"is_sym\": "
	      "false, \"scale\": [0.015686275], \"offset\": [-64]}, {\"name\": "
	      "\"Op4_out\", \"dtype\": \"INT\", \"bw\": 16, \"is_sym\": true, \"scale\": "
	      "0.5, \"offset\": -32768.0}, {\"name\": \"Op3_out\", \"dtype\": \"int\", "
	      "\"bw\": 8, \"is_sym\": \"True\", \"scale\": [2], \"offset\": [-100]}], "
	      "\"param_encodings\": [], \"excluded_layers\": []}",
		"encodings",
		"{\n  \"Op4_out\": [{\"quant_type\": \"QInt16\", \"scale\": 0.5, "
		"\"zero_point\": 0}],\n"
		"  \"Op2_out\": [" OP2_ENTRY "],\n"
		"  \"Op3_out\": [{\"quant_type\": \"QInt8\", \"scale\": 2.0, "
		"\"zero_point\": -28}]\n}\n");
}

Test(export_import, encodings_2_0_0)
{
	gives("{\"version\": \"2.0.0\", \"encodings\": [{\"name\": \"Op2_out\", "
	      "\"output_dtype\": \"uint8\", \"y_scale\": 0.015686275, \"y_zero_point\": "
	      "64},"
	      " {\"name\": \"Op4_out\", \"output_dtype\": \"int16\", \"y_scale\": "
	      "[0.5]}]}",
		"encodings-2.0.0",
		"{\n  \"Op4_out\": [{\"quant_type\": \"QInt16\", \"scale\": 0.5, "
		"\"zero_point\": 0}],\n"
		"  \"Op2_out\": [" OP2_ENTRY "]\n}\n");
}

static struct fixture matmul(void)
{
	return fixture_make("m MatMul x,W[2,3] -> y\n!y");
}

static const char per_channel[] =
	"{\n  \"W\": [\n"
	"    {\"quant_type\": \"QInt8\", \"axis\": 1, \"scale\": 1.0, \"zero_point\": "
	"0},\n"
	"    {\"quant_type\": \"QInt8\", \"scale\": 2.0, \"zero_point\": 0},\n"
	"    {\"quant_type\": \"QInt8\", \"scale\": 4.0, \"zero_point\": 0}\n  ]\n}\n";

/* The axis is the operator's where the version does not tell it. */
Test(export_import, scales_for_each_channel)
{
	static const char *const forms[] = {
		"{\"param_encodings\": {\"W\": [{\"bitwidth\": 8, \"is_symmetric\": "
		"\"True\", \"offset\": -128, \"scale\": 1}, {\"bitwidth\": 8, "
		"\"is_symmetric\": \"True\", \"offset\": -128, \"scale\": 2}, "
		"{\"bitwidth\": 8, \"is_symmetric\": \"True\", \"offset\": -128, "
		"\"scale\": 4}]}}",
		"{\"param_encodings\": [{\"name\": \"W\", \"enc_type\": \"PER_CHANNEL\", "
		"\"dtype\": \"INT\", \"bw\": 8, \"is_sym\": true, \"scale\": [1, 2, 4], "
		"\"offset\": [-128, -128, -128]}]}",
		"{\"encodings\": [{\"name\": \"W\", \"output_dtype\": \"int8\", "
		"\"y_scale\": [1, 2, 4], \"axis\": -1}]}",
	};

	for (size_t i = 0; i < 3; i++) {
		struct reading r = read_bytes(matmul(), NULL, forms[i], strlen(forms[i]));

		has_overrides(&r, per_channel);
		cr_expect_eq(r.got.ranges.count, 0);
		end(&r);
	}
}

/* Each is told with its cause; what can be said of the type is taken. */
Test(export_import, encodings_without_a_place)
{
	static const struct {
		const char *record, *cause, *entry;
	} cases[] = {
		{"\"bw\": 8, \"is_sym\": true, \"scale\": [1, 2, 3, 4], \"offset\": "
		 "[0, 0, 0, 0]",
			"4 scales fit none of its axes", "QInt8"},
		{"\"bw\": 8, \"is_sym\": true, \"scale\": [0], \"offset\": [-128]",
			"scale 0 with zero point 0 is none of QInt8", "QInt8"},
		{"\"bw\": 8, \"is_sym\": false, \"scale\": [1], \"offset\": [3]",
			"scale 1 with zero point -3 is none of QUInt8", "QUInt8"},
		{"\"bw\": 8, \"is_sym\": false, \"scale\": [1], \"offset\": [-3], "
		 "\"zero_point_shift\": [0.5]",
			"scale 1 with zero point 2.5 is none of QUInt8", "QUInt8"},
		{"\"bw\": 8, \"is_sym\": false, \"scale\": [1e300], \"offset\": [-3]",
			"scale 1e+300", "QUInt8"},
		{"\"bw\": 4, \"is_sym\": true, \"enc_type\": \"LPBQ\", \"scale\": [1], "
		 "\"offset\": [-8]",
			"its scales in blocks are not taken", "QInt4"},
		{"\"bw\": 2, \"is_sym\": true, \"scale\": [1], \"offset\": [-2]",
			"int2 is no quantization type here", NULL},
		{"\"bw\": 8.5, \"scale\": [1], \"offset\": [0]", "number of bits", NULL},
		{"\"bw\": 8, \"scale\": [1, 2], \"offset\": [0]",
			"not as many offsets as scales", NULL},
		{"\"bw\": 8, \"scale\": [\"x\"], \"offset\": [0]", "is no number", NULL},
		{"\"bw\": 8, \"scale\": {}, \"offset\": [0]", "lists of numbers", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		struct reading r;
		const struct entry_list *list;

		snprintf(text, sizeof(text),
			"{\"param_encodings\": [{\"name\": \"W\", %s}, {\"name\": \"x\", "
			"\"bw\": 8, \"scale\": 1, \"offset\": 0}]}",
			cases[i].record);
		r = read_bytes(matmul(), NULL, text, strlen(text));
		cr_assert(r.done, "%s: %s", text, last_cause(&r));
		cr_assert_eq(unplaced_count(&r.problems, true), 1, "%s", text);
		cr_expect_str_eq(r.problems.items[0].place, "f.json: 'W'");
		cr_expect(strstr(r.problems.items[0].cause, cases[i].cause), "%s: %s",
			text, r.problems.items[0].cause);
		list = overrides_find(&r.got.overrides, tensor_of(&r.f, "W"));
		cr_expect_eq(!list, !cases[i].entry, "%s", text);
		if (list)
			cr_expect_str_eq(
				qtypes[list->entries->own.type].name, cases[i].entry);
		end(&r);
	}
}

/* Only a constant has scales for each channel; a tensor has one encoding. */
Test(export_import, encodings_of_activations)
{
	struct reading r = read_text(
		"{\"encodings\": [{\"name\": \"Op1_out\", \"output_dtype\": \"uint8\", "
		"\"y_scale\": [1, 2, 3], \"axis\": 0}, {\"name\": \"Op1_out\", "
		"\"output_dtype\": \"uint8\", \"y_scale\": 1}]}");

	cr_assert(r.done);
	cr_assert_eq(unplaced_count(&r.problems, true), 2);
	cr_expect(strstr(r.problems.items[0].cause, "only constants"));
	cr_expect(strstr(r.problems.items[1].cause, "a second encoding"));
	end(&r);
}

/* A node whose outputs are all float is left out; a float tensor that a quantized node
 * reads has no place. */
Test(export_import, float_encodings)
{
	struct reading r = read_text(
		"{\"version\": \"1.0.0\", \"activation_encodings\": [{\"name\": "
		"\"Op4_out\","
		" \"dtype\": \"FLOAT\", \"bw\": 16}, {\"name\": \"Op2_out\", \"dtype\": "
		"\"INT\", \"bw\": 8, \"is_sym\": false, \"scale\": [1], \"offset\": "
		"[0]}, "
		"{\"name\": \"input_0\", \"dtype\": \"FLOAT\", \"bw\": 16}], "
		"\"param_encodings\": [], \"excluded_layers\": [\"Op8\", \"Op44\"]}");

	cr_assert(r.done, "%s", last_cause(&r));
	cr_assert_eq(r.got.excluded.count, 2);
	cr_expect_str_eq(r.got.excluded.items[0], "Op8");
	cr_expect_str_eq(r.got.excluded.items[1], "Op4");
	cr_assert_eq(unplaced_count(&r.problems, true), 2, "%s", last_cause(&r));
	cr_expect(strstr(r.problems.items[0].remedy, "'Op4'"));
	cr_expect_str_eq(r.problems.items[1].cause,
		"it is float there; here 'Op1', which reads it, is quantized");
	end(&r);
}

/* Biases are the quantizer's business: a note, no loss. */
Test(export_import, biases)
{
	struct fixture f = fixture_make("m Gemm x,W[2,3],B[3] -> y\n!y");
	const char *text = "{\"encodings\": [{\"name\": \"B\", \"output_dtype\": "
			   "\"int32\", \"y_scale\": 1}, {\"name\": \"W\", "
			   "\"output_dtype\": \"int8\", \"y_scale\": 1}]}";
	struct reading r = read_bytes(f, NULL, text, strlen(text));

	cr_assert(r.done);
	cr_expect_eq(r.got.overrides.count, 1);
	cr_expect_eq(unplaced_count(&r.problems, true), 0);
	cr_assert_eq(r.problems.count, 1);
	cr_expect(strstr(r.problems.items[0].cause, "1 biases"));
	end(&r);
}

/* ---- ONNX Runtime's own */

Test(export_import, overrides)
{
	gives("{\"Op4_out\": [{\"quant_type\": \"u16\"}], \"Op2_out\": [{\"convert\": "
	      "{\"quant_type\": \"QUInt16\", \"recv_nodes\": [\"Op4\"]}}]}",
		"ort",
		"{\n  \"Op4_out\": [{\"quant_type\": \"QUInt16\"}],\n  \"Op2_out\": "
		"[{\"convert\": {\"quant_type\": \"QUInt16\", \"recv_nodes\": "
		"[\"Op4\"]}}]\n}\n");
}

/* Names of another model are told, the rest is taken; a broken rule is refused. */
Test(export_import, overrides_of_another_model)
{
	struct reading r = read_text("{\"Op4_ou\": [{\"quant_type\": \"QUInt16\"}], "
				     "\"Op2_out\": [{\"convert\": "
				     "{\"quant_type\": \"QUInt16\", \"recv_nodes\": "
				     "[\"Op1\"]}}], \"Op5_out\": "
				     "[{\"quant_type\": \"QUInt16\"}]}");

	has_overrides(&r, "{\n  \"Op5_out\": [{\"quant_type\": \"QUInt16\"}]\n}\n");
	cr_expect_eq(unplaced_count(&r.problems, true), 2);
	cr_expect(strstr(r.problems.items[0].remedy, "'Op4_out'"));
	end(&r);
	r = read_text("{\"Op2_out\": [{\"convert\": {\"quant_type\": \"QUInt8\"}}]}");
	cr_assert_not(r.done);
	cr_expect(strstr(last_cause(&r), "to the same type"), "%s", last_cause(&r));
	end(&r);
}

Test(export_import, calibration)
{
	struct reading r = read_text(
		"{\"CLS\": \"TensorsData\", \"data\": {\"Op2_out\": {\"lowest\": "
		"{\"data\": "
		"-1.0, \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, \"highest\": "
		"{\"data\": 3.0, \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, "
		"\"CLS\": \"TensorData\"}}, \"calibration_method\": {\"CLS\": "
		"\"CalibrationMethod\", \"value\": \"CalibrationMethod.MinMax\"}}");

	cr_assert(r.done);
	cr_expect_str_eq(r.got.format->name, "ort-calibration");
	has_range(&r, "Op2_out", -1, 3);
	end(&r);
	r = read_text("{\"Op2_out\": [-1, 3]}");
	cr_expect_str_eq(r.got.format->name, "ort-calibration");
	has_range(&r, "Op2_out", -1, 3);
	end(&r);
}

/* One magnitude a line, behind the last blank. */
Test(export_import, calibration_cache)
{
	struct reading r = read_text("Op2_out 3.5\r\nOp1 out 2\nOp4_out -1.0\n");

	cr_assert(r.done);
	cr_expect_str_eq(r.got.format->name, "ort-cache");
	has_range(&r, "Op2_out", -3.5, 3.5);
	cr_expect_eq(r.got.ranges.count, 1);
	cr_expect_eq(unplaced_count(&r.problems, true), 2);
	cr_expect(strstr(last_cause(&r), "one number for each tensor"));
	end(&r);
	r = read_text("Op2_out 3.5\nOp4_out\n");
	cr_assert_not(r.done);
	cr_expect_str_eq(r.problems.items[0].place, "f.json: line 2");
	end(&r);
}

/* ---- lists and regions */

Test(export_import, pareto_list)
{
	struct reading r = read_text(
		"[[0.9, 0.71, [[\"activation\", \"Op4_out\"]], \"((8, int), (8, int))\"],"
		" [0.8, 0.7, [[\"activation\", \"Op4_out\"], [\"activation\", "
		"\"Op5_out\"]],"
		" \"((16, <QuantizationDataType.int: 1>), (8, <QuantizationDataType.int: "
		"1>)"
		")\"], [0.7, 0.6, [[\"activation\", \"Op3_out\"]], [[16, \"float\"], "
		"[16, "
		"\"float\"]]]]");

	cr_assert(r.done, "%s", last_cause(&r));
	cr_expect_str_eq(r.got.format->name, "aimet-pareto-list");
	cr_assert_eq(r.got.seeds.count, 2);
	cr_expect_eq(r.got.seeds.items[0].tensor, tensor_of(&r.f, "Op4_out"));
	cr_expect_eq(r.got.seeds.items[0].type, QTYPE_U16);
	cr_expect_eq(r.got.seeds.items[1].tensor, tensor_of(&r.f, "Op5_out"));
	cr_assert_eq(r.got.excluded.count, 1);
	cr_expect_str_eq(r.got.excluded.items[0], "Op3");
	cr_expect_eq(r.got.scores.count, 3);
	cr_expect_eq(r.got.scores.order, SCORES_LOW_FIRST);
	end(&r);
}

Test(export_import, lists_of_scores)
{
	static const struct {
		const char *text, *format;
	} cases[] = {
		{"[[[[\"activation\", \"Op4_out\"]], \"((8, int))\", 0.7, 0.1]]",
			"aimet-accuracy-list"},
		{"{\"ranking\": [{\"rank\": 1, \"name\": \"Op4\", \"score\": 1}]}",
			"aimet-sensitivity"},
		{"{\"version\": \"1\", \"cache_key\": \"k\", \"results\": [{\"name\": "
		 "\"Op4\", \"candidate_nodes\": [\"Op4\"], \"score\": 1}]}",
			"quark-sensitivity"},
		{"{\"Op4_out\": {\"qdq_err\": 3.0, \"xmodel_err\": 2}}",
			"ort-loss-debug"},
		{"{\"activations\": {\"Op4_out\": {\"qdq_err\": 3.0}}, \"weights\": {}}",
			"ort-loss-debug"},
		{"tensor,mse\nOp4_out,3\n", "scores"},
		{"{\"Op4_out\": 3}", "scores"},
		{"[[\"Op4_out\", 3]]", "scores"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading r = read_text(cases[i].text);

		cr_assert(r.done, "%s: %s", cases[i].text, last_cause(&r));
		cr_expect_str_eq(r.got.format->name, cases[i].format);
		cr_assert_eq(r.got.scores.count, 1, "%s", cases[i].text);
		cr_expect_eq(r.got.scores.items->tensor, tensor_of(&r.f, "Op4_out"));
		end(&r);
	}
}

/* From the start nodes forward up to the end nodes; a node is of the first region. */
Test(export_import, quark_subgraphs)
{
	struct reading r = read_text(
		"{\"quantized\": false, \"num_subgraphs\": 2, \"subgraphs\": [{\"name\": "
		"\"heart\", \"description\": \"from Op2 to Op5 to int16\", "
		"\"start_nodes\": "
		"[\"Op2\"], \"end_nodes\": [\"Op5\", \"Op8\", \"Op99\"]}, {\"name\": "
		"\"\", \"start_nodes\": [\"Op5\"], \"end_nodes\": [\"Op6\"]}]}");
	char all[128] = "";

	cr_assert(r.done, "%s", last_cause(&r));
	for (size_t i = 0; i < r.got.seeds.count; i++) {
		const struct seed *s = &r.got.seeds.items[i];

		cr_expect_eq(s->kind, SEED_NODE);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s%s%s ",
			graph_node_name(r.f.graph, s->node), qtypes[s->type].brief,
			s->region ? ":" : "", s->region ? s->region : "");
	}
	cr_expect_str_eq(all, "Op2s16:heart Op4s16 Op7s16 Op8s16 Op5s16 Op6u16 ");
	cr_expect_eq(unplaced_count(&r.problems, true), 1);
	end(&r);
}

/* ---- what is refused, with its place */

static void refused(
	const char *text, const char *format, const char *place, const char *cause)
{
	struct reading r = read_bytes(fixture_mixed8(), format, text, strlen(text));

	cr_assert_not(r.done, "%s", text);
	for (size_t i = 0; i < r.problems.count; i++) {
		const struct problem *p = &r.problems.items[i];

		if (p->severity != SEVERITY_ERROR)
			continue;
		cr_expect_str_eq(p->place, place, "%s: %s", text, p->place);
		cr_expect(strstr(p->cause, cause), "%s: %s", text, p->cause);
		cr_expect_neq(*p->remedy, '\0');
		break;
	}
	cr_expect_eq(r.got.overrides.count, 0);
	end(&r);
}

Test(export_import, what_is_no_such_file)
{
	refused("{\"encodings\": [{}]}", NULL, "f.json: encodings[0]", "without a name");
	refused("{\"encodings\": [{\"name\": \"x\"}]}", NULL, "f.json",
		"nothing in it has a place");
	refused("{\"encodings\": ", NULL, "f.json: line 1", "");
	refused("{}", NULL, "f.json", "nothing in it has a place");
	refused("[1]", "encodings", "f.json", "no file of encodings");
	refused("Op2_out,3", "ort-cache", "f.json: line 1", "no magnitude");
	refused("{\"subgraphs\": [{\"name\": \"a\"}]}", NULL, "f.json: subgraphs[0]",
		"missing");
	refused("{\"subgraphs\": [{\"start_nodes\": [4], \"end_nodes\": []}]}", NULL,
		"f.json: subgraphs[0]", "a number where the name");
	refused("[[1, 2, [[\"activation\", \"Op4_out\"]], \"none\"]]", NULL,
		"f.json: [0]", "no point of a curve");
	refused("nothing of the kind", NULL, "f.json", "no format that is known");
	refused("nothing, of the kind", NULL, "f.json", "no score of a tensor");
	refused("nothing of the kind", "scores", "f.json: line 1", "no score");
	refused("", NULL, "f.json", "no format that is known");
	refused("{\"Op1_out\": [\"x\"]}", "ort", "f.json: 'Op1_out'", "");
}

Test(export_import, names_of_formats)
{
	struct error err = ERROR_INIT;

	cr_assert_not(import_find("encoding", &err));
	cr_expect_eq(err.kind, ERROR_USAGE);
	cr_expect(strstr(err.text, "did you mean encodings?"), "%s", err.text);
	error_clear(&err);
	cr_assert_not(import_find("xyz", &err));
	cr_expect(strstr(err.text, "import --list"), "%s", err.text);
	for (size_t i = 0; i < import_format_count; i++)
		cr_expect_eq(
			import_find(import_formats[i].name, NULL), &import_formats[i]);
}

/* Every allocation fails once: an error, no end, and nothing half read. */
static void survives(const char *text)
{
	struct fixture f = fixture_mixed8();

	for (unsigned long n = 0; n < 100000; n++) {
		struct problem_list problems = {0};
		struct error err = ERROR_INIT;
		struct imported got;
		bool failed, done;

		chaos_start(n, n % 2);
		done = import_read(&got, f.graph, f.plan->options, text, strlen(text),
			"f.json", NULL, &problems, &err);
		failed = chaos_stop();
		if (!done)
			cr_expect(error_is_set(&err) ||
					  problem_count(&problems, SEVERITY_ERROR),
				"allocation %lu of %s", n, text);
		cr_expect(failed || done, "%s", text);
		import_release(&got);
		problem_clear(&problems);
		if (!failed) {
			fixture_free(&f);
			return;
		}
	}
	cr_assert_fail("it never ends");
}

Test(export_import, memory)
{
	survives(
		"{\"activation_encodings\": [{\"name\": \"Op2_out\", \"bw\": 16, "
		"\"scale\": [1], \"offset\": [0], \"zero_point_shift\": [0]}, {\"name\": "
		"\"Op4_out\", \"dtype\": \"FLOAT\", \"bw\": 16}, {\"name\": \"x\"}], "
		"\"param_encodings\": [], \"excluded_layers\": [\"Op8\"]}");
	survives("{\"Op4_out\": [{\"quant_type\": \"u16\"}], \"no\": [{}]}");
	survives("{\"Op4_out\": [0, 1]}");
	survives("Op2_out 3.5\nOp99 2\n");
	survives("tensor,mse\nOp4_out,1\nOp44,2\n");
	survives("[[0.8, 0.7, [[\"activation\", \"Op4_out\"]], \"((16, int), (8, "
		 "int))\"]]");
	survives("{\"subgraphs\": [{\"name\": \"a\", \"start_nodes\": [\"Op2\"], "
		 "\"end_nodes\": [\"Op5\"]}]}");
}
