#include "onnx/encode.h"

#include "base/text.h"
#include "onnx/copy.h"
#include "onnx/layout.h"
#include "onnx/typed.h"

#include <string.h>

enum { VARINT_ROOM = 10 };

static size_t varint_size(uint64_t value)
{
	size_t size = 1;

	while (value > 0x7f) {
		value >>= 7;
		size++;
	}
	return size;
}

static size_t write_varint(unsigned char *out, uint64_t value)
{
	size_t size = 0;

	while (value > 0x7f) {
		out[size++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	out[size++] = (unsigned char)value;
	return size;
}

static const void *at_offset(const ProtobufCMessage *message, unsigned offset)
{
	return (const char *)message + offset;
}

/* The field with a number, NULL if the message type has none. */
static const ProtobufCFieldDescriptor *find_field(
	const ProtobufCMessage *message, unsigned number)
{
	return protobuf_c_message_descriptor_get_field(message->descriptor, number);
}

/* True, with its place, if the message is to be copied from the input. */
static bool is_untouched(
	const ProtobufCMessage *message, uint64_t *offset, uint64_t *length)
{
	const ProtobufCMessageDescriptor *d = message->descriptor;
	const ProtobufCFieldDescriptor *last = &d->fields[d->n_fields - 1];
	const ProtobufCFieldDescriptor *src;

	if (last->id < PRIVATE_FIRST)
		return false;
	src = find_field(message, PRIVATE_SRC_LENGTH);
	if (!*(const protobuf_c_boolean *)at_offset(message, src->quantifier_offset))
		return false;
	*length = *(const uint64_t *)at_offset(message, src->offset);
	src = find_field(message, PRIVATE_SRC_OFFSET);
	*offset = *(const uint64_t *)at_offset(message, src->offset);
	return true;
}

/* The tensor whose payload is not in the message, or NULL. */
static const Onnx__TensorProto *outside_payload(const ProtobufCMessage *message)
{
	const Onnx__TensorProto *tensor = (const Onnx__TensorProto *)message;

	if (message->descriptor != &onnx__tensor_proto__descriptor ||
		tensor->payload_kind == PAYLOAD_MESSAGE)
		return NULL;
	return tensor;
}

static uint32_t payload_field(const Onnx__TensorProto *tensor)
{
	return tensor->has_payload_field ? tensor->payload_field : VALUE_RAW;
}

/* Bytes of one number or the body of one string or message. */
static uint64_t value_size(const ProtobufCFieldDescriptor *field, const void *value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_FLOAT:
		return 4;
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_INT32:
		return varint_size((uint64_t)(int64_t) * (const int32_t *)value);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return varint_size(*(const uint64_t *)value);
	case PROTOBUF_C_TYPE_UINT32:
		return varint_size(*(const uint32_t *)value);
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)value)->len;
	default:
		return encode_size(*(ProtobufCMessage *const *)value);
	}
}

static bool has_length(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_BYTES ||
	       field->type == PROTOBUF_C_TYPE_MESSAGE;
}

static size_t element_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
		return 4;
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default:
		return 8;
	}
}

static bool is_packed(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED &&
	       (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED);
}

/* The values of a field: how many, and the first one. */
static size_t field_values(const ProtobufCMessage *message,
	const ProtobufCFieldDescriptor *field, const char **values)
{
	*values = at_offset(message, field->offset);
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		*values = *(const char *const *)at_offset(message, field->offset);
		return *(const size_t *)at_offset(message, field->quantifier_offset);
	}
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return *(const void *const *)at_offset(message, field->offset) != NULL;
	return *(const protobuf_c_boolean *)at_offset(message, field->quantifier_offset);
}

static uint64_t values_size(
	const ProtobufCFieldDescriptor *field, const char *values, size_t count)
{
	uint64_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += value_size(field, values + i * element_size(field));
	return size;
}

static uint64_t field_size(
	const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const char *values;
	size_t count = field_values(message, field, &values);
	size_t tag = varint_size((uint64_t)field->id << 3);
	uint64_t size = 0;

	if (count == 0)
		return 0;
	if (is_packed(field)) {
		size = values_size(field, values, count);
		return tag + varint_size(size) + size;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t value = value_size(field, values + i * element_size(field));

		size += tag + value + (has_length(field) ? varint_size(value) : 0);
	}
	return size;
}

