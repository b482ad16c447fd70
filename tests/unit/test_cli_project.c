/* Projects in place of models: every command that plans, and the editor. */
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

/* p.qdq: m.onnx with its ranges, all operators, Op4_out in 16 bit. */
static void begin(void)
{
	struct test_result r;

	cli_begin();
	r = cli_shell("printf 'jjjjjp\\n:w p.qdq\\n' | "
		      "$Q script - m.onnx -r ranges.json --op-types all");
	cr_assert_eq(r.status, 0, "%s", r.err);
}

Test(cli_project, every_command_takes_one)
{
	begin();
	cr_expect(strstr(cli_answer("info p.qdq"), "m.onnx"));
	cr_expect(strstr(cli_answer("bounds p.qdq"), "3 DQ->Q conversions"));
	cr_expect(strstr(cli_answer("why p.qdq Op4_out"), "you set Op4_out to u16"));
	cr_expect(strstr(cli_answer("check p.qdq"), "0 errors, 0 warnings"));
	cr_expect_str_eq(cli_answer("promote p.qdq Op4_out=QUInt16"),
		test_read_file(test_path("o.json"), NULL));
	cr_expect(strstr(cli_answer("export p.qdq --format ort"), "\"Op4_out\""));
	cli_answer("quantize p.qdq -o from-project.onnx");
	cli_answer("quantize m.onnx -r ranges.json --op-types all --seed Op4_out=u16 -o "
		   "from-options.onnx");
	cr_expect_eq(cli_shell("cmp from-project.onnx from-options.onnx").status, 0);
}

Test(cli_project, seeds_come_on_top_and_options_are_refused)
{
	begin();
	cr_expect(strstr(cli_answer("bounds p.qdq"), "2 of 8 nodes in 16 bit"));
	cr_expect(strstr(cli_answer("bounds p.qdq --seed output_1=u16"),
		"3 of 8 nodes in 16 bit"));
	cli_refuses("bounds p.qdq --per-channel", 2, "a project brings its options");
	cli_refuses("quantize p.qdq -r ranges.json -o x.onnx", 2, "a project brings");
}

Test(cli_project, the_editor_does_the_same)
{
	struct test_result r;

	begin();
	r = cli_shell("printf ':expect 3 DQ\\n' | $Q script - p.qdq");
	cr_expect_eq(r.status, 0, "%s", r.err);
	r = cli_shell("printf ':seed output_1=u16\\n:dump-state -\\n' | "
		      "$Q script - p.qdq >a && printf ':dump-state -\\n' | "
		      "$Q script - p.qdq --seed output_1=u16 >b && "
		      "grep ^boundary a >c; grep ^boundary b | cmp - c");
	cr_expect_eq(r.status, 0, "%s", r.err);
	r = cli_shell("printf ':q\\n' | $Q script - p.qdq --per-channel");
	cr_expect_eq(r.status, 2);
	cr_expect(strstr(r.err, "a project brings its options"), "%s", r.err);
	r = cli_shell("printf ':q\\n' | $Q --plain p.qdq -c o.json");
	cr_expect_eq(r.status, 2);
	cr_expect(strstr(r.err, "a project brings its options"), "%s", r.err);
}

/* A project without ranges cannot be quantized, and that is said. */
Test(cli_project, ranges_are_wanted_of_a_project_too)
{
	struct test_result r;

	cli_begin();
	r = cli_shell("printf 'jjjjjp\\n:w p.qdq\\n' | $Q script - m.onnx");
	cr_assert_eq(r.status, 0, "%s", r.err);
	cli_refuses("quantize p.qdq -o x.onnx", 2, "ranges are wanted");
}
