/* No command leaks memory or touches what is not its own. LeakSanitizer says so itself
 * when the program was built with it; else valgrind does. */
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(cli_leaks, .init = cli_begin);

static const char *const lines[] = {
	"info m.onnx",
	"bounds m.onnx -c o.json --seed node:Op7=u16 --op-types all --json",
	"why m.onnx Op4_out Op5 -c o.json",
	"check m.onnx -c o.json -r ranges.json --op-types all",
	"quantize c/convnet.onnx -r c/ranges.json --seed op:Conv=u16 -o q.onnx --json",
	"prepare m.onnx -o p.onnx",
	"prepare m.onnx -o r.onnx --fix-dim W=1",
	"quantize m.onnx -o m.onnx -r ranges.json --force",
	"promote m.onnx Op44_out=u16",
	"export c/convnet.onnx -r c/ranges.json --seed op:Conv=u16 --format csv -o e.csv",
	"export m.onnx -c o.json --format ort --json",
	"export c/convnet.onnx -r c/ranges.json --seed op:Conv=u16 --format ort-script",
	"export c/convnet.onnx -r c/ranges.json --seed op:Conv=u16 --format markdown",
	"export m.onnx -c o.json --format ort-loader -o l.py --scores nothing.csv",
	"import o.json m.onnx --op-types all --json",
	"import ranges.json m.onnx --save-ranges r.json",
	"import e.json m.onnx --json",
	"import s.csv m.onnx --top 2 -o s.qdq",
	"import bad.onnx m.onnx",
	"import --list",
	"import q.onnx c/convnet.onnx --json",
	"import q.onnx",
	"info q.onnx --json",
	"bounds q.onnx --seed op:Relu=u16",
	"quantize q.onnx --seed op:Conv=u8 -o changed.onnx",
	"quantize q.onnx --seed op:Relu=s16 --weight-type s16 -o other.onnx",
};

static const char *checker(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return "";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return "";
#endif
#endif
	test_need_program("valgrind");
	return "valgrind -q --leak-check=full --show-leak-kinds=all "
	       "--errors-for-leak-kinds=all --error-exitcode=99 ";
}

Test(cli_leaks, batch_commands)
{
	const char *tool = checker();

	cli_shell("$Q demo convnet -o c");
	test_write_text(test_path("s.csv"), "tensor,mse\nOp4_out,3\nOp44_out,2\n");
	test_write_text(test_path("e.json"),
		"{\"encodings\": [{\"name\": \"Op4_out\", \"output_dtype\": \"uint16\", "
		"\"y_scale\": [0.5]}, {\"name\": \"Op3_out\", \"output_dtype\": "
		"\"float16\"}, {\"name\": \"Op5_out\", \"output_dtype\": \"int8\", "
		"\"y_scale\": [1, 2]}]}");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct test_result r = cli_shell(test_text("%s$Q %s", tool, lines[i]));

		cr_expect(r.status <= 1, "%s: exit %d: %s", lines[i], r.status, r.err);
	}
}

/* What lies in the runtime or in the loader is not ours. */
static const char not_ours[] =
	"{\n copies\n Memcheck:Overlap\n ...\n obj:*onnxruntime*\n}\n"
	"{\n kept\n Memcheck:Leak\n ...\n obj:*onnxruntime*\n}\n"
	"{\n loader\n Memcheck:Addr8\n fun:strncmp\n ...\n"
	" obj:*ld-linux*\n}\n";

/* Those that run models: nothing of ours is lost. */
static const char *const runs[] = {
	"calibrate c/convnet.onnx -d c --method entropy -o e.json",
	"compare c/convnet.onnx q.onnx -d c --csv -o compare.csv",
	"compare c/convnet.onnx m.onnx -d c",
	"suggest c/convnet.onnx -d c -r c/ranges.json --within 0.3 -o s.json",
	"suggest c/convnet.onnx -d c -r c/ranges.json --scores compare.csv --json",
	"suggest c/convnet.onnx -d c -r c/ranges.json --patience 0 --csv",
	"suggest c/convnet.onnx -d c -r c/ranges.json -o c/convnet.onnx --force",
};

Test(cli_leaks, commands_that_run_models)
{
	const char *tool = checker();

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	test_write_text(test_path("not-ours"), not_ours);
	if (*tool)
		tool = test_text("valgrind -q --leak-check=full --error-exitcode=99 "
				 "--errors-for-leak-kinds=definite,indirect "
				 "--suppressions=%s ",
			test_path("not-ours"));
	cli_shell("$Q demo convnet -o c && $Q quantize c/convnet.onnx -r c/ranges.json "
		  "-o q.onnx");
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		struct test_result r = cli_shell(test_text("%s$Q %s", tool, runs[i]));

		cr_expect(r.status <= 1, "%s: exit %d: %s", runs[i], r.status, r.err);
	}
}
