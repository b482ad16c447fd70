/* The table of options. */
#include "cli/args_table.h"

#include <stdio.h>

#define AT(member) offsetof(struct args, member)
#define WRITES (CMD_REPORTS | CMD_DEMO)

const struct option_row option_rows[] = {
	{"overrides", 'c', CMD_ALL & ~(CMD_HELP | CMD_IMPORT), KIND_TEXT, AT(overrides),
		"FILE", "tensor quantization overrides (JSON), taken literally"},
	{"seed", 0, CMD_SEEDED, KIND_TEXTS, AT(seeds), "SEED",
		"a seed on top of the overrides, closed over as promote does"},
	{"ranges", 'r', CMD_ALL & ~(CMD_HELP | CMD_IMPORT), KIND_TEXTS, AT(ranges),
		"FILE", "calibration ranges (JSON); MinMax files are merged"},
	{"data", 'd', CMD_SAMPLES, KIND_TEXTS, AT(data), "PATH",
		"samples: .npz, .npy, .pb folders, .bin with --shape"},
	{"random", 0, CMD_SAMPLES, KIND_COUNT, AT(random), "N",
		"N random samples in place of data, with a warning"},
	{"random-seed", 0, CMD_SAMPLES, KIND_INTEGER, AT(random_seed), "N",
		"seed of --random (default 0)"},
	{"shape", 0, CMD_SAMPLES, KIND_TEXT, AT(shape), "1,3,H,W",
		"shape of raw samples"},
	{"method", 0, CMD_SAMPLES, KIND_TEXT, AT(method), "M",
		"calibration method: minmax, percentile, entropy"},
	{"shard", 0, CMD_CALIBRATE, KIND_TEXT, AT(shard), "I/N",
		"take every N-th sample, from the I-th on"},
	{"bodies", 0, CMD_CALIBRATE, KIND_FLAG, AT(bodies), NULL,
		"also tensors inside If, Loop and Scan, for display"},
	{"output", 'o', WRITES, KIND_TEXT, AT(output), "FILE",
		"output; never the input; - is standard output for text"},
	{"force", 0, WRITES | CMD_EDITS, KIND_FLAG, AT(force), NULL,
		"replace an existing output"},
	{"activation-type", 0, CMD_PLANS, KIND_ACTIVATION, AT(quant.activation_type),
		"TYPE", "QUInt8 (default), QInt8, QUInt16, QInt16"},
	{"weight-type", 0, CMD_PLANS, KIND_TYPE, AT(quant.weight_type), "TYPE",
		"QInt8 (default), QUInt8, 16 and 4 bits too"},
	{"per-channel", 0, CMD_PLANS, KIND_FLAG, AT(quant.per_channel), NULL,
		"quantize weights per channel"},
	{"reduce-range", 0, CMD_PLANS, KIND_FLAG, AT(quant.reduce_range), NULL,
		"weights in 7 bits"},
	{"op-types", 0, CMD_PLANS, KIND_OP_TYPES, AT(quant.op_types), "A,B",
		"operator types to quantize; all: every type in the model"},
	{"nodes-to-quantize", 0, CMD_PLANS, KIND_LIST, AT(quant.nodes_to_quantize), "A,B",
		"only these nodes; @FILE reads one a line"},
	{"nodes-to-exclude", 0, CMD_PLANS, KIND_LIST, AT(quant.nodes_to_exclude), "A,B",
		"not these nodes; @FILE reads one a line"},
	{"set", 0, CMD_PLANS, KIND_SET, AT(quant), "NAME=VALUE",
		"an extra option under ONNX Runtime's name"},
	{"ort-compatible", 0, CMD_PLANS, KIND_FLAG, AT(quant.ort_compatible), NULL,
		"exactly what ONNX Runtime 1.32.0 does, faults included"},
	{"opset-policy", 0, CMD_QUANTIZE | CMD_EDITS | CMD_CHECK, KIND_CHOICE,
		AT(quant.opset_policy), "raise|keep",
		"raise the opset as quantize_static does, or keep it"},
	{"keep-constants", 0, CMD_PLANS, KIND_FLAG, AT(quant.keep_constants), NULL,
		"leave Constant nodes as they are"},
	{"external-data", 0, CMD_QUANTIZE | CMD_PREPARE, KIND_CHOICE, AT(external),
		"auto|always|never", "weights in a side file beside the output"},
	{"strict-external-data", 0, CMD_ALL & ~CMD_HELP, KIND_FLAG,
		AT(strict_external_data), NULL, "refuse linked side files"},
	{"threads", 0, CMD_SAMPLES | CMD_PREPARE, KIND_COUNT, AT(threads), "N",
		"threads for slow work (default: the cores)"},
	{"ort-lib", 0, CMD_SAMPLES | CMD_PREPARE | CMD_EXPORT, KIND_TEXT, AT(ort_lib),
		"PATH", "the ONNX Runtime library"},
	{"goal", 0, CMD_SUGGEST, KIND_DECIBEL, AT(goal), "DB",
		"stop at this output SQNR"},
	{"within", 0, CMD_SUGGEST, KIND_DECIBEL, AT(within), "DB",
		"stop this close to all in 16 bits"},
	{"max-conversions", 0, CMD_SUGGEST, KIND_INTEGER, AT(max_conversions), "K",
		"at most K conversions"},
	{"scores", 0, CMD_SUGGEST | CMD_EXPORT, KIND_TEXT, AT(scores), "FILE",
		"scores of tensors (CSV, JSON): suggest ranks by them"},
	{"patience", 0, CMD_SUGGEST, KIND_INTEGER, AT(patience), "SECONDS",
		"for the ranking (default 60); else by groups of tensors"},
	{"csv", 0, CMD_COMPARE | CMD_SUGGEST, KIND_FLAG, AT(csv), NULL,
		"the answer as CSV"},
	{"json", 0, CMD_REPORTS | CMD_DEMO, KIND_FLAG, AT(json), NULL,
		"the answer for programs, one JSON document"},
	{"format", 0, CMD_EXPORT | CMD_IMPORT, KIND_TEXT, AT(format), "FORMAT",
		"which format (--list)"},
	{"list", 0, CMD_EXPORT | CMD_IMPORT | CMD_DEMO, KIND_FLAG, AT(list), NULL,
		"list what there is"},
	{"report", 0, CMD_EXPORT | CMD_IMPORT, KIND_TEXT, AT(report), "FILE",
		"the statement of what was lost"},
	{"strict", 0, CMD_EXPORT | CMD_IMPORT, KIND_FLAG, AT(strict), NULL,
		"exit 3 when something is lost"},
	{"accept-float", 0, CMD_EXPORT | CMD_IMPORT, KIND_FLAG, AT(accept_float), NULL,
		"let tensors that the format leaves in float pass"},
	{"save-ranges", 0, CMD_IMPORT, KIND_TEXT, AT(save_ranges), "FILE",
		"where the ranges go"},
	{"top", 0, CMD_IMPORT, KIND_TEXT, AT(top), "N[%]",
		"promote the N tensors with the worst scores, or that share"},
	{"higher", 0, CMD_IMPORT | CMD_SUGGEST, KIND_CHOICE, AT(higher), "better|worse",
		"what a high score means, where the file does not say"},
	{"fix-dim", 0, CMD_PREPARE, KIND_TEXTS, AT(fix_dims), "NAME=N",
		"fix a free dimension"},
	{"optimize", 0, CMD_PREPARE, KIND_FLAG, AT(optimize), NULL,
		"ONNX Runtime's basic optimizations"},
	{"ascii", 0, CMD_EDITS, KIND_FLAG, AT(ascii), NULL, "no character beyond ASCII"},
	{"color", 0, CMD_EDITS, KIND_CHOICE, AT(color), "auto|16|256|never", "colours"},
	{"no-mouse", 0, CMD_EDITS, KIND_FLAG, AT(no_mouse), NULL,
		"leave the mouse alone"},
	{"slow", 0, CMD_EDITS, KIND_FLAG, AT(slow), NULL, "few bytes, for slow links"},
	{"plain", 0, CMD_EDIT | CMD_DEMO, KIND_FLAG, AT(plain), NULL,
		"line by line, without moving the cursor; see gK, 1 to 7"},
	{"show", 0, CMD_SCRIPT, KIND_FLAG, AT(show), NULL,
		"replay on the screen at reading speed"},
	{"quiet", 'q', CMD_ALL, KIND_FLAG, AT(quiet), NULL, "no notes and no progress"},
	{"verbose", 'v', CMD_ALL, KIND_FLAG, AT(verbose), NULL, "say more"},
	{"help", 'h', CMD_ALL, KIND_FLAG, AT(help), NULL, "this text"},
	{"version", 'V', CMD_ALL, KIND_FLAG, AT(version), NULL,
		"the versions of the program and of its libraries"},
};

_Static_assert(
	sizeof(option_rows) / sizeof(option_rows[0]) <= OPTION_MAX, "too many options");

const int option_count = sizeof(option_rows) / sizeof(option_rows[0]);

void args_each_option(unsigned command_bit,
	void (*each)(void *arg, const char *name, char brief, const char *value,
		const char *help),
	void *arg)
{
	for (int i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->commands & command_bit)
			each(arg, row->name, row->brief, row->value, row->help);
	}
}

static void print_option(
	void *arg, const char *name, char brief, const char *value, const char *help)
{
	char left[64];
	char dash[8] = "    ";

	if (brief)
		snprintf(dash, sizeof(dash), "-%c, ", brief);
	snprintf(left, sizeof(left), "%s--%s%s%s", dash, name, value ? " " : "",
		value ? value : "");
	fprintf(arg, "  %-34s %s\n", left, help);
}

void args_print_options(FILE *out, unsigned command_bit)
{
	args_each_option(command_bit, print_option, out);
}
