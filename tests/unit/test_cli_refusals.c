/* Bad models, overrides, ranges and seeds: one clear line, exit code 1, nothing left. */
#include "build.h"
#include "cli_fixture.h"
#include "onnx_bytes.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(cli_refusals, .init = cli_begin);

/* Every batch command refuses the model. */
static void refuse_model(const char *name, const char *part)
{
	static const char *const lines[] = {"info %s", "promote %s x=u16", "bounds %s",
		"why %s x", "check %s", "prepare %s -o out.onnx",
		"quantize %s -r ranges.json -o out.onnx", "info %s --json"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const char *blank = strchr(lines[i], '%');

		cli_refuses(test_text("%.*s%s%s", (int)(blank - lines[i]), lines[i], name,
				    blank + 2),
			1, part);
	}
}

static void write_bytes(const char *name, struct bytes b)
{
	test_write_file(test_path("%s", name), b.data, b.size);
}

Test(cli_refusals, what_is_no_model)
{
	char noise[3000];
	unsigned state = 1;

	for (size_t i = 0; i < sizeof(noise); i++) {
		state = state * 1664525 + 1013904223;
		noise[i] = (char)(state >> 24);
	}
	test_write_file(test_path("random.onnx"), noise, sizeof(noise));
	test_write_text(test_path("empty.onnx"), "");
	cli_shell("mkdir folder.onnx; ln -s nothing dangling.onnx; mkfifo fifo.onnx");
	refuse_model("random.onnx", "random.onnx: ");
	refuse_model("empty.onnx", "empty.onnx: ");
	refuse_model("bad.onnx", "bad.onnx: ");
	refuse_model("ranges.json", "ranges.json: ");
	refuse_model("nothing.onnx", "nothing.onnx: cannot be opened: No such file");
	refuse_model("dangling.onnx", "dangling.onnx: cannot be opened: No such file");
	refuse_model("folder.onnx", "folder.onnx: is a folder");
	refuse_model("fifo.onnx", "fifo.onnx: is not a regular file");
	refuse_model("/dev/zero", "/dev/zero: is not a regular file");
}

Test(cli_refusals, every_cut_of_a_model)
{
	size_t length;
	char *whole = test_read_file(test_path("m.onnx"), &length);

	for (size_t cut = 1; cut < length; cut += 41) {
		struct test_result r;

		test_write_file(test_path("cut.onnx"), whole, cut);
		r = cli_run("check cut.onnx");
		cr_expect(r.status <= 3, "cut at %zu: %d %s", cut, r.status, r.err);
		if (r.status == 1)
			cli_refuses("info cut.onnx", 1, "cut.onnx: ");
	}
}

