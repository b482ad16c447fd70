/* The layout of ONNX messages on the wire, as far as the scanner has to know it. */
#ifndef QDQEDIT_ONNX_LAYOUT_H
#define QDQEDIT_ONNX_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

enum field_kind {
	FIELD_UNKNOWN = 0, /* kept as it is */
	FIELD_VARINT,
	FIELD_FIXED32,
	FIELD_FIXED64,
	FIELD_BYTES,   /* any bytes */
	FIELD_NAME,    /* UTF-8 without NUL */
	FIELD_MESSAGE, /* of layout `child` */
	FIELD_RAW,     /* bytes of a tensor's payload */
};

enum message_id {
	MESSAGE_MODEL,
	MESSAGE_GRAPH,
	MESSAGE_NODE,
	MESSAGE_ATTRIBUTE,
	MESSAGE_TENSOR,
	MESSAGE_SEGMENT,
	MESSAGE_SPARSE,
	MESSAGE_VALUE,
	MESSAGE_TYPE,
	MESSAGE_TYPE_TENSOR,
	MESSAGE_TYPE_SEQUENCE,
	MESSAGE_TYPE_MAP,
	MESSAGE_TYPE_OPAQUE,
	MESSAGE_SHAPE,
	MESSAGE_DIMENSION,
	MESSAGE_FUNCTION,
	MESSAGE_TRAINING,
	MESSAGE_OPSET,
	MESSAGE_ENTRY,
	MESSAGE_ANNOTATION,
	MESSAGE_DEVICE,
	MESSAGE_NODE_DEVICE,
	MESSAGE_SHARDING,
	MESSAGE_SHARDED_DIM,
	MESSAGE_SIMPLE_DIM,
	MESSAGE_INT_LIST,
	MESSAGE_COUNT
};

struct field_layout {
	uint8_t kind;    /* enum field_kind */
	uint8_t child;   /* enum message_id of FIELD_MESSAGE */
	bool repeated;   /* numbers may also come packed */
	bool is_payload; /* of a tensor: may stay in the file */
};

/* Fields are indexed by their number; those above `last` are unknown. */
struct message_layout {
	const char *name;
	const struct field_layout *fields;
	unsigned last;
	bool placed; /* gets src_offset and src_length */
};

/* Indexed by enum message_id. */
extern const struct message_layout message_layouts[MESSAGE_COUNT];

/* Numbers of the fields the scanner adds (data/onnx.proto). */
enum private_field {
	PRIVATE_FIRST = 536870000,
	PRIVATE_SRC_OFFSET = PRIVATE_FIRST,
	PRIVATE_SRC_LENGTH,
	PRIVATE_PAYLOAD_KIND,
	PRIVATE_PAYLOAD_FIELD,
	PRIVATE_PAYLOAD_OFFSET,
	PRIVATE_PAYLOAD_LENGTH,
	PRIVATE_LAST = 536870911
};

#endif
