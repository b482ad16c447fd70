/* Reading a whole file. */
#include "base/output.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail(const char *path, int code, struct error *err)
{
	return error_set(err, ERROR_IO, "%s: cannot be read: %s; %s", text_path(path),
		strerror(code), error_remedy(code));
}

static bool too_long(const char *path, size_t limit, struct error *err)
{
	return error_set(err, ERROR_REFUSED,
		"%s: is longer than %zu bytes; it is not such a file", text_path(path),
		limit);
}

/* Doubles the room until the file ends or `limit` is passed. */
static char *read_all(
	int fd, const char *path, size_t limit, size_t *length, struct error *err)
{
	size_t room = 1 << 14;
	char *text = malloc(room);

	for (*length = 0; text && *length <= limit;) {
		ssize_t count;

		if (*length + 1 == room) {
			char *more = realloc(text, room * 2);

			if (!more)
				break;
			text = more;
			room *= 2;
		}
		count = read(fd, text + *length, room - 1 - *length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			fail(path, errno, err);
			break;
		}
		if (count == 0 && *length <= limit) {
			text[*length] = '\0';
			return text;
		}
		*length += (size_t)count;
	}
	if (*length > limit)
		too_long(path, limit, err);
	else if (!error_is_set(err))
		error_set_memory(err, path);
	free(text);
	return NULL;
}

char *input_read(const char *path, size_t limit, size_t *length, struct error *err)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? 0 : open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	*length = 0;
	if (fd < 0) {
		fail(path, errno, err);
		return NULL;
	}
	text = read_all(fd, standard ? "standard input" : path, limit, length, err);
	if (!standard)
		close(fd);
	return text;
}
