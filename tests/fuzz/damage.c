#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 16, CHANGES_MAX = 6 };

static uint64_t state;

/* xorshift64*: the same on every machine. */
static uint32_t draw(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 32) % below;
}

struct input {
	uint8_t data[ROOM];
	size_t size;
};

static void insert(struct input *in, size_t at, const void *bytes, size_t count)
{
	if (in->size + count > ROOM)
		return;
	memmove(in->data + at + count, in->data + at, in->size - at);
	memcpy(in->data + at, bytes, count);
	in->size += count;
}

static void cut(struct input *in, size_t at, size_t count)
{
	if (count > in->size - at)
		count = in->size - at;
	memmove(in->data + at, in->data + at + count, in->size - at - count);
	in->size -= count;
}

/* Numbers at which readers are wrong. */
static void insert_number(struct input *in, size_t at)
{
	static const char *const numbers[] = {"\x7f", "\x80\x01", "\xff\xff\xff\xff\x07",
		"\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\x80\x80\x80\x10"};
	const char *number = numbers[draw(sizeof(numbers) / sizeof(*numbers))];

	if (draw(2))
		cut(in, at, 1);
	insert(in, at, number, strlen(number));
}

static void change(struct input *in, const struct fuzz_seed *other)
{
	size_t at = in->size ? draw((uint32_t)in->size) : 0;
	size_t from, count = draw(2) ? 1 + draw(8) : 1 + draw(200);
	uint8_t piece[256];

	switch (in->size ? draw(7) : 6) {
	case 0:
		in->data[at] ^= (uint8_t)(1u << draw(8));
		return;
	case 1:
		in->data[at] = (uint8_t)draw(256);
		return;
	case 2:
		in->data[at] = (uint8_t)(in->data[at] + (draw(2) ? 1 : -1));
		return;
	case 3:
		cut(in, at, count);
		return;
	case 4:
		insert_number(in, at);
		return;
	case 5:
		from = draw((uint32_t)in->size);
		if (count > in->size - from)
			count = in->size - from;
		memcpy(piece, in->data + from, count);
		insert(in, at, piece, count);
		return;
	default:
		from = draw((uint32_t)other->size);
		if (count > other->size - from)
			count = other->size - from;
		insert(in, at, (const char *)other->data + from, count);
	}
}

void fuzz_damaged(int (*target)(const uint8_t *data, size_t size),
	const struct fuzz_seed *seeds, size_t seed_count, unsigned count)
{
	struct input *in = malloc(sizeof(*in));

	for (unsigned i = 0; in && i < count; i++) {
		const struct fuzz_seed *seed = &seeds[i % seed_count];
		uint8_t *exact;

		state = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
		in->size = seed->size < ROOM ? seed->size : ROOM;
		memcpy(in->data, seed->data, in->size);
		for (uint32_t n = 1 + draw(CHANGES_MAX); n > 0; n--)
			change(in, &seeds[draw((uint32_t)seed_count)]);
		exact = malloc(in->size + 1);
		if (!exact)
			break;
		memcpy(exact, in->data, in->size);
		target(exact, in->size);
		free(exact);
	}
	free(in);
}
