#include "ui/list.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const struct list *list)
{
	if (!list->count) {
		cr_assert(list->cursor == 0 && list->top == 0);
		return;
	}
	cr_assert_lt(list->cursor, list->count);
	cr_assert_leq(list->top, list->cursor);
	if (list->height)
		cr_assert_lt(list->cursor, list->top + list->height);
	if (list->count >= list->height)
		cr_assert_leq(list->top + list->height, list->count);
	else
		cr_assert_eq(list->top, 0);
}

Test(ui_list, stays_sound_under_any_operation)
{
	struct list list = {0};

	srand(11);
	for (int i = 0; i < 200000; i++) {
		int what = rand() % 7, n = rand() % 50;

		if (what == 0)
			list_set_count(&list, (uint32_t)n);
		if (what == 1)
			list_set_height(&list, (uint32_t)n % 30);
		if (what == 2)
			list_move(&list, n - 25);
		if (what == 3)
			list_go(&list, (uint32_t)n);
		if (what == 4)
			list_page(&list, n % 5 - 2);
		if (what == 5)
			list_scroll(&list, n - 25);
		list.jumps = i % 2;
		if (what == 6)
			list_place(&list, n % 3 - 1);
		check(&list);
	}
}

Test(ui_list, pages_move_the_view_with_the_cursor)
{
	struct list list = {0};

	list_set_height(&list, 10);
	list_set_count(&list, 100);
	list_move(&list, 3);
	list_page(&list, 2);
	cr_assert_eq(list.cursor, 13);
	cr_assert_eq(list.top, 10);
	list_page(&list, -1);
	cr_assert_eq(list.cursor, 8);
	cr_assert_eq(list.top, 5);
	list_go(&list, 50);
	cr_assert_eq(list.top, 45);
	list_place(&list, -1);
	cr_assert_eq(list.top, 50);
}

Test(ui_list, who_leaves_a_list_that_jumps_stands_in_the_middle)
{
	struct list list = {.jumps = true};

	list_set_height(&list, 10);
	list_set_count(&list, 100);
	list_move(&list, 9);
	cr_assert_eq(list.top, 0);
	list_move(&list, 1);
	cr_assert_eq(list.cursor, 10);
	cr_assert_eq(list.top, 5);
	list_move(&list, -6);
	cr_assert_eq(list.cursor, 4);
	cr_assert_eq(list.top, 0);
}

Test(ui_list, a_new_height_keeps_the_cursor_where_it_was)
{
	struct list list = {0};

	list_set_height(&list, 20);
	list_set_count(&list, 1000);
	list_go(&list, 500);
	cr_assert_eq(list.cursor - list.top, 10);
	list_set_height(&list, 10);
	cr_assert_eq(list.cursor - list.top, 5);
}
