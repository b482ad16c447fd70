/* Parsing queries: one word after the other. */
#include "plan/query_terms.h"

#include "base/text.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct is_word is_words[] = {
	{"seed", STATE_SEED, 0, false},
	{"implied", STATE_IMPLIED, 0, false},
	{"boundary", STATE_BOUNDARY | STATE_CONVERTS, 0, false},
	{"conflict", STATE_CONFLICT, 0, false},
	{"const", STATE_CONSTANT, TENSOR_CONSTANT, false},
	{"given", STATE_GIVEN, 0, false},
	{"edited", STATE_EDITED, 0, false},
	{"quantized", STATE_QUANTIZED, 0, false},
	{"float", STATE_QUANTIZED, 0, true},
	{"selected", STATE_SELECTED, 0, false},
	{"input", 0, TENSOR_INPUT, false},
	{"output", 0, TENSOR_OUTPUT, false},
	{NULL, 0, 0, false},
};

static bool fail(struct error *err, const char *word, const char *cause)
{
	return error_set(err, ERROR_USAGE, "query: %s: %s", text_quoted_z(word), cause);
}

static bool parse_is(struct query_term *t, const char *word, struct error *err)
{
	char known[200] = "take one of";

	for (const struct is_word *w = is_words; w->word; w++) {
		if (!strcmp(w->word, t->text)) {
			t->is = w;
			return true;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s %s",
			w == is_words ? "" : ",", w->word);
	}
	return fail(err, word, known);
}

static bool parse_types(struct query_term *t, const char *word, struct error *err)
{
	for (const char *at = t->text; *at; at += *at == ',') {
		size_t length = strcspn(at, ",");
		enum qtype type = qtype_parse(at, length);
		bool is_float = length == 5 && !strncmp(at, "float", 5);

		if (type == QTYPE_NONE && !is_float)
			return fail(err, word, "take types such as u8, u16 or float");
		t->types |= 1u << type;
		at += length;
	}
	return t->types || fail(err, word, "it names no type");
}

static bool parse_number(struct query_term *t, const char *word, struct error *err)
{
	char *end;

	t->number = strtod(t->text, &end);
	return (end != t->text && !*end && !isnan(t->number)) ||
	       fail(err, word, "a number belongs behind the sign");
}

static bool has_capital(const char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			return true;
	return false;
}

static bool is_ascii(const char *text)
{
	while (*text > 0)
		text++;
	return !*text;
}

/* Letters of one byte each, which the C library matches twice as fast as UTF-8. */
static bool compile_small(struct query_term *t, struct error *err)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before;
	bool ok;

	if (!c)
		return search_compile(t->text, 0, &t->small, err);
	before = uselocale(c);
	ok = search_compile(t->text, 0, &t->small, err);
	uselocale(before);
	freelocale(c);
	return ok;
}

/* Small letters against small letters is several times faster than REG_ICASE; classes
 * such as [:upper:] and letters beyond ASCII need that. */
static bool parse_regex(struct query_term *t, struct error *err)
{
	bool fold = !has_capital(t->text);

	t->has_regex = search_compile(t->text, fold ? REG_ICASE : 0, &t->regex, err);
	simple_parse(&t->simple, t->text, fold);
	if (t->has_regex && fold && is_ascii(t->text) && !strstr(t->text, "[:"))
		t->has_small = compile_small(t, err);
	return t->has_regex && !error_is_set(err);
}

/* ^ and $ around a word that is not a key. */
static void parse_anchors(struct query_term *t)
{
	size_t length = strlen(t->text);

	if (t->kind == TERM_FUZZY && t->text[0] == '^') {
		t->flags |= TERM_BEGINS;
		memmove(t->text, t->text + 1, length--);
	}
	if (t->kind == TERM_FUZZY && length && t->text[length - 1] == '$') {
		t->flags |= TERM_ENDS;
		t->text[length - 1] = '\0';
	}
	if (t->flags & (TERM_BEGINS | TERM_ENDS))
		t->kind = TERM_EXACT;
	t->search = search_prepare(t->text, strlen(t->text));
	t->has_glob = search_is_glob(t->text);
}

