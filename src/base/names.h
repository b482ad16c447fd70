/* A pool of distinct byte strings with 32-bit ids and a flat hash from text to id. */
#ifndef QDQEDIT_BASE_NAMES_H
#define QDQEDIT_BASE_NAMES_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

typedef uint32_t name_id;
#define NAME_NONE UINT32_MAX

struct name_text {
	const char *bytes; /* NUL behind the last byte */
	uint32_t length;
	uint32_t hash;
};

/* The hash stands beside the id, so that a probe that misses reads no text. */
struct name_slot {
	uint32_t hash;
	uint32_t id; /* plus one, 0 is free */
};

/* Zero-initialized is an empty pool. Ids count from 0 in order of addition. */
struct names {
	struct arena arena;
	struct name_text *texts;
	uint32_t count;
	size_t room;
	struct name_slot *slots; /* open addressing */
	size_t slot_count;
};

/* The id of the string, added if it is new. NAME_NONE when memory is gone or it is
 * 4 GiB long. */
name_id names_add(struct names *names, const char *bytes, size_t length);

/* The id of the string, or NAME_NONE if the pool does not hold it. */
name_id names_find(const struct names *names, const char *bytes, size_t length);

/* The string behind an id (borrowed, NUL-terminated, valid until names_clear). */
static inline const char *names_text(const struct names *names, name_id id)
{
	return names->texts[id].bytes;
}

static inline size_t names_length(const struct names *names, name_id id)
{
	return names->texts[id].length;
}

/* 64-bit FNV-1a of the bytes, folded: the same everywhere, for digests. */
uint64_t names_hash(const char *bytes, size_t length);

/* Frees everything and leaves the pool empty. */
void names_clear(struct names *names);

#endif
