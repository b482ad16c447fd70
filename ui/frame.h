/* The picture as an array of cells, and how panes draw into it. Drawing cuts at the
 * edges of its area, by columns; it never fails and never allocates. */
#ifndef QDQEDIT_UI_FRAME_H
#define QDQEDIT_UI_FRAME_H

#include "ui/cell.h"
#include "ui/theme.h"

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialized is an empty frame. Freed by frame_release. */
struct frame {
	struct cell *cells; /* w * h, row by row */
	size_t room;
	int w, h;
	int cursor_x, cursor_y; /* of the hardware cursor */
	bool ascii;             /* glyphs and names in ASCII only */
	bool acs;               /* but lines as they are: the terminal draws them */
	enum paint_mode paint;  /* for dumps */
};

/* False when memory is gone (the frame then is 0x0). */
bool frame_resize(struct frame *frame, int w, int h);
void frame_release(struct frame *frame);

/* Blanks everything and parks the cursor in the last cell. */
void frame_clear(struct frame *frame);

struct cell *frame_cell(struct frame *frame, int x, int y);

/* A part of a frame; coordinates inside it start at its corner. */
struct area {
	struct frame *frame;
	struct rect r;
};

struct area area_of(struct frame *frame, struct rect rect);

/* The part of `area` at (x, y), cut to what lies inside. */
struct area area_part(const struct area *area, int x, int y, int w, int h);

/* Draws our own text (valid UTF-8; names in it escaped); glyphs become ASCII where the
 * frame is. Returns the column behind it. Escapes what a terminal must not get. */
int area_text(const struct area *area, int x, int y, enum role role, const char *text);
int area_print(const struct area *area, int x, int y, enum role role, const char *format,
	...) __attribute__((format(printf, 5, 6)));

/* The same, cut at the end (with ..) to `width` columns. */
int area_field(const struct area *area, int x, int y, int width, enum role role,
	const char *text);

/* As area_text with the end of the text at column `x` (not in it). */
void area_right(const struct area *area, int x, int y, enum role role, const char *text);

/* Draws a name from a file: hostile bytes escaped, elided in the middle to `width`
 * columns. Returns the column behind it. */
int area_name(const struct area *area, int x, int y, int width, enum role role,
	const char *name);

/* Columns that area_text and area_name would take. */
int text_columns(const struct frame *frame, const char *text);
int name_columns(const struct frame *frame, const char *name);

/* Lines that join with the lines they meet. */
void area_hline(const struct area *area, int x, int y, int length, enum role role);
void area_vline(const struct area *area, int x, int y, int length, enum role role);

/* Adds sides (enum line_side) to the line in one cell. */
void area_join(const struct area *area, int x, int y, unsigned sides, enum role role);

/* A blank rectangle with a border (a card); `title` and `foot` may be NULL. */
void area_box(const struct area *area, const char *title, const char *foot);

/* Sets marks on `length` cells of a row, or a role. */
void area_mark(const struct area *area, int x, int y, int length, unsigned marks);
void area_fill(const struct area *area, int x, int y, int length, enum role role);
void area_blank(const struct area *area);

/* Puts the hardware cursor there, if it is inside. */
void area_cursor(const struct area *area, int x, int y);

/* The frame as text: each row without trailing blanks, a line "--", each row of
 * letters (theme_letter). malloc'ed; NULL when memory is gone. `layers` false: the text
 * alone. A part is a rectangle inside it. */
char *frame_dump_part(const struct frame *frame, struct rect place, bool layers);
char *frame_dump(const struct frame *frame, bool layers);

#endif
