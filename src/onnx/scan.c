#include "onnx/scan.h"

#include "base/array.h"
#include "base/text.h"
#include "onnx/layout.h"
#include "onnx/model.h"
#include "onnx/slim.h"
#include "onnx/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_RAW_DATA = 9 };

struct span {
	uint64_t start;
	uint64_t end;
};

/* The bodies of one message: several if a singular field came repeatedly, which
 * means the same as their bytes in a row. */
struct body {
	const struct span *spans;
	size_t count;
};

struct span_list ARRAY_OF(struct span);

/* The payload of a tensor that was left where it is (field 0: none). */
struct payload {
	uint32_t field;
	uint64_t offset;
	uint64_t length;
	uint32_t seen; /* bit set of the typed fields met so far */
};

struct scanner {
	struct wire_reader in;
	struct slim out;
	unsigned graph_depth;
	unsigned type_depth;
	unsigned messages;
};

static bool out_of_memory(struct scanner *s)
{
	if (s->out.size > (size_t)1 << 30)
		return error_set(s->in.err, ERROR_REFUSED,
			"%s: more than 2 GiB besides tensors; split the model",
			text_path(s->in.source->path));
	return error_set_memory(s->in.err, text_path(s->in.source->path));
}

static bool put_uint(struct scanner *s, uint32_t field, uint64_t value)
{
	return slim_put_uint(&s->out, field, value) || out_of_memory(s);
}

/* Copies the next `length` bytes of the input. */
static bool copy_bytes(struct scanner *s, uint64_t length)
{
	while (length > 0) {
		size_t have;
		const unsigned char *p = wire_peek(&s->in, 1, &have);

		if (!p)
			return false;
		if (have > length)
			have = (size_t)length;
		if (have == 0)
			return wire_damaged(&s->in, s->in.at, "the file ends");
		if (!slim_put_bytes(&s->out, p, have))
			return out_of_memory(s);
		s->in.at += have;
		length -= have;
	}
	return true;
}

static bool put_bytes_field(struct scanner *s, const struct wire_field *field)
{
	if (!slim_put_varint(&s->out, (uint64_t)field->number << 3 | WIRE_BYTES) ||
		!slim_put_varint(&s->out, field->length))
		return out_of_memory(s);
	return copy_bytes(s, field->length);
}

static bool put_field(struct scanner *s, const struct wire_field *field)
{
	unsigned char bytes[8];
	size_t count = field->wire == WIRE_FIXED32 ? 4 : 8;

	if (field->wire == WIRE_BYTES)
		return put_bytes_field(s, field);
	if (field->wire == WIRE_VARINT)
		return put_uint(s, field->number, field->value);
	for (size_t i = 0; i < count; i++)
		bytes[i] = (unsigned char)(field->value >> (8 * i));
	return (slim_put_varint(&s->out, (uint64_t)field->number << 3 | field->wire) &&
		       slim_put_bytes(&s->out, bytes, count)) ||
	       out_of_memory(s);
}

static bool put_name(struct scanner *s, const struct wire_field *field)
{
	uint64_t at = s->in.at;
	const char *name;
	size_t length = (size_t)field->length;

	if (!put_bytes_field(s, field))
		return false;
	name = (const char *)s->out.bytes + s->out.size - length;
	if (length && memchr(name, '\0', length))
		return wire_damaged(&s->in, at, "a name holds a NUL byte");
	if (!text_is_utf8(name, length))
		return wire_damaged(&s->in, at, "a name is not UTF-8");
	return true;
}

/* Puts a payload that was to stay in the file into its message after all. */
static bool flush_payload(struct scanner *s, struct payload *payload)
{
	struct wire_field field = {
		.number = payload->field, .wire = WIRE_BYTES, .length = payload->length};
	uint64_t at = s->in.at;

	s->in.at = payload->offset;
	if (!put_bytes_field(s, &field))
		return false;
	s->in.at = at;
	payload->field = 0;
	return true;
}

/* A value field of a tensor. Left in the file is raw_data (the last one counts), or
 * the only record of a typed field. */
