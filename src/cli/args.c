#include "cli/args_table.h"

#include "base/text.h"
#include "cli/command.h"
#include "eval/suggest.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
	case KIND_ACTIVATION:
		*(enum qtype *)at = qtype_parse(text, strlen(text));
		return *(enum qtype *)at != QTYPE_NONE &&
		       (row->kind == KIND_TYPE || qtypes[*(enum qtype *)at].bits >= 8);
	case KIND_INTEGER:
		return parse_integer(text, at);
	case KIND_COUNT:
		return parse_integer(text, at) && *(int64_t *)at > 0;
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
		args->has_goal |= row->offset == offsetof(struct args, goal);
		args->has_within |= row->offset == offsetof(struct args, within);
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
	for (int i = 0; i < option_count; i++) {
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
	for (int i = 0; i < option_count; i++) {
		if (option_rows[i].brief == code)
			return &option_rows[i];
	}
	return NULL;
}

/* "--a, --b" of the options of a command that begin with `word`; returns how many. */
static int list_matches(
	unsigned bit, const char *word, size_t length, char *out, size_t room)
{
	size_t used = 0;
	int count = 0;

	*out = '\0';
	for (int i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(row->commands & bit) || strncmp(row->name, word, length))
			continue;
		if (used < room)
			used += (size_t)snprintf(out + used, room - used, "%s--%s",
				count ? ", " : "", row->name);
		count++;
	}
	return count;
}

static const char *nearest_option(unsigned bit, const char *word, size_t length)
{
	struct text_nearest near = {word, length, 3, NULL};

	for (int i = 0; i < option_count; i++)
		if (option_rows[i].commands & bit)
			text_offer(&near, option_rows[i].name);
	return near.found;
}

/* A long option that getopt did not take: why not. */
static bool bad_long_option(
	const char *word, const struct command *command, struct error *err)
{
	size_t length = strcspn(word + 2, "=");
	const char *near = nearest_option(command->bit, word + 2, length);
	const char *quoted = text_quoted(word, length + 2);
	char matches[256];

	if (list_matches(command->bit, word + 2, length, matches, sizeof(matches)) > 1)
		return error_set(err, ERROR_USAGE, "%s: ambiguous; write one of %s",
			quoted, matches);
	if (near)
		return error_set(err, ERROR_USAGE,
			"%s: no such option; did you mean --%s?", quoted, near);
	if (list_matches(CMD_ALL, word + 2, length, matches, sizeof(matches)) > 0)
		return usage(err, command->name, "this command does not take it", quoted);
	return usage(err, command->name, "no such option", quoted);
}

/* What getopt_long reported with `code`; it leaves the culprit in optopt. */
static bool bad_option(
	int code, char **argv, const struct command *command, struct error *err)
{
	const struct option_row *row = optopt ? row_of(optopt) : NULL;
	char letter[3] = {'-', (char)optopt, '\0'};

	if (optopt >= 256 && code == '?')
		return error_set(err, ERROR_USAGE,
			"--%s: takes no value; leave out what follows the =", row->name);
	if (code == ':')
		return error_set(err, ERROR_USAGE, "--%s: wants a value; add %s",
			row->name, row->value);
	if (!optopt)
		return bad_long_option(argv[optind - 1], command, err);
	return usage(err, command->name,
		row ? "this command does not take it" : "no such option",
		text_quoted_z(letter));
}

static bool check_operands(
	const struct args *args, const struct command *command, struct error *err)
{
	int count = (int)args->operands.count;

	if (args->help || args->version || args->list)
		return true;
	if (args->csv && args->json)
		return usage(err, command->name, "give one of the two", "--csv, --json");
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
	struct option longs[OPTION_MAX + 1];
	char shorts[2 * OPTION_MAX + 2];
	int code;

	*args = (struct args){.command = command->bit,
		.color = COLOR_AUTO,
		.max_conversions = -1,
		.patience = SUGGEST_PATIENCE,
		.higher = -1};
	options_init(&args->quant);
	build_tables(command->bit, longs, shorts);
	optind = 0;
	opterr = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return bad_option(code, argv, command, err);
		if (!apply(args, row_of(code), optarg, err))
			return false;
	}
	for (; optind < argc; optind++) {
		if (!push_text(&args->operands, argv[optind], err))
			return false;
	}
	return check_operands(args, command, err);
}

int args_first_operand(int argc, char **argv)
{
	struct option longs[OPTION_MAX + 1];
	char shorts[2 * OPTION_MAX + 3] = "+";

	build_tables(CMD_ALL, longs, shorts + 1);
	optind = 0;
	opterr = 0;
	while (getopt_long(argc, argv, shorts, longs, NULL) != -1)
		;
	return optind > 1 && !strcmp(argv[optind - 1], "--") ? argc : optind;
}

void args_release(struct args *args)
{
	for (int i = 0; i < option_count; i++) {
		void *at = (char *)args + option_rows[i].offset;

		if (option_rows[i].kind == KIND_TEXT)
			free(*(char **)at);
		else if (option_rows[i].kind == KIND_TEXTS)
			text_list_release(at);
	}
	text_list_release(&args->operands);
	options_release(&args->quant);
}
