#include "ui/keys.h"

#include <criterion/criterion.h>
#include <string.h>

static size_t parse(const char *text, ui_key *keys)
{
	return keys_parse(text, strlen(text), keys, 16);
}

Test(ui_keys, notation)
{
	ui_key keys[16];

	cr_assert_eq(parse("gd<C-d><Space><lt><S-Tab><F4><esc>", keys), 8);
	cr_assert_eq(keys[0], 'g');
	cr_assert_eq(keys[2], 4);
	cr_assert_eq(keys[3], ' ');
	cr_assert_eq(keys[4], '<');
	cr_assert_eq(keys[5], UK_BACK_TAB);
	cr_assert_eq(keys[6], UK_F1 + 3);
	cr_assert_eq(keys[7], UK_ESC);
}

Test(ui_keys, what_is_no_name_is_itself)
{
	ui_key keys[16];

	cr_assert_eq(parse("<", keys), 1);
	cr_assert_eq(parse("<>", keys), 2);
	cr_assert_eq(parse("a<b>c", keys), 5);
	cr_assert_eq(keys[1], '<');
	cr_assert_eq(parse("<F13>", keys), 5);
	cr_assert_eq(parse("\xff", keys), 1);
	cr_assert_eq(keys[0], 0xfffd);
	cr_assert_eq(parse("aaaaaaaaaaaaaaaaa", keys), 0);
}

Test(ui_keys, every_key_reads_back_from_its_name)
{
	for (ui_key key = 1; key < UK_MOUSE; key++) {
		char name[16];
		ui_key back;
		size_t at = 0;

		if (key > 0x500 && key < UK_UP)
			key = UK_UP;
		keys_name(key, name);
		back = keys_parse_next(name, strlen(name), &at);
		if (key >= 0x80 && key < 0xa0)
			continue;
		cr_assert_eq(back, key, "%x %s %x", key, name, back);
		cr_assert_eq(at, strlen(name));
	}
}
