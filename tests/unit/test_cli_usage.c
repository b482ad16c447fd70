/* Wrong usage, help, and how options are taken. */
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(cli_usage, .init = cli_begin);

static const struct {
	const char *line, *part;
} wrong[] = {
	{"info", "info: MODEL wanted"},
	{"info m.onnx o.json", "'o.json': one operand too many"},
	{"why m.onnx", "MODEL NAME... wanted"},
	{"promote m.onnx", "a SEED or --overrides is wanted"},
	{"quantize m.onnx -r ranges.json", "add -o OUT.onnx"},
	{"quantize m.onnx -o q.onnx", "ranges are wanted; add --ranges FILE"},
	{"quantize m.onnx -r ranges.json -o -", "cannot go to standard output"},
	{"prepare m.onnx", "prepare: an output is wanted"},
	{"prepare m.onnx -o -", "cannot go to standard output"},
	{"prepare m.onnx -o p.onnx --fix-dim N", "NAME=N is wanted"},
	{"prepare m.onnx -o p.onnx --fix-dim N=x", "not a positive number"},
	{"prepare m.onnx -o p.onnx --fix-dim N=0", "not a positive number"},
	{"prepare m.onnx -o p.onnx --fix-dim N=1 --fix-dim N=2", "given twice"},
	{"calibrate m.onnx", "samples are wanted"},
	{"compare m.onnx", "FLOAT QUANT wanted"},
	{"compare m.onnx m.onnx", "samples are wanted"},
	{"suggest m.onnx", "samples are wanted"},
	{"suggest m.onnx --random 2 --goal much", "--goal 'much'"},
	{"suggest m.onnx --random 2 --higher good", "--higher 'good'"},
	{"suggest m.onnx --random 2 --patience long", "--patience 'long'"},
	{"suggest m.onnx --random 2 -r - --scores -", "can be read only once"},
	{"info -", "a model cannot be standard input"},
	{"prepare - -o p.onnx", "a model cannot be standard input"},
	{"info m.onnx -c - -r -", "standard input can be read only once"},
	{"bounds m.onnx -c - --seed @-", "standard input can be read only once"},
	{"inf m.onnx", "did you mean 'qdqedit info'?"},
	{"nothing m.onnx", "neither a command nor a file; see 'qdqedit help'"},
	{"nothing", "neither a command nor a file; see 'qdqedit help'"},
	{"promote m.onnx =u16", "seed '=u16': it has no name"},
	{"calibrate m.onnx --random 2 -d d", "--random: it cannot stand with --data"},
	{"bounds m.onnx --set Nonsense=1", "'qdqedit help options' lists them"},
	{"--ascii inf m.onnx", "did you mean 'qdqedit info'?"},
	{"--ascii info m.onnx",
		"'--ascii': this command does not take it; see 'qdqedit help info'"},
	{"--ascii demo nothing", "no such demo"},
	{"help nothing", "no command 'nothing'; see 'qdqedit help'"},
	{"suggest m.onnx --random 1 --csv --json", "--csv, --json: give one of the two"},
	{"help calib", "did you mean 'qdqedit help calibrate'?"},
	{"demo nothing", "no such demo"},
	{"demo nothing -o there", "no such demo"},
	{"info m.onnx --nonsense", "'--nonsense': no such option"},
	{"info m.onnx --overide o.json", "did you mean --overrides?"},
	{"info m.onnx --seed a=u8", "'--seed': this command does not take it"},
	{"info m.onnx -z", "'-z': no such option"},
	{"why m.onnx x -o", "--output: wants a value"},
	{"quantize m.onnx --op all", "ambiguous; write one of --op-types"},
	{"export m.onnx", "--format FORMAT is wanted; see 'qdqedit export --list'"},
	{"export --format ort", "a MODEL is wanted"},
	{"export m.onnx --format cvs", "did you mean 'csv'?"},
	{"export m.onnx --format nothing", "no such format; see 'qdqedit export"},
	{"export m.onnx --format ort --report -", "both go to standard output"},
	{"export m.onnx --format ort -o e.json --report e.json", "named for two files"},
	{"bounds p.qdq -c o.json", "a project brings its options"},
	{"bounds m.onnx --per-channel=1", "--per-channel: takes no value"},
	{"bounds m.onnx --activation-type float", "--activation-type 'float'"},
	{"bounds m.onnx --activation-type QInt4", "--activation-type 'QInt4'"},
	{"bounds m.onnx --weight-type s3", "--weight-type 's3'"},
	{"bounds m.onnx --set EnableSubgraf=1", "did you mean EnableSubgraph?"},
	{"bounds m.onnx --set nothing", "NAME=VALUE is wanted"},
	{"bounds m.onnx --set ActivationSymmetric=perhaps", "ActivationSymmetric"},
	{"quantize m.onnx --opset-policy lower", "--opset-policy 'lower'"},
	{"quantize m.onnx --external-data no", "--external-data 'no'"},
	{"quantize m.onnx --random 0", "--random '0'"},
	{"quantize m.onnx --random -1", "--random '-1'"},
	{"quantize m.onnx --threads x", "--threads 'x'"},
	{"quantize m.onnx --threads 99999999999999999999", "--threads"},
};

