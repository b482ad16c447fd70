#include "job/demos.h"

#include "job/demos_data.h"

#include <string.h>

size_t demo_count(void)
{
	return sizeof(demos) / sizeof(demos[0]);
}

const struct demo *demo_at(size_t index)
{
	return index < demo_count() ? &demos[index] : NULL;
}

const struct demo *demo_find(const char *name)
{
	for (size_t i = 0; i < demo_count(); i++)
		if (strcmp(demos[i].name, name) == 0)
			return &demos[i];
	return NULL;
}
