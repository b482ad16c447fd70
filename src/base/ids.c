#include "base/ids.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, FEW = 256 };

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_sorted(const uint32_t *ids, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (ids[i - 1] > ids[i])
			return false;
	return true;
}

/* From one array into the other, in the order of one digit. */
static void order_digit(const uint32_t *from, uint32_t *to, size_t count, unsigned shift)
{
	size_t places[DIGITS] = {0}, place = 0;

	for (size_t i = 0; i < count; i++)
		places[from[i] >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		size_t here = places[d];

		places[d] = place;
		place += here;
	}
	for (size_t i = 0; i < count; i++)
		to[places[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

void ids_sort(uint32_t *ids, size_t count)
{
	uint32_t *copy, *from = ids, *to, *kept;

	if (is_sorted(ids, count))
		return;
	copy = count > FEW ? malloc(count * sizeof(*copy)) : NULL;
	if (!copy) {
		qsort(ids, count, sizeof(*ids), compare);
		return;
	}
	to = copy;
	for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS) {
		order_digit(from, to, count, shift);
		kept = from;
		from = to;
		to = kept;
	}
	if (from != ids)
		memcpy(ids, from, count * sizeof(*ids));
	free(copy);
}
