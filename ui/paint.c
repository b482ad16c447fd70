/* A frame into curses, which sends the difference. */
#include "ui/terminal.h"

#include "base/text.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
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

/* Cuts a beginning off a string of the terminal's description, in place. */
static void cut_beginning(const char *capability, const char *beginning)
{
	char *text = tigetstr(capability);
	size_t length = strlen(beginning);

	if (text && text != (char *)-1 && !strncmp(text, beginning, length))
		memmove(text, text + length, strlen(text + length) + 1);
}

/* Each change of attributes also ends the line characters of old ("ESC ( B"). Where lines
 * are Unicode they are never begun: three bytes less, some forty times a frame. */
static void shorten_attributes(void)
{
	cut_beginning("sgr0", "\033(B");
	cut_beginning("sgr", "%?%p9%t\033(0%e\033(B%;");
}

void paint_start(enum paint_mode paint, bool acs)
{
	if (!acs)
		shorten_attributes();
	if (paint != PAINT_MONO)
		use_default_colors();
	for (int i = 0; i < ROLE_COUNT; i++) {
		int color =
			paint == PAINT_256 ? role_looks[i].color256 : role_looks[i].color;

		role_attributes[i] = to_curses(theme_attributes(paint, (unsigned)i, 0));
		role_pairs[i] = 0;
		if (paint == PAINT_MONO)
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

/* Does the look of a cell show on a blank? */
static bool shows(const struct cell *cell, enum paint_mode paint)
{
	return theme_attributes(paint, cell->role, cell->marks) &
	       (ATTR_REVERSE | ATTR_UNDERLINE);
}

/* A blank whose look does not show gets the one that costs least: that of the text on
 * both sides, or none. */
static void put_blank(
	const struct frame *frame, enum paint_mode paint, int x, int y, struct cell *out)
{
	const struct cell *row = &frame->cells[y * frame->w];
	const struct cell *left = &row[x], *right = left;

	while (left > row && left->text[0] == ' ')
		left--;
	while (right < row + frame->w - 1 && right->text[0] == ' ')
		right++;
	out->role = ROLE_TEXT;
	out->marks = 0;
	if (left->role == right->role && left->marks == right->marks &&
		!shows(left, paint)) {
		out->role = left->role;
		out->marks = left->marks;
	}
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
			struct cell cell = frame->cells[y * frame->w + x];

			if ((cell.role || cell.marks) && cell.text[0] == ' ' &&
				!shows(&cell, paint))
				put_blank(frame, paint, x, y, &cell);
			if (cell.width)
				to_cchar(&cell, paint, frame->acs, &row[n++]);
		}
		mvadd_wchnstr(y, 0, row, n);
	}
	if (frame->cursor_x < COLS && frame->cursor_y < LINES)
		move(frame->cursor_y, frame->cursor_x);
	refresh();
}
