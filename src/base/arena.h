/* Memory that is freed all at once. */
#ifndef QDQEDIT_BASE_ARENA_H
#define QDQEDIT_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero-initialized is ready for use. Not safe for several threads. */
struct arena {
	struct arena_block *head;
	size_t used;  /* bytes handed out */
	size_t total; /* bytes taken from the system */
};

/* Returns `size` bytes aligned for any type (contents undefined), or NULL when
 * memory is gone. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc for `count` zeroed elements; NULL also if the product overflows. */
void *arena_zalloc(struct arena *arena, size_t count, size_t size);

/* Copies `length` bytes and adds a NUL; NULL when memory is gone. */
char *arena_strndup(struct arena *arena, const char *bytes, size_t length);

/* Frees everything and leaves the arena empty and usable. */
void arena_clear(struct arena *arena);

#endif
