/* The table of options: what args.c parses and what help, completion and the man page
 * tell. Private to this folder. */
#ifndef QDQEDIT_CLI_ARGS_TABLE_H
#define QDQEDIT_CLI_ARGS_TABLE_H

#include "cli/args.h"

enum { OPTION_MAX = 64 };

enum option_kind {
	KIND_FLAG,
	KIND_TEXT,
	KIND_TEXTS,      /* repeatable, as it stands */
	KIND_LIST,       /* repeatable, commas divide, @FILE */
	KIND_TYPE,       /* a quantization type */
	KIND_ACTIVATION, /* one of 8 or 16 bits */
	KIND_INTEGER,    /* not negative */
	KIND_COUNT,      /* positive */
	KIND_DECIBEL,    /* a double and the flag behind it */
	KIND_CHOICE,     /* one of the words in `value` */
	KIND_OP_TYPES,
	KIND_SET,
};

struct option_row {
	const char *name;
	char brief;        /* its letter, or 0 */
	unsigned commands; /* enum command_bit */
	enum option_kind kind;
	size_t offset;     /* of the field in struct args */
	const char *value; /* placeholder, or the words of a choice */
	const char *help;
};

extern const struct option_row option_rows[];
extern const int option_count;

#endif
