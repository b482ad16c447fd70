/* Building the slim bytes: appending, length places that are filled in later. */
#ifndef QDQEDIT_ONNX_SLIM_H
#define QDQEDIT_ONNX_SLIM_H

#include "onnx/scan.h"

/* All return false when memory is gone or 2 GiB are passed. */
bool slim_reserve(struct slim *slim, size_t extra);
bool slim_put_bytes(struct slim *slim, const void *bytes, size_t count);
bool slim_put_varint(struct slim *slim, uint64_t value);
bool slim_put_uint(struct slim *slim, uint32_t field, uint64_t value);

/* A tag and a five-byte length to be filled in; *place is for slim_close. */
bool slim_open(struct slim *slim, uint32_t field, size_t *place);
void slim_close(struct slim *slim, size_t place);

/* 64-bit digest of the bytes and the file's size (FNV over words). */
uint64_t slim_digest(const struct slim *slim, uint64_t file_size);

#endif
