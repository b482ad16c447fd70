#include "base/names.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

uint64_t names_hash(const char *bytes, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return hash ^ hash >> 29;
}

/* For the table: eight bytes at a time. */
static uint32_t quick_hash(const char *bytes, size_t length)
{
	uint64_t hash = length, word;

	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
	}
	word = 0;
	if (length)
		memcpy(&word, bytes, length);
	hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return (uint32_t)(hash ^ hash >> 29);
}

/* The slot that holds the string, or the free slot where it would go. */
static size_t slot_of(
	const struct names *names, const char *bytes, size_t length, uint32_t hash)
{
	size_t mask = names->slot_count - 1, at = hash & mask;

	for (; names->slots[at].id; at = (at + 1) & mask) {
		const struct name_text *text;

		if (names->slots[at].hash != hash)
			continue;
		text = &names->texts[names->slots[at].id - 1];
		if (text->length == length &&
			(!length || !memcmp(text->bytes, bytes, length)))
			break;
	}
	return at;
}

static bool grow(struct names *names)
{
	size_t wider = names->slot_count ? names->slot_count * 2 : 64;
	struct name_slot *slots = calloc(wider, sizeof(*slots));

	if (!slots)
		return false;
	free(names->slots);
	names->slots = slots;
	names->slot_count = wider;
	for (uint32_t id = 0; id < names->count; id++) {
		size_t at = names->texts[id].hash & (wider - 1);

		while (slots[at].id)
			at = (at + 1) & (wider - 1);
		slots[at] = (struct name_slot){names->texts[id].hash, id + 1};
	}
	return true;
}

static name_id find(
	const struct names *names, const char *bytes, size_t length, uint32_t hash)
{
	uint32_t found;

	if (!names->slot_count)
		return NAME_NONE;
	found = names->slots[slot_of(names, bytes, length, hash)].id;
	return found ? found - 1 : NAME_NONE;
}

name_id names_find(const struct names *names, const char *bytes, size_t length)
{
	return find(names, bytes, length, quick_hash(bytes, length));
}

name_id names_add(struct names *names, const char *bytes, size_t length)
{
	uint32_t hash = quick_hash(bytes, length);
	name_id id = find(names, bytes, length, hash);
	char *copy;

	if (id != NAME_NONE)
		return id;
	if (names->count >= NAME_NONE - 1 || length >= UINT32_MAX)
		return NAME_NONE;
	if (((size_t)names->count + 1) * 2 > names->slot_count && !grow(names))
		return NAME_NONE;
	if (!array_reserve((void **)&names->texts, &names->room, (size_t)names->count + 1,
		    sizeof(*names->texts)))
		return NAME_NONE;
	copy = arena_strndup(&names->arena, bytes, length);
	if (!copy)
		return NAME_NONE;
	id = names->count++;
	names->texts[id] = (struct name_text){copy, (uint32_t)length, hash};
	names->slots[slot_of(names, bytes, length, hash)] =
		(struct name_slot){hash, id + 1};
	return id;
}

void names_clear(struct names *names)
{
	arena_clear(&names->arena);
	free(names->texts);
	free(names->slots);
	*names = (struct names){0};
}
