#include "plan_models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_OF(data, method)                                                            \
	"{\"CLS\": \"TensorsData\", \"data\": {" data "}, \"calibration_method\": "      \
	"{\"CLS\": \"CalibrationMethod\", \"value\": \"CalibrationMethod." method        \
	"\"}, \"smooth_quant\": false}"
#define ARRAY_RANGE(name, low, high)                                                     \
	"\"" name "\": {\"lowest\": {\"data\": [" low "], \"dtype\": \"float32\", "      \
	"\"CLS\": \"numpy.array\"}, \"highest\": {\"data\": [" high "], \"dtype\": "     \
	"\"float32\", \"CLS\": \"numpy.array\"}, \"CLS\": \"TensorData\"}"
#define BARE_RANGE(name, low, high)                                                      \
	"\"" name "\": {\"lowest\": " low ", \"highest\": " high                         \
	", \"CLS\": \"TensorData\"}"

static bool read_into(struct ranges *ranges, struct fixture *f, const char *json,
	struct problem_list *problems)
{
	struct error err = ERROR_INIT;
	bool ok = ranges_read(
		ranges, f->graph, json, strlen(json), "r.json", problems, &err);

	cr_assert_not(error_is_set(&err), "%s", err.text);
	return ok;
}

static void bytes_are_kept(const char *json)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	size_t length;
	char *text;

	cr_assert(read_into(&ranges, &f, json, &problems));
	text = ranges_write(&ranges, f.graph, &length);
	cr_assert_str_eq(text, json);
	free(text);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, the_peers_bytes)
{
	bytes_are_kept(FILE_OF("", "MinMax"));
	bytes_are_kept(FILE_OF(
		ARRAY_RANGE("Op2_out", "-1.100000023841858", "3.0") ", " ARRAY_RANGE(
			"Op1_out", "1.0000000116860974e-07", "1.0000000150474662e+30"),
		"MinMax"));
	bytes_are_kept(FILE_OF(BARE_RANGE("Op2_out", "-1.0", "2.5"), "Entropy"));
	/* arrays without axes keep that form, whichever end is one */
	bytes_are_kept("{\"CLS\": \"TensorsData\", \"data\": {\"Op2_out\": {\"lowest\": "
		       "{\"data\": [-1.0], \"dtype\": \"float32\", \"CLS\": "
		       "\"numpy.array\"}, \"highest\": {\"data\": 3.0, \"dtype\": "
		       "\"float32\", \"CLS\": \"numpy.array\"}, \"CLS\": "
		       "\"TensorData\"}}, \"calibration_method\": {\"CLS\": "
		       "\"CalibrationMethod\", \"value\": \"CalibrationMethod.MinMax\"}, "
		       "\"smooth_quant\": false}");
}

static void reads(const char *json, double low, double high)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	const struct range *range;

	cr_assert(read_into(&ranges, &f, json, &problems), "%s: %s", json,
		problems.count ? problems.items[0].cause : "");
	range = ranges_find(&ranges, tensor_of(&f, "Op2_out"));
	cr_assert(range);
	cr_assert_eq(range->low, low);
	cr_assert_eq(range->high, high);
	cr_assert_eq(ranges.count, 1);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, every_form)
{
	reads("{\"Op2_out\": [-1, 2.5]}", -1, 2.5);
	reads("{\"Op2_out\": {\"lowest\": [-1], \"highest\": [[2]]}}", -1, 2);
	reads(FILE_OF(BARE_RANGE("Op2_out", "-1", "2"), "Percentile"), -1, 2);
	reads(FILE_OF(ARRAY_RANGE("Op2_out", "0.1", "0.2"), "MinMax"), (double)0.1f,
		(double)0.2f);
	reads("{\"CLS\": \"TensorsData\", \"data\": {\"Op2_out\": {\"lowest\": "
	      "{\"data\": "
	      "-1.0, \"dtype\": \"float16\"}, \"highest\": {\"data\": 2.0, \"dtype\": "
	      "\"float16\"}, \"avg\": 3, \"extra\": null}}, \"calibration_method\": "
	      "\"CalibrationMethod.MinMax\", \"more\": 1}",
		-1, 2);
}

/* With a letter escaped, a text is no longer what programs write. */
static bool read_written(const char *json, bool plainly, struct fixture *f, char **text,
	struct problem_list *problems)
{
	struct ranges ranges = {0};
	size_t length, at = (size_t)(strstr(json, "CLS") - json);
	char *copy = malloc(strlen(json) + 40);
	bool ok;

	sprintf(copy, "%.*s%s%s", (int)at, json, plainly ? "C" : "\\u0043",
		json + at + 1);
	ok = read_into(&ranges, f, copy, problems);
	*text = ranges_write(&ranges, f->graph, &length);
	ranges_release(&ranges);
	free(copy);
	return ok;
}