static bool put_payload(
	struct scanner *s, const struct wire_field *field, struct payload *payload)
{
	bool raw = field->number == FIELD_RAW_DATA;
	bool again = payload->seen >> field->number & 1;
	bool large = field->wire == WIRE_BYTES && field->length > PAYLOAD_INLINE_MAX;

	payload->seen |= UINT32_C(1) << field->number;
	if (payload->field == field->number && raw)
		payload->field = 0;
	else if (payload->field == field->number && !flush_payload(s, payload))
		return false;
	if (!large || payload->field || (again && !raw))
		return put_field(s, field);
	payload->field = field->number;
	payload->offset = s->in.at;
	payload->length = field->length;
	s->in.at += field->length;
	return true;
}

static bool put_payload_place(struct scanner *s, const struct payload *payload)
{
	return !payload->field ||
	       (put_uint(s, PRIVATE_PAYLOAD_KIND, PAYLOAD_FILE) &&
		       put_uint(s, PRIVATE_PAYLOAD_FIELD, payload->field) &&
		       put_uint(s, PRIVATE_PAYLOAD_OFFSET, payload->offset) &&
		       put_uint(s, PRIVATE_PAYLOAD_LENGTH, payload->length));
}

static bool wire_fits(const struct field_layout *layout, const struct wire_field *field)
{
	switch (layout->kind) {
	case FIELD_VARINT:
		return field->wire == WIRE_VARINT ||
		       (layout->repeated && field->wire == WIRE_BYTES);
	case FIELD_FIXED32:
		return field->wire == WIRE_FIXED32 ||
		       (layout->repeated && field->wire == WIRE_BYTES &&
			       field->length % 4 == 0);
	case FIELD_FIXED64:
		return field->wire == WIRE_FIXED64 ||
		       (layout->repeated && field->wire == WIRE_BYTES &&
			       field->length % 8 == 0);
	case FIELD_UNKNOWN:
		return true;
	}
	return field->wire == WIRE_BYTES;
}

static bool wrong_wire(
	struct scanner *s, const struct message_layout *m, const struct wire_field *field)
{
	char what[80];

	snprintf(what, sizeof(what), "field %u of a %s has the wrong kind", field->number,
		m->name);
	return wire_damaged(&s->in, field->start, what);
}

static bool scan_body(struct scanner *s, enum message_id id, struct body body);

static bool enter(struct scanner *s, enum message_id id)
{
	s->graph_depth += id == MESSAGE_GRAPH;
	s->type_depth += id == MESSAGE_TYPE;
	if (s->graph_depth > GRAPH_DEPTH_MAX)
		return wire_damaged(&s->in, s->in.at, "graphs are nested too deeply");
	if (s->type_depth > TYPE_DEPTH_MAX)
		return wire_damaged(&s->in, s->in.at, "types are nested too deeply");
	if (++s->messages > MESSAGES_MAX)
		return wire_damaged(&s->in, s->in.at, "too many messages");
	return true;
}

static void leave(struct scanner *s, enum message_id id)
{
	s->graph_depth -= id == MESSAGE_GRAPH;
	s->type_depth -= id == MESSAGE_TYPE;
}

static bool put_message(
	struct scanner *s, uint32_t number, enum message_id id, struct body body)
{
	size_t place;

	if (!enter(s, id))
		return false;
	if (!slim_open(&s->out, number, &place))
		return out_of_memory(s);
	if (!scan_body(s, id, body))
		return false;
	slim_close(&s->out, place);
	leave(s, id);
	return true;
}

/* Appends the further bodies of field `number` in `rest`. */
static bool find_more(
	struct scanner *s, uint32_t number, struct body rest, struct span_list *found)
{
	for (size_t i = 0; i < rest.count; i++) {
		s->in.at = rest.spans[i].start;
		while (s->in.at < rest.spans[i].end) {
			struct wire_field field;

			if (!wire_read_field(&s->in, rest.spans[i].end, &field))
				return false;
			if (field.wire != WIRE_BYTES)
				continue;
			if (field.number == number &&
				!ARRAY_PUSH(found,
					(struct span){s->in.at, s->in.at + field.length}))
				return out_of_memory(s);
			s->in.at += field.length;
		}
	}
	return true;
}

