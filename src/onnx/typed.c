#include "onnx/typed.h"

#include "base/text.h"
#include "onnx/wire.h"

#include <string.h>

enum value_field typed_field(int32_t type)
{
	switch (type) {
	case ELEMENT_FLOAT:
	case ELEMENT_COMPLEX64:
		return VALUE_FLOAT;
	case ELEMENT_DOUBLE:
	case ELEMENT_COMPLEX128:
		return VALUE_DOUBLE;
	case ELEMENT_INT64:
		return VALUE_INT64;
	case ELEMENT_UINT32:
	case ELEMENT_UINT64:
		return VALUE_UINT64;
	case ELEMENT_STRING:
		return VALUE_STRING;
	default:
		return type > ELEMENT_NONE && type < ELEMENT_COUNT ? VALUE_INT32
								   : VALUE_NONE;
	}
}

static bool is_complex(int32_t type)
{
	return type == ELEMENT_COMPLEX64 || type == ELEMENT_COMPLEX128;
}

/* Bits of the raw form that one entry stands for. */
static unsigned entry_bits(int32_t type)
{
	unsigned bits = element_type_bits(type);

	if (is_complex(type))
		return bits / 2;
	return bits < 6 ? 8 : bits;
}

uint64_t typed_entries(int32_t type, uint64_t count)
{
	unsigned bits = element_type_bits(type);

	if (is_complex(type))
		return count * 2;
	return bits && bits < 6 ? count / (8 / bits) + (count % (8 / bits) != 0) : count;
}

/* Entries become a little-endian stream of bits, from the lowest up. */
struct packer {
	unsigned char *out;
	unsigned bits; /* of one entry */
	unsigned pending;
	unsigned pending_bits;
};

static void pack(struct packer *packer, uint64_t value)
{
	if (packer->bits % 8 == 0) {
		for (unsigned i = 0; i < packer->bits; i += 8)
			*packer->out++ = (unsigned char)(value >> i);
		return;
	}
	packer->pending |= (unsigned)(value & ((1u << packer->bits) - 1))
			   << packer->pending_bits;
	packer->pending_bits += packer->bits;
	if (packer->pending_bits >= 8) {
		*packer->out++ = (unsigned char)packer->pending;
		packer->pending >>= 8;
		packer->pending_bits -= 8;
	}
}

static void pack_finish(struct packer *packer)
{
	if (packer->pending_bits)
		*packer->out++ = (unsigned char)packer->pending;
}

static uint64_t message_entry(
	const Onnx__TensorProto *tensor, enum value_field field, size_t i)
{
	uint32_t word;
	uint64_t wide;

	switch (field) {
	case VALUE_FLOAT:
		memcpy(&word, &tensor->float_data[i], sizeof(word));
		return word;
	case VALUE_DOUBLE:
		memcpy(&wide, &tensor->double_data[i], sizeof(wide));
		return wide;
	case VALUE_INT64:
		return (uint64_t)tensor->int64_data[i];
	case VALUE_UINT64:
		return tensor->uint64_data[i];
	default:
		return (uint64_t)(int64_t)tensor->int32_data[i];
	}
}

static bool pack_file(const struct model *model, const Onnx__TensorProto *tensor,
	uint64_t entries, struct packer *packer, struct error *err)
{
	uint64_t end = tensor->payload_offset + tensor->payload_length;
	struct wire_reader reader;
	bool ok = wire_init(&reader, model->source, NULL, err);

	reader.at = tensor->payload_offset;
	for (uint64_t i = 0; ok && i < entries; i++) {
		uint64_t value;

		ok = reader.at < end && wire_read_varint(&reader, end, &value);
		if (ok)
			pack(packer, value);
	}
	if ((!ok || reader.at != end) && !error_is_set(err))
		ok = error_set(err, ERROR_REFUSED,
			"%s: tensor %s: the number of values is not that of its shape; "
			"export it again",
			text_path(model->path),
			text_quoted((const char *)tensor->name.data, tensor->name.len));
	wire_release(&reader);
	return ok;
}

bool typed_to_raw(const struct model *model, const Onnx__TensorProto *tensor,
	uint64_t count, unsigned char *out, struct error *err)
{
	uint64_t entries = typed_entries(tensor->data_type, count);
	enum value_field field = typed_field(tensor->data_type);
	struct packer packer = {.out = out, .bits = entry_bits(tensor->data_type)};

	if (tensor->payload_kind == PAYLOAD_FILE) {
		if (!pack_file(model, tensor, entries, &packer, err))
			return false;
	} else {
		for (size_t i = 0; i < entries; i++)
			pack(&packer, message_entry(tensor, field, i));
	}
	pack_finish(&packer);
	return true;
}
