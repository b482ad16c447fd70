/* The command line: one table of options, one record of what was given. */
#ifndef QDQEDIT_CLI_ARGS_H
#define QDQEDIT_CLI_ARGS_H

#include "base/error.h"
#include "onnx/write.h"
#include "rules/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Subcommands as bits, for the options table. */
enum command_bit {
	CMD_EDIT = 1 << 0,
	CMD_DEMO = 1 << 1,
	CMD_INFO = 1 << 2,
	CMD_PROMOTE = 1 << 3,
	CMD_BOUNDS = 1 << 4,
	CMD_WHY = 1 << 5,
	CMD_CHECK = 1 << 6,
	CMD_PREPARE = 1 << 7,
	CMD_CALIBRATE = 1 << 8,
	CMD_QUANTIZE = 1 << 9,
	CMD_COMPARE = 1 << 10,
	CMD_SUGGEST = 1 << 11,
	CMD_EXPORT = 1 << 12,
	CMD_IMPORT = 1 << 13,
	CMD_SCRIPT = 1 << 14,
	CMD_HELP = 1 << 15,
	CMD_ALL = (1 << 16) - 1,
	CMD_EDITS = CMD_EDIT | CMD_DEMO | CMD_SCRIPT,
	CMD_PLANS = CMD_EDITS | CMD_PROMOTE | CMD_BOUNDS | CMD_WHY | CMD_CHECK |
		    CMD_CALIBRATE | CMD_QUANTIZE | CMD_SUGGEST | CMD_EXPORT | CMD_IMPORT,
	CMD_SEEDED =
		CMD_EDITS | CMD_BOUNDS | CMD_WHY | CMD_CHECK | CMD_QUANTIZE | CMD_EXPORT,
	CMD_REPORTS = CMD_INFO | CMD_PROMOTE | CMD_BOUNDS | CMD_WHY | CMD_CHECK |
		      CMD_PREPARE | CMD_CALIBRATE | CMD_QUANTIZE | CMD_COMPARE |
		      CMD_SUGGEST | CMD_EXPORT | CMD_IMPORT,
	/* whose answer goes to -o FILE */
	CMD_ANSWERS = CMD_INFO | CMD_BOUNDS | CMD_WHY | CMD_CHECK | CMD_COMPARE,
	CMD_SAMPLES =
		CMD_EDITS | CMD_CALIBRATE | CMD_QUANTIZE | CMD_COMPARE | CMD_SUGGEST,
};

enum color_choice { COLOR_AUTO, COLOR_16, COLOR_256, COLOR_NEVER };

/* What was given. Initialized by args_parse, freed by args_release. */
struct args {
	unsigned command; /* its bit CMD_... */
	struct text_list operands;
	char *overrides, *output, *method, *ort_lib, *format, *report, *shape, *shard,
		*save_ranges, *top, *scores;
	struct text_list seeds, ranges, data, fix_dims;
	struct quant_options quant;
	bool force, bodies, json, csv, list, strict, accept_float, optimize, quiet,
		verbose;
	bool help, version, strict_external_data, ascii, no_mouse, slow, plain, show;
	int64_t random, random_seed, threads; /* 0: not given */
	int64_t max_conversions;              /* -1: not given */
	int64_t patience;                     /* seconds */
	double goal, within;
	bool has_goal, has_within;
	int color;    /* enum color_choice */
	int higher;   /* scores: 0 better, 1 worse, -1: not given */
	int external; /* enum external_data */
};

struct command;

/* Parses argv[1..] (argv[0] is the subcommand's name) for a command; usage faults are
 * ERROR_USAGE. */
bool args_parse(struct args *args, const struct command *command, int argc, char **argv,
	struct error *err);
void args_release(struct args *args);

/* True for "-", standard input or output. */
static inline bool args_is_dash(const char *text)
{
	return text && text[0] == '-' && !text[1];
}

/* Where the first argument stands that is neither an option, of any command, nor the
 * value of one; `argc` if there is none or "--" is in front of it. */
int args_first_operand(int argc, char **argv);

/* Prints the options of a command with their meaning. */
void args_print_options(FILE *out, unsigned command_bit);

/* Calls `each` for every option of a command (completions, man page). */
void args_each_option(unsigned command_bit,
	void (*each)(void *arg, const char *name, char brief, const char *value,
		const char *help),
	void *arg);

#endif