Test(cli_usage, wrong_usage)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cli_refuses(wrong[i].line, 2, wrong[i].part);
}

/* The first word of each line under "Commands:". */
static size_t command_names(char names[32][16])
{
	const char *at = strstr(cli_answer("help"), "Commands:\n");
	size_t count = 0;

	cr_assert(at);
	for (at = strchr(at, '\n') + 1; *at == ' '; at = strchr(at, '\n') + 1)
		cr_assert_eq(sscanf(at, " %15s", names[count++]), 1);
	return count;
}

Test(cli_usage, every_command_explains_itself)
{
	char names[32][16];
	size_t count = command_names(names);

	cr_assert_geq(count, 10);
	for (size_t i = 0; i < count; i++) {
		char *help = cli_answer(test_text("help %s", names[i]));

		cr_expect(strstr(help, "usage: qdqedit"), "%s", help);
		cr_expect_str_eq(cli_answer(test_text("%s --help", names[i])), help);
		cr_expect_str_eq(cli_answer(test_text("%s --hel", names[i])), help);
	}
	cr_expect_str_eq(cli_answer("--help"), cli_answer("help edit"));
	cr_expect(strstr(cli_answer("help options"), "  ActivationSymmetric="));
}

/* Every command and option of the program stands in the man page. */
Test(cli_usage, man_page_is_complete)
{
	char *page = test_read_file(test_source("man/qdqedit.1"), NULL), names[32][16];
	size_t count = command_names(names);

	for (size_t i = 0; i < count; i++) {
		char *help = cli_answer(test_text("help %s", names[i])), option[64];

		cr_expect(strstr(page, test_text("\n.BI \"%s ", names[i])) ||
				  !strcmp(names[i], "edit"),
			"the man page has no command %s", names[i]);
		for (char *at = strstr(help, "\nOptions:");
			at && (at = strstr(at, " --")); at += 3) {
			size_t used = 0;

			for (char *c = at + 3; isalpha(*c) || *c == '-'; c++)
				used += (size_t)sprintf(
					option + used, *c == '-' ? "\\-" : "%c", *c);
			cr_expect(strstr(page, test_text("\\-\\-%s", option)),
				"the man page has no option --%s of %s", option,
				names[i]);
		}
	}
}

/* The sections that `make man` writes are as it would write them now. */
Test(cli_usage, man_page_has_the_editors_commands_and_options)
{
	const char *page = test_source("man/qdqedit.1");
	struct test_result r =
		TEST_RUN(test_source("tools/manual.sh"), test_program(), page);

	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_assert(strstr(r.out, "\\fBp\\fR, \\fB:promote\\fR"));
	cr_assert(strstr(r.out, "\\fBedge\\fR"), "no option of the editor");
	cr_assert_str_eq(r.out, test_read_file(page, NULL), "make man is due");
}

Test(cli_usage, version_names_libraries)
{
	struct test_result r = cli_shell("QDQEDIT_ORT_LIB=/nonexistent $Q --version");

	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_assert_eq(strncmp(r.out, "qdqedit ", 8), 0, "%s", r.out);
	cr_assert(strstr(r.out, "protobuf-c "));
	cr_assert(strstr(r.out, "jansson "));
	cr_assert(strstr(r.out, "libzip "));
	cr_assert(strstr(r.out, "ncurses "));
	cr_assert(strstr(r.out, "ONNX Runtime: none found"), "%s", r.out);
}

Test(cli_usage, version_names_the_runtime)
{
	struct test_result r =
		TEST_RUN("env", test_text("QDQEDIT_ORT_LIB=%s", test_need_ort()),
			test_program(), "--version");

	cr_assert(strstr(r.out, "\nONNX Runtime 1."), "%s", r.out);
	cr_assert_str_eq(r.err, "");
}

/* The configuration file's library is taken by batch commands too, unless another is
 * named; one that cannot be loaded is passed over. */
