/* Where results go: whole or not at all, never over the input. */
#include "build.h"
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(cli_outputs, .init = cli_begin);

#define QUANTIZE "quantize m.onnx -r ranges.json --op-types all"

Test(cli_outputs, never_over_the_input)
{
	cli_shell("ln -s m.onnx soft.onnx; ln m.onnx hard.onnx; mkdir d; ln -s .. d/up");
	cli_refuses(QUANTIZE " -o m.onnx --force", 1, "m.onnx: is the input file");
	cli_refuses(QUANTIZE " -o soft.onnx --force", 1, "is the input file");
	cli_refuses(QUANTIZE " -o hard.onnx --force", 1, "is the input file");
	cli_refuses(QUANTIZE " -o d/up/m.onnx --force", 1, "is the input file");
	cli_refuses(QUANTIZE " -o ranges.json --force", 1, "is one of the input files");
	cli_refuses(
		QUANTIZE " -c o.json -o o.json --force", 1, "is one of the input files");
	cli_refuses(
		"promote m.onnx Op2_out=u16 --op-types all -c o.json -o o.json --force",
		1, "o.json: is one of the input files");
	cli_refuses("suggest m.onnx --random 1 -r ranges.json --op-types all -c o.json "
		    "-o o.json --force",
		1, "o.json: is one of the input files");
	cli_refuses("prepare m.onnx -o hard.onnx --force", 1, "is the input file");
	cli_refuses("promote m.onnx Op4_out=u16 -o soft.onnx --force", 1,
		"is the input file");
	cli_refuses("quantize soft.onnx -r ranges.json -o m.onnx --force", 1,
		"is the input file");
}

Test(cli_outputs, never_over_its_weights)
{
	Onnx__ModelProto *model = proto_model(21);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,300");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,300");
	proto_initializer(model->graph, "w", ELEMENT_FLOAT, "300", NULL);
	proto_node(model->graph, "Add", "add", "x,w", "y");
	proto_file(model, test_path("w.onnx"));
	test_write_text(test_path("r.json"), "{\"x\": [0, 1], \"y\": [0, 1]}");
	cli_shell("$Q prepare w.onnx -o x.onnx --external-data always; "
		  "ln x.onnx.data hard; ln -s hard soft");
	cr_assert_eq(access(test_path("x.onnx.data"), R_OK), 0);
	cli_refuses("quantize x.onnx -r r.json -o x.onnx.data --force", 1,
		"holds weights of the input");
	cli_refuses(
		"prepare x.onnx -o hard --force", 1, "hard: holds weights of the input");
	cli_refuses("promote x.onnx op:Add=u16 -o soft --force", 1,
		"soft: holds weights of the input");
	cli_refuses("info x.onnx -o hard --force", 1, "hard: holds weights of the input");
}

Test(cli_outputs, existing_files_need_force)
{
	struct stat before, after;

	test_write_text(test_path("q.onnx"), "old");
	chmod(test_path("q.onnx"), 0640);
	stat(test_path("q.onnx"), &before);
	cli_refuses(QUANTIZE " -o q.onnx", 1, "q.onnx: exists; use --force");
	cli_refuses("prepare m.onnx -o q.onnx", 1, "q.onnx: exists; use --force");
	cli_refuses("promote m.onnx Op4_out=u16 -o q.onnx", 1, "exists; use --force");
	cli_answer(QUANTIZE " -o q.onnx --force");
	stat(test_path("q.onnx"), &after);
	cr_expect_eq(after.st_mode, before.st_mode);
	cr_expect_gt(after.st_size, 1000);
}

Test(cli_outputs, places_that_take_no_file)
{
	cli_refuses(QUANTIZE " -o .", 1, ".: is a folder");
	cli_refuses(QUANTIZE " -o nothing/q.onnx", 1,
		"No such file or directory; make "
		"the folder first");
	cli_refuses(QUANTIZE " -o m.onnx/q.onnx", 1, "Not a directory");
	cli_refuses(QUANTIZE " -o /proc/q.onnx", 1, "/proc/q.onnx: ");
	cli_refuses("promote m.onnx Op4_out=u16 -o nothing/o.json", 1, "nothing/o.json");
	cli_refuses("info m.onnx -o nothing/i", 1, "nothing/i: ");
	cli_refuses("demo mixed8 -o m.onnx", 1, "m.onnx: ");
}

Test(cli_outputs, folders_without_permission)
{
	cli_shell("mkdir shut; chmod 555 shut");
	if (geteuid() != 0)
		cli_refuses(QUANTIZE " -o shut/q.onnx", 1, "Permission denied");
}

Test(cli_outputs, full_disk)
{
	static const char *const lines[] = {"promote m.onnx Op4_out=u16", "info m.onnx",
		"bounds m.onnx", "why m.onnx Op4_out", "check m.onnx", "help",
		"--version", "info m.onnx --json", "demo --list"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct test_result r = cli_shell(test_text("$Q %s >/dev/full", lines[i]));

		cr_expect_eq(r.status, 1, "%s: %d", lines[i], r.status);
		cr_expect_str_eq(r.err,
			"qdqedit: standard output: cannot be written: No space left on "
			"device; free some space or write to another place\n",
			"%s: %s", lines[i], r.err);
	}
	cli_refuses(QUANTIZE " -o /dev/full", 1, "No space left on device");
}

