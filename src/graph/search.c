#include "graph/search.h"

#include <string.h>

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct search search_prepare(const char *pattern, size_t length)
{
	struct search search = {pattern, length, true};

	for (size_t i = 0; i < length; i++)
		if (is_upper(pattern[i]))
			search.fold = false;
	return search;
}

static bool same(const struct search *search, char pattern, char c)
{
	return (search->fold ? search_lower(c) : c) == pattern;
}

bool search_matches(const struct search *search, const char *name, size_t length)
{
	const char *end = name + length;

	for (size_t k = 0; k < search->length; k++) {
		char a = search->pattern[k], b = a;

		if (search->fold && a >= 'a' && a <= 'z')
			b = (char)(a - ('a' - 'A'));
		while (name < end && *name != a && *name != b)
			name++;
		if (name++ >= end)
			return false;
	}
	return true;
}

bool search_contains(const struct search *search, const char *name, size_t length)
{
	size_t k;

	for (size_t i = 0; i + search->length <= length; i++) {
		for (k = 0; k < search->length; k++)
			if (!same(search, search->pattern[k], name[i + k]))
				break;
		if (k == search->length)
			return true;
	}
	return false;
}

/* What a letter is worth for its place alone. */
static int32_t place_bonus(const char *name, size_t at)
{
	if (at == 0)
		return 12;
	if (strchr("/._-: ", name[at - 1]))
		return 10;
	if (is_upper(name[at]) && !is_upper(name[at - 1]))
		return 7;
	if (is_digit(name[at]) && !is_digit(name[at - 1]))
		return 7;
	return 0;
}

enum {
	POINTS_LETTER = 4,
	POINTS_FOLLOWS = 13,
	POINTS_GAP = 1,
	POINTS_WHOLE = 20,
	SCORED_NAME = 256, /* longer ones are scored by their last bytes */
	SCORED_PATTERN = 48,
	WORST = -100000,
};

/* best[k][i]: of patterns 0 .. k with letter k at i; from[k][i]: where letter k - 1
 * stands then. */
struct table {
	int32_t best[SCORED_PATTERN][SCORED_NAME];
	uint16_t from[SCORED_PATTERN][SCORED_NAME];
};

/* One letter of the pattern: it follows the one before directly, or after a gap. */
static void score_letter(const struct search *search, const char *name, size_t length,
	size_t k, struct table *table)
{
	int32_t before = WORST; /* best of letter k - 1 so far, less the gap since */
	uint16_t before_at = 0;

	for (size_t i = 0; i < length; i++) {
		int32_t value = WORST;

		table->from[k][i] = 0;
		if (same(search, search->pattern[k], name[i])) {
			int32_t own = POINTS_LETTER + place_bonus(name, i);

			if (k == 0) {
				value = own - (int32_t)(i < 8 ? i : 8) * POINTS_GAP;
			} else if (i) {
				int32_t follows =
					table->best[k - 1][i - 1] + POINTS_FOLLOWS;
				bool direct = follows >= before;

				value = (direct ? follows : before) + own;
				table->from[k][i] =
					direct ? (uint16_t)(i - 1) : before_at;
			}
		}
		table->best[k][i] = value > WORST / 2 ? value : WORST;
		before -= POINTS_GAP;
		if (k && i && table->best[k - 1][i - 1] - POINTS_GAP > before) {
			before = table->best[k - 1][i - 1] - POINTS_GAP;
			before_at = (uint16_t)(i - 1);
		}
	}
}

/* The last letter's best place, and from there back to the first. */
static int32_t finish(const struct search *search, size_t length,
	const struct table *table, size_t skipped, uint32_t *at, size_t room)
{
	size_t last = search->length - 1, end = 0;

	for (size_t i = 1; i < length; i++)
		if (table->best[last][i] > table->best[last][end])
			end = i;
	if (table->best[last][end] == WORST)
		return SEARCH_NO_MATCH;
	for (size_t k = last + 1, i = end; at && k--; i = table->from[k][i])
		if (k < room)
			at[k] = (uint32_t)(i + skipped);
	return table->best[last][end];
}

int32_t search_score(const struct search *search, const char *name, size_t length,
	uint32_t *at, size_t room)
{
	struct table table;
	size_t skipped = length > SCORED_NAME ? length - SCORED_NAME : 0;
	int32_t score;

	if (!search->length)
		return 0;
	if (!search_matches(search, name, length))
		return SEARCH_NO_MATCH;
	if (search->length > SCORED_PATTERN ||
		(skipped && !search_matches(search, name + skipped, length - skipped))) {
		for (size_t i = 0, k = 0; at && i < length && k < room; i++)
			if (k < search->length &&
				same(search, search->pattern[k], name[i]))
				at[k++] = (uint32_t)i;
		return 0;
	}
	for (size_t k = 0; k < search->length; k++)
		score_letter(search, name + skipped, length - skipped, k, &table);
	score = finish(search, length - skipped, &table, skipped, at, room);
	if (score != SEARCH_NO_MATCH && search->length == length)
		score += POINTS_WHOLE;
	return score - (int32_t)((length < 160 ? length : 160) / 16);
}
