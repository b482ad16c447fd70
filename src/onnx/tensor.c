#include "onnx/tensor.h"

#include "base/text.h"
#include "onnx/external.h"
#include "onnx/source.h"
#include "onnx/typed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(const Onnx__TensorProto *tensor)
{
	return text_quoted((const char *)tensor->name.data, tensor->name.len);
}

bool tensor_count(const Onnx__TensorProto *tensor, uint64_t *count, struct error *err)
{
	uint64_t product = 1;
	bool empty = false, overflow = false;

	for (size_t i = 0; i < tensor->n_dims; i++) {
		int64_t dim = tensor->dims[i];

		if (dim < 0)
			return error_set(err, ERROR_REFUSED,
				"tensor %s: dimension %zu is negative (%" PRId64
				"); export the model again",
				name_of(tensor), i, dim);
		empty = empty || dim == 0;
		if (dim > 0 && product > (uint64_t)INT64_MAX / (uint64_t)dim)
			overflow = true;
		else if (dim > 0)
			product *= (uint64_t)dim;
	}
	if (overflow && !empty)
		return error_set(err, ERROR_REFUSED,
			"tensor %s: its shape has more than 2^63 elements; export the "
			"model again",
			name_of(tensor));
	*count = empty ? 0 : product;
	return true;
}

bool tensor_raw_size(const Onnx__TensorProto *tensor, uint64_t *bytes, struct error *err)
{
	uint64_t count, bits = element_type_bits(tensor->data_type);

	if (!tensor_count(tensor, &count, err))
		return false;
	if (bits == 0)
		return error_set(err, ERROR_REFUSED,
			"tensor %s: elements of type %" PRId32
			" have no raw form; leave it alone",
			name_of(tensor), tensor->data_type);
	if (count > ((uint64_t)INT64_MAX - 7) / bits)
		return error_set(err, ERROR_REFUSED,
			"tensor %s: its shape asks for more than 2^63 bits; export the "
			"model again",
			name_of(tensor));
	*bytes = (count * bits + 7) / 8;
	return true;
}

/* The value field in use; false if there are several. */
static bool find_field(
	const Onnx__TensorProto *tensor, enum value_field *field, uint64_t *entries)
{
	const struct {
		enum value_field field;
		uint64_t entries;
	} fields[] = {
		{VALUE_FLOAT, tensor->n_float_data},
		{VALUE_INT32, tensor->n_int32_data},
		{VALUE_STRING, tensor->n_string_data},
		{VALUE_INT64, tensor->n_int64_data},
		{VALUE_DOUBLE, tensor->n_double_data},
		{VALUE_UINT64, tensor->n_uint64_data},
		{VALUE_RAW, tensor->payload_kind ? 0 : tensor->raw_data.len},
	};
	unsigned used = 0;

	*field = VALUE_NONE;
	*entries = 0;
	if (tensor->payload_kind == PAYLOAD_FILE) {
		*field = (enum value_field)tensor->payload_field;
		*entries = tensor->payload_length;
		used++;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (fields[i].entries == 0)
			continue;
		used++;
		*field = fields[i].field;
		*entries = fields[i].entries;
	}
	return used <= 1;
}

static bool refuse(
	const struct tensor_reader *reader, const char *cause, struct error *err)
{
	return error_set(err, ERROR_REFUSED, "%s: tensor %s: %s; export it again",
		text_path(reader->model->path), name_of(reader->tensor), cause);
}

/* Values in raw bytes, in the message or left in the file. */
static bool open_raw(struct tensor_reader *reader, uint64_t have, struct error *err)
{
	if (have < reader->raw_size)
		return refuse(reader, "fewer bytes than its shape asks for", err);
	if (reader->tensor->payload_kind == PAYLOAD_FILE)
		reader->base = reader->tensor->payload_offset;
	else
		reader->memory = reader->tensor->raw_data.data;
	return true;
}

/* Values in a typed field. Floats left in the file lie there as raw bytes do; all
 * else is turned into raw bytes once. */
static bool open_typed(struct tensor_reader *reader, enum value_field field,
	uint64_t have, struct error *err)
{
	const Onnx__TensorProto *tensor = reader->tensor;
	uint64_t need = typed_entries(tensor->data_type, reader->count);
	bool in_file = tensor->payload_kind == PAYLOAD_FILE;

	if (field != typed_field(tensor->data_type))
		return refuse(reader, "its values stand in the wrong field", err);
	if (in_file && (field == VALUE_FLOAT || field == VALUE_DOUBLE)) {
		reader->base = tensor->payload_offset;
		return have == reader->raw_size ||
		       refuse(reader, "the number of values is not that of its shape",
			       err);
	}
	if (in_file ? have < need : have != need)
		return refuse(
			reader, "the number of values is not that of its shape", err);
	reader->owned = malloc(reader->raw_size ? (size_t)reader->raw_size : 1);
	if (!reader->owned)
		return error_set_memory(err, name_of(tensor));
	reader->memory = reader->owned;
	return typed_to_raw(reader->model, tensor, reader->count, reader->owned, err);
}

