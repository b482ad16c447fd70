#include "job/demos.h"

#include "base/text.h"
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

const struct demo *demo_get(const char *name, struct error *err)
{
	const struct demo *demo = demo_find(name);

	if (!demo)
		error_set(err, ERROR_USAGE,
			"demo %s: there is no such demo; see 'qdqedit demo --list'",
			text_quoted_z(name));
	return demo;
}