/* A limit on the size of files raises SIGXFSZ unless that is ignored. */
Test(cli_outputs, file_size_limit)
{
	struct test_result r = cli_shell("ls -A >before; ulimit -f 2; $Q " QUANTIZE
					 " -o q.onnx; code=$?; ls -A | grep -v before; "
					 "exit $code");

	cr_expect_eq(r.status, 1, "%d: %s", r.status, r.err);
	cr_expect(strstr(r.err, "q.onnx: cannot be written: File too large; raise"), "%s",
		r.err);
	cr_expect_null(strstr(r.out, "q.onnx"), "%s", r.out);
}

Test(cli_outputs, closed_streams)
{
	struct test_result r = cli_shell("($Q help; echo $? >code) | true; cat code");

	cr_expect(!strcmp(r.out, "1\n") || !strcmp(r.out, "0\n"), "%s", r.out);
	r = cli_shell("$Q info m.onnx >&-");
	cr_expect_eq(r.status, 1, "%d", r.status);
	r = cli_shell("$Q info m.onnx 2>&- <&-");
	cr_expect_eq(r.status, 0, "%d", r.status);
}

/* Waiting for input, and in the middle of writing. */
Test(cli_outputs, interrupted_while_reading)
{
	struct test_result r = cli_shell("mkfifo f; exec 3<>f; "
					 "timeout -s INT 1 $Q promote m.onnx -c - <f");

	cr_expect(strstr(r.err, "qdqedit: interrupted"), "%d %s", r.status, r.err);
	r = cli_shell("(trap 'exit 9' ALRM; $Q promote m.onnx -c - <f & p=$!; sleep 0.3; "
		      "kill -TERM $p; wait $p; echo $? >code) 3<>f; cat code");
	cr_expect_str_eq(r.out, "130\n", "%s%s", r.out, r.err);
}

static void write_large_model(void)
{
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *graph = model->graph;

	proto_input(graph, "x", ELEMENT_FLOAT, "1,4096");
	proto_output(graph, "y", ELEMENT_FLOAT, "1,8192");
	proto_initializer(graph, "w", ELEMENT_FLOAT, "4096,8192", NULL);
	proto_node(graph, "MatMul", "m", "x,w", "y");
	proto_file(model, test_path("large.onnx"));
	test_write_text(test_path("r.json"), "{\"x\": [0, 1], \"y\": [0, 1]}");
}

Test(cli_outputs, interrupted_while_writing)
{
	struct test_result r = {0};

	write_large_model();
	for (int tries = 0; tries < 5 && !strstr(r.out ? r.out : "", "130"); tries++)
		r = cli_shell("rm -f q.onnx; "
			      "$Q quantize large.onnx -r r.json -o q.onnx & p=$!; "
			      "while kill -0 $p 2>/dev/null && ! ls .q.onnx.* "
			      "2>/dev/null >&2; do :; done; kill -TERM $p; wait $p; "
			      "echo $?; ls -A");
	cr_expect_eq(strncmp(r.out, "130\n", 4), 0, "%s%s", r.out, r.err);
	cr_expect_null(strstr(r.out, "q.onnx"), "left behind: %s", r.out);
}

/* The files of a demo come all or not at all. */
Test(cli_outputs, interrupted_among_files)
{
	struct test_result r = cli_shell(
		"for i in 1 2 3 4 5; do rm -rf d; $Q demo convnet -o d & p=$!; "
		"while kill -0 $p 2>/dev/null && ! [ -d d ]; do :; done; kill -TERM $p; "
		"wait $p; ls -A d 2>/dev/null | wc -l; done | sort -u");

	cr_expect(!strcmp(r.out, "10\n") || !strcmp(r.out, "0\n10\n"), "%s%s", r.out,
		r.err);
}

/* An input that is cut short while it is open is an error, not a signal. */
Test(cli_outputs, input_cut_short_meanwhile)
{
	struct test_result r;

	write_large_model();
	r = cli_shell("$Q quantize large.onnx -r r.json -o q.onnx & p=$!; "
		      "while kill -0 $p 2>/dev/null && ! ls .q.onnx.* 2>/dev/null >&2; "
		      "do :; done; truncate -s 1000 large.onnx; wait $p; echo $?; ls -A");
	cr_expect(!strncmp(r.out, "1\n", 2) || !strncmp(r.out, "0\n", 2), "%s%s", r.out,
		r.err);
	if (r.out[0] == '1')
		cr_expect_null(strstr(r.out, "q.onnx"), "left behind: %s", r.out);
}

/* Nothing of the input's side file is left in the result, which has one all the same. */
Test(cli_outputs, side_file_for_side_file)
{
	struct test_result r;

	cli_shell("$Q demo attention -o at; cd at;"
		  "$Q prepare attention.onnx -o side.onnx --external-data always");
	cli_answer("quantize at/side.onnx -r at/ranges.json -o at/auto.onnx");
	cr_expect_eq(access(test_path("at/auto.onnx.data"), R_OK), 0);
	r = cli_shell("mkdir alone; cp at/side.onnx alone; $Q check alone/side.onnx");
	cr_expect_eq(r.status, 3);
	cr_expect(strstr(r.out, "side file 'side.onnx.data': cannot be opened"), "%s",
		r.out);
	cli_answer("quantize at/side.onnx -r at/ranges.json -o at/never.onnx "
		   "--external-data never");
	cr_expect_neq(access(test_path("at/never.onnx.data"), R_OK), 0);
	cli_answer("quantize at/attention.onnx -r at/ranges.json -o at/plain.onnx");
	cr_expect_neq(access(test_path("at/plain.onnx.data"), R_OK), 0);
}
