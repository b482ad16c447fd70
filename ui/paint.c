/* A frame into curses, which sends the difference. */
#include "ui/terminal.h"

#include "base/text.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The attributes and pair of every role; made once. */
static attr_t role_attributes[ROLE_COUNT];
static short role_pairs[ROLE_COUNT];

static attr_t to_curses(unsigned attributes)
{
	return (attributes & ATTR_BOLD ? A_BOLD : 0) |
	       (attributes & ATTR_REVERSE ? A_REVERSE : 0) |
	       (attributes & ATTR_UNDERLINE ? A_UNDERLINE : 0);
}

void paint_start(enum paint_mode paint)
{
	if (paint != PAINT_MONO)
		use_default_colors();
	for (int i = 0; i < ROLE_COUNT; i++) {
		int color =
			paint == PAINT_256 ? role_looks[i].color256 : role_looks[i].color;

		role_attributes[i] = to_curses(theme_attributes(paint, (unsigned)i, 0));
		role_pairs[i] = 0;
		if (paint == PAINT_MONO || color < 0)
			continue;
		if (init_pair((short)(i + 1), (short)color, -1) == OK)
			role_pairs[i] = (short)(i + 1);
	}
}

/* The line piece in a cell, or NULL. The locale need not know the character. */
static const struct glyph *glyph_of(const struct cell *cell)
{
	size_t length = strlen(cell->text);
	int32_t code;
	const struct glyph *glyph;

	if (!length || !(cell->text[0] & 0x80))
		return NULL;
	text_decode(cell->text, length, &code);
	glyph = glyph_find(code);
	return glyph && glyph_is_line(glyph) ? glyph : NULL;
}

/* One cell as curses wants it; text that the locale cannot hold becomes '?'. */
static void to_cchar(
	const struct cell *cell, enum paint_mode paint, bool acs, cchar_t *out)
{
	wchar_t wide[8];
	mbstate_t state = {0};
	const char *text = cell->text;
	size_t n = mbsrtowcs(wide, &text, 5, &state);
	attr_t attributes = to_curses(theme_attributes(paint, cell->role, cell->marks));
	short pair = cell->role < ROLE_COUNT ? role_pairs[cell->role] : 0;
	const struct glyph *line = acs ? glyph_of(cell) : NULL;

	if (line) {
		wide[0] = (wchar_t)line->acs;
		attributes |= A_ALTCHARSET;
		n = 1;
	}
	if (n == (size_t)-1 || n == 0)
		wide[0] = L'?', n = 1;
	wide[n < 5 ? n : 5] = L'\0';
	setcchar(out, wide, attributes, pair, NULL);
}

void paint_frame(const struct frame *frame, enum paint_mode paint, bool again)
{
	static cchar_t *row;
	static int room;
	int h = frame->h < LINES ? frame->h : LINES,
	    w = frame->w < COLS ? frame->w : COLS;

	if (w > room) {
		cchar_t *more = realloc(row, (size_t)w * sizeof(*row));

		if (!more)
			return;
		row = more;
		room = w;
	}
	if (again)
		clearok(stdscr, TRUE);
	for (int y = 0; y < h; y++) {
		int n = 0;

		for (int x = 0; x < w; x++) {
			const struct cell *cell = &frame->cells[y * frame->w + x];

			if (cell->width)
				to_cchar(cell, paint, frame->acs, &row[n++]);
		}
		mvadd_wchnstr(y, 0, row, n);
	}
	if (frame->cursor_x < COLS && frame->cursor_y < LINES)
		move(frame->cursor_y, frame->cursor_x);
	refresh();
}
