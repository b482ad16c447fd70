#include "ui/frame.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct frame frame;

static struct area setup(int w, int h)
{
	cr_assert(frame_resize(&frame, w, h));
	return area_of(&frame, (struct rect){0, 0, w, h});
}

static const char *text(void)
{
	return frame_dump(&frame, false);
}

Test(ui_frame, text_is_cut_by_its_area)
{
	struct area all = setup(8, 2), part = area_part(&all, 2, 0, 3, 5);

	cr_assert_eq(area_text(&part, 0, 0, ROLE_TEXT, "abcdef"), 3);
	area_text(&part, -1, 1, ROLE_TEXT, "xyz");
	area_text(&part, 0, 9, ROLE_TEXT, "no");
	cr_assert_str_eq(text(), "  abc\n  yz\n");
}

Test(ui_frame, wide_characters_are_never_halved)
{
	struct area all = setup(5, 3);

	area_text(&all, 0, 0, ROLE_TEXT, "a漢字b");
	area_text(&all, 4, 1, ROLE_TEXT, "漢");
	area_text(&all, 0, 2, ROLE_TEXT, "漢字");
	area_text(&all, 1, 2, ROLE_TEXT, "x");
	cr_assert_str_eq(text(), "a漢字\n\n x字\n");
	cr_assert_eq(frame_cell(&frame, 2, 0)->width, 0);
}

Test(ui_frame, combining_marks_stay_with_their_base)
{
	struct area all = setup(5, 1);

	area_text(&all, 0, 0, ROLE_TEXT, "e\u0301x");
	cr_assert_str_eq(frame_cell(&frame, 0, 0)->text, "e\u0301");
	cr_assert_str_eq(frame_cell(&frame, 1, 0)->text, "x");
}

Test(ui_frame, hostile_names_are_escaped)
{
	struct area all = setup(20, 2);

	area_name(&all, 0, 0, 20, ROLE_TEXT, "a\x1b[2J\xff");
	area_name(&all, 0, 1, 20, ROLE_TEXT, "a\xe2\x80\xae-b");
	cr_assert_str_eq(text(), "a\\x1b[2J\\xff\na\\xe2\\x80\\xae-b\n");
}

Test(ui_frame, names_are_elided_in_the_middle)
{
	struct area all = setup(20, 3);

	cr_assert_eq(area_name(&all, 0, 0, 11, ROLE_TEXT, "abcdefghijklmnop"), 11);
	area_name(&all, 0, 1, 16, ROLE_TEXT, "abcdefghijklmnop");
	area_name(&all, 0, 2, 3, ROLE_TEXT, "abcdef");
	cr_assert_str_eq(text(), "abc..klmnop\nabcdefghijklmnop\nabc\n");
}

Test(ui_frame, ascii_replaces_our_glyphs_and_escapes_names)
{
	struct area all = setup(24, 2);

	frame.ascii = true;
	area_text(&all, 0, 0, ROLE_TEXT, "├─◆ ⇄16 DQ→Q");
	area_name(&all, 0, 1, 24, ROLE_TEXT, "◆é");
	cr_assert_str_eq(text(), "+-# ~16 DQ>Q\n\\xe2\\x97\\x86\\xc3\\xa9\n");
}

Test(ui_frame, lines_join)
{
	struct area all = setup(5, 3);

	area_hline(&all, 0, 1, 5, ROLE_RULE);
	area_vline(&all, 2, 0, 3, ROLE_RULE);
	area_join(&all, 0, 0, LINE_DOWN | LINE_RIGHT, ROLE_RULE);
	cr_assert_str_eq(text(), "┌ │\n──┼──\n  │\n");
}

Test(ui_frame, boxes_clear_what_is_below)
{
	struct area all = setup(7, 3);

	area_text(&all, 0, 1, ROLE_TEXT, "xxxxxxx");
	area_box(&all, "abc", NULL);
	cr_assert_str_eq(text(), "┌ abc ┐\n│     │\n└─────┘\n");
	frame.ascii = true;
	area_box(&all, "abcdefgh", "q");
	cr_assert_str_eq(text(), "+ a.. +\n|     |\n+ q --+\n");
}

