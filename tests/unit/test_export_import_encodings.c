/* Encodings of AIMET and QAIRT, as they are found. */
#include "import_fixture.h"

#include <stdio.h>
#include <string.h>

/* Op2_out of the example: -1 to 3 in u8. */
#define OP2_SCALE "0.015686275"
#define OP2_ENTRY                                                                        \
	"{\"quant_type\": \"QUInt8\", \"scale\": 0.015686275, \"zero_point\": 64}"

Test(export_import_encodings, encodings_0_6_1)
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
		struct reading r = import_mixed8(forms[i]);

		import_has_overrides(&r, "{\n  \"Op2_out\": [" OP2_ENTRY "]\n}\n");
		cr_expect_str_eq(r.got.format->name, "encodings-0.6.1");
		import_has_range(&r, "Op2_out", -64 * 0.015686275, 191 * 0.015686275);
		cr_expect_eq(unplaced_count(&r.problems, true), 0);
		import_end(&r);
	}
}

/* Without scale and offset the ends of the grid tell them. */
Test(export_import_encodings, encodings_of_ends_alone)
{
	import_gives("{\"version\": \"0.4.0\", \"activation_encodings\": {\"Op3_out\": "
		     "[{\"bitwidth\": 8, \"min\": -2.0, \"max\": 0.55}]}}",
		"encodings-0.6.1",
		"{\n  \"Op3_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 0.01, "
		"\"zero_point\": 200}]\n}\n");
}

/* Offsets are those of an unsigned grid; symmetric means signed (5.4). */
Test(export_import_encodings, encodings_1_0_0)
{
	import_gives(
		"{\"version\": \"1.0.0\", \"activation_encodings\": [{\"name\": "
		"\"Op2_out\","
		" \"enc_type\": \"PER_TENSOR\", \"dtype\": \"INT\", \"bw\": 8, "
		"\"is_sym\": "
		"false, \"scale\": [0.015686275], \"offset\": [-64]}, {\"name\": "
		"\"Op4_out\", \"dtype\": \"INT\", \"bw\": 16, \"is_sym\": true, "
		"\"scale\": "
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

Test(export_import_encodings, encodings_2_0_0)
{
	import_gives("{\"version\": \"2.0.0\", \"encodings\": [{\"name\": \"Op2_out\", "
		     "\"output_dtype\": \"uint8\", \"y_scale\": 0.015686275, "
		     "\"y_zero_point\": "
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
Test(export_import_encodings, scales_for_each_channel)
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
		("{\"encodings\": [{\"name\": \"W\", \"output_dtype\": \"int8\", "
		 "\"y_scale\": [1, 2, 4], \"axis\": -1}]}"),
	};

	for (size_t i = 0; i < 3; i++) {
		struct reading r =
			import_bytes(matmul(), NULL, forms[i], strlen(forms[i]));

		import_has_overrides(&r, per_channel);
		cr_expect_eq(r.got.ranges.count, 0);
		import_end(&r);
	}
}

/* Each is told with its cause; what can be said of the type is taken. */
Test(export_import_encodings, encodings_without_a_place)
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
			"its scales in blocks have no place", "QInt4"},
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
		r = import_bytes(matmul(), NULL, text, strlen(text));
		cr_assert(r.done, "%s: %s", text, import_last_cause(&r));
		cr_assert_eq(unplaced_count(&r.problems, true), 1, "%s", text);
		cr_expect_str_eq(r.problems.items[0].place, "f.json: 'W'");
		cr_expect(strstr(r.problems.items[0].cause, cases[i].cause), "%s: %s",
			text, r.problems.items[0].cause);
		list = overrides_find(&r.got.overrides, tensor_of(&r.f, "W"));
		cr_expect_eq(!list, !cases[i].entry, "%s", text);
		if (list)
			cr_expect_str_eq(
				qtypes[list->entries->own.type].name, cases[i].entry);
		import_end(&r);
	}
}

