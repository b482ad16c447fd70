#include "cli/args.h"

#include "base/text.h"
#include "cli/command.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum option_kind {
	KIND_FLAG,
	KIND_TEXT,
	KIND_TEXTS,   /* repeatable, as it stands */
	KIND_LIST,    /* repeatable, commas divide, @FILE */
	KIND_TYPE,    /* a quantization type */
	KIND_INTEGER, /* not negative */
	KIND_DECIBEL, /* a double and the flag behind it */
	KIND_CHOICE,  /* one of the words in `value` */
	KIND_OP_TYPES,
	KIND_SET,
};

struct option_row {
	const char *name;
	char brief;
	unsigned commands;
	enum option_kind kind;
	size_t offset;
	const char *value; /* placeholder, or the words of a choice */
	const char *help;
};

#define AT(member) offsetof(struct args, member)
#define WRITES (CMD_REPORTS | CMD_DEMO)

static const struct option_row option_rows[] = {
	{"overrides", 'c', CMD_ALL & ~(CMD_HELP | CMD_IMPORT | CMD_PREPARE), KIND_TEXT,
		AT(overrides), "FILE",
		"tensor quantization overrides (JSON), taken literally"},
	{"seed", 0, CMD_SEEDED, KIND_TEXTS, AT(seeds), "SEED",
		"a seed on top of the overrides, closed over as promote does"},
	{"ranges", 'r', CMD_ALL & ~(CMD_HELP | CMD_IMPORT | CMD_PREPARE), KIND_TEXTS,
		AT(ranges), "FILE", "calibration ranges (JSON); MinMax files are merged"},
	{"data", 'd', CMD_SAMPLES, KIND_TEXTS, AT(data), "PATH",
		"samples: .npz, .npy, .pb folders, .bin with --shape"},
	{"random", 0, CMD_SAMPLES, KIND_INTEGER, AT(random), "N",
		"N random samples in place of data, with a warning"},
	{"random-seed", 0, CMD_SAMPLES, KIND_INTEGER, AT(random_seed), "N",
		"seed of --random (default 0)"},
	{"shape", 0, CMD_SAMPLES, KIND_TEXT, AT(shape), "1,3,H,W",
		"shape of raw samples"},
	{"method", 0, CMD_SAMPLES, KIND_TEXT, AT(method), "M",
		"calibration method: minmax, percentile, entropy"},
	{"shard", 0, CMD_CALIBRATE, KIND_TEXT, AT(shard), "I/N",
		"take every N-th sample, from the I-th on"},
	{"output", 'o', WRITES, KIND_TEXT, AT(output), "FILE",
		"output; never the input; - is standard output for text"},
	{"force", 0, WRITES | CMD_EDITS, KIND_FLAG, AT(force), NULL,
		"replace an existing output"},
	{"activation-type", 0, CMD_PLANS, KIND_TYPE, AT(quant.activation_type), "TYPE",
		"QUInt8 (default), QInt8, QUInt16, QInt16"},
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
	{"threads", 0, CMD_SAMPLES | CMD_PREPARE, KIND_INTEGER, AT(threads), "N",
		"threads for slow work (default: the cores)"},
	{"ort-lib", 0, CMD_SAMPLES | CMD_PREPARE | CMD_EXPORT, KIND_TEXT, AT(ort_lib),
		"PATH", "the ONNX Runtime library"},
	{"goal", 0, CMD_SUGGEST, KIND_DECIBEL, AT(goal), "DB",
		"stop at this output SQNR"},
	{"within", 0, CMD_SUGGEST, KIND_DECIBEL, AT(within), "DB",
		"stop this close to all in 16 bits"},
	{"max-conversions", 0, CMD_SUGGEST, KIND_INTEGER, AT(max_conversions), "K",
		"at most K conversions"},
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
	{"fix-dim", 0, CMD_PREPARE, KIND_TEXTS, AT(fix_dims), "NAME=N",
		"fix a free dimension"},
	{"optimize", 0, CMD_PREPARE, KIND_FLAG, AT(optimize), NULL,
		"ONNX Runtime's basic optimizations"},
	{"ascii", 0, CMD_EDITS, KIND_FLAG, AT(ascii), NULL, "no character beyond ASCII"},
	{"color", 0, CMD_EDITS, KIND_CHOICE, AT(color), "auto|16|256|never", "colours"},
	{"no-mouse", 0, CMD_EDITS, KIND_FLAG, AT(no_mouse), NULL,
		"leave the mouse alone"},
	{"slow", 0, CMD_EDITS, KIND_FLAG, AT(slow), NULL, "few bytes, for slow links"},
	{"show", 0, CMD_SCRIPT, KIND_FLAG, AT(show), NULL,
		"replay on the screen at reading speed"},
	{"quiet", 'q', CMD_ALL, KIND_FLAG, AT(quiet), NULL, "no notes and no progress"},
	{"verbose", 'v', CMD_ALL, KIND_FLAG, AT(verbose), NULL, "say more"},
	{"help", 'h', CMD_ALL, KIND_FLAG, AT(help), NULL, "this text"},
};

enum { OPTION_COUNT = sizeof(option_rows) / sizeof(option_rows[0]) };

static bool usage(
	struct error *err, const char *command, const char *cause, const char *what)
{
	return error_set(
		err, ERROR_USAGE, "%s: %s; see 'qdqedit help %s'", what, cause, command);
}

static bool parse_integer(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return end != text && !*end && !errno && *value >= 0;
}

static bool parse_decibel(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value);
}