uint64_t encode_size(const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *d = message->descriptor;
	const Onnx__TensorProto *tensor = outside_payload(message);
	uint64_t offset, size = 0;

	if (is_untouched(message, &offset, &size))
		return size;
	for (unsigned i = 0; i < d->n_fields && d->fields[i].id < PRIVATE_FIRST; i++)
		if (!tensor || d->fields[i].id != payload_field(tensor))
			size += field_size(message, &d->fields[i]);
	if (tensor)
		size += varint_size((uint64_t)payload_field(tensor) << 3) +
			varint_size(tensor->payload_length) + tensor->payload_length;
	for (size_t i = 0; i < message->n_unknown_fields; i++)
		size += varint_size((uint64_t)message->unknown_fields[i].tag << 3) +
			message->unknown_fields[i].len;
	return size;
}

static bool put_bytes(struct encoder *e, const void *bytes, size_t count)
{
	return !count || output_write(e->out, bytes, count, e->err);
}

static bool put_varint(struct encoder *e, uint64_t value)
{
	unsigned char bytes[VARINT_ROOM];

	return put_bytes(e, bytes, write_varint(bytes, value));
}

static bool put_tag(struct encoder *e, uint32_t number, enum wire_type wire)
{
	return put_varint(e, (uint64_t)number << 3 | wire);
}

static bool put_fixed(struct encoder *e, const void *value, size_t size)
{
	unsigned char bytes[8];
	uint64_t wide = 0;
	uint32_t word;

	if (size == 4) {
		memcpy(&word, value, sizeof(word));
		wide = word;
	} else {
		memcpy(&wide, value, sizeof(wide));
	}
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(wide >> (8 * i));
	return put_bytes(e, bytes, size);
}

static bool put_value(
	struct encoder *e, const ProtobufCFieldDescriptor *field, const void *value)
{
	const ProtobufCBinaryData *bytes = value;

	switch (field->type) {
	case PROTOBUF_C_TYPE_FLOAT:
		return put_fixed(e, value, 4);
	case PROTOBUF_C_TYPE_DOUBLE:
		return put_fixed(e, value, 8);
	case PROTOBUF_C_TYPE_INT32:
		return put_varint(e, (uint64_t)(int64_t) * (const int32_t *)value);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return put_varint(e, *(const uint64_t *)value);
	case PROTOBUF_C_TYPE_UINT32:
		return put_varint(e, *(const uint32_t *)value);
	case PROTOBUF_C_TYPE_BYTES:
		return put_varint(e, bytes->len) && put_bytes(e, bytes->data, bytes->len);
	default:
		return put_varint(e, encode_size(*(ProtobufCMessage *const *)value)) &&
		       encode_message(e, *(ProtobufCMessage *const *)value);
	}
}

static enum wire_type wire_of(const ProtobufCFieldDescriptor *field)
{
	if (has_length(field))
		return WIRE_BYTES;
	if (field->type == PROTOBUF_C_TYPE_FLOAT)
		return WIRE_FIXED32;
	return field->type == PROTOBUF_C_TYPE_DOUBLE ? WIRE_FIXED64 : WIRE_VARINT;
}

static bool put_field(struct encoder *e, const ProtobufCMessage *message,
	const ProtobufCFieldDescriptor *field)
{
	const char *values;
	size_t count = field_values(message, field, &values);
	bool packed = is_packed(field);

	if (count == 0)
		return true;
	if (packed && (!put_tag(e, field->id, WIRE_BYTES) ||
			      !put_varint(e, values_size(field, values, count))))
		return false;
	for (size_t i = 0; i < count; i++)
		if ((!packed && !put_tag(e, field->id, wire_of(field))) ||
			!put_value(e, field, values + i * element_size(field)))
			return false;
	return true;
}

static bool put_outside(struct encoder *e, const Onnx__TensorProto *tensor)
{
	return put_tag(e, payload_field(tensor), WIRE_BYTES) &&
	       put_varint(e, tensor->payload_length) &&
	       encode_payload(e, tensor, tensor->payload_length);
}

static bool put_unknown(struct encoder *e, const ProtobufCMessage *message)
{
	for (size_t i = 0; i < message->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];

		if (!put_varint(e, (uint64_t)field->tag << 3 | field->wire_type) ||
			!put_bytes(e, field->data, field->len))
			return false;
	}
	return true;
}

bool encode_message(struct encoder *e, const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *d = message->descriptor;
	const Onnx__TensorProto *tensor = outside_payload(message);
	uint64_t offset, length;

	if (is_untouched(message, &offset, &length))
		return copy_from_source(e, offset, length);
	for (unsigned i = 0; i < d->n_fields && d->fields[i].id < PRIVATE_FIRST; i++) {
		bool outside = tensor && d->fields[i].id == payload_field(tensor);

		if (outside ? !put_outside(e, tensor)
			    : !put_field(e, message, &d->fields[i]))
			return false;
	}
	return put_unknown(e, message);
}
