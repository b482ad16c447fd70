/* Growable typed arrays: `struct foo_list ARRAY_OF(struct foo);` declares one. */
#ifndef QDQEDIT_BASE_ARRAY_H
#define QDQEDIT_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Body of a struct holding `count` items in room for `room`. Zero-initialized is
 * an empty array; array_release() frees it. */
#define ARRAY_OF(type)                                                                   \
	{                                                                                \
		type *items;                                                             \
		size_t count;                                                            \
		size_t room;                                                             \
	}

/* Makes room for at least `need` items of `size` bytes; false when memory is gone
 * (the array then stays as it was). */
bool array_reserve(void **items, size_t *room, size_t need, size_t size);

/* Room for `extra` items more; false when memory is gone. */
#define ARRAY_ROOM(a, extra)                                                             \
	((a)->room - (a)->count >= (size_t)(extra) ||                                    \
		array_reserve((void **)&(a)->items, &(a)->room, (a)->count + (extra),    \
			sizeof(*(a)->items)))

/* Appends `...` (a value of the item type); false when memory is gone. */
#define ARRAY_PUSH(a, ...)                                                               \
	(ARRAY_ROOM(a, 1) && ((a)->items[(a)->count++] = (__VA_ARGS__), true))

/* Frees the items (not what they own) and leaves the array empty. */
#define ARRAY_RELEASE(a) array_release((void **)&(a)->items, &(a)->count, &(a)->room)

void array_release(void **items, size_t *count, size_t *room);

#endif