/* The reader without a tree gives what the reader with one gives. */
Test(plan_ranges, plain_texts_are_read_the_same)
{
	static const char *const texts[] = {
		FILE_OF(ARRAY_RANGE("Op2_out", "-0", "1e2") "," ARRAY_RANGE(
				"X", "-1.5E-3", "0.1"),
			"MinMax"),
		FILE_OF(ARRAY_RANGE("X", "-3", "1") "," ARRAY_RANGE(
				"Y", "0", "9") "," ARRAY_RANGE("far", "0", "9"),
			"MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "3", "1"), "MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "01", "2"), "MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "1", "1e39"), "MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "1", "2") "," ARRAY_RANGE("Y", "1", "2"),
			"MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "1", "2") ",", "MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "NaN", "2"), "MinMax"),
		FILE_OF(ARRAY_RANGE("Y", "1", "2"), "Other"),
		FILE_OF(ARRAY_RANGE("Y", "1", "2"), "Entropy") "}",
		"{\"data\": {" ARRAY_RANGE("Y", "1", "2") "}}",
	};
	struct fixture f = fixture_mixed8();

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct problem_list a = {0}, b = {0};
		char *x, *y;

		cr_assert_eq(read_written(texts[i], true, &f, &x, &a),
			read_written(texts[i], false, &f, &y, &b), "%s", texts[i]);
		cr_assert_str_eq(x, y, "%s", texts[i]);
		cr_assert_eq(a.count, b.count);
		for (size_t k = 0; k < a.count; k++)
			cr_assert_str_eq(a.items[k].cause, b.items[k].cause);
		free(x);
		free(y);
		problem_clear(&a);
		problem_clear(&b);
	}
	reads("{\"Op2_out\": [-1.5e0,\n2.5 ]\n}\n", -1.5, 2.5);
	fixture_free(&f);
}

Test(plan_ranges, histograms_are_kept_for_display)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0}, copy;
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	const struct range *range;

	cr_assert(read_into(&ranges, &f,
		FILE_OF("\"Op2_out\": {\"lowest\": -1, \"highest\": 1, \"hist\": "
			"{\"data\": "
			"[1, 2, 3], \"dtype\": \"int64\"}, \"bins\": [0, 1, 2, 3]}",
			"Entropy"),
		&problems));
	cr_assert(ranges_copy(&copy, &ranges, f.graph, &err));
	ranges_release(&ranges);
	range = ranges_find(&copy, tensor_of(&f, "Op2_out"));
	cr_assert_eq(range->histogram->bins, 3);
	cr_assert_eq(range->histogram->counts[2], 3);
	cr_assert_eq(range->histogram->edges[3], 3);
	ranges_release(&copy);
	problem_clear(&problems);
	fixture_free(&f);
}

static void refuse(const char *json, const char *place)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};

	cr_assert_not(read_into(&ranges, &f, json, &problems), "%s", json);
	cr_assert_str_eq(problems.items[0].place, place, "%s", json);
	cr_assert_eq(ranges.count, 0);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, infinite_ends_are_read)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};

	cr_assert(read_into(&ranges, &f,
		"{\"Op2_out\": [0, Infinity], \"Op3_out\": [Infinity, -Infinity]}",
		&problems));
	cr_assert(isinf(ranges_find(&ranges, tensor_of(&f, "Op2_out"))->high));
	cr_assert_eq(ranges_find(&ranges, tensor_of(&f, "Op3_out"))->low, 0);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

