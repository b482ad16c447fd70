/* A fixed number of damaged texts for every reader of texts. */
#include "fuzz.h"
#include "support.h"

#include "job/demos.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* By reader, in the order of fuzz.h. */
static const char *const samples[FUZZ_READERS][4] = {
	{"{\"picture\": [{\"quant_type\": \"QUInt16\"}],\n\"stem_relu_out\": "
	 "[{\"quant_type\": \"QUInt8\", \"convert\": {\"quant_type\": \"QUInt16\", "
	 "\"recv_nodes\": [\"depthwise\"]}}]}",
		"{\"stem_out\": [{\"scale\": 0.1, \"zero_point\": [3], \"quant_type\": "
		"\"u8\"}], \"residual_out\": [{\"rmin\": -1e-3, \"rmax\": 2.5, "
		"\"symmetric\": true, \"reduce_range\": false}]}",
		"{\"stem.weight\": [{\"axis\": 0, \"rmin\": -1, \"rmax\": 1}, {\"axis\": "
		"0}]}",
		"{\"head.bias\": [{\"quant_type\": \"QInt8\"}], \"\\u0041\\n\": [{}]}"},
	{"{\"stem_out\": [-1, 2.5], \"picture\": [0, 1e-3]}",
		"{\"CLS\": \"TensorsData\", \"data\": {\"picture\": {\"lowest\": "
		"{\"data\": "
		"[-1.0], \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, \"highest\": "
		"{\"data\": 3.0, \"dtype\": \"float32\", \"CLS\": \"numpy.array\"}, "
		"\"CLS\": \"TensorData\"}}, \"calibration_method\": {\"CLS\": "
		"\"CalibrationMethod\", \"value\": \"CalibrationMethod.MinMax\"}, "
		"\"smooth_quant\": false}",
		"{\"picture\": {\"CLS\": \"TensorData\", \"lowest\": [-Infinity], "
		"\"highest\": NaN}}",
		"{\"mask\": [[1, 2], [3]]}"},
	{"stem_out=QUInt16", "node:stem=s16,symmetric", "op:Conv=u8",
		"stem_relu_out>depthwise=QUInt16"},
	{"op:Conv fan>1 !stem", "type:u16 is:seed 'out ^pic mask$",
		"/^st.*(x|y)$/ range>0.5", "shape:1x**x16 in:A is:implied"},
	{"gdj<C-d><Space>p<Enter>", "<S-Tab><F12><lt><Esc>:w<CR>", "10G\xc3\xa9<Up><",
		"<PageDown><Insert>"},
	{"qdqedit project 1\nmodel {\"file\": \"net.onnx\", \"size\": 12, \"digest\": "
	 "\"0123456789abcdef\"}\nranges \"calib.json\"\noption activation-type "
	 "\"QUInt8\"\nseed {\"tensor\": \"stem_out\", \"type\": \"QUInt16\", \"region\": "
	 "\"heart\"}\n",
		"qdqedit project 1\nentry {\"stem_out\": [{\"quant_type\": "
		"\"QUInt8\"}]}\nparam {\"side\": \"own\", \"entries\": {\"stem_out\": "
		"[{\"rmin\": 0.0, \"rmax\": 1.0}]}}\nmark a {\"node\": \"stem\"}\n",
		"qdqedit project 1\nseed {\"node\": \"stem\", \"type\": \"QInt16\"}\n"
		"given {\"file\": \"o.json\"}\n",
		"qdqedit project 2\n"},
	{"qdqedit project 1\n@ \"stem_out u16\"\ninsert seed 0 {\"tensor\": "
	 "\"stem_out\", \"type\": \"QUInt16\"}\n.\nundo\nredo\n",
		"qdqedit project 1\nundo\n",
		"qdqedit project 1\n@ \"a\"\ninsert seed 0 {\"node\": \"head\", "
		"\"type\": \"QUInt16\"}\n.\n@ \"b\"\nremove seed 0 {\"node\": \"head\", "
		"\"type\": \"QUInt16\"}\n.\nundo\nundo\nredo\n",
		"qdqedit project 1\n@ \"a\"\n"},
	{"tensor,sqnr_db,mse\nstem_out,30.5,1e-3\n\"stem_relu_out\",nan,-inf\r\n",
		"picture;3\nstem;4.5\n#x\nmask;1\n",
		"{\"stem_out\": {\"qdq_err\": 40.5, \"xmodel_err\": NaN}, \"w\": "
		"{\"stem.weight\": Infinity}}",
		"[[[[\"activation\", \"stem_out\"], [\"weight\", \"stem.weight\"]], "
		"\"((8, int), (8, int))\", 0.7, 0.1]]"},
	{"{\"version\": \"0.6.1\", \"activation_encodings\": {\"stem_out\": "
	 "[{\"bitwidth\": 8, \"dtype\": \"int\", \"is_symmetric\": \"False\", \"min\": "
	 "-1.5, \"max\": 2.5, \"offset\": -96, \"scale\": 0.015686275}], \"picture\": "
	 "{\"bitwidth\": 16, \"min\": -1, \"max\": 1}}}",
		"{\"activation_encodings\": [{\"name\": \"stem_out\", \"enc_type\": "
		"\"PER_TENSOR\", \"dtype\": \"INT\", \"bw\": 16, \"is_sym\": true, "
		"\"scale\": [0.5], \"offset\": [-32768], \"zero_point_shift\": [0]}, "
		"{\"name\": \"residual_out\", \"dtype\": \"FLOAT\", \"bw\": 16}], "
		"\"param_encodings\": [{\"name\": \"stem.weight\", \"bw\": 8, "
		"\"is_sym\": true, \"scale\": [1, 2, 3, 4, 5, 6, 7, 8], \"offset\": "
		"[-128, -128, -128, -128, -128, -128, -128, -128]}], "
		"\"excluded_layers\": [\"head\"], \"quantizer_args\": "
		"{\"activation_bitwidth\": 16}}",
		"{\"version\": \"2.0.0\", \"encodings\": [{\"name\": \"picture\", "
		"\"output_dtype\": \"uint8\", \"y_scale\": 0.5, \"y_zero_point\": 64}, "
		"{\"name\": \"stem.weight\", \"output_dtype\": \"int4\", \"y_scale\": "
		"[[1], [2]], \"axis\": 1, \"block_size\": 8}, {\"name\": \"stem_out\", "
		"\"output_dtype\": \"float16\"}]}",
		"{\"encodings\": {\"stem_out\": {\"output_dtype\": \"int16\", "
		"\"y_scale\": [1e-3], \"axis\": -1}}, \"version\": \"2\"}"},
	{"[[0.9, 0.71, [[\"activation\", \"stem_out\"]], \"((16, int), (8, int))\"], "
	 "[0.8, 0.7, [[\"weight\", \"stem.weight\"]], [[16, \"float\"], [4, \"int\"]]]]",
		"{\"quantized\": false, \"subgraphs\": [{\"name\": \"heart\", "
		"\"description\": \"a to int16\", \"start_nodes\": [\"stem\"], "
		"\"end_nodes\": [\"depthwise\", \"head\"]}]}",
		"stem_out 3.5\npicture 1e-3\r\nno such 2\nmask -1\n",
		"{\"version\": \"1\", \"cache_key\": \"k\", \"results\": [{\"name\": "
		"\"a\", \"candidate_nodes\": [\"stem\", \"head\"], \"score\": 0.5, "
		"\"enabled\": true}]}"},
};

