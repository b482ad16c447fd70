#include "chaos.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static struct {
	bool on, for_good, failed;
	unsigned long left;
} chaos;

void chaos_start(unsigned long successes, bool for_good)
{
	chaos.left = successes;
	chaos.for_good = for_good;
	chaos.failed = false;
	chaos.on = true;
}

bool chaos_stop(void)
{
	chaos.on = false;
	return chaos.failed;
}

static bool fails(void)
{
	if (!chaos.on)
		return false;
	if (chaos.failed)
		return chaos.for_good;
	if (chaos.left-- > 0)
		return false;
	return chaos.failed = true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails() ? NULL : __real_realloc(memory, size);
}
