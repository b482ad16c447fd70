/* Elements as float32 and int64. */
#include "onnx/tensor.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 13 };

static uint64_t load(const unsigned char *bytes, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = size; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static float as_float(uint32_t word)
{
	float value;

	memcpy(&value, &word, sizeof(value));
	return value;
}

static float widen(int32_t type, const unsigned char *bytes)
{
	uint64_t wide;
	double value;

	switch (type) {
	case ELEMENT_FLOAT:
		return as_float((uint32_t)load(bytes, 4));
	case ELEMENT_FLOAT16:
		return half_to_float((uint16_t)load(bytes, 2));
	case ELEMENT_BFLOAT16:
		return as_float((uint32_t)load(bytes, 2) << 16);
	default:
		wide = load(bytes, 8);
		memcpy(&value, &wide, sizeof(value));
		return (float)value;
	}
}

/* Little-endian words, read as they lie in the file, become floats in place. */
static void order_floats(float *values, uint64_t count)
{
	const uint16_t probe = 1;

	if (*(const unsigned char *)&probe)
		return;
	for (uint64_t i = 0; i < count; i++)
		values[i] = as_float((uint32_t)load((unsigned char *)&values[i], 4));
}

static bool reads_as_float(int32_t type)
{
	return type == ELEMENT_FLOAT || type == ELEMENT_FLOAT16 ||
	       type == ELEMENT_BFLOAT16 || type == ELEMENT_DOUBLE;
}

bool tensor_read_f32(struct tensor_reader *reader, uint64_t first, uint64_t count,
	float *out, struct error *err)
{
	int32_t type = reader->tensor->data_type;
	unsigned size = element_type_bits(type) / 8;
	unsigned char block[BLOCK_BYTES];

	if (!reads_as_float(type))
		return error_set(err, ERROR_REFUSED,
			"tensor %s: its elements are not floats; choose another",
			text_quoted((const char *)reader->tensor->name.data,
				reader->tensor->name.len));
	if (type == ELEMENT_FLOAT) {
		if (!tensor_read_raw(reader, first, count, out, err))
			return false;
		order_floats(out, count);
		return true;
	}
	while (count > 0) {
		uint64_t part = count < BLOCK_BYTES / size ? count : BLOCK_BYTES / size;

		if (!tensor_read_raw(reader, first, part, block, err))
			return false;
		for (uint64_t i = 0; i < part; i++)
			*out++ = widen(type, block + i * size);
		first += part;
		count -= part;
	}
	return true;
}

/* Sign-extends; false for types that are not integers of whole bytes. */
static bool to_i64(int32_t type, const unsigned char *bytes, int64_t *out)
{
	switch (type) {
	case ELEMENT_BOOL:
	case ELEMENT_UINT8:
		*out = bytes[0];
		return true;
	case ELEMENT_INT8:
		*out = (int8_t)bytes[0];
		return true;
	case ELEMENT_UINT16:
		*out = (int64_t)load(bytes, 2);
		return true;
	case ELEMENT_INT16:
		*out = (int16_t)load(bytes, 2);
		return true;
	case ELEMENT_UINT32:
		*out = (int64_t)load(bytes, 4);
		return true;
	case ELEMENT_INT32:
		*out = (int32_t)load(bytes, 4);
		return true;
	case ELEMENT_INT64:
		*out = (int64_t)load(bytes, 8);
		return true;
	}
	return false;
}

static bool read_integers(
	struct tensor_reader *reader, int64_t *out, size_t room, struct error *err)
{
	const Onnx__TensorProto *tensor = reader->tensor;
	unsigned size = element_type_bits(tensor->data_type) / 8;
	unsigned char bytes[16];

	if (reader->count > room)
		return error_set(err, ERROR_REFUSED,
			"tensor %s: %" PRIu64 " elements where at most %zu are possible; "
			"export the model again",
			text_quoted((const char *)tensor->name.data, tensor->name.len),
			reader->count, room);
	for (uint64_t i = 0; i < reader->count; i++) {
		if (size == 0 || !tensor_read_raw(reader, i, 1, bytes, err) ||
			!to_i64(tensor->data_type, bytes, &out[i]))
			return error_set(err, ERROR_REFUSED,
				"tensor %s: its elements are not integers; export the "
				"model again",
				text_quoted((const char *)tensor->name.data,
					tensor->name.len));
	}
	return true;
}

bool tensor_read_i64(const struct model *model, const Onnx__TensorProto *tensor,
	int64_t *out, size_t room, size_t *count, struct error *err)
{
	struct tensor_reader reader;
	bool ok = tensor_open(&reader, model, tensor, err) &&
		  read_integers(&reader, out, room, err);

	*count = ok ? (size_t)reader.count : 0;
	tensor_close(&reader);
	return ok;
}

int32_t tensor_integer_at(int32_t type, const unsigned char *bytes, uint64_t i)
{
	int32_t wide;
	int16_t half;
	unsigned nibble;

	switch (type) {
	case ELEMENT_UINT8:
		return bytes[i];
	case ELEMENT_INT8:
		return (int8_t)bytes[i];
	case ELEMENT_UINT16:
		return bytes[2 * i] | bytes[2 * i + 1] << 8;
	case ELEMENT_INT16:
		memcpy(&half, bytes + 2 * i, sizeof(half));
		return half;
	case ELEMENT_UINT4:
	case ELEMENT_INT4:
		nibble = bytes[i / 2] >> (i % 2 ? 4 : 0) & 15;
		return type == ELEMENT_INT4 && nibble > 7 ? (int32_t)nibble - 16
							  : (int32_t)nibble;
	default:
		memcpy(&wide, bytes + 4 * i, sizeof(wide));
		return wide;
	}
}
