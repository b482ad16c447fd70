/* Comparing texts: natural order and edit distance. */
#include "base/text.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares two runs of digits by value and moves both pointers behind them. */
static int compare_numbers(const char **a, const char **b)
{
	size_t a_length = 0, b_length = 0;
	int order;

	while (**a == '0')
		++*a;
	while (**b == '0')
		++*b;
	while (is_digit((*a)[a_length]))
		a_length++;
	while (is_digit((*b)[b_length]))
		b_length++;
	if (a_length != b_length)
		order = a_length < b_length ? -1 : 1;
	else
		order = memcmp(*a, *b, a_length);
	*a += a_length;
	*b += b_length;
	return order;
}

int text_natural_cmp(const char *a, const char *b)
{
	const char *first = a, *second = b;

	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			int order = compare_numbers(&a, &b);

			if (order)
				return order;
		} else if (*a != *b) {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	if (*a || *b)
		return *a ? 1 : -1;
	return strcmp(first, second);
}

enum { DISTANCE_MOST = 62 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* One row of the table, only within `limit` of the diagonal: row[k] is the distance
 * of a's first `i` bytes to b's first i + k - limit. Returns the row's least. */
static unsigned distance_row(
	unsigned *row, unsigned limit, size_t i, char c, const char *b, size_t b_length)
{
	unsigned best = limit + 1, left = limit + 1;

	for (unsigned k = 0; k <= 2 * limit; k++) {
		unsigned above = k < 2 * limit ? row[k + 1] : limit + 1;
		unsigned value = limit + 1;

		if (i + k >= limit && i + k - limit <= b_length) {
			size_t j = i + k - limit;

			value = j == 0 ? (unsigned)i
				       : least(row[k] + (b[j - 1] != c), left + 1,
						 above + 1);
			if (value > limit)
				value = limit + 1;
		}
		row[k] = left = value;
		best = value < best ? value : best;
	}
	return best;
}

unsigned text_distance(
	const char *a, size_t a_length, const char *b, size_t b_length, unsigned limit)
{
	unsigned row[2 * DISTANCE_MOST + 1];
	size_t apart = a_length < b_length ? b_length - a_length : a_length - b_length;

	if (limit > DISTANCE_MOST)
		limit = DISTANCE_MOST;
	if (apart > limit)
		return limit + 1;
	for (unsigned k = 0; k <= 2 * limit; k++)
		row[k] = k >= limit && k - limit <= b_length ? k - limit : limit + 1;
	for (size_t i = 1; i <= a_length; i++)
		if (distance_row(row, limit, i, a[i - 1], b, b_length) > limit)
			return limit + 1;
	return row[limit + b_length - a_length];
}

/* Of a longer text that is written only in part. */
static bool is_beginning(const struct text_nearest *nearest, const char *text)
{
	return nearest->length >= 3 && strlen(text) > nearest->length &&
	       !strncmp(text, nearest->wrong, nearest->length);
}

/* Begins so as what was found does, and ends earlier. */
static bool is_shorter(const struct text_nearest *nearest, const char *text)
{
	return nearest->found && is_beginning(nearest, nearest->found) &&
	       is_beginning(nearest, text) && strlen(text) < strlen(nearest->found);
}

void text_offer(struct text_nearest *nearest, const char *text)
{
	unsigned distance = is_beginning(nearest, text)
				    ? 1
				    : text_distance(nearest->wrong, nearest->length, text,
					      strlen(text), nearest->below);

	if ((distance >= nearest->below && !is_shorter(nearest, text)) ||
		distance > DISTANCE_MOST)
		return;
	nearest->below = distance;
	nearest->found = text;
}
