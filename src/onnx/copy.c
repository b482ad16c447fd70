#include "config.h"

#include "onnx/copy.h"

#include "base/text.h"
#include "onnx/source.h"
#include "onnx/tensor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pieces up to SMALL go through the reader's window, larger ones in blocks. */
enum { SMALL = 1 << 16, BLOCK = 1 << 20 };

static bool step(struct encoder *e)
{
	return progress_step(e->progress, "Writing", e->out->written, e->whole, e->err);
}

static bool copy_small(struct encoder *e, uint64_t length)
{
	while (length > 0) {
		size_t have;
		const unsigned char *p = wire_peek(&e->in, 1, &have);

		if (!p)
			return false;
		if (have > length)
			have = (size_t)length;
		if (have == 0)
			return wire_damaged(&e->in, e->in.at, "the file ends");
		if (!output_write(e->out, p, have, e->err))
			return false;
		e->in.at += have;
		length -= have;
	}
	return true;
}

/* Lets the system copy from file to file. What it could not do is left in *offset and
 * *length; false with an error only. */
static bool copy_in_system(struct encoder *e, uint64_t *offset, uint64_t *length)
{
	const size_t piece = (size_t)16 << 20;

	if (e->model->source->fd < 0 || !e->can_leap)
		return true;
	if (!output_flush(e->out, e->err))
		return false;
	while (*length > 0) {
		off_t from = (off_t)*offset;
		ssize_t done;

		if (!step(e))
			return false;
		done = copy_file_range(e->model->source->fd, &from, e->out->fd, NULL,
			*length < piece ? (size_t)*length : piece, 0);
		if (done <= 0)
			return true;
		e->out->written += (uint64_t)done;
		*offset += (uint64_t)done;
		*length -= (uint64_t)done;
	}
	return true;
}

static bool copy_blocks(struct encoder *e, uint64_t offset, uint64_t length)
{
	unsigned char *block = malloc(BLOCK);
	bool ok = block || error_set_memory(e->err, text_path(e->model->path));

	while (ok && length > 0) {
		size_t part = length < BLOCK ? (size_t)length : BLOCK;

		ok = step(e) &&
		     source_read(e->model->source, offset, block, part, e->err) &&
		     output_write(e->out, block, part, e->err);
		offset += part;
		length -= part;
	}
	free(block);
	return ok;
}

bool copy_from_source(struct encoder *e, uint64_t offset, uint64_t length)
{
	const struct model_source *source = e->model->source;

	if (offset > source->size || length > source->size - offset)
		return error_set(e->err, ERROR_REFUSED,
			"%s: a message is said to lie behind its end; report this",
			text_path(e->model->path));
	if (length > BLOCK && !copy_in_system(e, &offset, &length))
		return false;
	if (length > SMALL)
		return copy_blocks(e, offset, length);
	e->in.at = offset;
	return copy_small(e, length);
}

/* Where a maker's bytes go: to the end of the output, or to a place in it. */
struct maker_sink {
	struct output *out;
	const char *path;
	int fd;          /* -1: append to `out` */
	uint64_t offset; /* for fd */
	uint64_t left;
};

static bool write_at(
	struct maker_sink *sink, const void *bytes, size_t count, struct error *err)
{
	const char *from = bytes;

	while (count > 0) {
		ssize_t done = pwrite(sink->fd, from, count, (off_t)sink->offset);

		if (done <= 0)
			return error_set_errno(
				err, "%s: cannot be written", text_path(sink->path));
		from += done;
		sink->offset += (uint64_t)done;
		count -= (size_t)done;
	}
	return true;
}

static bool emit(void *arg, const void *bytes, size_t count, struct error *err)
{
	struct maker_sink *sink = arg;

	if (count > sink->left)
		return error_set(err, ERROR_REFUSED,
			"%s: a tensor became larger than it was said to be; report this",
			text_path(sink->path));
	sink->left -= count;
	return sink->fd < 0 ? output_write(sink->out, bytes, count, err)
			    : write_at(sink, bytes, count, err);
}

