/* No command leaks memory or touches what is not its own. LeakSanitizer says so itself
 * when the program was built with it; else valgrind does. */
#include "cli_fixture.h"

#include <criterion/criterion.h>
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
