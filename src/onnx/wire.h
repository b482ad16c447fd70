/* Reading tags, numbers and bytes from a source through one small window. */
#ifndef QDQEDIT_ONNX_WIRE_H
#define QDQEDIT_ONNX_WIRE_H

#include "base/progress.h"
#include "onnx/source.h"

struct wire_reader {
	struct model_source *source;
	const struct progress *progress;
	struct error *err;
	uint64_t at;                 /* next byte to be read */
	const unsigned char *window; /* bytes from window_start on */
	uint64_t window_start;
	size_t window_size;
	unsigned char *buffer; /* NULL for memory */
	size_t fill;           /* bytes of the last filling */
};

/* One field as it stands on the wire. `at` is behind the value of a number, and at
 * the first byte of the body of a WIRE_BYTES field. */
struct wire_field {
	uint32_t number;
	unsigned wire;   /* enum wire_type */
	uint64_t start;  /* of the tag */
	uint64_t value;  /* of a number */
	uint64_t length; /* of the body */
};

bool wire_init(struct wire_reader *r, struct model_source *source,
	const struct progress *progress, struct error *err);
void wire_release(struct wire_reader *r);

/* At least `want` bytes at r->at unless the source ends before; *have says how many.
 * NULL with an error if reading fails. */
const unsigned char *wire_peek(struct wire_reader *r, size_t want, size_t *have);

/* The next number of a row that ends at `end` (which lies behind r->at). */
bool wire_read_varint(struct wire_reader *r, uint64_t end, uint64_t *value);

/* The next field of a message that ends at `end`; false with an error. */
bool wire_read_field(struct wire_reader *r, uint64_t end, struct wire_field *field);

/* Sets "PATH: damaged at byte N (WHAT); NEXT STEP". */
bool wire_damaged(struct wire_reader *r, uint64_t at, const char *what);

#endif