static bool run_maker(const struct payload_maker *maker, struct maker_sink *sink,
	const struct progress *progress, struct error *err)
{
	sink->left = maker->length;
	if (!maker->make(maker->arg, emit, sink, progress, err))
		return false;
	return sink->left == 0 ||
	       error_set(err, ERROR_REFUSED,
		       "%s: a tensor became smaller than it was said to be; report this",
		       text_path(sink->path));
}

bool copy_run_maker(const struct output *out, const struct made_place *place,
	const struct progress *progress, struct error *err)
{
	struct maker_sink sink = {
		.path = out->path, .fd = out->fd, .offset = place->offset};

	return run_maker(place->maker, &sink, progress, err);
}

/* Leaves a hole for the bytes of a maker that runs later; false if the output has no
 * places to come back to. */
static bool leap(struct encoder *e, const struct payload_maker *maker, bool *ok)
{
	uint64_t offset = e->out->written;

	*ok = output_flush(e->out, e->err);
	if (!*ok || lseek(e->out->fd, (off_t)maker->length, SEEK_CUR) < 0)
		return false;
	e->out->written += maker->length;
	*ok = ARRAY_PUSH(&e->later, (struct made_place){maker, offset}) ||
	      error_set_memory(e->err, text_path(e->model->path));
	return true;
}

static bool put_made(struct encoder *e, const struct payload_maker *maker)
{
	struct maker_sink sink = {.out = e->out, .path = e->out->path, .fd = -1};
	bool ok = true;

	if (e->can_leap && leap(e, maker, &ok))
		return ok;
	return ok && run_maker(maker, &sink, e->progress, e->err);
}

bool encode_payload(struct encoder *e, const Onnx__TensorProto *tensor, uint64_t length)
{
	switch (tensor->payload_kind) {
	case PAYLOAD_MESSAGE:
		return output_write(
			e->out, tensor->raw_data.data, tensor->raw_data.len, e->err);
	case PAYLOAD_FILE:
		return copy_from_source(e, tensor->payload_offset, length);
	}
	if (tensor->payload_kind != PAYLOAD_MADE ||
		tensor->payload_offset >= e->model->made.count ||
		e->model->made.items[tensor->payload_offset].length != length)
		return error_set(e->err, ERROR_REFUSED,
			"%s: a tensor has no maker; report this",
			text_path(e->model->path));
	return put_made(e, &e->model->made.items[tensor->payload_offset]);
}

bool encode_init(struct encoder *e, const struct model *model, struct output *out,
	const struct progress *progress, uint64_t whole, struct error *err)
{
	*e = (struct encoder){.model = model,
		.out = out,
		.can_leap = out->temporary != NULL,
		.progress = progress,
		.whole = whole,
		.err = err};
	return wire_init(&e->in, model->source, NULL, err);
}

void encode_release(struct encoder *e)
{
	wire_release(&e->in);
	ARRAY_RELEASE(&e->later);
}

/* A tensor in a side file of the input. */
struct side_tensor {
	const struct model *model;
	const Onnx__TensorProto *tensor;
};

static bool read_side(void *arg,
	bool (*put)(void *sink, const void *bytes, size_t count, struct error *err),
	void *sink, const struct progress *progress, struct error *err)
{
	const struct side_tensor *side = arg;
	struct tensor_reader reader;
	unsigned char *block = malloc(BLOCK);
	bool ok = (block || error_set_memory(err, text_path(side->model->path))) &&
		  tensor_open(&reader, side->model, side->tensor, err);

	for (uint64_t at = 0; ok && at < reader.raw_size;) {
		uint64_t left = reader.raw_size - at;
		size_t part = left < BLOCK ? (size_t)left : BLOCK;

		ok = progress_step(progress, "Writing", at, reader.raw_size, err) &&
		     tensor_read_bytes(&reader, at, part, block, err) &&
		     put(sink, block, part, err);
		at += part;
	}
	if (block)
		tensor_close(&reader);
	free(block);
	return ok;
}

bool copy_make_reader(struct model *into, const struct model *model,
	const Onnx__TensorProto *tensor, uint64_t length, struct payload_maker *maker,
	struct error *err)
{
	struct side_tensor *side = arena_alloc(&into->arena, sizeof(*side));

	if (!side)
		return error_set_memory(err, text_path(model->path));
	*side = (struct side_tensor){model, tensor};
	*maker = (struct payload_maker){read_side, side, length};
	return true;
}
