/* Opening side files without leaving the model's folder. */
#include "config.h"

#include "onnx/external.h"

#include "base/text.h"
#include "onnx/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

/* For systems without openat2: component by component, following no link. */
static int walk_beneath(int folder, const char *relative)
{
	char part[NAME_MAX + 1];
	int at = fcntl(folder, F_DUPFD_CLOEXEC, 0), next;
	const char *slash;

	while (at >= 0 && (slash = strchr(relative, '/'))) {
		size_t length = (size_t)(slash - relative);

		errno = ENAMETOOLONG;
		next = -1;
		if (length < sizeof(part)) {
			memcpy(part, relative, length);
			part[length] = '\0';
			next = openat(at, part, OPEN_FLAGS | O_NOFOLLOW | O_DIRECTORY);
		}
		close(at);
		at = next;
		relative = slash + 1;
	}
	if (at < 0)
		return -1;
	next = openat(at, relative, OPEN_FLAGS | O_NOFOLLOW);
	close(at);
	return next;
}

int open_beneath(const char *folder, const char *relative)
{
	struct open_how how = {
		.flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd, saved;

	if (at < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, at, relative, &how, sizeof(how));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EAGAIN))
		fd = walk_beneath(at, relative);
	saved = errno;
	close(at);
	errno = saved;
	return fd;
}

/* The part of a resolved path below a folder, or NULL if it lies elsewhere. */
static const char *below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (length == 1)
		return path + 1;
	if (strncmp(path, folder, length) != 0 || path[length] != '/')
		return NULL;
	return path + length + 1;
}

/* By the two-way rule: what the location leads to must lie below the folder that was
 * named or below that of the resolved model file. */
static int open_resolved(const struct model_source *source, const char *location)
{
	size_t room = strlen(source->folder) + strlen(location) + 2;
	char *path = malloc(room), *real = NULL;
	const char *relative;
	int fd = -1;

	if (!path)
		return -1;
	snprintf(path, room, "%s/%s", source->folder, location);
	real = realpath(path, NULL);
	free(path);
	if (!real)
		return -1;
	errno = EXDEV;
	if ((relative = below(real, source->folder)))
		fd = open_beneath(source->folder, relative);
	else if ((relative = below(real, source->real_folder)))
		fd = open_beneath(source->real_folder, relative);
	free(real);
	return fd;
}

static bool fail_open(
	const struct model_source *source, const char *location, struct error *err)
{
	if (errno == EXDEV || errno == ELOOP)
		return error_set(err, ERROR_REFUSED,
			"%s: side file %s: %s; copy it beside the model",
			text_path(source->path), text_quoted_z(location),
			source->strict ? "is reached through a link"
				       : "a link leads out of the model's folder");
	return error_set_errno(err, "%s: side file %s: cannot be opened",
		text_path(source->path), text_quoted_z(location));
}

static bool check_file(const struct model_source *source,
	const struct external_place *place, uint64_t need, const struct stat *file,
	struct error *err)
{
	const char *path = text_path(source->path);
	const char *name = text_quoted_z(place->location);
	uint64_t size = (uint64_t)file->st_size;

	if (!S_ISREG(file->st_mode))
		return error_set(err, ERROR_REFUSED,
			"%s: side file %s: is not a regular file; export it again", path,
			name);
	if (source->strict && file->st_nlink > 1)
		return error_set(err, ERROR_REFUSED,
			"%s: side file %s: has several hard links; copy it", path, name);
	if (place->has_length && place->length < need)
		return error_set(err, ERROR_REFUSED,
			"%s: side file %s: %" PRIu64 " bytes are given for a tensor of "
			"%" PRIu64 "; export it again",
			path, name, place->length, need);
	if (place->offset > size || need > size - place->offset ||
		(place->has_length && place->length > size - place->offset))
		return error_set(err, ERROR_REFUSED,
			"%s: side file %s: %" PRIu64 " bytes at %" PRIu64
			" lie behind its end (%" PRIu64 "); it is incomplete",
			path, name, need, place->offset, size);
	return true;
}

static bool open_place(const struct model_source *source,
	const struct external_place *place, uint64_t need, int *fd, struct error *err)
{
	struct stat file;

	*fd = source->strict ? open_beneath(source->folder, place->location)
			     : open_resolved(source, place->location);
	if (*fd < 0)
		return fail_open(source, place->location, err);
	if (fstat(*fd, &file) < 0)
		error_set_errno(
			err, "%s: cannot be read", text_quoted_z(place->location));
	else if (check_file(source, place, need, &file, err))
		return true;
	close(*fd);
	*fd = -1;
	return false;
}

bool external_open(const struct model *model, const Onnx__TensorProto *tensor,
	uint64_t need, int *fd, uint64_t *offset, struct error *err)
{
	struct external_place place;
	bool ok = external_parse(model, tensor, &place, err);

	*fd = -1;
	if (ok && !model->source->folder)
		ok = error_set(err, ERROR_REFUSED,
			"%s: a model in memory has no side files; open it from a file",
			text_path(model->path));
	ok = ok && open_place(model->source, &place, need, fd, err);
	*offset = place.offset;
	external_place_release(&place);
	return ok;
}