/* Only a constant has scales for each channel; a tensor has one encoding. */
Test(export_import_encodings, encodings_of_activations)
{
	struct reading r = import_mixed8(
		"{\"encodings\": [{\"name\": \"Op1_out\", \"output_dtype\": \"uint8\", "
		"\"y_scale\": [1, 2, 3], \"axis\": 0}, {\"name\": \"Op1_out\", "
		"\"output_dtype\": \"uint8\", \"y_scale\": 1}]}");

	cr_assert(r.done);
	cr_assert_eq(unplaced_count(&r.problems, true), 2);
	cr_expect(strstr(r.problems.items[0].cause, "only constants"));
	cr_expect(strstr(r.problems.items[1].cause, "a second encoding"));
	import_end(&r);
}

/* A node whose outputs are all float is left out; a float tensor that a quantized node
 * reads has no place. */
Test(export_import_encodings, float_encodings)
{
	struct reading r = import_mixed8(
		"{\"version\": \"1.0.0\", \"activation_encodings\": [{\"name\": "
		"\"Op4_out\","
		" \"dtype\": \"FLOAT\", \"bw\": 16}, {\"name\": \"Op2_out\", \"dtype\": "
		"\"INT\", \"bw\": 8, \"is_sym\": false, \"scale\": [1], \"offset\": "
		"[0]}, "
		"{\"name\": \"input_0\", \"dtype\": \"FLOAT\", \"bw\": 16}], "
		"\"param_encodings\": [], \"excluded_layers\": [\"Op8\", \"Op44\"]}");

	cr_assert(r.done, "%s", import_last_cause(&r));
	cr_assert_eq(r.got.excluded.count, 2);
	cr_expect_str_eq(r.got.excluded.items[0], "Op8");
	cr_expect_str_eq(r.got.excluded.items[1], "Op4");
	cr_assert_eq(unplaced_count(&r.problems, true), 3, "%s", import_last_cause(&r));
	cr_expect(strstr(r.problems.items[0].remedy, "'Op4'"));
	cr_expect_str_eq(r.problems.items[1].cause,
		"it is float there; here 'Op1', which reads it, is quantized");
	cr_expect_str_eq(r.problems.items[2].cause,
		"it is float there; here 'Op5', which reads it, is quantized");
	import_end(&r);
}

/* What is float here too is nothing to tell, such as what quantized nodes read without a
 * scale. */
Test(export_import_encodings, float_on_both_sides)
{
	static const char text[] =
		"{\"encodings\": [{\"name\": \"M\", \"output_dtype\": \"float16\"}, "
		"{\"name\": \"V\", \"output_dtype\": \"float16\"}, {\"name\": \"B\", "
		"\"output_dtype\": \"int32\", \"y_scale\": 1}, {\"name\": \"S\", "
		"\"output_dtype\": \"int8\", \"y_scale\": [1], \"axis\": 0}]}";
	struct reading r = import_bytes(
		fixture_make("m BatchNormalization x,S[2],B[2],M[2],V[2] -> y\n!y"), NULL,
		text, strlen(text));

	cr_assert(r.done, "%s", import_last_cause(&r));
	cr_expect_eq(r.got.excluded.count, 0);
	cr_expect_eq(unplaced_count(&r.problems, true), 0, "%s", import_last_cause(&r));
	import_end(&r);
}

/* Biases are the quantizer's business: a note, no loss. */
Test(export_import_encodings, biases)
{
	struct fixture f = fixture_make("m Gemm x,W[2,3],B[3] -> y\n!y");
	const char *text = "{\"encodings\": [{\"name\": \"B\", \"output_dtype\": "
			   "\"int32\", \"y_scale\": 1}, {\"name\": \"W\", "
			   "\"output_dtype\": \"int8\", \"y_scale\": 1}]}";
	struct reading r = import_bytes(f, NULL, text, strlen(text));

	cr_assert(r.done);
	cr_expect_eq(r.got.overrides.count, 1);
	cr_expect_eq(unplaced_count(&r.problems, true), 0);
	cr_assert_eq(r.problems.count, 1);
	cr_expect(strstr(r.problems.items[0].cause, "1 biases"));
	import_end(&r);
}
