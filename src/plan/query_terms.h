/* The terms of a parsed query; for query.c and query_match.c only. */
#ifndef QDQEDIT_PLAN_QUERY_TERMS_H
#define QDQEDIT_PLAN_QUERY_TERMS_H

#include "graph/search.h"
#include "plan/query.h"
#include "plan/query_simple.h"

#include <regex.h>

enum term_kind {
	TERM_FUZZY,
	TERM_EXACT, /* 'word */
	TERM_REGEX,
	TERM_OP,
	TERM_TYPE,
	TERM_SHAPE,
	TERM_IS,
	TERM_IN,
	TERM_FAN,
	TERM_RANGE,
};

enum {
	TERM_NOT = 1,
	TERM_BEGINS = 2, /* ^word */
	TERM_ENDS = 4,   /* word$ */
};

/* Words of "is:", a row for each. */
struct is_word {
	const char *word;
	uint16_t state;  /* STATE_ flags of a tensor or node, any of them; 0: none */
	uint16_t tensor; /* TENSOR_ flags, any of them */
	bool absent;     /* none of the state flags */
};

extern const struct is_word is_words[];

struct query_term {
	enum term_kind kind;
	unsigned flags;
	char *text; /* owned */
	struct search search;
	regex_t regex, small; /* `small` is for names in small letters */
	bool has_regex, has_small;
	struct simple_expression simple; /* the same in another way, if it is usable */
	bool has_glob; /* of operators: there is a * ? or [ */
	const struct is_word *is;
	unsigned types; /* bit for each enum qtype */
	char compare;   /* '<', '>' or '=' */
	double number;
};

struct query {
	struct query_term *terms;
	size_t count, room;
};

#endif
