/* Scores from CSV: a name and a number a line; commas, semicolons or tabs divide, the
 * first line may be a head. */
#include "base/text.h"
#include "plan/scores_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIELDS_MAX = 256 };

/* One field, without its quotation marks. In memory of the line. */
struct field {
	char *text;
	size_t length;
};

struct csv {
	struct scores_reader *reader;
	char *at, *end; /* what is left of the text, which is written in */
	char comma;
	size_t line;
	struct field fields[FIELDS_MAX];
	size_t count;
	size_t name, score; /* columns; SIZE_MAX: not known yet */
	bool begun;
};

static bool fault(struct csv *csv, const char *remedy, const char *cause)
{
	char place[32];

	snprintf(place, sizeof(place), "line %zu", csv->line);
	return scores_fault(csv->reader, place, remedy, "%s", cause);
}

/* A quoted field may hold anything, quotation marks twice. Leaves `at` behind it. */
static bool read_quoted(struct csv *csv, struct field *field)
{
	char *from = csv->at + 1, *to = from;

	field->text = from;
	while (from < csv->end) {
		if (*from == '\n')
			csv->line++;
		if (*from == '"' && (from + 1 == csv->end || from[1] != '"')) {
			field->length = (size_t)(to - field->text);
			csv->at = from + 1;
			return true;
		}
		from += *from == '"';
		*to++ = *from++;
	}
	return fault(csv, "close it", "a quotation mark is not closed");
}

static bool ends_field(const struct csv *csv, char c)
{
	return c == csv->comma || c == '\n' || c == '\r';
}

static bool read_field(struct csv *csv, struct field *field)
{
	if (csv->at < csv->end && *csv->at == '"') {
		if (!read_quoted(csv, field))
			return false;
		if (csv->at < csv->end && !ends_field(csv, *csv->at))
			return fault(csv, "double the quotation marks inside",
				"text stands behind a quoted field");
		return true;
	}
	while (csv->at < csv->end && (*csv->at == ' ' && csv->comma != ' '))
		csv->at++;
	field->text = csv->at;
	while (csv->at < csv->end && !ends_field(csv, *csv->at))
		csv->at++;
	field->length = (size_t)(csv->at - field->text);
	while (field->length && field->text[field->length - 1] == ' ')
		field->length--;
	return true;
}

static void end_line(struct csv *csv)
{
	if (csv->at < csv->end && *csv->at == '\r')
		csv->at++;
	if (csv->at < csv->end && *csv->at == '\n')
		csv->at++;
}

static bool read_line(struct csv *csv)
{
	csv->line++;
	for (csv->count = 0; csv->count < FIELDS_MAX;) {
		if (!read_field(csv, &csv->fields[csv->count++]))
			return false;
		if (csv->at == csv->end || *csv->at != csv->comma) {
			end_line(csv);
			return true;
		}
		csv->at++;
	}
	return fault(csv, "it is no table of scores", "the line has too many fields");
}

static bool number_of(const struct field *field, double *value)
{
	char text[64], *end;

	if (!field->length || field->length >= sizeof(text))
		return false;
	memcpy(text, field->text, field->length);
	text[field->length] = '\0';
	*value = strtod(text, &end);
	return !*end && strlen(text) == field->length;
}

/* The columns by their heads. False if the line is no head. */
static bool read_head(struct csv *csv)
{
	int best = -1;
	double number;

	for (size_t i = 0; i < csv->count; i++) {
		const struct field *f = &csv->fields[i];
		int rank = score_word_rank(f->text, f->length);

		if (number_of(f, &number))
			return false;
		if (csv->name == SIZE_MAX && score_is_name_word(f->text, f->length))
			csv->name = i;
		if (rank >= 0 && (best < 0 || rank < best)) {
			best = rank;
			csv->score = i;
		}
	}
	if (best >= 0)
		csv->reader->word = &score_words[best];
	return csv->count > 1;
}

/* Columns that no head told: the first text, the first number behind it. */
static void guess(struct csv *csv)
{
	double number;

	if (csv->name == SIZE_MAX)
		csv->name = 0;
	for (size_t i = 0; csv->score == SIZE_MAX && i < csv->count; i++)
		if (i != csv->name && number_of(&csv->fields[i], &number))
			csv->score = i;
}

static bool is_blank(const struct csv *csv)
{
	return csv->count == 1 && (!csv->fields[0].length || *csv->fields[0].text == '#');
}

/* Whether the field means that nothing was measured. */
static bool is_nothing(const struct field *field)
{
	return !field->length ||
	       (field->length == 4 && !strncasecmp(field->text, "null", 4));
}

static bool take_line(struct csv *csv)
{
	const struct field *name, *score;
	double number;

	if (!csv->begun) {
		csv->begun = true;
		if (read_head(csv))
			return true;
		csv->name = SIZE_MAX;
	}
	guess(csv);
	if (csv->score == SIZE_MAX || csv->name >= csv->count || csv->score >= csv->count)
		return fault(csv, "write the name of a tensor, a comma and a number",
			"no score is on the line");
	name = &csv->fields[csv->name];
	score = &csv->fields[csv->score];
	if (is_nothing(score))
		return true;
	if (!number_of(score, &number))
		return fault(csv, "write a number", "the score is no number");
	scores_put(csv->reader, name->text, name->length, number);
	return true;
}

/* What divides the fields of the first line: a tab or a semicolon if there is one. */
static char comma_of(const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length);
	size_t first = end ? (size_t)(end - text) : length;

	return memchr(text, '\t', first) ? '\t' : memchr(text, ';', first) ? ';' : ',';
}

void scores_read_csv(struct scores_reader *reader, const char *text, size_t length)
{
	char *copy = malloc(length + 1);
	size_t skip = length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	struct csv csv = {.reader = reader, .name = SIZE_MAX, .score = SIZE_MAX};

	if (!copy) {
		reader->unplaced.lost = true;
		return;
	}
	memcpy(copy, text, length);
	csv.at = copy + skip;
	csv.end = copy + length;
	csv.comma = comma_of(csv.at, length - skip);
	while (csv.at < csv.end) {
		if (!read_line(&csv) || (!is_blank(&csv) && !take_line(&csv)))
			break;
	}
	free(copy);
}
