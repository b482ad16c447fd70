#include "onnx/wire.h"

#include "base/text.h"
#include "onnx/layout.h"

#include <inttypes.h>
#include <stdlib.h>

enum { FILL_FIRST = 1 << 12, FILL_MAX = 1 << 18, VARINT_MAX = 10 };

bool wire_init(struct wire_reader *r, struct model_source *source,
	const struct progress *progress, struct error *err)
{
	*r = (struct wire_reader){
		.source = source, .progress = progress, .err = err, .fill = FILL_FIRST};
	if (source->memory) {
		r->window = source->memory;
		r->window_size = (size_t)source->size;
		return true;
	}
	r->buffer = malloc(FILL_MAX);
	if (!r->buffer)
		return error_set_memory(err, text_path(source->path));
	return true;
}

void wire_release(struct wire_reader *r)
{
	free(r->buffer);
	r->buffer = NULL;
}

bool wire_damaged(struct wire_reader *r, uint64_t at, const char *what)
{
	return error_set(r->err, ERROR_REFUSED,
		"%s: not an ONNX model, or damaged at byte %" PRIu64
		" (%s); export it again",
		text_path(r->source->path), at, what);
}

/* Fills the window from r->at: much while reading goes on, little after a leap. */
static bool fill(struct wire_reader *r)
{
	uint64_t left = r->source->size - r->at;
	bool goes_on =
		r->at > r->window_start && r->at - r->window_start <= r->window_size;

	if (!progress_step(r->progress, "Reading", r->at, r->source->size, r->err))
		return false;
	r->fill = goes_on ? r->fill * 4 : FILL_FIRST;
	if (r->fill > FILL_MAX)
		r->fill = FILL_MAX;
	r->window = r->buffer;
	r->window_start = r->at;
	r->window_size = left < r->fill ? (size_t)left : r->fill;
	return source_read(r->source, r->at, r->buffer, r->window_size, r->err);
}

const unsigned char *wire_peek(struct wire_reader *r, size_t want, size_t *have)
{
	uint64_t into = r->at - r->window_start;

	if (r->at >= r->window_start && into <= r->window_size &&
		(want <= r->window_size - into || !r->buffer)) {
		*have = r->window_size - (size_t)into;
		return r->window + into;
	}
	if (!fill(r))
		return NULL;
	*have = r->window_size;
	return r->window;
}

bool wire_read_varint(struct wire_reader *r, uint64_t end, uint64_t *value)
{
	uint64_t left = end - r->at, result = 0;
	size_t have;
	const unsigned char *p =
		wire_peek(r, left < VARINT_MAX ? (size_t)left : VARINT_MAX, &have);

	if (!p)
		return false;
	if (have > left)
		have = (size_t)left;
	if (have > VARINT_MAX)
		have = VARINT_MAX;
	for (size_t i = 0; i < have; i++) {
		result |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if (p[i] < 0x80) {
			r->at += i + 1;
			*value = result;
			return true;
		}
	}
	return wire_damaged(r, r->at,
		have < VARINT_MAX ? "a number is cut off" : "a number is too long");
}

static bool read_fixed(struct wire_reader *r, uint64_t end, size_t size, uint64_t *value)
{
	size_t have;
	const unsigned char *p;

	if (end - r->at < size)
		return wire_damaged(r, r->at, "a number is cut off");
	p = wire_peek(r, size, &have);
	if (!p)
		return false;
	*value = 0;
	for (size_t i = size; i-- > 0;)
		*value = *value << 8 | p[i];
	r->at += size;
	return true;
}

static bool read_length(struct wire_reader *r, uint64_t end, uint64_t *length)
{
	uint64_t start = r->at;

	if (!wire_read_varint(r, end, length))
		return false;
	if (*length > end - r->at)
		return wire_damaged(r, start, "a field is longer than what holds it");
	return true;
}

bool wire_read_field(struct wire_reader *r, uint64_t end, struct wire_field *field)
{
	uint64_t tag;

	field->start = r->at;
	if (!wire_read_varint(r, end, &tag))
		return false;
	field->wire = tag & 7;
	field->number = (uint32_t)(tag >> 3);
	if (tag >> 3 == 0 || tag >> 3 > PRIVATE_LAST)
		return wire_damaged(r, field->start, "no such field number");
	switch (field->wire) {
	case WIRE_VARINT:
		return wire_read_varint(r, end, &field->value);
	case WIRE_FIXED32:
		return read_fixed(r, end, 4, &field->value);
	case WIRE_FIXED64:
		return read_fixed(r, end, 8, &field->value);
	case WIRE_BYTES:
		return read_length(r, end, &field->length);
	}
	return wire_damaged(r, field->start, "no such kind of field");
}
