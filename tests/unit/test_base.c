#include "base/arena.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/names.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(base, first_error_wins)
{
	struct error err = ERROR_INIT;

	cr_assert_not(error_set(&err, ERROR_REFUSED, "a: %d", 1));
	error_set(&err, ERROR_IO, "b");
	cr_assert_str_eq(err.text, "a: 1");
	cr_assert_eq(err.kind, ERROR_REFUSED);
	cr_assert_eq(err.more, 1);
}

Test(base, names_keep_ids_through_growth)
{
	struct names names = {0};
	char text[16];

	for (unsigned i = 0; i < 5000; i++) {
		int n = snprintf(text, sizeof(text), "t%u", i);

		cr_assert_eq(names_add(&names, text, (size_t)n), i);
	}
	cr_assert_eq(names_find(&names, "t4321", 5), 4321);
	cr_assert_eq(names_add(&names, "t17", 3), 17);
	cr_assert_eq(names_find(&names, "none", 4), NAME_NONE);
	cr_assert_str_eq(names_text(&names, 4999), "t4999");
	names_clear(&names);
}

Test(base, names_hold_embedded_nul)
{
	struct names names = {0};
	name_id a = names_add(&names, "a\0b", 3);

	cr_assert_neq(a, names_add(&names, "a", 1));
	cr_assert_eq(names_length(&names, a), 3);
	names_clear(&names);
}

/* ---- ids */

Test(base, ids_are_sorted)
{
	static const size_t counts[] = {0, 1, 2, 255, 256, 257, 5000};
	static uint32_t ids[5000];

	for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++)
		for (unsigned shift = 0; shift < 32; shift += 5) {
			uint64_t sum = 0, before = 0;

			for (size_t i = 0; i < counts[c]; i++) {
				ids[i] = (uint32_t)(i * 2654435761u + c) >> shift;
				before += ids[i];
			}
			ids_sort(ids, counts[c]);
			for (size_t i = 0; i < counts[c]; i++) {
				sum += ids[i];
				cr_assert(!i || ids[i - 1] <= ids[i], "%zu of %zu", i,
					counts[c]);
			}
			cr_assert_eq(sum, before);
		}
}
