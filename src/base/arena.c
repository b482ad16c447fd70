#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char data[];
};

enum { BLOCK_MIN = 1 << 12, BLOCK_MAX = 1 << 20 };

static struct arena_block *block_add(struct arena *arena, size_t need)
{
	size_t size = arena->total < BLOCK_MIN ? BLOCK_MIN : arena->total;
	struct arena_block *block;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->next = arena->head;
	block->size = size;
	block->used = 0;
	arena->head = block;
	arena->total += sizeof(*block) + size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *block = arena->head;
	void *result;

	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) & ~(align - 1);
	if (!block || block->size - block->used < size)
		block = block_add(arena, size);
	if (!block)
		return NULL;
	result = block->data + block->used;
	block->used += size;
	arena->used += size;
	return result;
}

void *arena_zalloc(struct arena *arena, size_t count, size_t size)
{
	void *result;

	if (size && count > SIZE_MAX / size)
		return NULL;
	result = arena_alloc(arena, count * size);
	return result ? memset(result, 0, count * size) : NULL;
}

char *arena_strndup(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;

	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

void arena_clear(struct arena *arena)
{
	while (arena->head) {
		struct arena_block *next = arena->head->next;

		free(arena->head);
		arena->head = next;
	}
	*arena = (struct arena){0};
}
