/* The bytes a model is read from: a file kept open, or memory. */
#ifndef QDQEDIT_ONNX_SOURCE_H
#define QDQEDIT_ONNX_SOURCE_H

#include "base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Shared by all models derived from one another; the last one closes it. Reading is
 * safe from several threads. */
struct model_source {
	atomic_uint users;
	int fd;                      /* -1 for memory */
	const unsigned char *memory; /* borrowed, or NULL for a file */
	uint64_t size;
	uint64_t digest;      /* of the slim structure */
	struct stat identity; /* of the file when it was opened */
	char *path;           /* as given, or the name of the memory */
	char *folder;         /* resolved folder of `path`, NULL for memory */
	char *real_folder;    /* folder of the resolved file, NULL for memory */
	bool strict;          /* side files by the strict rules */
};

/* Opens a regular file for reading; NULL with an error. */
struct model_source *source_open(const char *path, struct error *err);

/* Wraps memory that outlives the source. */
struct model_source *source_wrap(
	const void *bytes, size_t size, const char *name, struct error *err);

/* Side files of what was wrapped lie where those of `other` do. */
bool source_place_beside(
	struct model_source *source, const struct model_source *other, struct error *err);

struct model_source *source_retain(struct model_source *source);
void source_release(struct model_source *source); /* NULL is allowed */

/* Reads exactly `count` bytes; fewer (a file cut short since it was opened) is an
 * error. */
bool source_read(const struct model_source *source, uint64_t offset, void *out,
	size_t count, struct error *err);

/* ERROR_IO if the file was cut short, written to or replaced since it was opened. */
bool source_check_unchanged(const struct model_source *source, struct error *err);

/* Reads exactly `count` bytes of a descriptor; `place` names it in the error. */
bool file_read_at(int fd, uint64_t offset, void *out, size_t count, const char *place,
	struct error *err);

#endif
