#include "config.h"

#include "base/output.h"

#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 16, SLOT_COUNT = 32, RANDOM_LETTERS = 6 };

/* Names of the temporary files that exist, for output_abort_all. The texts are static
 * so that a signal handler never sees freed memory. */
static struct {
	atomic_int used; /* 0 free, 1 being filled, 2 valid */
	char name[PATH_MAX];
} slots[SLOT_COUNT];

/* A slot from 1 on, or 0 with errno set. */
static int slot_take(const char *name)
{
	for (int i = 0; i < SLOT_COUNT; i++) {
		int unused = 0;

		if (!atomic_compare_exchange_strong(&slots[i].used, &unused, 1))
			continue;
		strcpy(slots[i].name, name);
		atomic_store(&slots[i].used, 2);
		return i + 1;
	}
	errno = EMFILE;
	return 0;
}

static void slot_release(int slot)
{
	if (slot)
		atomic_store(&slots[slot - 1].used, 0);
}

static atomic_bool held, placed;

/* A file in a folder of output_folder_make is no output. */
static bool is_passing(const char *path)
{
	for (int i = 0; i < SLOT_COUNT; i++)
		if (atomic_load(&slots[i].used) == 2 && !strcmp(slots[i].name, path))
			return true;
	return false;
}

bool output_was_placed(void)
{
	return atomic_load(&placed);
}

void output_hold(bool hold)
{
	atomic_store(&held, hold);
}

bool output_abort_all(void)
{
	if (atomic_load(&held))
		return false;
	for (int i = 0; i < SLOT_COUNT; i++)
		if (atomic_load(&slots[i].used) == 2)
			unlink(slots[i].name);
	for (int i = 0; i < SLOT_COUNT; i++) /* folders, which are empty now */
		if (atomic_load(&slots[i].used) == 2)
			rmdir(slots[i].name);
	return true;
}

static const char *remedy(int code)
{
	static const struct {
		int code;
		const char *text;
	} table[] = {
		{ENOSPC, "free some space or write to another place"},
		{EDQUOT, "free some space or write to another place"},
		{EFBIG, "raise the file size limit or write to another place"},
		{EACCES, "choose a folder you may write to"},
		{EPERM, "choose a folder you may write to"},
		{EROFS, "choose a folder you may write to"},
		{ENOENT, "make the folder first"},
		{ENOTDIR, "make the folder first"},
		{ENAMETOOLONG, "choose a shorter name"},
		{EEXIST, ERROR_STEP_FORCE},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].code == code)
			return table[i].text;
	return "try another place";
}

/* The error of a system call on `path`. */
static bool fail(const char *path, const char *what, int code, struct error *err)
{
	return error_set(err, code == ENOMEM ? ERROR_MEMORY : ERROR_IO, "%s: %s: %s; %s",
		text_path(path), what, strerror(code), remedy(code));
}

/* Refuses folders, the input file and, without force, files that exist. */
static bool check_target(const char *path, const struct stat *target, bool force,
	int input_fd, struct error *err)
{
	struct stat input;

	if (S_ISDIR(target->st_mode))
		return error_set(err, ERROR_REFUSED,
			"%s: is a folder; give the name of a file", text_path(path));
	if (input_fd >= 0 && fstat(input_fd, &input) == 0 &&
		input.st_dev == target->st_dev && input.st_ino == target->st_ino)
		return error_set(err, ERROR_REFUSED,
			"%s: is the input file; write to another name", text_path(path));
	if (S_ISREG(target->st_mode) && !force)
		return error_set_exists(err, text_path(path));
	return true;
}

/* ".NAME." beside `path`, NAME cut so that the letters still fit; room for them. */
static char *temporary_name(const char *path)
{
	size_t folder = (size_t)(path_name(path) - path);
	size_t name = strlen(path + folder), most = NAME_MAX - RANDOM_LETTERS - 2;
	char *out = malloc(folder + name + RANDOM_LETTERS + 3);

	if (name > most)
		name = most;
	if (out)
		sprintf(out, "%.*s.%.*s.", (int)folder, path, (int)name, path + folder);
	return out;
}

