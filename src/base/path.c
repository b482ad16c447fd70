#include "base/path.h"

#include <stdlib.h>
#include <string.h>

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_folder(const char *path)
{
	const char *name = path_name(path);
	char *folder = name > path ? strndup(path, (size_t)(name - path)) : strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;

	free(folder);
	return real;
}
