#include "chaos.h"
#include "import_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ONNX Runtime's own */

Test(export_import, overrides)
{
	import_gives(
		"{\"Op4_out\": [{\"quant_type\": \"u16\"}], \"Op2_out\": [{\"convert\": "
		"{\"quant_type\": \"QUInt16\", \"recv_nodes\": [\"Op4\"]}}]}",
		"ort",
		"{\n  \"Op4_out\": [{\"quant_type\": \"QUInt16\"}],\n  \"Op2_out\": "
		"[{\"convert\": {\"quant_type\": \"QUInt16\", \"recv_nodes\": "
		"[\"Op4\"]}}]\n}\n");
}

/* Names of another model are told, the rest is taken; a broken rule is refused. */
Test(export_import, overrides_of_another_model)
{
	struct reading r = import_mixed8("{\"Op4_ou\": [{\"quant_type\": \"QUInt16\"}], "
					 "\"Op2_out\": [{\"convert\": "
					 "{\"quant_type\": \"QUInt16\", \"recv_nodes\": "
					 "[\"Op1\"]}}], \"Op5_out\": "
					 "[{\"quant_type\": \"QUInt16\"}]}");

	import_has_overrides(
		&r, "{\n  \"Op5_out\": [{\"quant_type\": \"QUInt16\"}]\n}\n");
	cr_expect_eq(unplaced_count(&r.problems, true), 2);
	cr_expect(strstr(r.problems.items[0].remedy, "'Op4_out'"));
	import_end(&r);
	r = import_mixed8("{\"Op2_out\": [{\"convert\": {\"quant_type\": \"QUInt8\"}}]}");
	cr_assert_not(r.done);
	cr_expect(strstr(import_last_cause(&r), "to the same type"), "%s",
		import_last_cause(&r));
	import_end(&r);
}

Test(export_import, calibration)
{
	struct reading r = import_mixed8(
		"{\"CLS\": \"TensorsData\", \"data\": {\"Op2_out\": {\"lowest\": "
		"{\"data\": "
		"-1.0, \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, \"highest\": "
		"{\"data\": 3.0, \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, "
		"\"CLS\": \"TensorData\"}}, \"calibration_method\": {\"CLS\": "
		"\"CalibrationMethod\", \"value\": \"CalibrationMethod.MinMax\"}}");

	cr_assert(r.done);
	cr_expect_str_eq(r.got.format->name, "ort-calibration");
	import_has_range(&r, "Op2_out", -1, 3);
	import_end(&r);
	r = import_mixed8("{\"Op2_out\": [-1, 3]}");
	cr_expect_str_eq(r.got.format->name, "ort-calibration");
	import_has_range(&r, "Op2_out", -1, 3);
	import_end(&r);
}

/* One magnitude a line, behind the last blank. */
Test(export_import, calibration_cache)
{
	struct reading r = import_mixed8("Op2_out 3.5\r\nOp1 out 2\nOp4_out -1.0\n");

	cr_assert(r.done);
	cr_expect_str_eq(r.got.format->name, "ort-cache");
	import_has_range(&r, "Op2_out", -3.5, 3.5);
	cr_expect_eq(r.got.ranges.count, 1);
	cr_expect_str_eq(r.got.ranges.source, "f.json, magnitudes");
	cr_expect_eq(unplaced_count(&r.problems, true), 2);
	cr_expect(strstr(import_last_cause(&r), "one number for each tensor"));
	import_end(&r);
	r = import_mixed8("Op2_out 3.5\nOp4_out\n");
	cr_assert_not(r.done);
	cr_expect_str_eq(r.problems.items[0].place, "f.json: line 2");
	import_end(&r);
}

/* ---- lists and regions */

