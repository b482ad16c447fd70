#include "plan/json.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool plan_json_begins(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length &&
		(text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r'))
		i++;
	return i < length && (text[i] == '{' || text[i] == '[');
}

const char *plan_json_kind(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	default:
		return "null";
	}
}

static const struct {
	const char *token, *text;
} specials[] = {
	{"NaN", "\"\\u007fNaN\""},
	{"Infinity", "\"\\u007fInfinity\""},
	{"-Infinity", "\"\\u007f-Infinity\""},
};

static size_t put_special(struct json_out *out, const char *at, size_t left)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		size_t length = strlen(specials[i].token);

		if (left >= length && !memcmp(at, specials[i].token, length)) {
			plan_json_puts(out, specials[i].text);
			return length;
		}
	}
	return 0;
}

static size_t string_length(const char *at, size_t left)
{
	size_t i = 1;

	while (i < left && at[i] != '"' && at[i] != '\n')
		i += at[i] == '\\' && i + 1 < left ? 2 : 1;
	return i < left ? i + 1 : left;
}

/* The text with Python's tokens for numbers that JSON does not have as strings. */
static char *quote_specials(const char *text, size_t length, size_t *new_length)
{
	struct json_out out = {0};

	for (size_t i = 0; i < length;) {
		size_t step = put_special(&out, text + i, length - i);

		if (!step) {
			step = text[i] == '"' ? string_length(text + i, length - i) : 1;
			plan_json_put(&out, text + i, step);
		}
		i += step;
	}
	return plan_json_finish(&out, new_length);
}

static const char *remedy_of(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return "keep one of the two";
	case json_error_invalid_utf8:
		return "save the file as UTF-8";
	case json_error_premature_end_of_input:
		return "the file is cut short: write it again";
	default:
		return "mend the JSON there";
	}
}

static json_t *fail(struct problem_list *problems, const char *name,
	const json_error_t *error, const char *text, size_t length)
{
	char place[512], shown[256], cause[sizeof(shown) + JSON_ERROR_TEXT_LENGTH];

	text_escape(shown, sizeof(shown), name, strlen(name));
	snprintf(place, sizeof(place), "%s: line %d", shown,
		error->line > 0 ? error->line : 1);
	text_escape(cause, sizeof(cause), error->text, strlen(error->text));
	if (text && !text_is_utf8(text, length))
		problem_add(problems, SEVERITY_ERROR, "json", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, place, "a name is not UTF-8",
			"save the file as UTF-8");
	else
		problem_add(problems, SEVERITY_ERROR, "json", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, place, cause, remedy_of(error));
	return NULL;
}

json_t *plan_json_parse(
	const char *text, size_t length, const char *name, struct problem_list *problems)
{
	json_error_t error = {0};
	size_t quoted_length;
	char *quoted = quote_specials(text, length, &quoted_length);
	json_t *root;

	if (!quoted) {
		snprintf(error.text, sizeof(error.text), "out of memory");
		return fail(problems, name, &error, NULL, 0);
	}
	root = json_loadb(
		quoted, quoted_length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	free(quoted);
	return root ? root : fail(problems, name, &error, text, length);
}
