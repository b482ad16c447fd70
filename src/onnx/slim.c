#include "onnx/slim.h"

#include "onnx/layout.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 5, VARINT_MAX = 10 };

bool slim_reserve(struct slim *slim, size_t extra)
{
	size_t room = slim->room ? slim->room : 1 << 16;
	unsigned char *bytes;

	if (extra <= slim->room - slim->size)
		return true;
	if (extra > INT_MAX || slim->size + extra > INT_MAX)
		return false;
	while (room < slim->size + extra)
		room *= 2;
	bytes = realloc(slim->bytes, room);
	if (!bytes)
		return false;
	slim->bytes = bytes;
	slim->room = room;
	return true;
}

bool slim_put_bytes(struct slim *slim, const void *bytes, size_t count)
{
	if (!slim_reserve(slim, count))
		return false;
	if (count)
		memcpy(slim->bytes + slim->size, bytes, count);
	slim->size += count;
	return true;
}

bool slim_put_varint(struct slim *slim, uint64_t value)
{
	unsigned char *to;

	if (!slim_reserve(slim, VARINT_MAX))
		return false;
	to = slim->bytes + slim->size;
	while (value > 0x7f) {
		*to++ = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	*to++ = (unsigned char)value;
	slim->size = (size_t)(to - slim->bytes);
	return true;
}

bool slim_put_uint(struct slim *slim, uint32_t field, uint64_t value)
{
	return slim_put_varint(slim, (uint64_t)field << 3 | WIRE_VARINT) &&
	       slim_put_varint(slim, value);
}

bool slim_open(struct slim *slim, uint32_t field, size_t *place)
{
	if (!slim_put_varint(slim, (uint64_t)field << 3 | WIRE_BYTES) ||
		!slim_reserve(slim, LENGTH_BYTES))
		return false;
	*place = slim->size;
	slim->size += LENGTH_BYTES;
	return true;
}

void slim_close(struct slim *slim, size_t place)
{
	unsigned char *to = slim->bytes + place;
	size_t length = slim->size - place - LENGTH_BYTES;

	for (int i = 0; i < LENGTH_BYTES - 1; i++, length >>= 7)
		to[i] = (unsigned char)(length | 0x80);
	to[LENGTH_BYTES - 1] = (unsigned char)length;
}

uint64_t slim_digest(const struct slim *slim, uint64_t file_size)
{
	const uint64_t prime = 0x100000001b3u;
	uint64_t hash = (0xcbf29ce484222325u ^ file_size) * prime;
	size_t at = 0;

	for (; slim->size - at >= 8; at += 8) {
		uint64_t word = 0;

		for (int i = 7; i >= 0; i--)
			word = word << 8 | slim->bytes[at + (size_t)i];
		hash = (hash ^ word) * prime;
		hash ^= hash >> 32;
	}
	for (; at < slim->size; at++)
		hash = (hash ^ slim->bytes[at]) * prime;
	return hash;
}
