#include "plan/query_simple.h"

#include "graph/search.h"

#include <string.h>

static bool put(struct simple_expression *s, size_t *at, char c)
{
	if (*at == SIMPLE_ROOM)
		return false;
	s->text[(*at)++] = c;
	return true;
}

static bool next_part(struct simple_expression *s, size_t at)
{
	if (s->parts == SIMPLE_PARTS)
		return false;
	s->from[s->parts++] = (uint8_t)at;
	return true;
}

/* One piece of the expression, moving *e behind it; false if it is of another kind. */
static bool take_piece(struct simple_expression *s, size_t *at, const char **e)
{
	char c = *(*e)++;

	if (c == '.' && **e == '*') {
		(*e)++;
		if (!next_part(s, *at))
			return false;
	} else if (c == '.') {
		if (!put(s, at, '\0'))
			return false;
	} else if (c == '\\') {
		c = *(*e)++;
		if (!c || !strchr(".[]()*+?{}|^$\\/", c) || !put(s, at, c))
			return false;
	} else if (c < 0 || strchr("[]()*+?{}|^$", c) || !put(s, at, c)) {
		return false;
	}
	return !**e || !strchr("*+?{", **e);
}

void simple_parse(struct simple_expression *s, const char *e, bool fold)
{
	size_t at = 0;

	*s = (struct simple_expression){.fold = fold, .parts = 1};
	s->begins = *e == '^';
	e += s->begins;
	if (*e && strchr("*+?{", *e))
		return;
	while (*e && !(*e == '$' && !e[1]))
		if (!take_piece(s, &at, &e))
			return;
	s->ends = *e == '$';
	s->from[s->parts] = (uint8_t)at;
	s->usable = at > 0;
}

static bool part_is_at(const struct simple_expression *s, size_t part, const char *name)
{
	const char *text = s->text + s->from[part];
	size_t length = (size_t)(s->from[part + 1] - s->from[part]);

	for (size_t i = 0; i < length; i++)
		if (text[i] && text[i] != (s->fold ? search_lower(name[i]) : name[i]))
			return false;
	return true;
}

bool simple_matches(const struct simple_expression *s, const char *name, size_t length)
{
	size_t at = 0, first = 0, parts = s->parts;
	size_t tail = (size_t)(s->from[parts] - s->from[parts - 1]);

	if (length < s->from[parts] ||
		(s->ends && !part_is_at(s, parts - 1, name + length - tail)))
		return false;
	if (s->begins) {
		if ((parts == 1 && s->ends && length != tail) || !part_is_at(s, 0, name))
			return false;
		at = s->from[1];
		first = 1;
	}
	if (s->ends) {
		length -= tail;
		parts--;
	}
	for (size_t part = first; part < parts; part++) {
		size_t n = (size_t)(s->from[part + 1] - s->from[part]);

		while (at + n <= length && !part_is_at(s, part, name + at))
			at++;
		if (at + n > length)
			return false;
		at += n;
	}
	return true;
}

bool simple_is_ascii(const char *text, size_t length)
{
	uint64_t word, all = 0;

	for (; length >= sizeof(word); text += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		all |= word;
	}
	for (; length; length--)
		all |= (unsigned char)*text++;
	return !(all & UINT64_C(0x8080808080808080));
}
