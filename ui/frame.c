#include "ui/frame.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cell blank = {" ", 1, ROLE_TEXT, 0};

bool frame_resize(struct frame *frame, int w, int h)
{
	size_t need = (size_t)(w > 0 ? w : 0) * (size_t)(h > 0 ? h : 0);

	if (need > frame->room) {
		struct cell *cells = realloc(frame->cells, need * sizeof(*cells));

		if (!cells) {
			frame->w = frame->h = 0;
			return false;
		}
		frame->cells = cells;
		frame->room = need;
	}
	frame->w = w > 0 ? w : 0;
	frame->h = h > 0 ? h : 0;
	frame_clear(frame);
	return true;
}

void frame_release(struct frame *frame)
{
	free(frame->cells);
	*frame = (struct frame){0};
}

void frame_clear(struct frame *frame)
{
	size_t count = (size_t)frame->w * (size_t)frame->h;

	for (size_t i = 0; i < count; i++)
		frame->cells[i] = blank;
	frame->cursor_x = frame->w ? frame->w - 1 : 0;
	frame->cursor_y = frame->h ? frame->h - 1 : 0;
}

struct cell *frame_cell(struct frame *frame, int x, int y)
{
	return &frame->cells[(size_t)y * (size_t)frame->w + (size_t)x];
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

static struct rect cut(struct rect a, struct rect b)
{
	int x = most(a.x, b.x), y = most(a.y, b.y);
	int right = least(a.x + a.w, b.x + b.w), bottom = least(a.y + a.h, b.y + b.h);

	return (struct rect){x, y, most(0, right - x), most(0, bottom - y)};
}

struct area area_of(struct frame *frame, struct rect rect)
{
	return (struct area){frame, cut(rect, (struct rect){0, 0, frame->w, frame->h})};
}

struct area area_part(const struct area *area, int x, int y, int w, int h)
{
	struct rect part = {area->r.x + x, area->r.y + y, w, h};

