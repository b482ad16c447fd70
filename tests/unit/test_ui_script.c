/* Scripts through the program: files written, failures told, exit codes. */
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

/* The eight-node example of command-line.md 3, to the byte. */
static const char overrides[] =
	"{\n"
	"  \"Op4_out\": [{\"quant_type\": \"QUInt16\"}],\n"
	"  \"Op2_out\": [{\"quant_type\": \"QUInt8\", \"convert\": {\"quant_type\": "
	"\"QUInt16\", \"recv_nodes\": [\"Op4\"]}}],\n"
	"  \"Op5_out\": [{\"quant_type\": \"QUInt16\", \"convert\": {\"quant_type\": "
	"\"QUInt8\", \"recv_nodes\": [\"Op6\"]}}],\n"
	"  \"Op3_out\": [{\"quant_type\": \"QUInt8\", \"convert\": {\"quant_type\": "
	"\"QUInt16\", \"recv_nodes\": [\"Op5\"]}}]\n"
	"}\n";

static struct test_result script(const char *text)
{
	const char *path = test_path("script");

	test_write_text(path, text);
	return TEST_RUN(test_program(), "script", path);
}

static void succeeds(const char *text)
{
	struct test_result result = script(text);

	cr_assert_eq(result.status, 0, "%s", result.err);
	cr_assert_str_empty(result.err);
}

static void fails(const char *text, const char *message)
{
	struct test_result result = script(text);

	cr_assert_eq(result.status, 1);
	cr_assert(strstr(result.err, message), "%s", result.err);
}

Test(ui_script, overrides_are_written_to_the_byte)
{
	const char *file = test_path("overrides.json");

	succeeds(test_text("jjjjjp\n:w %s\n", file));
	cr_assert_str_eq(test_read_file(file, NULL), overrides);
}

Test(ui_script, an_existing_file_needs_the_mark)
{
	const char *file = test_path("overrides.json");

	test_write_text(file, "old");
	fails(test_text("jjjjjp\n:w %s\n", file), "exists; :w! writes over it");
	cr_assert_str_eq(test_read_file(file, NULL), "old");
	succeeds(test_text("jjjjjp\n:w! %s\nu\n:w\n", file));
	cr_assert_str_neq(test_read_file(file, NULL), "old");
}

Test(ui_script, the_model_is_written_as_the_batch_command_writes_it)
{
	const char *folder = test_path("mixed8"), *made = test_path("made.onnx");
	const char *batch = test_path("batch.onnx");

	cr_assert_eq(TEST_QDQEDIT("demo", "mixed8", "-o", folder).status, 0);
	succeeds(test_text("jjjjjp\n:set ort-compatible\n:quantize %s\n"
			   ":expect written\n",
		made));
	cr_assert_eq(
		TEST_QDQEDIT("quantize", test_text("%s/mixed8.onnx", folder), "--ranges",
			test_text("%s/ranges.json", folder), "--op-types", "all",
			"--ort-compatible", "--seed", "Op4_out=QUInt16", "-o", batch)
			.status,
		0);
	cr_assert_eq(TEST_RUN("cmp", made, batch).status, 0);
	fails(test_text("jjjjjp\n:quantize %s\n", made), "made.onnx");
	succeeds(test_text("jjjjjp\n:quantize! %s\n", made));
}

Test(ui_script, failures_name_the_line)
{
	fails("jjj\n:expect nothing like it\n", "line 2: expected on the screen");
	fails(":expect \x1b[31m\n", "expected on the screen: \\x1b[31m; :dump");
	fails(":frobnicate\n", "line 1: frobnicate: no such command");
	fails("\n\n:resize 0x0\n", "line 3: resize: WIDTHxHEIGHT");
	fails(":ranges /nowhere/at/all\n", "line 1: ");
	fails(":!order op\n", "it was not refused");
	fails(":order sideways\n", "line 1: order: graph, file");
	succeeds(":!order sideways\n");
	cr_assert_eq(TEST_QDQEDIT("script", "/nowhere/at/all").status, 1);
	cr_assert_eq(TEST_QDQEDIT("script").status, 2);
}

Test(ui_script, quitting_ends_it)
{
	succeeds(":q\n:expect never reached\n");
	succeeds("jjjjjp\nZQ\n:expect never reached\n");
}

Test(ui_script, state_is_told)
{
	struct test_result result = script("jjjjjp\n:dump-state -\n");

	cr_assert(strstr(result.out, "seed Op4_out u16\n"), "%s", result.out);
	cr_assert(strstr(result.out, "edit Op4_out u16\n"));
	cr_assert(strstr(result.out, "boundary Op2_out u8 u16 for Op4\n"));
	cr_assert(strstr(result.out, "region A u16 2 nodes\n"));
	cr_assert(strstr(result.out, "dirty yes\n"));
}

Test(ui_script, the_commands_are_told)
{
	struct test_result result = script(":dump-commands -\n");

	cr_assert(
		strstr(result.out, "promote\t[tensor|node|reader] [TYPE]\tp\tEditing\t"));
}

Test(ui_script, options_change_what_follows)
{
	succeeds(":set op-types=Relu\n:expect 0 DQ\n:set\n:expect op-types");
	fails(":set activation-type=q7\n", "is no type");
	fails(":set nonsense=3\n", "nonsense");
	succeeds(":set activation-type s8\n:expect base s8\njjjjjp\n:expect s16\n");
	succeeds(":set noort-compatible\n:set WeightSymmetric=true\n");
}

/* The names of a hostile model reach the screen escaped and nothing else. */
Test(ui_script, hostile_bytes_in_a_script)
{
	succeeds("\x1b[2J\xff\xfe<C-@>\n/\x1b]0;x\x07<Enter>\n");
}
