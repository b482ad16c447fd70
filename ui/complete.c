#include "ui/complete.h"

#include "base/array.h"
#include "base/path.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4096, NAMES_MOST = 4096 };

struct file_names ARRAY_OF(char *);

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder that begin so. */
static void collect(const char *folder, const char *begin, struct file_names *names)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && names->count < NAMES_MOST) {
		const char *name = entry->d_name;
		char *copy;

		if (strncmp(name, begin, strlen(begin)) || !strcmp(name, ".") ||
			!strcmp(name, "..") || (*name == '.' && *begin != '.'))
			continue;
		copy = strdup(name);
		if (!copy || !ARRAY_PUSH(names, copy))
			free(copy);
	}
	if (dir)
		closedir(dir);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), by_name);
}

/* Bytes that the first and the last of sorted names have in common: all have them. */
static size_t common(const struct file_names *names)
{
	const char *a = names->items[0], *b = names->items[names->count - 1];
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	/* no half of a character */
	while (n && names->count > 1 && (a[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static bool is_folder(const char *folder, const char *name)
{
	char path[2 * PATH_ROOM];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void list_names(const struct file_names *names, char *out, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < names->count && used < room; i++)
		used += (size_t)snprintf(
			out + used, room - used, "%s%s", i ? "  " : "", names->items[i]);
}

unsigned complete_path(char *path, size_t room, char *others, size_t others_room)
{
	char *slash = strrchr(path, '/'), *begin = slash ? slash + 1 : path;
	char folder[PATH_ROOM], typed[PATH_ROOM];
	struct file_names names = {0};
	unsigned count;

	snprintf(typed, sizeof(typed), "%.*s", (int)(begin - path), path);
	path_from_home(*typed ? typed : ".", folder, sizeof(folder));
	collect(folder, begin, &names);
	*others = '\0';
	count = (unsigned)names.count;
	if (count) {
		size_t n = common(&names), left = room - (size_t)(begin - path);
		bool whole = count == 1 && is_folder(folder, names.items[0]);

		if (n + 2 <= left)
			snprintf(begin, left, "%.*s%s", (int)n, names.items[0],
				whole ? "/" : "");
		if (count > 1)
			list_names(&names, others, others_room);
	}
	for (size_t i = 0; i < names.count; i++)
		free(names.items[i]);
	ARRAY_RELEASE(&names);
	return count;
}