/* The index of `text` among the words of "a|b|c", -1 if it is none of them. */
static int word_index(const char *words, const char *text)
{
	size_t length = strlen(text);
	int index = 0;

	for (const char *at = words; at; index++) {
		const char *bar = strchr(at, '|');
		size_t word = bar ? (size_t)(bar - at) : strlen(at);

		if (word == length && !strncasecmp(at, text, word))
			return index;
		at = bar ? bar + 1 : NULL;
	}
	return -1;
}

static bool set_text(char **to, const char *text, struct error *err)
{
	free(*to);
	*to = strdup(text);
	return *to || error_set_memory(err, "the command line");
}

static bool set_op_types(struct args *args, const char *text, struct error *err)
{
	if (!strcasecmp(text, "all")) {
		args->quant.all_op_types = true;
		return true;
	}
	return text_list_add(&args->quant.op_types, text, err);
}

static bool set_extra(struct args *args, const char *text, struct error *err)
{
	const char *equals = strchr(text, '=');
	char name[128];

	if (!equals || equals == text || (size_t)(equals - text) >= sizeof(name))
		return error_set(err, ERROR_USAGE,
			"--set %s: NAME=VALUE is wanted; see 'qdqedit help options'",
			text_quoted_z(text));
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	return options_set(&args->quant, name, equals + 1, err);
}

/* Appends one text as it stands (commas belong to it). */
static bool push_text(struct text_list *list, const char *text, struct error *err)
{
	char *copy = strdup(text);

	if (copy && array_reserve((void **)&list->items, &list->room, list->count + 1,
			    sizeof(*list->items))) {
		list->items[list->count++] = copy;
		return true;
	}
	free(copy);
	return error_set_memory(err, "the command line");
}

/* Scalar kinds: true if `text` was understood and stored. */
static bool set_scalar(const struct option_row *row, void *at, const char *text)
{
	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)at = true;
		return true;
	case KIND_TYPE:
		*(enum qtype *)at = qtype_parse(text, strlen(text));
		return *(enum qtype *)at != QTYPE_NONE;
	case KIND_INTEGER:
		return parse_integer(text, at);
	case KIND_CHOICE:
		*(int *)at = word_index(row->value, text);
		return *(int *)at >= 0;
	default:
		return false;
	}
}

static bool apply(struct args *args, const struct option_row *row, const char *text,
	struct error *err)
{
	void *at = (char *)args + row->offset;

	switch (row->kind) {
	case KIND_TEXT:
		return set_text(at, text, err);
	case KIND_TEXTS:
		return push_text(at, text, err);
	case KIND_LIST:
		return text_list_add(at, text, err);
	case KIND_OP_TYPES:
		return set_op_types(args, text, err);
	case KIND_SET:
		return set_extra(args, text, err);
	case KIND_DECIBEL:
		args->has_goal |= row->offset == AT(goal);
		args->has_within |= row->offset == AT(within);
		if (parse_decibel(text, at))
			return true;
		break;
	default:
		if (set_scalar(row, at, text))
			return true;
		break;
	}
	return error_set(err, ERROR_USAGE, "--%s %s: not a valid %s; %s", row->name,
		text_quoted_z(text), row->value, row->help);
}

/* getopt's tables for the options of one command. */
static void build_tables(unsigned bit, struct option *longs, char *shorts)
{
	*shorts++ = ':';
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		bool with_value = row->kind != KIND_FLAG;

		if (!(row->commands & bit))
			continue;
		*longs++ = (struct option){row->name, with_value, NULL, 256 + i};
		if (!row->brief)
			continue;
		*shorts++ = row->brief;
		if (with_value)
			*shorts++ = ':';
	}
	*longs = (struct option){0};
	*shorts = '\0';
}

static const struct option_row *row_of(int code)
{
	if (code >= 256)
		return &option_rows[code - 256];
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (option_rows[i].brief == code)
			return &option_rows[i];
	}
	return NULL;
}

static bool bad_option(
	int code, int argc, char **argv, const char *command, struct error *err)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";

	return usage(err, command,
		code == ':' ? "this option needs a value"
			    : "unknown or ambiguous option here",
		text_quoted_z(word));
}

static bool check_operands(
	const struct args *args, const struct command *command, struct error *err)
{
	int count = (int)args->operands.count;

	if (args->help || args->list)
		return true;
	if (count < command->min_operands)
		return error_set(err, ERROR_USAGE, "%s: %s wanted; see 'qdqedit help %s'",
			command->name, command->operands, command->name);
	if (command->max_operands >= 0 && count > command->max_operands)
		return usage(err, command->name, "one operand too many",
			text_quoted_z(args->operands.items[command->max_operands]));
	return true;
}

bool args_parse(struct args *args, const struct command *command, int argc, char **argv,
	struct error *err)
{
	struct option longs[OPTION_COUNT + 1];
	char shorts[2 * OPTION_COUNT + 2];
	int code;

	*args = (struct args){.color = COLOR_AUTO};
	options_init(&args->quant);
	build_tables(command->bit, longs, shorts);
	optind = 0;
	opterr = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return bad_option(code, argc, argv, command->name, err);
		if (!apply(args, row_of(code), optarg, err))
			return false;
	}
	for (; optind < argc; optind++) {
		if (!push_text(&args->operands, argv[optind], err))
			return false;
	}
	return check_operands(args, command, err);
}

void args_release(struct args *args)
{
	struct text_list *lists[] = {&args->operands, &args->seeds, &args->ranges,
		&args->data, &args->fix_dims};
	char *texts[] = {args->overrides, args->output, args->method, args->ort_lib,
		args->format, args->report, args->shape, args->shard};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		text_list_release(lists[i]);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	options_release(&args->quant);
}

void args_each_option(unsigned command_bit,
	void (*each)(void *arg, const char *name, char brief, const char *value,
		const char *help),
	void *arg)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
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
