/* Regular expressions that are no more than text, "." and ".*", between "^" and "$":
 * what people mostly type, matched several times faster than by the C library. */
#ifndef QDQEDIT_PLAN_QUERY_SIMPLE_H
#define QDQEDIT_PLAN_QUERY_SIMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIMPLE_ROOM = 96, SIMPLE_PARTS = 12 };

/* Parts with anything between them. In `text` NUL stands for any one character. */
struct simple_expression {
	bool usable; /* the expression is one of these */
	bool begins, ends, fold;
	char text[SIMPLE_ROOM];
	uint8_t from[SIMPLE_PARTS + 1]; /* where each part begins; its end is the next */
	uint8_t parts;
};

/* Takes a POSIX extended expression apart; with `fold` it has no capitals, and those of
 * names count as small letters. */
void simple_parse(struct simple_expression *simple, const char *expression, bool fold);

/* Whether it matches in a name, which is ASCII. */
bool simple_matches(
	const struct simple_expression *simple, const char *name, size_t length);

/* True if the text is ASCII. */
bool simple_is_ascii(const char *text, size_t length);

#endif