Test(export_import, pareto_list)
{
	struct reading r = import_mixed8(
		"[[0.9, 0.71, [[\"activation\", \"Op4_out\"]], \"((8, int), (8, int))\"],"
		" [0.8, 0.7, [[\"activation\", \"Op4_out\"], [\"activation\", "
		"\"Op5_out\"]],"
		" \"((16, <QuantizationDataType.int: 1>), (8, <QuantizationDataType.int: "
		"1>)"
		")\"], [0.7, 0.6, [[\"activation\", \"Op3_out\"]], [[16, \"float\"], "
		"[16, "
		"\"float\"]]]]");

	cr_assert(r.done, "%s", import_last_cause(&r));
	cr_expect_str_eq(r.got.format->name, "aimet-pareto-list");
	cr_assert_eq(r.got.seeds.count, 2);
	cr_expect_eq(r.got.seeds.items[0].tensor, tensor_of(&r.f, "Op4_out"));
	cr_expect_eq(r.got.seeds.items[0].type, QTYPE_U16);
	cr_expect_eq(r.got.seeds.items[1].tensor, tensor_of(&r.f, "Op5_out"));
	cr_assert_eq(r.got.excluded.count, 1);
	cr_expect_str_eq(r.got.excluded.items[0], "Op3");
	cr_expect_eq(r.got.scores.count, 3);
	cr_expect_eq(r.got.scores.order, SCORES_LOW_FIRST);
	import_end(&r);
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
		struct reading r = import_mixed8(cases[i].text);

		cr_assert(r.done, "%s: %s", cases[i].text, import_last_cause(&r));
		cr_expect_str_eq(r.got.format->name, cases[i].format);
		cr_assert_eq(r.got.scores.count, 1, "%s", cases[i].text);
		cr_expect_eq(r.got.scores.items->tensor, tensor_of(&r.f, "Op4_out"));
		import_end(&r);
	}
}

/* From the start nodes forward up to the end nodes; a node is of the first region. */
Test(export_import, quark_subgraphs)
{
	struct reading r = import_mixed8(
		"{\"quantized\": false, \"num_subgraphs\": 2, \"subgraphs\": [{\"name\": "
		"\"heart\", \"description\": \"from Op2 to Op5 to int16\", "
		"\"start_nodes\": "
		"[\"Op2\"], \"end_nodes\": [\"Op5\", \"Op8\", \"Op99\"]}, {\"name\": "
		"\"\", \"start_nodes\": [\"Op5\"], \"end_nodes\": [\"Op6\"]}]}");
	char all[128] = "";

	cr_assert(r.done, "%s", import_last_cause(&r));
	for (size_t i = 0; i < r.got.seeds.count; i++) {
		const struct seed *s = &r.got.seeds.items[i];

		cr_expect_eq(s->kind, SEED_NODE);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s%s%s ",
			graph_node_name(r.f.graph, s->node), qtypes[s->type].brief,
			s->region ? ":" : "", s->region ? s->region : "");
	}
	cr_expect_str_eq(all, "Op2s16:heart Op4s16 Op7s16 Op8s16 Op5s16 Op6u16 ");
	cr_expect_eq(unplaced_count(&r.problems, true), 1);
	import_end(&r);
}

/* ---- what is refused, with its place */

static void refused(
	const char *text, const char *format, const char *place, const char *cause)
{
	struct reading r = import_bytes(fixture_mixed8(), format, text, strlen(text));

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
	import_end(&r);
}

/* A plan without a choice, exported: no fault. */
Test(export_import, files_with_nothing_in_them)
{
	static const char *const texts[] = {
		"{}", "{\"encodings\": []}", "{\"subgraphs\": []}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct reading r = import_mixed8(texts[i]);

		cr_assert(r.done, "%s: %s", texts[i], import_last_cause(&r));
		cr_expect_str_eq(import_last_cause(&r), "there is nothing in it");
		import_end(&r);
	}
}

Test(export_import, what_is_no_such_file)
{
	refused("{\"encodings\": [{}]}", NULL, "f.json: encodings[0]", "without a name");
	refused("{\"encodings\": [{\"name\": \"x\"}]}", NULL, "f.json",
		"nothing in it has a place");
	refused("{\"encodings\": ", NULL, "f.json: line 1", "");
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
