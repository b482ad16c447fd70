/* Files that appear whole or not at all. */
#ifndef QDQEDIT_BASE_OUTPUT_H
#define QDQEDIT_BASE_OUTPUT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* An output file under a temporary name beside its final place. */
struct output {
	char *path;      /* final, owned */
	char *temporary; /* owned */
	int fd;
	mode_t mode; /* of the replaced file, or by umask */
	uint64_t written;
};

/* Opens. `force` allows an existing file (its mode bits are kept). `input_fd` (or -1)
 * is a file that must not be the target, also through a link. */
bool output_open(struct output *out, const char *path, bool force, int input_fd,
	struct error *err);
bool output_write(struct output *out, const void *bytes, size_t count, struct error *err);

/* Syncs, closes, renames into place, syncs the folder. */
bool output_commit(struct output *out, struct error *err);

/* Removes the temporary file; harmless after a commit or a failed open. */
void output_abort(struct output *out);

/* A whole text in one go; "-" is standard output. */
bool output_text(
	const char *path, const char *text, size_t length, bool force, struct error *err);

/* Removes the temporary files of all open outputs (called from fatal signal handlers:
 * async-signal-safe). */
void output_abort_all(void);

/* A whole file (or "-" for standard input) read into malloc'ed memory with a NUL
 * behind it; files over `limit` bytes are refused. The caller frees it. */
char *input_read(const char *path, size_t limit, size_t *length, struct error *err);

#endif