static bool random_letters(char *out)
{
	static const char letters[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	unsigned char bytes[RANDOM_LETTERS];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		out[i] = letters[bytes[i] % (sizeof(letters) - 1)];
	out[RANDOM_LETTERS] = '\0';
	return true;
}

/* Creates the temporary file, at most as open as the one to be replaced. */
static bool create_temporary(struct output *out)
{
	mode_t mode = out->mode ? out->mode & 0700 : 0666;
	char *letters;

	out->temporary = temporary_name(out->path);
	if (!out->temporary) {
		errno = ENOMEM;
		return false;
	}
	if (strlen(out->temporary) + RANDOM_LETTERS >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	letters = out->temporary + strlen(out->temporary);
	for (int tries = 0; tries < 100; tries++) {
		if (!random_letters(letters))
			return false;
		out->slot = slot_take(out->temporary);
		if (!out->slot)
			return false;
		out->fd = open(out->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			mode | 0200);
		if (out->fd >= 0)
			return true;
		slot_release(out->slot);
		out->slot = 0;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

/* The file a path leads to, so that a symbolic link stays one. */
static char *resolve(const char *path)
{
	struct stat status;
	char *real = NULL;

	if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
		real = realpath(path, NULL);
	return real ? real : strdup(path);
}

bool output_open(
	struct output *out, const char *path, bool force, int input_fd, struct error *err)
{
	struct stat target;
	bool exists = stat(path, &target) == 0, ok;
	bool special = exists && !S_ISREG(target.st_mode);

	*out = (struct output){.fd = -1, .force = force};
	if (!*path)
		return error_set(err, ERROR_REFUSED,
			"output: has no name; give the name of a file");
	if (exists && !check_target(path, &target, force, input_fd, err))
		return false;
	if (exists && !special)
		out->mode = target.st_mode;
	out->path = special ? strdup(path) : resolve(path);
	out->buffer = malloc(BUFFER_SIZE);
	if (!out->path || !out->buffer) {
		output_abort(out);
		return error_set_memory(err, "output");
	}
	if (special)
		ok = (out->fd = open(path, O_WRONLY | O_CLOEXEC)) >= 0;
	else
		ok = create_temporary(out);
	if (!ok) {
		fail(path, "cannot be written", errno, err);
		output_abort(out);
	}
	return ok;
}

bool output_memory(struct output *out, const char *name, struct error *err)
{
	*out = (struct output){.fd = -1, .path = strdup(name)};
	out->buffer = malloc(BUFFER_SIZE);
	if (!out->path || !out->buffer) {
		output_abort(out);
		return error_set_memory(err, name);
	}
	out->fd = memfd_create("qdqedit", MFD_CLOEXEC);
	if (out->fd >= 0)
		return true;
	fail(name, "cannot be written to memory", errno, err);
	output_abort(out);
	return false;
}

static bool write_all(
	struct output *out, const char *bytes, size_t count, struct error *err)
{
	while (count) {
		ssize_t done = write(out->fd, bytes, count < 1 << 30 ? count : 1 << 30);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail(out->path, "cannot be written", errno, err);
		bytes += done;
		count -= (size_t)done;
	}
	return true;
}

bool output_flush(struct output *out, struct error *err)
{
	size_t count = out->buffered;

	out->buffered = 0;
	return write_all(out, out->buffer, count, err);
}

bool output_write(struct output *out, const void *bytes, size_t count, struct error *err)
{
	if (count > BUFFER_SIZE - out->buffered && !output_flush(out, err))
		return false;
	if (count >= BUFFER_SIZE) {
		if (!write_all(out, bytes, count, err))
			return false;
	} else if (count) {
		memcpy(out->buffer + out->buffered, bytes, count);
		out->buffered += count;
	}
	out->written += count;
	return true;
}

/* Waits until the folder of `path` is on disk; what cannot be synced is let pass, the
 * file is in place. */
static void sync_folder(const char *path)
{
	char *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (slash)
		slash[slash == folder] = '\0';
	fd = folder ? open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

/* Renames; without force fails with EEXIST if the target has appeared meanwhile. */
static bool put_in_place(const struct output *out)
{
	if (out->force)
		return rename(out->temporary, out->path) == 0;
	if (renameat2(AT_FDCWD, out->temporary, AT_FDCWD, out->path, RENAME_NOREPLACE) ==
		0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (access(out->path, F_OK) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(out->temporary, out->path) == 0;
}

/* Syncs (not what has no disk behind it), sets the mode and closes. */
static bool finish_file(struct output *out)
{
	int fd = out->fd;
	bool ok = !out->temporary ||
		  ((fsync(fd) == 0 || errno == EINVAL) &&
			  (!out->mode || fchmod(fd, out->mode & 07777) == 0));

	if (!ok)
		return false;
	out->fd = -1;
	return close(fd) == 0;
}

bool output_commit(struct output *out, struct error *err)
{
	bool ok = output_flush(out, err);

	if (ok && !finish_file(out))
		ok = fail(out->path, "cannot be written", errno, err);
	if (ok && out->temporary) {
		ok = put_in_place(out) ||
		     fail(out->path, "cannot be put in place", errno, err);
		if (ok) {
			if (!is_passing(out->path))
				atomic_store(&placed, true);
			sync_folder(out->path);
			slot_release(out->slot);
			out->slot = 0;
		}
	}
	output_abort(out);
	return ok;
}

void output_abort(struct output *out)
{
	if (out->slot)
		unlink(out->temporary);
	slot_release(out->slot);
	if (out->path && out->fd >= 0)
		close(out->fd);
	free(out->path);
	free(out->temporary);
	free(out->buffer);
	*out = (struct output){.fd = -1, .written = out->written};
}

static bool write_standard(const char *text, size_t length, struct error *err)
{
	if (fwrite(text, 1, length, stdout) == length && fflush(stdout) == 0)
		return true;
	return fail("standard output", "cannot be written", errno, err);
}

bool output_text(
	const char *path, const char *text, size_t length, bool force, struct error *err)
{
	struct output out;

	if (!strcmp(path, "-"))
		return write_standard(text, length, err);
	if (!output_open(&out, path, force, -1, err))
		return false;
	if (!output_write(&out, text, length, err)) {
		output_abort(&out);
		return false;
	}
	return output_commit(&out, err);
}

/* ---- a folder for passing files */

/* Names what is to go before it is there, so that nothing is left whenever the program
 * ends. */
static bool name_contents(
	struct output_folder *folder, const char *file, struct error *err)
{
	const char *names[3];

	if (asprintf(&folder->file, "%s/%s", folder->path, file) < 0)
		folder->file = NULL;
	if (!folder->file || asprintf(&folder->side, "%s.data", folder->file) < 0)
		folder->side = NULL;
	if (!folder->side)
		return error_set_memory(err, "a temporary folder");
	names[0] = folder->file;
	names[1] = folder->side;
	names[2] = folder->path;
	for (int i = 0; i < 3; i++) {
		folder->slots[i] = slot_take(names[i]);
		if (!folder->slots[i])
			return fail(folder->path, "cannot be used", errno, err);
	}
	return true;
}

bool output_folder_make(struct output_folder *folder, const char *file, struct error *err)
{
	const char *parent = getenv("TMPDIR");

	*folder = (struct output_folder){0};
	if (!parent || !*parent)
		parent = "/tmp";
	if (strlen(parent) + strlen(file) + 40 > PATH_MAX)
		return fail(parent, "cannot be used", ENAMETOOLONG, err);
	if (asprintf(&folder->path, "%s/qdqedit-XXXXXX", parent) < 0) {
		folder->path = NULL;
		return error_set_memory(err, "a temporary folder");
	}
	if (!mkdtemp(folder->path)) {
		fail(parent, "no temporary folder can be made", errno, err);
		free(folder->path);
		folder->path = NULL;
		return false;
	}
	if (name_contents(folder, file, err))
		return true;
	output_folder_remove(folder);
	return false;
}

void output_folder_remove(struct output_folder *folder)
{
	if (folder->side)
		unlink(folder->side);
	if (folder->file)
		unlink(folder->file);
	if (folder->path)
		rmdir(folder->path);
	for (int i = 0; i < 3; i++)
		slot_release(folder->slots[i]);
	free(folder->side);
	free(folder->file);
	free(folder->path);
	*folder = (struct output_folder){0};
}