/* A tag with a length that goes beyond the file, as deep as it is asked for. */
Test(cli_refusals, absurd_lengths_depths_and_counts)
{
	static const unsigned char beyond[] = {
		8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
	static const unsigned char overlong[] = {8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
	static const int64_t huge[] = {INT64_MAX, INT64_MAX};
	static const int64_t negative[] = {-4};
	struct bytes inner = {0}, tensor;

	test_write_file(test_path("beyond.onnx"), beyond, sizeof(beyond));
	test_write_file(test_path("overlong.onnx"), overlong, sizeof(overlong));
	refuse_model("beyond.onnx", "beyond.onnx: ");
	refuse_model("overlong.onnx", "overlong.onnx: ");

	/* subgraphs in subgraphs */
	put_message(&inner, 1, make_node("Relu", "n", "x", "y"));
	for (int depth = 0; depth < 5000; depth++) {
		struct bytes node = make_node("If", "n", "x", "y"), attribute = {0},
			     graph = {0};

		put_text(&attribute, 1, "then_branch");
		put_message(&attribute, 6, inner);
		put_message(&node, 5, attribute);
		put_message(&graph, 1, node);
		inner = graph;
	}
	write_bytes("deep.onnx", make_model(inner));
	refuse_model("deep.onnx", "deep.onnx: ");

	/* weights that cannot be */
	tensor = make_tensor_head("x2", 1, huge, 2);
	put_data(&tensor, 9, "abcd", 4);
	write_bytes("huge.onnx", make_small_model(tensor));
	cli_refuses("quantize huge.onnx -r ranges.json -o out.onnx", 1, "");
	tensor = make_tensor_head("x2", 1, negative, 1);
	put_data(&tensor, 9, "abcd", 4);
	write_bytes("negative.onnx", make_small_model(tensor));
	cli_refuses("quantize negative.onnx -r ranges.json -o out.onnx", 1, "");
}

static Onnx__ModelProto *chain(void)
{
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *graph = model->graph;

	proto_input(graph, "x", ELEMENT_FLOAT, "1,4");
	proto_output(graph, "y", ELEMENT_FLOAT, "1,4");
	proto_node(graph, "Relu", "a", "x", "t");
	proto_node(graph, "Relu", "b", "t", "y");
	return model;
}

Test(cli_refusals, graphs_that_cannot_be)
{
	Onnx__ModelProto *model = chain();

	model->graph->node[0]->input[0] = proto_text("y");
	proto_file(model, test_path("cycle.onnx"));
	refuse_model("cycle.onnx", "cycle.onnx: ");

	model = chain();
	model->graph->node[0]->output[0] = proto_text("y");
	proto_file(model, test_path("twice.onnx"));
	refuse_model("twice.onnx", "twice.onnx: ");

	model = chain();
	model->graph = NULL;
	proto_file(model, test_path("nograph.onnx"));
	refuse_model("nograph.onnx", "nograph.onnx: ");
}

/* Names that would drive a terminal are escaped, on both streams. */
Test(cli_refusals, hostile_names)
{
	Onnx__ModelProto *model = chain();
	struct test_result r;

	model->graph->node[0]->output[0] = model->graph->node[1]->input[0] =
		proto_text("t\033[2J\n\xe2\x80\xae");
	proto_file(model, test_path("hostile.onnx"));
	r = cli_run("bounds hostile.onnx --seed op:Relu=u16 --op-types all");
	cr_expect_eq(r.status, 0, "%s", r.err);
	r = cli_run("check hostile.onnx --op-types all");
	cr_expect_null(strchr(r.out, '\033'));
	cr_expect_null(strchr(r.err, '\033'));
	cli_json("bounds hostile.onnx --seed node:a=u16 --op-types all --json");
	cli_shell("cp m.onnx \"$(printf 'e\\033[2J\\n\\377.onnx')\"");
	r = cli_shell("$Q info \"$(printf 'e\\033[2J\\n\\377.onnx')\" && $Q info --json "
		      "\"$(printf 'e\\033[2J\\n\\377.onnx')\" && $Q info "
		      "\"$(printf 'f\\033[2J\\n\\377.onnx')\"");
	cr_expect_eq(r.status, 1);
	cr_expect_null(strchr(r.out, '\033'));
	cr_expect_null(strchr(r.err, '\033'));
	cr_expect(strstr(r.err, "f\\x1B[2J\\x0A\\xFF.onnx") ||
			  strstr(r.err, "f\\x1b[2J\\x0a\\xff.onnx"),
		"%s", r.err);
}

static const struct {
	const char *text; /* of the overrides file */
	const char *part;
} overrides[] = {
	{"", "bad.json: "},
	{"{", "bad.json: "},
	{"[]", "bad.json: "},
	{"null", "bad.json: "},
	{"{\"Op4_out\": {\"quant_type\": \"QUInt8\"}}", "'Op4_out'"},
	{"{\"Op4_out\": [[]]}", "'Op4_out'"},
	{"{\"Op4_out\": [7]}", "'Op4_out'"},
	{"{\"Op4_out\": [{\"quant_type\": 7}]}", "'Op4_out'"},
	{"{\"Op4_out\": [{\"quant_type\": \"float\"}]}", "'Op4_out'"},
	{"{\"Op4_out\": [{\"quant_typ\": \"QUInt8\"}]}", "quant_typ"},
	{"{\"Op44_out\": [{\"quant_type\": \"QUInt8\"}]}", "'Op44_out'"},
	{"{\"Op4_out\": [{}], \"Op4_out\": [{}]}", "Op4_out"},
	{"{\"Op4_out\": [{\"axis\": 0, \"axis\": 1}]}", "axis"},
	{"{\"\xff\": [{}]}", "bad.json: "},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 0.1}]}", "zero_point"},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\", \"scale\": -1.0, "
	 "\"zero_point\": 0}]}",
		"scale"},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 1e999, "
	 "\"zero_point\": 0}]}",
		"bad.json: "},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 1.0, "
	 "\"zero_point\": 256}]}",
		"zero_point"},
	{"{\"Op4_out\": [{\"rmin\": 2, \"rmax\": 1}]}", "rmin"},
	{"{\"Op4_out\": [{\"rmin\": NaN, \"rmax\": 1}]}", "rmin"},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\", \"convert\": {\"quant_type\": "
	 "\"QUInt16\", \"recv_nodes\": [\"Op7\"]}}]}",
		"'Op7' does not read this tensor"},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\", \"convert\": 1}]}", "convert"},
	{"{\"Op4_out\": [{\"quant_type\": \"QUInt8\"}]} x", "bad.json: "},
};

