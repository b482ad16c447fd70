/* Files that appear whole or not at all. */
#ifndef QDQEDIT_BASE_OUTPUT_H
#define QDQEDIT_BASE_OUTPUT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* An output file under the temporary name .NAME.XXXXXX beside its final place. */
struct output {
	char *path;      /* final, symbolic links followed; owned */
	char *temporary; /* owned; NULL for a device or a pipe, which is written as it is
			  */
	int fd;          /* behind it stand the bytes of `buffer` */
	mode_t mode;     /* of the replaced file, or 0: by umask */
	bool force;
	int slot;         /* private: in the table of output_abort_all, or 0 */
	uint64_t written; /* bytes taken by output_write */
	char *buffer;     /* private */
	size_t buffered;  /* private */
};

/* Opens. `force` allows an existing file (its mode bits are kept). `input_fd` (or -1)
 * is a file that must not be the target, also through a link. After a failure `out`
 * holds nothing. */
bool output_open(struct output *out, const char *path, bool force, int input_fd,
	struct error *err);

/* Opens a file that lives in memory alone (`name` stands in errors): behind output_flush
 * its bytes can be mapped from out->fd. Ends with output_abort. */
bool output_memory(struct output *out, const char *name, struct error *err);

/* Small pieces are gathered; output_flush hands them to the system. */
bool output_write(struct output *out, const void *bytes, size_t count, struct error *err);
bool output_flush(struct output *out, struct error *err);

/* Flushes, syncs, closes, renames into place, syncs the folder. Without force a file
 * that has appeared meanwhile is not replaced. After a failure nothing is left. */
bool output_commit(struct output *out, struct error *err);

/* Removes the temporary file; harmless after a commit or a failed open. */
void output_abort(struct output *out);

/* A whole text in one go; "-" is standard output. */
bool output_text(
	const char *path, const char *text, size_t length, bool force, struct error *err);

/* Removes the temporary files of all open outputs (called from fatal signal handlers:
 * async-signal-safe). While they are held it does nothing and returns false. */
bool output_abort_all(void);

/* Whether an output has been put in place, so that an interruption comes too late for it
 * (async-signal-safe). */
bool output_was_placed(void);

/* A new folder of our own for passing files ($TMPDIR, else /tmp), which output_abort_all
 * removes with the file `file` in it and its side file ("FILE.data"). *file is its path.
 * Ends with output_folder_remove; false with `err` and nothing left. */
struct output_folder {
	char *path, *file, *side; /* owned */
	int slots[3];             /* private */
};
bool output_folder_make(
	struct output_folder *folder, const char *file, struct error *err);
void output_folder_remove(struct output_folder *folder);

/* Held while several files of one result are put in place: what is asked to end then
 * waits for it. */
void output_hold(bool hold);

/* A whole file (or "-" for standard input) read into malloc'ed memory with a NUL
 * behind it; files over `limit` bytes are refused. The caller frees it. */
char *input_read(const char *path, size_t limit, size_t *length, struct error *err);

#endif
