#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

bool array_reserve(void **items, size_t *room, size_t need, size_t size)
{
	size_t grown = *room ? *room : 8;
	void *moved;

	if (need <= *room)
		return true;
	while (grown < need) {
		if (grown > SIZE_MAX / 2)
			return false;
		grown *= 2;
	}
	if (grown > SIZE_MAX / size)
		return false;
	moved = realloc(*items, grown * size);
	if (!moved)
		return false;
	*items = moved;
	*room = grown;
	return true;
}

void array_release(void **items, size_t *count, size_t *room)
{
	free(*items);
	*items = NULL;
	*count = 0;
	*room = 0;
}
