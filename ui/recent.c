#include "ui/recent.h"

#include "base/array.h"
#include "base/output.h"
#include "base/user_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, FILE_MOST = 1 << 20, RECENT_MOST = 20 };

bool recent_read(struct text_list *list, struct error *err)
{
	char path[PATH_ROOM], *text, *state = NULL;
	struct error missing = ERROR_INIT;
	bool done = true;
	size_t length;

	*list = (struct text_list){0};
	if (!user_file(USER_STATE, "recent", path, sizeof(path)))
		return true;
	text = input_read(path, FILE_MOST, &length, &missing);
	for (char *line = text ? strtok_r(text, "\n", &state) : NULL; done && line;
		line = strtok_r(NULL, "\n", &state))
		if (*line == '/' && list->count < RECENT_MOST && !access(line, R_OK))
			done = text_list_push(list, line, strlen(line), err);
	free(text);
	return done;
}

void recent_add(const char *path)
{
	struct error err = ERROR_INIT;
	char file[PATH_ROOM], *real = realpath(path, NULL), *text = NULL;
	struct text_list old;
	size_t length;
	FILE *out;

	/* a name with a line break would be two */
	if (!real || strchr(real, '\n') || !recent_read(&old, &err)) {
		free(real);
		return;
	}
	out = open_memstream(&text, &length);
	if (out) {
		fprintf(out, "%s\n", real);
		for (size_t i = 0; i < old.count && i + 1 < RECENT_MOST; i++)
			if (strcmp(old.items[i], real) != 0)
				fprintf(out, "%s\n", old.items[i]);
		if (!fclose(out) && user_folder_make(USER_STATE, &err) &&
			user_file(USER_STATE, "recent", file, sizeof(file)))
			output_text(file, text, length, true, &err);
	}
	free(text);
	free(real);
	text_list_release(&old);
}
