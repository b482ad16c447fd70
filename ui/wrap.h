/* Texts of a list in lines of a width: each text takes one row or more. */
#ifndef QDQEDIT_UI_WRAP_H
#define QDQEDIT_UI_WRAP_H

#include "base/array.h"
#include "ui/frame.h"

/* One row: bytes [from, from + length) of the text of `item`. */
struct wrap_line {
	uint32_t item, from, length;
	bool first;
};

/* Zero-initialized is empty; released by ARRAY_RELEASE. */
struct wrap_lines ARRAY_OF(struct wrap_line);

/* Appends the rows of one text; breaks stand at blanks. False when memory is gone. */
bool wrap_text(struct wrap_lines *lines, const struct frame *frame, uint32_t item,
	const char *text, int width);

/* Draws the bytes of a row. */
void wrap_draw(const struct area *area, int x, int y, enum role role,
	const struct wrap_line *line, const char *text);

#endif
