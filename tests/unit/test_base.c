#include "base/arena.h"
#include "base/error.h"
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