	return (struct area){area->frame, cut(part, area->r)};
}

static struct cell *cell_at(const struct area *area, int x, int y)
{
	if (x < 0 || y < 0 || x >= area->r.w || y >= area->r.h)
		return NULL;
	return frame_cell(area->frame, area->r.x + x, area->r.y + y);
}

/* A wide character loses its other half when one is written over. */
static void break_wide(const struct area *area, int x, int y)
{
	struct frame *f = area->frame;
	int at = area->r.x + x, row = area->r.y + y;
	struct cell *cell = frame_cell(f, at, row);

	if (cell->width == 0 && at > 0)
		*frame_cell(f, at - 1, row) = blank;
	if (cell->width == 2 && at + 1 < f->w)
		*frame_cell(f, at + 1, row) = blank;
}

static int put(const struct area *area, int x, int y, enum role role, const char *bytes,
	size_t length, int width)
{
	struct cell *cell = cell_at(area, x, y);

	if (width == 2 && cell && x + 1 >= area->r.w)
		bytes = " ", length = 1, width = 1;
	if (!cell || length > CELL_BYTES)
		return x + width;
	for (int i = 0; i < width; i++)
		break_wide(area, x + i, y);
	memcpy(cell->text, bytes, length);
	cell->text[length] = '\0';
	cell->width = (uint8_t)width;
	cell->role = (uint8_t)role;
	if (width == 2)
		cell[1] = (struct cell){"", 0, (uint8_t)role, cell->marks};
	return x + width;
}

/* A combining mark joins the cell before it. */
static void put_mark(const struct area *area, int x, int y, const char *bytes, size_t n)
{
	struct cell *cell = cell_at(area, x - 1, y);
	size_t length;

	if (cell && cell->width == 0)
		cell = cell_at(area, x - 2, y);
	if (!cell)
		return;
	length = strlen(cell->text);
	if (length + n > CELL_BYTES)
		return;
	memcpy(cell->text + length, bytes, n);
	cell->text[length + n] = '\0';
}

/* One character of a text as the frame shows it. */
struct piece {
	char bytes[20]; /* what is drawn: the character, its ASCII form, or \xNN... */
	int length, width;
};

static void piece_escape(struct piece *piece, const char *bytes, size_t n)
{
	piece->length = 0;
	for (size_t i = 0; i < n && i < 4; i++)
		piece->length += snprintf(piece->bytes + piece->length, 5, "\\x%02x",
			(unsigned char)bytes[i]);
	piece->width = piece->length;
}

/* `ours`: glyphs may stand in for themselves in ASCII. Returns the bytes taken. */
static size_t piece_next(const struct frame *frame, struct piece *piece, bool ours,
	const char *text, size_t left)
{
	int32_t code;
	const struct glyph *glyph;
	size_t n;
	int width;

	if (*text >= ' ' && *text < 127) {
		piece->bytes[0] = *text;
		piece->length = piece->width = 1;
		return 1;
	}
	n = text_decode(text, left, &code);
	width = code < 0 || text_is_hidden(code) ? -1 : text_width_of(code);

	glyph = ours && code >= 0x80 ? glyph_find(code) : NULL;
	if (width < 0 || (frame->ascii && code >= 0x80 &&
				 !(frame->acs && glyph && glyph_is_line(glyph)))) {
		if (!glyph) {
			piece_escape(piece, text, n);
			return n;
		}
		piece->bytes[0] = glyph->ascii;
		piece->length = piece->width = 1;
		return n;
	}
	memcpy(piece->bytes, text, n);
	piece->length = (int)n;
	piece->width = width;
	return n;
}

static int put_piece(
	const struct area *area, int x, int y, enum role role, const struct piece *piece)
{
	if (piece->width == 0) {
		put_mark(area, x, y, piece->bytes, (size_t)piece->length);
		return x;
	}
	if (piece->width <= 2 && piece->length <= 4)
		if (piece->width != 2 || piece->bytes[0] != '\\')
			return put(area, x, y, role, piece->bytes, (size_t)piece->length,
				piece->width);
	for (int i = 0; i < piece->length; i++)
		x = put(area, x, y, role, piece->bytes + i, 1, 1);
	return x;
}

static int draw(const struct area *area, int x, int y, enum role role, bool ours,
	const char *text, size_t length, int stop)
{
	struct piece piece;

	for (size_t at = 0; at < length && x < area->r.w;) {
		at += piece_next(area->frame, &piece, ours, text + at, length - at);
		if (x + piece.width > stop)
			break;
		x = put_piece(area, x, y, role, &piece);
	}
	return x;
}

static int columns(const struct frame *frame, bool ours, const char *text, size_t length)
{
	struct piece piece;
	int width = 0;

	for (size_t at = 0; at < length && width < 1 << 20;) {
		at += piece_next(frame, &piece, ours, text + at, length - at);
		width += piece.width;
	}
	return width;
}

int area_text(const struct area *area, int x, int y, enum role role, const char *text)
{
	return draw(area, x, y, role, true, text, strlen(text), 1 << 20);
}

int area_print(
	const struct area *area, int x, int y, enum role role, const char *format, ...)
{
	char text[1100];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return area_text(area, x, y, role, text);
}

int area_field(const struct area *area, int x, int y, int width, enum role role,
	const char *text)
{
	if (width <= 0)
		return x;
	if (text_columns(area->frame, text) <= width)
		return area_text(area, x, y, role, text);
	if (width <= 2)
		return draw(area, x, y, role, true, text, strlen(text), x + width);
	x = draw(area, x, y, role, true, text, strlen(text), x + width - 2);
	return area_text(area, x, y, role, "..");
}

void area_right(const struct area *area, int x, int y, enum role role, const char *text)
{
	area_text(area, most(0, x - text_columns(area->frame, text)), y, role, text);
}

int text_columns(const struct frame *frame, const char *text)
{
	return columns(frame, true, text, strlen(text));
}

int name_columns(const struct frame *frame, const char *name)
{
	return columns(frame, false, name, strlen(name));
}

/* Where the last `width` columns of a text begin. */
static size_t tail_start(
	const struct frame *frame, const char *name, size_t length, int whole, int width)
{
	struct piece piece;
	size_t at = 0;

	while (at < length && whole > width) {
		at += piece_next(frame, &piece, false, name + at, length - at);
		whole -= piece.width;
	}
	return at;
}

int area_name(const struct area *area, int x, int y, int width, enum role role,
	const char *name)
{
	size_t length = strlen(name), tail;
	int whole = columns(area->frame, false, name, length), head;

	if (width <= 0)
		return x;
	if (whole <= width || width < 5)
		return draw(area, x, y, role, false, name, length, x + width);
	/* paths differ at their ends */
	head = width < 24 && memchr(name, '/', length) ? 0 : (width - 2) / 3;
	tail = tail_start(area->frame, name, length, whole, width - 2 - head);
	head = head ? draw(area, x, y, role, false, name, length, x + head) : x;
	head = area_text(area, head, y, role, "..");
	return draw(area, head, y, role, false, name + tail, length - tail, x + width);
}

void area_join(const struct area *area, int x, int y, unsigned sides, enum role role)
{
	struct cell *cell = cell_at(area, x, y);
	const char *glyph;

	if (!cell)
		return;
	if (area->frame->ascii && !area->frame->acs) {
		/* the sides of an ASCII line cannot be read back: + keeps them all */
		bool across = sides & (LINE_LEFT | LINE_RIGHT);
		bool along = sides & (LINE_UP | LINE_DOWN);
		char was = cell->text[0], now = across && along ? '+'
						: across        ? '-'
								: '|';

		if (was == '+' || (was == '|' && now == '-') ||
			(was == '-' && now == '|'))
			now = '+';
		put(area, x, y, role, &now, 1, 1);
		return;
	}
	glyph = line_glyph(line_sides(cell->text) | sides);
	put(area, x, y, role, glyph, strlen(glyph), 1);
}

void area_hline(const struct area *area, int x, int y, int length, enum role role)
{
	for (int i = 0; i < length; i++)
		area_join(area, x + i, y, LINE_LEFT | LINE_RIGHT, role);
}

void area_vline(const struct area *area, int x, int y, int length, enum role role)
{
	for (int i = 0; i < length; i++)
		area_join(area, x, y + i, LINE_UP | LINE_DOWN, role);
}

void area_blank(const struct area *area)
{
	for (int y = 0; y < area->r.h; y++)
		for (int x = 0; x < area->r.w; x++) {
			break_wide(area, x, y);
			*frame_cell(area->frame, area->r.x + x, area->r.y + y) = blank;
		}
}

void area_box(const struct area *area, const char *title, const char *foot)
{
	int w = area->r.w, h = area->r.h;

	area_blank(area);
	area_hline(area, 1, 0, w - 2, ROLE_CARD);
	area_hline(area, 1, h - 1, w - 2, ROLE_CARD);
	area_vline(area, 0, 1, h - 2, ROLE_CARD);
	area_vline(area, w - 1, 1, h - 2, ROLE_CARD);
	area_text(area, 0, 0, ROLE_CARD, "┌");
	area_text(area, w - 1, 0, ROLE_CARD, "┐");
	area_text(area, 0, h - 1, ROLE_CARD, "└");
	area_text(area, w - 1, h - 1, ROLE_CARD, "┘");
	if (title && *title) {
		int x = area_text(area, 1, 0, ROLE_CARD, " ");

		x = area_field(area, x, 0, w - 4, ROLE_TITLE, title);
		area_text(area, x, 0, ROLE_CARD, " ");
	}
	if (foot && *foot) {
		int x = area_text(area, 1, h - 1, ROLE_CARD, " ");

		x = area_field(area, x, h - 1, w - 4, ROLE_CARD, foot);
		area_text(area, x, h - 1, ROLE_CARD, " ");
	}
}

void area_mark(const struct area *area, int x, int y, int length, unsigned marks)
{
	for (int i = x; i < x + length; i++) {
		struct cell *cell = cell_at(area, i, y);

		if (cell)
			cell->marks |= (uint8_t)marks;
	}
}

void area_fill(const struct area *area, int x, int y, int length, enum role role)
{
	for (int i = x; i < x + length; i++) {
		struct cell *cell = cell_at(area, i, y);

		if (cell)
			cell->role = (uint8_t)role;
	}
}

void area_cursor(const struct area *area, int x, int y)
{
	if (!cell_at(area, x, y))
		return;
	area->frame->cursor_x = area->r.x + x;
	area->frame->cursor_y = area->r.y + y;
}
