/* Finding among many names: fuzzy with a score, globs, regular expressions. */
#ifndef QDQEDIT_GRAPH_SEARCH_H
#define QDQEDIT_GRAPH_SEARCH_H

#include "base/array.h"
#include "base/error.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pattern made ready once for many names. Smart case: a pattern without capital
 * letters matches both cases (ASCII). */
struct search {
	const char *pattern; /* borrowed */
	size_t length;
	bool fold; /* both cases match */
};

/* ASCII alone. */
static inline char search_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

struct search search_prepare(const char *pattern, size_t length);

/* True if the letters of the pattern stand in the name in this order: quick. An empty
 * pattern matches everything. */
bool search_matches(const struct search *search, const char *name, size_t length);

enum { SEARCH_NO_MATCH = INT32_MIN };

/* How well the name matches, SEARCH_NO_MATCH if it does not. More is better: letters
 * that follow one another, that begin a word (behind / . _ - : or a digit or capital
 * after a small letter), a short name, the whole name. If `at` is not NULL it takes
 * the places of the first `room` letters in the name, for highlighting. */
int32_t search_score(const struct search *search, const char *name, size_t length,
	uint32_t *at, size_t room);

/* True if the pattern stands in the name as it is. */
bool search_contains(const struct search *search, const char *name, size_t length);

/* True if the name as a whole matches a glob: * any text (also "/"), ? one character,
 * [a-z] and [!a-z] one of a set, \ takes the next one literally. */
bool search_glob(const char *pattern, const char *name);

/* True if the text holds one of * ? [ . */
bool search_is_glob(const char *text);

/* Compiles a POSIX extended regular expression (`flags` of regcomp are added). Refused
 * besides wrong ones: those whose repetitions multiply, and references back, which the
 * C library pays for with all memory or time. */
bool search_compile(const char *expression, int flags, regex_t *regex, struct error *err);

/* Calls `name` for 0 .. count - 1 and gathers the indices of those that match `text`,
 * in order: a glob, or a POSIX extended regular expression (found anywhere in the name)
 * when it stands wholly between slashes. False when the expression is wrong or memory
 * is gone. The caller releases `found`. */
struct search_hits ARRAY_OF(uint32_t);
bool search_select(const char *text, uint32_t count,
	const char *(*name)(const void *arg, uint32_t index), const void *arg,
	struct search_hits *found, struct error *err);

#endif
