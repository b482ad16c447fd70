/* One character cell of the picture, before any terminal has seen it. */
#ifndef QDQEDIT_UI_CELL_H
#define QDQEDIT_UI_CELL_H

#include <stdint.h>

#define CELL_BYTES 15

/* What a cell lies in besides its role. */
enum cell_mark {
	MARK_CURSOR = 1 << 0,   /* cursor row of the focused pane */
	MARK_IDLE = 1 << 1,     /* cursor row of another pane */
	MARK_SELECTED = 1 << 2, /* selected row */
	MARK_MATCH = 1 << 3,    /* match of a search */
	MARK_STRONG = 1 << 4,   /* next to the cursor in the graph */
};

/* `text` is one grapheme in UTF-8 (a base and its combining marks), NUL-terminated;
 * width 2 means that the next cell is its right half, which has width 0. */
struct cell {
	char text[CELL_BYTES + 1];
	uint8_t width;
	uint8_t role; /* enum role */
	uint8_t marks;
};

/* A rectangle of cells; width or height 0 is nothing. */
struct rect {
	int x, y, w, h;
};

#endif