static bool open_values(struct tensor_reader *reader, struct error *err)
{
	enum value_field field;
	uint64_t have;

	if (!find_field(reader->tensor, &field, &have))
		return refuse(reader, "its values stand in several fields", err);
	if (reader->count == 0)
		return true;
	if (field == VALUE_NONE)
		return refuse(reader, "it has no values", err);
	return field == VALUE_RAW ? open_raw(reader, have, err)
				  : open_typed(reader, field, have, err);
}

/* What a maker emits, in memory that grows with it: a shape alone takes none. */
struct gathering {
	struct tensor_reader *reader;
	uint64_t used;
	size_t room;
};

static bool gather(void *sink, const void *bytes, size_t count, struct error *err)
{
	enum { FIRST = 1 << 16 };
	struct gathering *g = sink;
	uint64_t whole = g->reader->raw_size, room = g->room ? g->room : FIRST;
	void *grown;

	if (count > whole - g->used)
		return refuse(
			g->reader, "more bytes are made than its shape asks for", err);
	while (room < whole && room - g->used < count)
		room *= 2;
	room = room < whole ? room : whole;
	if (room > g->room) {
		grown = realloc(g->reader->owned, (size_t)room);
		if (!grown)
			return error_set_memory(err, name_of(g->reader->tensor));
		g->reader->owned = grown;
		g->room = (size_t)room;
	}
	memcpy((unsigned char *)g->reader->owned + g->used, bytes, count);
	g->used += count;
	return true;
}

static bool open_made(struct tensor_reader *reader, struct error *err)
{
	const struct payload_maker *maker =
		&reader->model->made.items[reader->tensor->payload_offset];
	struct gathering g = {reader, 0, 0};

	if (maker->length != reader->raw_size)
		return refuse(
			reader, "other bytes are made than its shape asks for", err);
	if (!maker->make(maker->arg, gather, &g, NULL, err))
		return false;
	reader->memory = reader->owned;
	return g.used == reader->raw_size ||
	       refuse(reader, "fewer bytes are made than its shape asks for", err);
}

bool tensor_open(struct tensor_reader *reader, const struct model *model,
	const Onnx__TensorProto *tensor, struct error *err)
{
	*reader = (struct tensor_reader){.model = model, .tensor = tensor, .fd = -1};
	if (tensor->segment)
		return refuse(reader, "it is stored in segments", err);
	if (!tensor_count(tensor, &reader->count, err) ||
		!tensor_raw_size(tensor, &reader->raw_size, err))
		return false;
	if (tensor->payload_kind == PAYLOAD_MADE)
		return open_made(reader, err);
	if (tensor_is_external(tensor))
		return external_open(
			model, tensor, reader->raw_size, &reader->fd, &reader->base, err);
	return open_values(reader, err);
}

void tensor_close(struct tensor_reader *reader)
{
	free(reader->owned);
	reader->owned = NULL;
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
}

bool tensor_read_bytes(struct tensor_reader *reader, uint64_t offset, uint64_t count,
	void *out, struct error *err)
{
	if (offset > reader->raw_size || count > reader->raw_size - offset)
		return error_set(err, ERROR_REFUSED,
			"tensor %s: bytes %" PRIu64 " to %" PRIu64
			" cannot be read; report this",
			name_of(reader->tensor), offset, offset + count);
	if (count == 0)
		return true;
	if (reader->memory)
		memcpy(out, reader->memory + offset, (size_t)count);
	else if (reader->fd >= 0)
		return file_read_at(reader->fd, reader->base + offset, out, (size_t)count,
			reader->model->path, err);
	else
		return source_read(reader->model->source, reader->base + offset, out,
			(size_t)count, err);
	return true;
}

bool tensor_read_raw(struct tensor_reader *reader, uint64_t first, uint64_t count,
	void *out, struct error *err)
{
	unsigned bits = element_type_bits(reader->tensor->data_type);

	if (first > reader->count || count > reader->count - first ||
		(bits % 8 && (first || count != reader->count)))
		return error_set(err, ERROR_REFUSED,
			"tensor %s: elements %" PRIu64 " to %" PRIu64
			" cannot be read; report this",
			name_of(reader->tensor), first, first + count);
	return tensor_read_bytes(
		reader, first * bits / 8, (count * bits + 7) / 8, out, err);
}
