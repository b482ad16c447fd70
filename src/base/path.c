#include "base/path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_from_home(const char *path, char *out, size_t room)
{
	const char *home = getenv("HOME");
	bool below = home && *home == '/' && path[0] == '~' && path[1] == '/';

	snprintf(out, room, "%s%s", below ? home : "", below ? path + 1 : path);
	return out;
}

char *path_folder(const char *path)
{
	const char *name = path_name(path);
	char *folder = name > path ? strndup(path, (size_t)(name - path)) : strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;

	free(folder);
	return real;
}