/* What ONNX Runtime takes, for --ort-compatible. */
Test(plan_ranges, literally_any_ends_are_taken)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {.literal = true};
	struct problem_list problems = {0};
	const struct range *range;

	cr_assert(read_into(&ranges, &f,
		"{\"Op1_out\": [NaN, 1], \"Op2_out\": [2, 1], \"Op3_out\": [0, 1e39]}",
		&problems));
	range = ranges_find(&ranges, tensor_of(&f, "Op2_out"));
	cr_expect(range->low == 2 && range->high == 1);
	cr_expect(isnan(ranges_find(&ranges, tensor_of(&f, "Op1_out"))->low));
	cr_expect(isinf(ranges_find(&ranges, tensor_of(&f, "Op3_out"))->high));
	ranges_release(&ranges);
	ranges.literal = true;
	cr_expect(read_into(&ranges, &f, "{\"other\": [0, 1]}", &problems));
	ranges_release(&ranges);
	ranges.literal = true;
	cr_expect_not(read_into(&ranges, &f,
		FILE_OF(ARRAY_RANGE("other", "NaN", "2"), "MinMax"), &problems));
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, refused)
{
	refuse("{\"Op2_out\": [2, 1]}", "r.json: 'Op2_out'");
	refuse("{\"Op2_out\": [NaN, 1]}", "r.json: 'Op2_out'.low");
	refuse("{\"Op2_out\": [0, 1e39]}", "r.json: 'Op2_out'.high");
	refuse("{\"Op2_out\": [0, 1, 2]}", "r.json: 'Op2_out'");
	refuse("{\"Op2_out\": 7}", "r.json: 'Op2_out'");
	refuse("{\"Op2_out\": {\"lowest\": 1}}", "r.json: 'Op2_out'.highest");
	refuse("{\"other\": [0, 1]}", "r.json");
	refuse("[]", "r.json");
	refuse("{\"CLS\": \"TensorsData\"}", "r.json: data");
	refuse("{\"Op2_out\": [0, 1]", "r.json: line 1");
	refuse("{\"data\": {\"Op2_out\": [0, 1]}, \"calibration_method\": \"Guess\"}",
		"r.json: calibration_method");
	refuse("{\"Op2_out\": {\"lowest\": {\"data\": 0, \"dtype\": \"float64\"}, "
	       "\"highest\": 1}}",
		"r.json: 'Op2_out'.lowest");
}

/* Constants that stand for "no bound" have such ranges; only what is quantized with one
 * is told. */
Test(plan_ranges, infinite_ones_are_taken_and_told)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	const struct outcome *o;
	size_t told = 0;

	cr_assert(read_into(&ranges, &f, "{\"Op2_out\": [-Infinity, 1]}", &problems));
	cr_assert(plan_set_ranges(f.plan, &ranges, &err));
	o = fixture_outcome(&f);
	for (size_t i = 0; i < o->problems.count; i++)
		told += o->problems.items[i].tensor == tensor_of(&f, "Op2_out");
	cr_assert_eq(told, 1);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, names_beyond_ascii)
{
	struct fixture f = fixture_make("a Cos x\xc3\xa9 -> \xf0\x9f\x98\x80\n");
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	size_t length;
	char *text;

	cr_assert(read_into(&ranges, &f,
		"{\"x\\u00e9\": [0, 1], \"\xf0\x9f\x98\x80\": [0, 1]}", &problems));
	text = ranges_write(&ranges, f.graph, &length);
	cr_assert(strstr(text, "{\"x\\u00e9\": {"), "%s", text);
	cr_assert(strstr(text, "\"\\ud83d\\ude00\": {"), "%s", text);
	free(text);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, merging)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	const struct range *range;

	cr_assert(read_into(&ranges, &f,
		FILE_OF(ARRAY_RANGE("Op2_out", "-1.0", "2.0"), "MinMax"), &problems));
	cr_assert(read_into(&ranges, &f,
		FILE_OF(ARRAY_RANGE("Op2_out", "-0.5", "3.0") ", " ARRAY_RANGE(
				"Op1_out", "0.0", "1.0"),
			"MinMax"),
		&problems));
	range = ranges_find(&ranges, tensor_of(&f, "Op2_out"));
	cr_assert_eq(range->low, -1);
	cr_assert_eq(range->high, 3);
	cr_assert_eq(ranges.count, 2);
	cr_assert_str_eq(ranges.source, "r.json, 2 files");
	cr_assert_not(read_into(&ranges, &f,
		FILE_OF(BARE_RANGE("Op2_out", "-9.0", "2.0"), "Entropy"), &problems));
	cr_assert_eq(ranges_find(&ranges, tensor_of(&f, "Op2_out"))->low, -1);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, strangers_are_a_note)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};

	cr_assert(read_into(
		&ranges, &f, "{\"Op2_out\": [0, 1], \"a\": [0, 1]}", &problems));
	cr_assert_eq(problems.count, 1);
	cr_assert_eq(problems.items[0].severity, SEVERITY_NOTE);
	ranges_release(&ranges);
	problem_clear(&problems);
	fixture_free(&f);
}

Test(plan_ranges, missing_ones_are_problems_of_the_outcome)
{
	struct fixture f = fixture_mixed8();
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	size_t missing;

	cr_assert_eq(problem_count(&fixture_outcome(&f)->problems, SEVERITY_ERROR), 0);
	cr_assert(read_into(&ranges, &f, "{\"Op2_out\": [0, 1]}", &problems));
	cr_assert(plan_set_ranges(f.plan, &ranges, &err));
	missing = problem_count(&fixture_outcome(&f)->problems, SEVERITY_ERROR);
	cr_assert_eq(missing, 9);
	cr_assert(plan_undo(f.plan));
	cr_assert_eq(problem_count(&fixture_outcome(&f)->problems, SEVERITY_ERROR), 0);
	problem_clear(&problems);
	fixture_free(&f);
}
