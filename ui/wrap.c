#include "ui/wrap.h"

#include <string.h>

/* The bytes of `text` that fit in `width` columns, up to a blank if there is one. */
static size_t fitting(const struct frame *frame, const char *text, int width)
{
	char part[512];
	size_t length = strlen(text), best = 0, at = 0;

	if (length < sizeof(part) && text_columns(frame, text) <= width)
		return length;
	while (at < length) {
		size_t next = at + strcspn(text + at, " ");

		if (next >= sizeof(part))
			break;
		memcpy(part, text, next);
		part[next] = '\0';
		if (best && text_columns(frame, part) > width)
			break;
		best = next;
		at = next + strspn(text + next, " ");
	}
	return best ? best : length;
}

bool wrap_text(struct wrap_lines *lines, const struct frame *frame, uint32_t item,
	const char *text, int width)
{
	uint32_t from = 0;
	bool first = true;

	do {
		size_t n = fitting(frame, text + from, width);

		if (!ARRAY_PUSH(
			    lines, (struct wrap_line){item, from, (uint32_t)n, first}))
			return false;
		n += strspn(text + from + n, " ");
		from += (uint32_t)n;
		first = false;
	} while (text[from]);
	return true;
}

void wrap_draw(const struct area *area, int x, int y, enum role role,
	const struct wrap_line *line, const char *text)
{
	char part[1024];
	size_t n = line->length < sizeof(part) ? line->length : sizeof(part) - 1;

	memcpy(part, text + line->from, n);
	part[n] = '\0';
	area_field(area, x, y, area->r.w - x, role, part);
}
