#include "base/user_files.h"

#include "base/output.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4096, CONFIG_MOST = 1 << 20 };

static const struct {
	const char *variable, *fallback;
} places[] = {
	[USER_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
	[USER_STATE] = {"XDG_STATE_HOME", ".local/state"},
};

bool user_file(enum user_place place, const char *name, char *out, size_t room)
{
	const char *base = getenv(places[place].variable), *home = getenv("HOME");
	int length;

	if (base && *base == '/')
		length = snprintf(out, room, "%s/qdqedit/%s", base, name);
	else if (home && *home == '/')
		length = snprintf(out, room, "%s/%s/qdqedit/%s", home,
			places[place].fallback, name);
	else
		return false;
	return length > 0 && (size_t)length < room;
}

bool user_folder_make(enum user_place place, struct error *err)
{
	char path[PATH_ROOM];

	if (!user_file(place, "", path, sizeof(path)))
		return error_set(err, ERROR_REFUSED, "no home folder is known; set %s",
			places[place].variable);
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return error_set(err, ERROR_REFUSED,
				"%s: cannot be made: %s; "
				"set %s to another place",
				text_path(path), strerror(errno), places[place].variable);
		*at = '/';
	}
	return true;
}

/* The value in one line, or NULL. The line loses its end. */
static const char *value_in(char *line, const char *name)
{
	size_t length = strlen(line), n = strlen(name);

	while (length && strchr(" \t\r", line[length - 1]))
		line[--length] = '\0';
	line += strspn(line, " \t:");
	if (strncmp(line, "set", 3) || !strspn(line + 3, " \t"))
		return NULL;
	line += 3 + strspn(line + 3, " \t");
	if (strncmp(line, name, n) || !line[n] || !strchr("= \t", line[n]))
		return NULL;
	line += n + 1;
	return line + strspn(line, " \t");
}

bool user_setting(const char *name, char *out, size_t room)
{
	char path[PATH_ROOM], *text = NULL, *state = NULL;
	struct error err = ERROR_INIT;
	bool found = false;
	size_t length;

	if (user_file(USER_CONFIG, "config", path, sizeof(path)))
		text = input_read(path, CONFIG_MOST, &length, &err);
	for (char *line = text ? strtok_r(text, "\n", &state) : NULL; line;
		line = strtok_r(NULL, "\n", &state)) {
		const char *value = value_in(line, name);

		if (!value || !*value)
			continue;
		snprintf(out, room, "%s", value);
		found = true;
	}
	free(text);
	return found;
}