static struct fuzz_seed seed_of(size_t reader, const char *text)
{
	size_t length = strlen(text);
	char *bytes = test_text("%c%s", (char)('A' + reader), text);

	bytes[0] = (char)reader;
	return (struct fuzz_seed){bytes, length + 1};
}

static void damage(size_t reader)
{
	const char *more = getenv("QDQEDIT_TEST_FUZZ");
	struct fuzz_seed seeds[4];

	for (size_t i = 0; i < 4; i++) {
		seeds[i] = seed_of(reader, samples[reader][i]);
		fuzz_text(seeds[i].data, seeds[i].size);
	}
	fuzz_damaged(
		fuzz_text, seeds, 4, more ? (unsigned)strtoul(more, NULL, 10) : 20000);
}

Test(fuzz_texts, overrides)
{
	damage(0);
}

Test(fuzz_texts, ranges)
{
	damage(1);
}

Test(fuzz_texts, seeds)
{
	damage(2);
}

Test(fuzz_texts, queries)
{
	damage(3);
}

Test(fuzz_texts, keys)
{
	damage(4);
}

Test(fuzz_texts, projects)
{
	damage(5);
}

Test(fuzz_texts, journals)
{
	damage(6);
}

Test(fuzz_texts, scores)
{
	damage(7);
}

Test(fuzz_texts, encodings)
{
	damage(8);
}

Test(fuzz_texts, lists_of_other_tools)
{
	damage(9);
}
