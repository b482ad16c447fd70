#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Bytes that follow a first byte, and the smallest code point of that length. */
static size_t sequence_length(unsigned char first, int32_t *least)
{
	if (first < 0x80) {
		*least = 0;
		return 1;
	}
	if (first >= 0xC2 && first < 0xE0) {
		*least = 0x80;
		return 2;
	}
	if (first >= 0xE0 && first < 0xF0) {
		*least = 0x800;
		return 3;
	}
	*least = 0x10000;
	return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

size_t text_decode(const char *bytes, size_t length, int32_t *code)
{
	unsigned char first = length ? (unsigned char)*bytes : 0;
	int32_t least, value;
	size_t count = sequence_length(first, &least);

	*code = -1;
	if (!count || count > length)
		return 1;
	value = count == 1 ? first : first & (0x7F >> count);
	for (size_t i = 1; i < count; i++) {
		unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xC0) != 0x80)
			return 1;
		value = value << 6 | (next & 0x3F);
	}
	if (value < least || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
		return 1;
	*code = value;
	return count;
}

bool text_is_utf8(const char *bytes, size_t length)
{
	int32_t code;

	for (size_t i = 0; i < length;) {
		if ((unsigned char)bytes[i] < 0x80) {
			i++;
			continue;
		}
		i += text_decode(bytes + i, length - i, &code);
		if (code < 0)
			return false;
	}
	return true;
}

/* Characters that show nothing or turn the direction of what follows. */
bool text_is_hidden(int32_t code)
{
	static const int32_t spans[][2] = {
		{0x00AD, 0x00AD},
		{0x061C, 0x061C},
		{0x180E, 0x180E},
		{0x200B, 0x200F},
		{0x2028, 0x202E},
		{0x2060, 0x206F},
		{0xFEFF, 0xFEFF},
		{0xFFF9, 0xFFFB},
		{0xE0000, 0xE007F},
	};

	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		if (code >= spans[i][0] && code <= spans[i][1])
			return true;
	return false;
}

/* Writes the escaped form of the next character to `out` (at most 16 bytes, no NUL);
 * returns the bytes written, and the bytes read in *read. */
static size_t escape_one(char out[17], const char *bytes, size_t length, size_t *read)
{
	int32_t code;

	*read = text_decode(bytes, length, &code);
	if (text_width_of(code) >= 0 && !text_is_hidden(code)) {
		memcpy(out, bytes, *read);
		return *read;
	}
	for (size_t i = 0; i < *read; i++)
		snprintf(out + 4 * i, 5, "\\x%02x", (unsigned char)bytes[i]);
	return 4 * *read;
}

static size_t escaped_length(const char *bytes, size_t length)
{
	char piece[17];
	size_t read, total = 0;

	for (size_t i = 0; i < length; i += read)
		total += escape_one(piece, bytes + i, length - i, &read);
	return total;
}

char *text_escape(char *out, size_t room, const char *bytes, size_t length)
{
	size_t whole = escaped_length(bytes, length);
	size_t head = whole, tail_from = whole, at = 0, used = 0, read;
	bool cut = false;

	if (!room)
		return out;
	if (whole > room - 1) {
		size_t keep = room > 3 ? room - 3 : 0;

		head = keep - keep / 2;
		tail_from = whole - keep / 2;
	}
	for (size_t i = 0; i < length; i += read) {
		char piece[17];
		size_t size = escape_one(piece, bytes + i, length - i, &read);

		if (!cut && at + size > head) {
			used += (size_t)snprintf(out + used, room - used, "%.*s",
				(int)(room - used - 1), "..");
			if (used > room - 1)
				used = room - 1;
			cut = true;
		}
		if (!cut || at >= tail_from) {
			memcpy(out + used, piece, size);
			used += size;
		}
		at += size;
	}
	out[used] = '\0';
	return out;
}

const char *text_quoted(const char *bytes, size_t length)
{
	enum { RING = 9, ROOM = 124 };
	static _Thread_local char ring[RING][ROOM];
	static _Thread_local unsigned turn;
	char *out = ring[turn++ % RING];
	size_t used;

	out[0] = '\'';
	text_escape(out + 1, ROOM - 2, bytes, length);
	used = strlen(out);
	memcpy(out + used, "'", 2);
	return out;
}

const char *text_quoted_z(const char *text)
{
	return text_quoted(text, strlen(text));
}

const char *text_path(const char *path)
{
	enum { RING = 5, ROOM = 384 };
	static _Thread_local char ring[RING][ROOM];
	static _Thread_local unsigned turn;

	if (!*path)
		return "''";
	return text_escape(ring[turn++ % RING], ROOM, path, strlen(path));
}