Test(cli_usage, the_configuration_file_names_the_runtime)
{
	const char *library = test_need_ort(),
		   *link = test_path("my/libonnxruntime.so.9");
	struct test_result r;

	cr_assert_eq(
		TEST_RUN("mkdir", "-p", test_path("my"), test_path("c/qdqedit")).status,
		0);
	cr_assert_eq(symlink(library, link), 0);
	test_write_text(test_path("c/qdqedit/config"),
		test_text("set ort-lib /nowhere\n# set ort-lib no\nset hints\n"
			  ":set ort-lib=%s \n",
			test_path("my")));
	setenv("XDG_CONFIG_HOME", test_path("c"), 1);
	r = TEST_QDQEDIT("--version");
	cr_assert(strstr(r.out, link), "%s", r.out);
	r = TEST_QDQEDIT("--version", "--ort-lib", library);
	cr_assert_null(strstr(r.out, link));
	r = TEST_QDQEDIT("compare", "m.onnx", "m.onnx", "--random", "1");
	cr_expect(!r.status || !strstr(r.err, "no library found"), "%s", r.err);
}

/* Abbreviations, joined values, -- and options behind operands. */
Test(cli_usage, options_as_getopt_takes_them)
{
	char *plain = cli_answer("bounds m.onnx --overrides o.json --op-types all");

	cr_assert(strstr(plain, "3 DQ->Q conversions"), "%s", plain);
	cr_expect_str_eq(
		cli_answer("bounds --over=o.json --op-types=all -- m.onnx"), plain);
	cr_expect_str_eq(cli_answer("bounds -co.json m.onnx --op-t all"), plain);
	cr_expect_str_eq(cli_answer("bounds m.onnx -q -c o.json --op-types ALL"), plain);
	cli_shell("cp m.onnx ./--json");
	cr_expect(strstr(cli_answer("info -- --json"), "model       --json"));
}

Test(cli_usage, options_in_front_of_the_command)
{
	const char *plain = cli_answer("bounds m.onnx -c o.json --op-types all");

	cr_expect_str_eq(cli_answer("-q -c o.json --op-types all bounds m.onnx"), plain);
	cr_expect_str_eq(
		cli_answer("--overrides=o.json bounds --op-t all m.onnx"), plain);
	/* the value of an option is no command, and "--" ends them */
	cli_shell("cp o.json info");
	cr_expect_str_eq(cli_answer("-c info bounds m.onnx --op-types all"), plain);
	cr_expect(
		strstr(cli_run("-- info m.onnx").err, "'m.onnx': one operand too many"));
}

Test(cli_usage, types_in_every_spelling)
{
	static const char *const spellings[] = {
		"QUInt16", "quint16", "u16", "U16", "UINT16", "UInt16"};
	char *first = cli_answer("promote m.onnx Op4_out=QUInt16 --op-types all");

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
		cr_expect_str_eq(cli_answer(test_text("promote m.onnx Op4_out=%s "
						      "--op-types all",
					 spellings[i])),
			first);
}

Test(cli_usage, files_of_names_and_seeds)
{
	char *expected = cli_answer("bounds m.onnx --seed Op4_out=u16 --op-types all "
				    "--nodes-to-exclude Op7,Op8");

	test_write_text(test_path("names"), "Op7\r\nOp8\n\n");
	test_write_text(test_path("seeds"), "# what hurts\nOp4_out=QUInt16\n");
	cr_expect_str_eq(cli_answer("bounds m.onnx --seed @seeds --op-types all "
				    "--nodes-to-exclude @names"),
		expected);
	cr_expect_str_eq(cli_answer("bounds m.onnx --seed @seeds --op-types all "
				    "--nodes-to-exclude Op7 --nodes-to-exclude Op8"),
		expected);
	cli_refuses("bounds m.onnx --seed @nothing", 1, "nothing: cannot be read");
	cli_refuses("bounds m.onnx --nodes-to-exclude @nothing", 1,
		"nothing: cannot be read");
}

Test(cli_usage, standard_input)
{
	char *file = test_read_file(test_path("o.json"), NULL);
	char *expected = cli_answer("bounds m.onnx -c o.json --op-types all");
	char *ranges = test_read_file(test_path("ranges.json"), NULL);

	cr_expect_str_eq(
		cli_run_with("bounds m.onnx -c - --op-types all", file).out, expected);
	cr_expect_str_eq(
		cli_run_with("promote m.onnx @- --op-types all", "Op4_out=QUInt16\n").out,
		file);
	cr_expect_eq(cli_run_with("check m.onnx -r - --op-types all", ranges).status, 0);
	cr_expect_eq(cli_run_with("check m.onnx -r - --op-types all", "{").status, 3);
}