Test(ui_frame, any_bytes_at_any_place_stay_inside)
{
	char bytes[40];

	srand(5);
	for (int i = 0; i < 20000; i++) {
		struct area all = setup(rand() % 12, rand() % 4);
		struct area part = area_part(&all, rand() % 14 - 3, rand() % 6 - 2,
			rand() % 14 - 1, rand() % 5 - 1);
		int n = rand() % 39;

		frame.ascii = i & 1;
		for (int k = 0; k < n; k++)
			bytes[k] = (char)(1 + rand() % 255);
		bytes[n] = '\0';
		area_name(&part, rand() % 16 - 4, rand() % 4, rand() % 14, ROLE_SEED,
			bytes);
		area_text(&part, rand() % 16 - 4, rand() % 4, ROLE_SEED, bytes);
		area_box(&part, bytes, bytes);
		area_mark(&part, rand() % 16 - 4, 0, rand() % 20, MARK_CURSOR);
		for (int c = 0; c < frame.w * frame.h; c++) {
			const struct cell *cell = &frame.cells[c];

			cr_assert_eq(cell->width == 0, cell->text[0] == '\0');
			if (cell->width == 2)
				cr_assert(
					c % frame.w + 1 < frame.w && cell[1].width == 0);
		}
		free(frame_dump(&frame, true));
	}
}

Test(ui_frame, lines_stay_for_a_terminal_that_draws_them)
{
	struct area all = setup(12, 3);

	frame.ascii = frame.acs = true;
	area_text(&all, 0, 0, ROLE_TEXT, "╰─│● ▸");
	area_name(&all, 6, 0, 6, ROLE_TEXT, "─");
	area_hline(&all, 0, 1, 3, ROLE_RULE);
	area_join(&all, 1, 1, LINE_DOWN, ROLE_RULE);
	cr_assert_str_eq(frame_cell(&frame, 0, 0)->text, "╰");
	cr_assert_str_eq(frame_cell(&frame, 1, 0)->text, "─");
	cr_assert_str_eq(frame_cell(&frame, 3, 0)->text, "o");
	cr_assert_str_eq(frame_cell(&frame, 5, 0)->text, ">");
	/* a name is escaped all the same, and cut */
	cr_assert_lt((unsigned char)frame_cell(&frame, 6, 0)->text[0], 128);
	cr_assert_str_eq(frame_cell(&frame, 1, 1)->text, "┬");
	frame.acs = false;
}

Test(ui_frame, every_glyph_is_one_ascii_character_and_one_column)
{
	for (unsigned i = 0; i < glyph_count; i++) {
		cr_assert(glyph_table[i].ascii > ' ' && glyph_table[i].ascii < 127);
		cr_assert_eq(glyph_find(glyph_table[i].code), &glyph_table[i]);
	}
	for (unsigned sides = 1; sides < 16; sides++)
		cr_assert_eq(line_sides(line_glyph(sides)), sides);
}

Test(ui_frame, meaning_survives_without_colour)
{
	cr_assert_neq(theme_attributes(PAINT_MONO, ROLE_SEED, 0), 0);
	cr_assert_neq(theme_attributes(PAINT_MONO, ROLE_ERROR, 0),
		theme_attributes(PAINT_MONO, ROLE_WARNING, 0));
	cr_assert(theme_attributes(PAINT_MONO, ROLE_TEXT, MARK_CURSOR) & ATTR_REVERSE);
	for (int i = 0; i < ROLE_COUNT; i++) {
		cr_assert(role_looks[i].name && role_looks[i].letter, "role %d", i);
		for (int k = 0; k < i; k++)
			cr_assert_neq(role_looks[i].letter, role_looks[k].letter);
	}
}
