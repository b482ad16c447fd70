/* A frame as text, for golden files and :dump-screen. */
#include "ui/frame.h"

#include <stdlib.h>
#include <string.h>

static char *put_text_row(char *out, const struct cell *row, int w)
{
	char *end = out;

	for (int x = 0; x < w; x++) {
		size_t length = strlen(row[x].text);

		memcpy(out, row[x].text, length);
		out += length;
		if (length != 1 || row[x].text[0] != ' ')
			end = out;
	}
	*end++ = '\n';
	return end;
}

static char *put_letter_row(
	char *out, const struct frame *frame, const struct cell *row, int w)
{
	char *end = out;

	for (int x = 0; x < w; x++) {
		*out++ = theme_letter(frame->paint, row[x].role, row[x].marks);
		if (out[-1] != ' ')
			end = out;
	}
	*end++ = '\n';
	return end;
}

char *frame_dump_part(const struct frame *frame, struct rect place, bool layers)
{
	size_t cells = (size_t)place.w * (size_t)place.h;
	char *text = malloc(cells * (CELL_BYTES + 1) + 2 * (size_t)place.h + 16);
	const struct cell *first = frame->cells + place.y * frame->w + place.x;
	char *out = text;

	if (!text)
		return NULL;
	for (int y = 0; y < place.h; y++)
		out = put_text_row(out, first + y * frame->w, place.w);
	if (layers) {
		memcpy(out, "--\n", 3);
		out += 3;
		for (int y = 0; y < place.h; y++)
			out = put_letter_row(out, frame, first + y * frame->w, place.w);
	}
	*out = '\0';
	return text;
}

char *frame_dump(const struct frame *frame, bool layers)
{
	return frame_dump_part(frame, (struct rect){0, 0, frame->w, frame->h}, layers);
}
