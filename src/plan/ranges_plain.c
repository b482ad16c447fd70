#include "plan/ranges_plain.h"

#include "onnx/tensor.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS_MOST = 17, DEPTH_MOST = 16 };

/* What is left of the text. */
struct scan {
	const char *at, *end;
};

/* The character at hand behind blanks; NUL at the end. */
static char peek(struct scan *s)
{
	while (s->at < s->end &&
		(*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
		s->at++;
	return s->at < s->end ? *s->at : '\0';
}

static bool take(struct scan *s, char c)
{
	if (peek(s) != c)
		return false;
	s->at++;
	return true;
}

/* A string of printable ASCII without escapes. */
static bool take_string(struct scan *s, const char **text, size_t *length)
{
	if (!take(s, '"'))
		return false;
	*text = s->at;
	while (s->at < s->end && *s->at >= ' ' && *s->at < 127 && *s->at != '"' &&
		*s->at != '\\')
		s->at++;
	*length = (size_t)(s->at - *text);
	return s->at < s->end && *s->at++ == '"';
}

static bool take_key(struct scan *s, const char **text, size_t *length)
{
	return take_string(s, text, length) && take(s, ':');
}

static bool is_text(const char *text, size_t length, const char *wanted)
{
	return length == strlen(wanted) && !memcmp(text, wanted, length);
}

static size_t take_digits(struct scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (size_t)(s->at - from);
}

/* A number of JSON's grammar, with something behind it that ends it. */
static bool take_number(struct scan *s, double *value)
{
	const char *from;
	size_t whole;
	bool integer = true;

	peek(s);
	from = s->at;
	if (s->at < s->end && *s->at == '-')
		s->at++;
	whole = take_digits(s);
	if (!whole || whole > DIGITS_MOST ||
		(whole > 1 && s->at[-(ptrdiff_t)whole] == '0'))
		return false;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		integer = false;
		if (!take_digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		integer = false;
		if (s->at < s->end && (*s->at == '-' || *s->at == '+'))
			s->at++;
		if (!take_digits(s))
			return false;
	}
	if (s->at >= s->end || !strchr(",]} \t\r\n", *s->at) || !*s->at)
		return false;
	*value = strtod(from, NULL);
	if (integer && !*value)
		*value = 0; /* no integer is -0 */
	return true;
}

/* Passes over any value, loosely: the general reader sees it again. */
static bool skip_value(struct scan *s)
{
	char closing[DEPTH_MOST];
	unsigned depth = 0;
	const char *text;
	size_t length;

	do {
		char c = peek(s);

		if (c == '"') {
			if (!take_string(s, &text, &length))
				return false;
			continue;
		}
		if (c == '{' || c == '[') {
			if (depth == DEPTH_MOST)
				return false;
			closing[depth++] = c == '{' ? '}' : ']';
		} else if (depth && c == closing[depth - 1]) {
			depth--;
		} else if (!c || c == '}' || c == ']' || (!depth && c == ',')) {
			return false;
		}
		s->at++;
		while (!depth && s->at < s->end && !strchr(",}] \t\r\n", *s->at))
			s->at++;
	} while (depth);
	return true;
}

/* {"data": [1.5], "dtype": "float32", "CLS": "numpy.array"}; an array without axes is
 * left to the general reader, which remembers its form. */
static bool take_array(struct scan *s, double *value, int32_t *type)
{
	const char *key, *text;
	size_t n, length;
	bool found = false;

	*type = ELEMENT_FLOAT;
	if (!take(s, '{'))
		return false;
	do {
		if (!take_key(s, &key, &n))
			return false;
		if (is_text(key, n, "data") && !found) {
			found = take(s, '[') && take_number(s, value) && take(s, ']');
			if (!found)
				return false;
			continue;
		}
		if (!take_string(s, &text, &length))
			return false;
		if (is_text(key, n, "dtype") && is_text(text, length, "float16"))
			*type = ELEMENT_FLOAT16;
		else if (!(is_text(key, n, "dtype") &&
				 is_text(text, length, "float32")) &&
			 !is_text(key, n, "CLS"))
			return false;
	} while (take(s, ','));
	return found && take(s, '}');
}

static bool take_record(struct scan *s, struct plain_range *range)
{
	const char *key, *text;
	size_t n, length;
	bool low = false, high = false;

	if (!take(s, '{'))
		return false;
	do {
		bool fine;

		if (!take_key(s, &key, &n))
			return false;
		if (is_text(key, n, "lowest") && !low)
			fine = low = take_array(s, &range->low, &range->low_type);
		else if (is_text(key, n, "highest") && !high)
			fine = high = take_array(s, &range->high, &range->high_type);
		else
			fine = is_text(key, n, "CLS") && take_string(s, &text, &length);
		if (!fine)
			return false;
	} while (take(s, ','));
	return low && high && take(s, '}');
}

static bool take_pair(struct scan *s, struct plain_range *range)
{
	range->low_type = range->high_type = 0;
	return take(s, '[') && take_number(s, &range->low) && take(s, ',') &&
	       take_number(s, &range->high) && take(s, ']');
}

int plain_ranges_next(struct plain_ranges *ranges, struct plain_range *range)
{
	struct scan s = {ranges->at, ranges->end};
	bool first = ranges->at == ranges->end - (ranges->to - ranges->from), fine;

	if (!peek(&s))
		return first || s.at < s.end ? -1 : 0;
	if (!first && !take(&s, ','))
		return -1;
	fine = take_key(&s, &range->key, &range->key_length);
	if (fine)
		fine = peek(&s) == '{' ? take_record(&s, range) : take_pair(&s, range);
	ranges->at = s.at;
	return fine ? 1 : -1;
}

static void set_members(
	struct plain_ranges *ranges, const char *json, const char *from, const char *to)
{
	ranges->at = from;
	ranges->end = to;
	ranges->from = (size_t)(from - json);
	ranges->to = (size_t)(to - json);
}

bool plain_ranges_find(const char *json, size_t length, struct plain_ranges *ranges)
{
	struct scan s = {json, json + length};
	const char *key, *start, *from;
	size_t n;

	*ranges = (struct plain_ranges){.in_data = false};
	if (!take(&s, '{'))
		return false;
	start = s.at;
	do {
		if (!take_key(&s, &key, &n))
			return false;
		peek(&s);
		from = s.at;
		if (!skip_value(&s))
			return false;
		if (is_text(key, n, "data") && *from == '{' && !ranges->in_data) {
			ranges->in_data = true;
			set_members(ranges, json, from + 1, s.at - 1);
		}
	} while (take(&s, ','));
	if (!ranges->in_data)
		set_members(ranges, json, start, s.at);
	return take(&s, '}');
}
