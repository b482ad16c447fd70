#include "onnx/source.h"

#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct model_source *source_new(const char *path, struct error *err)
{
	struct model_source *source = calloc(1, sizeof(*source));

	if (source) {
		source->fd = -1;
		atomic_init(&source->users, 1);
		source->path = strdup(path);
	}
	if (!source || !source->path) {
		source_release(source);
		error_set_memory(err, text_path(path));
		return NULL;
	}
	return source;
}

static bool find_folders(struct model_source *source, struct error *err)
{
	char *real = realpath(source->path, NULL);

	source->folder = path_folder(source->path);
	source->real_folder = real ? path_folder(real) : NULL;
	free(real);
	if (source->folder && source->real_folder)
		return true;
	return error_set_errno(
		err, "%s: its folder cannot be found", text_path(source->path));
}

static bool open_file(struct model_source *source, struct error *err)
{
	const char *path = source->path;

	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (source->fd < 0)
		return error_set_errno(err, "%s: cannot be opened", text_path(path));
	if (fstat(source->fd, &source->identity) < 0)
		return error_set_errno(err, "%s: cannot be read", text_path(path));
	if (!S_ISREG(source->identity.st_mode))
		return error_set(err, ERROR_REFUSED, "%s: is %s; name an ONNX model",
			text_path(path),
			S_ISDIR(source->identity.st_mode) ? "a folder"
							  : "not a regular file");
	source->size = (uint64_t)source->identity.st_size;
	return find_folders(source, err);
}

struct model_source *source_open(const char *path, struct error *err)
{
	struct model_source *source = source_new(path, err);

	if (source && !open_file(source, err)) {
		source_release(source);
		return NULL;
	}
	return source;
}

struct model_source *source_wrap(
	const void *bytes, size_t size, const char *name, struct error *err)
{
	struct model_source *source = source_new(name, err);

	if (source) {
		source->memory = bytes;
		source->size = size;
	}
	return source;
}

bool source_place_beside(
	struct model_source *source, const struct model_source *other, struct error *err)
{
	if (!other->folder)
		return true;
	source->strict = other->strict;
	source->folder = strdup(other->folder);
	source->real_folder = strdup(other->real_folder);
	return (source->folder && source->real_folder) ||
	       error_set_memory(err, text_path(source->path));
}

struct model_source *source_retain(struct model_source *source)
{
	if (source)
		atomic_fetch_add(&source->users, 1);
	return source;
}

void source_release(struct model_source *source)
{
	if (!source || atomic_fetch_sub(&source->users, 1) != 1)
		return;
	if (source->fd >= 0)
		close(source->fd);
	free(source->path);
	free(source->folder);
	free(source->real_folder);
	free(source);
}

bool file_read_at(int fd, uint64_t offset, void *out, size_t count, const char *place,
	struct error *err)
{
	char *to = out;

	while (count > 0) {
		ssize_t got = pread(fd, to, count, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(
				err, "%s: cannot be read", text_quoted_z(place));
		if (got == 0)
			return error_set(err, ERROR_IO,
				"%s: was cut short while it was open; open it again",
				text_quoted_z(place));
		to += got;
		offset += (uint64_t)got;
		count -= (size_t)got;
	}
	return true;
}

bool source_read(const struct model_source *source, uint64_t offset, void *out,
	size_t count, struct error *err)
{
	if (offset > source->size || count > source->size - offset)
		return error_set(err, ERROR_REFUSED,
			"%s: data is said to lie behind its end; the file is damaged",
			text_path(source->path));
	if (!source->memory)
		return file_read_at(source->fd, offset, out, count, source->path, err);
	if (count)
		memcpy(out, source->memory + offset, count);
	return true;
}

static bool same_content(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool source_check_unchanged(const struct model_source *source, struct error *err)
{
	struct stat now;

	if (source->memory)
		return true;
	if (fstat(source->fd, &now) < 0)
		return error_set_errno(
			err, "%s: cannot be read", text_path(source->path));
	if (!same_content(&now, &source->identity))
		return error_set(err, ERROR_IO,
			"%s: was changed since it was opened; open it again",
			text_path(source->path));
	if (stat(source->path, &now) == 0 && !same_content(&now, &source->identity))
		return error_set(err, ERROR_IO,
			"%s: was replaced since it was opened; open it again",
			text_path(source->path));
	return true;
}
