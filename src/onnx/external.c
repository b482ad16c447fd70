#include "onnx/external.h"

#include "base/text.h"
#include "onnx/source.h"
#include "onnx/typed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(const struct model *model, const Onnx__TensorProto *tensor,
	const char *cause, struct error *err)
{
	return error_set(err, ERROR_REFUSED,
		"%s: tensor %s: external data: %s; store the weights in the model",
		text_path(model->path),
		text_quoted((const char *)tensor->name.data, tensor->name.len), cause);
}

static bool parse_number(ProtobufCBinaryData text, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)text.data[i] - '0';

		if (digit > 9 || *value > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	return text.len > 0;
}

/* Copies the location without "." and empty components; NULL if memory is gone or
 * with *cause set if it is not a safe relative path. */
static char *normalise(ProtobufCBinaryData text, const char **cause)
{
	const char *in = (const char *)text.data;
	char *out = malloc(text.len + 1);
	size_t used = 0, end;

	for (size_t at = 0; out && at < text.len; at = end + 1) {
		const char *slash = memchr(in + at, '/', text.len - at);
		size_t length;

		end = slash ? (size_t)(slash - in) : text.len;
		length = end - at;
		if (length == 0 || (length == 1 && in[at] == '.'))
			continue;
		if (length == 2 && in[at] == '.' && in[at + 1] == '.')
			*cause = "the location leaves the model's folder by '..'";
		if (used)
			out[used++] = '/';
		memcpy(out + used, in + at, length);
		used += length;
	}
	if (out)
		out[used] = '\0';
	if (out && used == 0)
		*cause = "the location is empty";
	return out;
}

static const char *location_fault(ProtobufCBinaryData text)
{
	const char *in = (const char *)text.data;
	static const char memory_tag[] = "*/_ORT_MEM_ADDR_/";

	if (text.len == 0)
		return "the location is empty";
	if (memchr(in, '\0', text.len) || !text_is_utf8(in, text.len))
		return "the location is no file name";
	if (text.len >= strlen(memory_tag) &&
		memcmp(in, memory_tag, strlen(memory_tag)) == 0)
		return "the location means the memory of another program";
	if (in[0] == '/')
		return "the location is an absolute path";
	if (memchr(in, '\\', text.len) || (text.len >= 2 && in[1] == ':'))
		return "the location is a path of another system";
	return NULL;
}

enum key { KEY_LOCATION, KEY_OFFSET, KEY_LENGTH, KEY_CHECKSUM, KEY_BASEPATH, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {
	"location", "offset", "length", "checksum", "basepath"};

static enum key find_key(ProtobufCBinaryData text)
{
	enum key key = KEY_LOCATION;

	while (key < KEY_COUNT && !bytes_equal(text, key_names[key]))
		key++;
	return key;
}

/* Takes over one entry; the cause if it is refused. */
static const char *take_entry(struct external_place *place, enum key key,
	ProtobufCBinaryData value, bool *memory_gone)
{
	const char *cause = NULL;

	switch (key) {
	case KEY_LOCATION:
		cause = location_fault(value);
		if (!cause) {
			place->location = normalise(value, &cause);
			*memory_gone = !place->location;
		}
		return cause;
	case KEY_OFFSET:
		return parse_number(value, &place->offset)
			       ? NULL
			       : "the offset is not a number of bytes";
	case KEY_LENGTH:
		place->has_length = true;
		return parse_number(value, &place->length)
			       ? NULL
			       : "the length is not a number of bytes";
	default:
		return NULL;
	}
}

bool external_parse(const struct model *model, const Onnx__TensorProto *tensor,
	struct external_place *place, struct error *err)
{
	unsigned seen = 0;
	bool memory_gone = false;

	*place = (struct external_place){0};
	for (size_t i = 0; i < tensor->n_external_data; i++) {
		const Onnx__StringStringEntryProto *entry = tensor->external_data[i];
		enum key key = find_key(entry->key);
		const char *cause;

		if (key == KEY_COUNT) {
			place->has_unknown_key = true;
			continue;
		}
		cause = seen >> key & 1
				? "a key is given twice"
				: take_entry(place, key, entry->value, &memory_gone);
		seen |= 1u << key;
		if (memory_gone)
			return error_set_memory(err, text_path(model->path));
		if (cause)
			return refuse(model, tensor, cause, err);
	}
	if (!place->location)
		return refuse(model, tensor, "the location is missing", err);
	if (place->has_length && place->offset > (uint64_t)INT64_MAX - place->length)
		return refuse(model, tensor, "offset and length are too large", err);
	return true;
}

void external_place_release(struct external_place *place)
{
	free(place->location);
	place->location = NULL;
}

bool tensor_goes_aside(const Onnx__TensorProto *tensor)
{
	if (tensor->payload_kind == PAYLOAD_MESSAGE)
		return tensor->has_raw_data && tensor->raw_data.len >= RELOADED_BYTES;
	return tensor->payload_length >= RELOADED_BYTES &&
	       (!tensor->has_payload_field || tensor->payload_field == VALUE_RAW);
}
