/* Golden screens: every script of tests/screens, in colour, without, and in ASCII,
 * through the program itself. `make golden` writes the expected files anew. */
#include "golden.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct variant {
	const char *name;
	const char *options[4];
} variants[] = {
	{"colour", {"--color=256"}},
	{"mono", {"--color=never"}},
	{"ascii", {"--ascii", "--color=never"}},
};

/* Ranges with a histogram that reaches beyond one, as an Entropy calibration leaves. */
#define HISTOGRAM                                                                        \
	"{\"CLS\": \"TensorsData\", \"data\": {\"Op2_out\": {\"lowest\": -1.0, "         \
	"\"highest\": 3.0, \"hist\": {\"data\": [1, 9, 30, 80, 120, 60, 12, 2], "        \
	"\"dtype\": "                                                                    \
	"\"int64\", \"CLS\": \"numpy.array\"}, \"bins\": {\"data\": [-4, -3, -2, -1, "   \
	"0, 1, "                                                                         \
	"2, 3, 4], \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, \"CLS\": "         \
	"\"TensorData\"}}, \"calibration_method\": {\"CLS\": \"CalibrationMethod\", "    \
	"\"value\": \"CalibrationMethod.Entropy\"}, \"smooth_quant\": false}"

/* Runs the script in a folder with a file of ranges and joins what it dumped, in order.
 */
static char *run(const char *script, const struct variant *variant)
{
	const char *argv[12] = {test_program(), "script"};
	size_t n = 2, length = 1;
	struct test_command command = {
		.argv = argv, .folder = test_path("%s-%s", script, variant->name)};
	char *path = (char *)test_source(test_text("tests/screens/%s.script", script));
	char *text = test_read_file(path, NULL), *all = "", *state = NULL;
	struct test_result result;

	cr_assert_eq(TEST_RUN("mkdir", command.folder).status, 0);
	test_write_text(test_text("%s/histogram.json", command.folder), HISTOGRAM);
	for (size_t i = 0; variant->options[i]; i++)
		argv[n++] = variant->options[i];
	argv[n] = path;
	result = test_run_with(&command);
	cr_assert_eq(result.status, 0, "%s %s: %s", script, variant->name, result.err);
	cr_assert_str_empty(result.err);
	for (char *line = strtok_r(text, "\n", &state); line;
		line = strtok_r(NULL, "\n", &state)) {
		const char *name = line + strlen(":dump-screen ");

		if (strncmp(line, ":dump-screen ", strlen(":dump-screen ")))
			continue;
		all = test_text("%s== %s\n%s", all, name,
			test_read_file(test_text("%s/%s", command.folder, name), NULL));
		length++;
	}
	cr_assert_gt(length, 1);
	golden_mask_totals(all);
	return all;
}

/* The first line that differs, for the message. */
static int first_difference(const char *a, const char *b)
{
	int line = 1;

	for (; *a && *a == *b; a++, b++)
		line += *a == '\n';
	return line;
}

static void check(const char *script)
{
	bool renew = getenv("QDQEDIT_TEST_GOLDEN");

	for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++) {
		const char *path = test_source(
			test_text("tests/screens/%s.%s.txt", script, variants[i].name));
		char *now = run(script, &variants[i]), *golden;

		if (renew) {
			test_write_text(path, now);
			continue;
		}
		golden = test_read_file(path, NULL);
		cr_expect(!strcmp(now, golden),
			"%s.%s.txt differs from line %d on; look at it, then make golden",
			script, variants[i].name, first_difference(now, golden));
	}
}

Test(screens, main)
{
	check("main");
}

Test(screens, panes)
{
	check("panes");
}

Test(screens, values)
{
	check("values");
}

Test(screens, cards)
{
	check("cards");
}

Test(screens, teach)
{
	check("teach");
}

Test(screens, export)
{
	check("export");
}

Test(screens, select)
{
	check("select");
}

Test(screens, conflict)
{
	check("conflict");
}

/* No letter of the ASCII screens is outside ASCII. */
Test(screens, ascii_is_ascii)
{
	static const char *const scripts[] = {"main", "panes", "values", "cards",
		"select", "conflict", "teach", "export"};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		const char *text = test_read_file(
			test_source(test_text("tests/screens/%s.ascii.txt", scripts[i])),
			NULL);

		for (; *text; text++)
			cr_assert((*text >= 32 && *text < 127) || *text == '\n');
	}
}
