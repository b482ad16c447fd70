/* Globs and regular expressions over names. */
#include "base/text.h"
#include "graph/search.h"

#include <stdlib.h>
#include <string.h>

bool search_is_glob(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* Reads one member of a set, moving behind it. */
static int32_t set_member(const char **p)
{
	int32_t code;

	if (**p == '\\' && (*p)[1])
		++*p;
	*p += text_decode(*p, strlen(*p), &code);
	return code;
}

/* Matches `code` against the set behind "["; *end comes to stand behind "]". False and
 * *end NULL if the set is not closed: the bracket is then a letter. */
static bool set_holds(const char *p, int32_t code, const char **end)
{
	bool negated = *p == '!' || *p == '^', found = false, first = true;

	p += negated;
	for (; *p && (*p != ']' || first); first = false) {
		int32_t low = set_member(&p), high = low;

		if (*p == '-' && p[1] && p[1] != ']') {
			p++;
			high = set_member(&p);
		}
		found |= code >= low && code <= high;
	}
	*end = *p == ']' ? p + 1 : NULL;
	return *end && found != negated;
}

/* Matches one element of the pattern at *name; moves both behind it. */
static bool match_one(const char **pattern, const char **name)
{
	const char *p = *pattern, *end;
	int32_t code;
	size_t size = text_decode(*name, strlen(*name), &code);

	if (*p == '?') {
		*pattern = p + 1;
		*name += size;
		return true;
	}
	if (*p == '[') {
		bool held = set_holds(p + 1, code, &end);

		if (end) {
			*pattern = end;
			*name += size;
			return held;
		}
	}
	if (*p == '\\' && p[1])
		p++;
	if (*p != **name)
		return false;
	*pattern = p + 1;
	++*name;
	return true;
}

/* Goes back only to the last "*": no more than length times length steps. */
bool search_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
		} else if (*pattern && match_one(&pattern, &name)) {
			continue;
		} else if (star) {
			pattern = star;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool add(struct search_hits *found, uint32_t index, struct error *err)
{
	return ARRAY_PUSH(found, index) || error_set_memory(err, "search");
}

static bool select_regex(const char *expression, uint32_t count,
	const char *(*name)(const void *arg, uint32_t index), const void *arg,
	struct search_hits *found, struct error *err)
{
	regex_t regex;
	bool ok = true;

	if (!search_compile(expression, REG_NOSUB, &regex, err))
		return false;
	for (uint32_t i = 0; ok && i < count; i++)
		if (!regexec(&regex, name(arg, i), 0, NULL, 0))
			ok = add(found, i, err);
	regfree(&regex);
	return ok;
}

bool search_select(const char *text, uint32_t count,
	const char *(*name)(const void *arg, uint32_t index), const void *arg,
	struct search_hits *found, struct error *err)
{
	size_t length = strlen(text);

	if (length > 2 && text[0] == '/' && text[length - 1] == '/') {
		char *expression = strndup(text + 1, length - 2);
		bool ok;

		if (!expression)
			return error_set_memory(err, "search");
		ok = select_regex(expression, count, name, arg, found, err);
		free(expression);
		return ok;
	}
	for (uint32_t i = 0; i < count; i++)
		if (search_glob(text, name(arg, i)) && !add(found, i, err))
			return false;
	return true;
}
