/* JSON as people and Python write it; for the files of plan/ and export/. */
#ifndef QDQEDIT_PLAN_JSON_H
#define QDQEDIT_PLAN_JSON_H

#include "base/problem.h"

#include <jansson.h>

/* What stands for the tokens NaN, Infinity and -Infinity that Python writes. */
#define JSON_NAN "\x7fNaN"
#define JSON_INFINITY "\x7fInfinity"
#define JSON_MINUS_INFINITY "\x7f-Infinity"

/* Parses a whole text: duplicate keys, names that are not UTF-8 and anything behind the
 * value are faults, told in `problems` with the line. NULL then; the caller does
 * json_decref. `name` is the file for messages (escaped here). */
json_t *plan_json_parse(
	const char *text, size_t length, const char *name, struct problem_list *problems);

/* True for a text that begins as an object or a list does. */
bool plan_json_begins(const char *text, size_t length);

/* "an object", "a list", "a string", "a number", "true or false", "null". */
const char *plan_json_kind(const json_t *value);

/* Appending text that grows; NULL text after memory is gone. */
struct json_out {
	char *text;
	size_t length, room;
	bool failed;
};

void plan_json_put(struct json_out *out, const char *text, size_t length);
void plan_json_puts(struct json_out *out, const char *text);

/* A quoted string; with `ascii` everything beyond it as \uXXXX. */
void plan_json_put_string(
	struct json_out *out, const char *bytes, size_t length, bool ascii);

/* The text with a NUL behind it (the caller frees), NULL if memory was gone. */
char *plan_json_finish(struct json_out *out, size_t *length);

#endif
