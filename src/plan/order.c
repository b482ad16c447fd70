/* Lists that stay in order while some items come and go. */
#include "plan/cache.h"

#include <string.h>

void order_cut(void *items, size_t *count, size_t size, const uint32_t *places, size_t n)
{
	char *bytes = items;
	size_t to = n ? places[0] : *count;

	for (size_t i = 0; i < n; i++) {
		size_t from = places[i] + (size_t)1;
		size_t end = i + 1 < n ? places[i + 1] : *count;

		memmove(bytes + to * size, bytes + from * size, (end - from) * size);
		to += end - from;
	}
	*count -= n;
}

void order_put(void *items, size_t count, size_t size, size_t kept,
	const uint32_t *places, void *spare)
{
	char *bytes = items;
	size_t n = count - kept, to = count, from = kept;

	if (!n)
		return;
	memcpy(spare, bytes + kept * size, n * size);
	while (n--) {
		size_t run = from - places[n];

		to -= run;
		memmove(bytes + to * size, bytes + places[n] * size, run * size);
		from = places[n];
		memcpy(bytes + --to * size, (char *)spare + n * size, size);
	}
}