/* A singular message field met for the first time: its body and all further ones,
 * which lie behind it in spans `at` and following of `body`, make one message. */
static bool put_single(struct scanner *s, const struct wire_field *field,
	enum message_id id, struct body body, size_t at)
{
	struct span_list spans = {0};
	struct span self = {s->in.at, s->in.at + field->length};
	struct span tail = {self.end, body.spans[at].end};
	bool ok = ARRAY_PUSH(&spans, self) || out_of_memory(s);

	ok = ok && find_more(s, field->number, (struct body){&tail, 1}, &spans) &&
	     find_more(s, field->number,
		     (struct body){body.spans + at + 1, body.count - at - 1}, &spans) &&
	     put_message(s, field->number, id, (struct body){spans.items, spans.count});
	ARRAY_RELEASE(&spans);
	s->in.at = self.end;
	return ok;
}

/* What a scan of one message carries from field to field. */
struct frame {
	enum message_id id;
	struct body body;
	size_t at;        /* span being read */
	uint32_t singles; /* bit set of the singular messages met */
	struct payload payload;
};

static bool put_child(struct scanner *s, const struct wire_field *field,
	const struct field_layout *layout, struct frame *frame)
{
	struct span self = {s->in.at, s->in.at + field->length};
	uint32_t bit = UINT32_C(1) << field->number;

	if (layout->repeated)
		return put_message(
			s, field->number, layout->child, (struct body){&self, 1});
	if (frame->singles & bit) {
		s->in.at = self.end;
		return true;
	}
	frame->singles |= bit;
	if (self.end == frame->body.spans[frame->at].end &&
		frame->at + 1 == frame->body.count)
		return put_message(
			s, field->number, layout->child, (struct body){&self, 1});
	return put_single(s, field, layout->child, frame->body, frame->at);
}

static bool scan_field(struct scanner *s, struct frame *frame, uint64_t end)
{
	static const struct field_layout unknown = {0};
	const struct message_layout *m = &message_layouts[frame->id];
	const struct field_layout *layout;
	struct wire_field field;

	if (!wire_read_field(&s->in, end, &field))
		return false;
	layout = field.number <= m->last ? &m->fields[field.number] : &unknown;
	if (field.number >= PRIVATE_FIRST)
		return wire_damaged(&s->in, field.start, "a field number is reserved");
	if (!wire_fits(layout, &field))
		return wrong_wire(s, m, &field);
	if (layout->kind == FIELD_MESSAGE)
		return put_child(s, &field, layout, frame);
	if (layout->is_payload)
		return put_payload(s, &field, &frame->payload);
	if (layout->kind == FIELD_NAME)
		return put_name(s, &field);
	return put_field(s, &field);
}

static bool scan_body(struct scanner *s, enum message_id id, struct body body)
{
	struct frame frame = {.id = id, .body = body};

	for (; frame.at < body.count; frame.at++) {
		s->in.at = body.spans[frame.at].start;
		while (s->in.at < body.spans[frame.at].end)
			if (!scan_field(s, &frame, body.spans[frame.at].end))
				return false;
	}
	if (!put_payload_place(s, &frame.payload))
		return false;
	if (!message_layouts[id].placed || body.count != 1)
		return true;
	return put_uint(s, PRIVATE_SRC_OFFSET, body.spans[0].start) &&
	       put_uint(s, PRIVATE_SRC_LENGTH, body.spans[0].end - body.spans[0].start);
}

bool scan_model(struct model_source *source, struct slim *slim,
	const struct progress *progress, struct error *err)
{
	struct span whole = {0, source->size};
	struct scanner s = {0};
	bool ok = wire_init(&s.in, source, progress, err) &&
		  scan_body(&s, MESSAGE_MODEL, (struct body){&whole, 1});

	wire_release(&s.in);
	*slim = s.out;
	if (!ok) {
		free(slim->bytes);
		*slim = (struct slim){0};
	}
	return ok;
}