Test(cli_refusals, overrides)
{
	for (size_t i = 0; i < sizeof(overrides) / sizeof(*overrides); i++) {
		test_write_text(test_path("bad.json"), overrides[i].text);
		cli_refuses("promote m.onnx -c bad.json --op-types all", 1,
			overrides[i].part);
		cli_refuses("quantize m.onnx -c bad.json -r ranges.json -o out.onnx", 1,
			overrides[i].part);
		cli_refuses("promote m.onnx -c bad.json --ort-compatible", 1,
			overrides[i].part);
		cr_expect_eq(cli_run("check m.onnx -c bad.json").status, 3, "%s",
			overrides[i].text);
	}
}

/* A megabyte of opening brackets, and a whole gigabyte of nothing. */
Test(cli_refusals, overrides_without_end)
{
	cli_shell("head -c 1000000 /dev/zero | tr '\\0' '[' >deep.json; "
		  "truncate -s 1G big.json");
	cli_refuses("promote m.onnx -c deep.json", 1, "deep.json: ");
	cli_refuses("promote m.onnx -c big.json", 1, "big.json: ");
	cli_refuses("promote m.onnx -c /dev/zero", 1, "/dev/zero: ");
	cli_refuses("promote m.onnx -c .", 1, ".: cannot be read: Is a directory");
}

static const struct {
	const char *text; /* of the ranges file */
	const char *part;
} ranges[] = {
	{"", "bad.json: "}, {"[1]", "bad.json: "}, {"{\"Op1_out\": [1]}", "Op1_out"},
	{"{\"Op1_out\": [2, 1]}", "Op1_out"}, {"{\"Op1_out\": [NaN, 1]}", "Op1_out"},
	{"{\"Op1_out\": [\"a\", 1]}", "Op1_out"},
	{"{\"Op1_out\": [0, 1], \"Op1_out\": [0, 1]}", "Op1_out"},
	{"{\"CLS\": \"TensorsData\", \"data\": 7}", "bad.json: "},
	{"{\"Op1_out\": [0, 1]}", "range"}, /* the others are missing */
};

Test(cli_refusals, ranges)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		test_write_text(test_path("bad.json"), ranges[i].text);
		cli_refuses("quantize m.onnx -r bad.json -o out.onnx --op-types all", 1,
			ranges[i].part);
	}
	cli_refuses("quantize m.onnx -r nothing.json -o out.onnx", 1,
		"nothing.json: cannot be read: No such file");
}

