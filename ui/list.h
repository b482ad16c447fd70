/* A list cursor without a screen: a number of rows, the cursor, the first visible row.
 * Whoever uses it maps row numbers to what they mean. */
#ifndef QDQEDIT_UI_LIST_H
#define QDQEDIT_UI_LIST_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialized is an empty list. With count 0 cursor and top are 0; else cursor <
 * count, and the cursor is visible when height > 0. */
struct list {
	uint32_t count, cursor, top;
	uint32_t height; /* visible rows */
	bool jumps;      /* where the terminal cannot scroll: who leaves the visible rows
			    stands in the middle then */
};

void list_set_count(struct list *list, uint32_t count);

/* A new height; the cursor keeps its relative height on the screen. */
void list_set_height(struct list *list, uint32_t height);

void list_move(struct list *list, int64_t rows);
void list_go(struct list *list, uint32_t row);

/* Half or whole pages, as Ctrl-D and Ctrl-F: the view moves with the cursor. */
void list_page(struct list *list, int halves);

/* Moves the view, not the cursor, unless that leaves it (the mouse wheel). */
void list_scroll(struct list *list, int64_t rows);

/* Puts the cursor row at the top (-1), in the middle (0) or at the bottom (1). */
void list_place(struct list *list, int where);

#endif