static const struct {
	const char *prefix;
	enum term_kind kind;
	char compare;
} keys[] = {
	{"op:", TERM_OP, 0},
	{"type:", TERM_TYPE, 0},
	{"shape:", TERM_SHAPE, 0},
	{"is:", TERM_IS, 0},
	{"in:", TERM_IN, 0},
	{"fan>", TERM_FAN, '>'},
	{"fan<", TERM_FAN, '<'},
	{"fan=", TERM_FAN, '='},
	{"range>", TERM_RANGE, '>'},
	{"range<", TERM_RANGE, '<'},
	{"range=", TERM_RANGE, '='},
	{"'", TERM_EXACT, 0},
};

/* What the word begins with; returns what stands behind. */
static const char *parse_key(struct query_term *t, const char *word)
{
	size_t length = strlen(word);

	if (length > 2 && word[0] == '/' && word[length - 1] == '/') {
		t->kind = TERM_REGEX;
		return word + 1;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strncmp(word, keys[i].prefix, strlen(keys[i].prefix))) {
			t->kind = keys[i].kind;
			t->compare = keys[i].compare;
			return word + strlen(keys[i].prefix);
		}
	return word;
}

static bool parse_text(struct query_term *t, const char *word, struct error *err)
{
	switch (t->kind) {
	case TERM_IS:
		return parse_is(t, word, err);
	case TERM_TYPE:
		return parse_types(t, word, err);
	case TERM_FAN:
	case TERM_RANGE:
		return parse_number(t, word, err);
	case TERM_REGEX:
		return parse_regex(t, err);
	default:
		parse_anchors(t);
		return true;
	}
}

static bool add_word(struct query *query, const char *word, struct error *err)
{
	struct query_term t = {.kind = TERM_FUZZY};
	const char *rest = word;
	size_t length;

	if (*rest == '!') {
		t.flags = TERM_NOT;
		rest++;
	}
	rest = parse_key(&t, rest);
	length = strlen(rest) - (t.kind == TERM_REGEX);
	t.text = strndup(rest, length);
	if (!t.text || !array_reserve((void **)&query->terms, &query->room,
			       query->count + 1, sizeof(*query->terms))) {
		free(t.text);
		return error_set_memory(err, "query");
	}
	query->terms[query->count++] = t;
	return parse_text(&query->terms[query->count - 1], word, err);
}

/* The end of the word at `at`: a blank, for an expression the slash before one. */
static size_t word_length(const char *at)
{
	const char *start = at + (*at == '!'), *end;

	if (*start != '/')
		return strcspn(at, " \t");
	for (end = start + 1; *end; end++)
		if (*end == '/' && (end[1] == '\0' || end[1] == ' ' || end[1] == '\t'))
			return (size_t)(end + 1 - at);
	return strcspn(at, " \t");
}

struct query *query_parse(const char *text, struct error *err)
{
	struct query *query = calloc(1, sizeof(*query));
	bool ok = query;

	if (!query)
		error_set_memory(err, "query");
	while (ok && *(text += strspn(text, " \t"))) {
		size_t length = word_length(text);
		char *word = strndup(text, length);

		if (!word)
			ok = error_set_memory(err, "query");
		else if (strcmp(word, "!") != 0)
			ok = add_word(query, word, err);
		free(word);
		text += length;
	}
	if (ok)
		return query;
	query_free(query);
	return NULL;
}

bool query_is_fixed(const struct query *query)
{
	for (size_t i = 0; i < query->count; i++) {
		const struct query_term *t = &query->terms[i];
		bool state = t->kind == TERM_IS && (t->is->state || t->is->absent);

		if (state || t->kind == TERM_TYPE || t->kind == TERM_IN ||
			t->kind == TERM_RANGE)
			return false;
	}
	return true;
}

void query_free(struct query *query)
{
	if (!query)
		return;
	for (size_t i = 0; i < query->count; i++) {
		free(query->terms[i].text);
		if (query->terms[i].has_regex)
			regfree(&query->terms[i].regex);
		if (query->terms[i].has_small)
			regfree(&query->terms[i].small);
	}
	free(query->terms);
	free(query);
}