static const struct {
	const char *seed;
	int status;
	const char *part;
} seeds[] = {
	{"Op4_out", 2, "it has no type"},
	{"=u16", 2, "it has no name"},
	{"Op4_out=", 2, "'' is no quantization type"},
	{"Op4_out=u17", 2, "'u17' is no quantization type"},
	{"Op4_out=u16,asymmetric", 2, "\",symmetric\""},
	{"Op44_out=u16", 1, "'Op44_out'"},
	{"Op4=u16", 1, "write node:Op4"},
	{"node:Op44=u16", 1, "'Op44'"},
	{"op:Conv=u16", 1, "Conv"},
	{"Op2_out>Op5=u16", 1, "'Op5' does not read it; its readers are Op4, Op7, Op8\n"},
	{"Op5_out>Op2=u16", 1, "'Op2' does not read it; its only reader is Op6\n"},
	{"output_0>Op2=u16", 1, "'Op2' does not read it; no node does\n"},
	{"Op2_out>Op44=u16", 1, "'Op44'"},
	{"/[/=u16", 2, "regular expression"},
	{"/Op4_out++++++++++++++++++++++++++++++++++++++++/=u16", 2, "repeats too much"},
	{"/(((O{255}){255}){255}){255}/=u16", 2, "repeats too much"},
	{"/(Op)*\\1/=u16", 2, "repeats too much"},
	{"Op9*=u16", 1, "Op9*"},
};

Test(cli_refusals, seeds)
{
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
		cli_refuses(test_text("promote m.onnx %s --op-types all", seeds[i].seed),
			seeds[i].status, seeds[i].part);
	cli_refuses("promote m.onnx Op4_out=u16 node:Op5=s16 --op-types all", 1, "");
}

/* Weights in side files: away, outside of the folder, too short. */
static void write_side_model(const char *location)
{
	Onnx__ModelProto *model = chain();
	Onnx__TensorProto *tensor = proto_value("w", ELEMENT_FLOAT, "300", NULL);
	Onnx__StringStringEntryProto entry = ONNX__STRING_STRING_ENTRY_PROTO__INIT;
	Onnx__StringStringEntryProto *entries[] = {&entry};
	Onnx__TensorProto *initializers[] = {tensor};

	entry.has_key = entry.has_value = 1;
	entry.key = proto_text("location");
	entry.value = proto_text(location);
	tensor->has_raw_data = 0;
	tensor->has_data_location = 1;
	tensor->data_location = 1;
	tensor->n_external_data = 1;
	tensor->external_data = entries;
	model->graph->node[0]->op_type = proto_text("Add");
	proto_node(model->graph, "Mul", "c", "y,w", "z");
	model->graph->n_initializer = 1;
	model->graph->initializer = initializers;
	proto_file(model, test_path("side.onnx"));
}

static void refuse_side_file(const char *location, const char *part)
{
	write_side_model(location);
	cli_refuses("quantize side.onnx -r r.json -o out.onnx --op-types Mul", 1, part);
	cli_refuses("prepare side.onnx -o out.onnx", 1, part);
}

Test(cli_refusals, side_files)
{
	test_write_text(test_path("r.json"),
		"{\"x\": [0, 1], \"t\": [0, 1], \"y\": [0, 1], \"z\": [0, 1]}");
	cli_shell(
		"head -c 1200 /dev/zero >weights; head -c 100 /dev/zero >short; "
		"mkdir folder; ln -s /etc/passwd link; mkfifo fifo; ln -s weights near");
	refuse_side_file("nothing", "'nothing'");
	refuse_side_file("/etc/passwd", "absolute path");
	refuse_side_file("../weights", "leaves the model's folder");
	refuse_side_file("folder/../../weights", "weights");
	refuse_side_file("", "side.onnx: ");
	refuse_side_file("short", "'short'");
	refuse_side_file("folder", "'folder'");
	refuse_side_file("fifo", "'fifo'");
	refuse_side_file("link", "'link'");
	write_side_model("near");
	cli_answer("prepare side.onnx -o near.onnx");
	cli_refuses("prepare side.onnx -o out.onnx --strict-external-data", 1,
		"is reached through a link");
}
