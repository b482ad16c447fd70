#include "onnx/layout.h"

#include <stddef.h>

/* clang-format off */
#define INT       {FIELD_VARINT, 0, false, false}
#define INTS      {FIELD_VARINT, 0, true, false}
#define F32       {FIELD_FIXED32, 0, false, false}
#define F32S      {FIELD_FIXED32, 0, true, false}
#define BYTES     {FIELD_BYTES, 0, false, false}
#define BYTES_REP {FIELD_BYTES, 0, true, false}
#define NAME      {FIELD_NAME, 0, false, false}
#define NAMES     {FIELD_NAME, 0, true, false}
#define ONE(m)    {FIELD_MESSAGE, MESSAGE_##m, false, false}
#define MANY(m)   {FIELD_MESSAGE, MESSAGE_##m, true, false}
#define DATA(k)   {FIELD_##k, 0, true, true}

static const struct field_layout model_fields[] = {
	[1] = INT, [2] = BYTES, [3] = BYTES, [4] = NAME, [5] = INT, [6] = BYTES,
	[7] = ONE(GRAPH), [8] = MANY(OPSET), [14] = MANY(ENTRY), [20] = MANY(TRAINING),
	[25] = MANY(FUNCTION), [26] = MANY(DEVICE),
};

static const struct field_layout graph_fields[] = {
	[1] = MANY(NODE), [2] = NAME, [5] = MANY(TENSOR), [10] = BYTES,
	[11] = MANY(VALUE), [12] = MANY(VALUE), [13] = MANY(VALUE),
	[14] = MANY(ANNOTATION), [15] = MANY(SPARSE), [16] = MANY(ENTRY),
};

static const struct field_layout node_fields[] = {
	[1] = NAMES, [2] = NAMES, [3] = NAME, [4] = NAME, [5] = MANY(ATTRIBUTE),
	[6] = BYTES, [7] = NAME, [8] = NAME, [9] = MANY(ENTRY), [10] = MANY(NODE_DEVICE),
};

static const struct field_layout attribute_fields[] = {
	[1] = NAME, [2] = F32, [3] = INT, [4] = BYTES, [5] = ONE(TENSOR), [6] = ONE(GRAPH),
	[7] = F32S, [8] = INTS, [9] = BYTES_REP, [10] = MANY(TENSOR), [11] = MANY(GRAPH),
	[13] = BYTES, [14] = ONE(TYPE), [15] = MANY(TYPE), [20] = INT, [21] = NAME,
	[22] = ONE(SPARSE), [23] = MANY(SPARSE),
};

static const struct field_layout tensor_fields[] = {
	[1] = INTS, [2] = INT, [3] = ONE(SEGMENT), [4] = DATA(FIXED32), [5] = DATA(VARINT),
	[6] = BYTES_REP, [7] = DATA(VARINT), [8] = NAME,
	[9] = {FIELD_RAW, 0, false, true}, [10] = DATA(FIXED64), [11] = DATA(VARINT),
	[12] = BYTES, [13] = MANY(ENTRY), [14] = INT, [16] = MANY(ENTRY),
};

static const struct field_layout segment_fields[] = {[1] = INT, [2] = INT};
static const struct field_layout sparse_fields[] = {
	[1] = ONE(TENSOR), [2] = ONE(TENSOR), [3] = INTS,
};
static const struct field_layout value_fields[] = {
	[1] = NAME, [2] = ONE(TYPE), [3] = BYTES, [4] = MANY(ENTRY),
};
static const struct field_layout type_fields[] = {
	[1] = ONE(TYPE_TENSOR), [4] = ONE(TYPE_SEQUENCE), [5] = ONE(TYPE_MAP),
	[6] = BYTES, [7] = ONE(TYPE_OPAQUE), [8] = ONE(TYPE_TENSOR),
	[9] = ONE(TYPE_SEQUENCE),
};
static const struct field_layout type_tensor_fields[] = {[1] = INT, [2] = ONE(SHAPE)};
static const struct field_layout type_sequence_fields[] = {[1] = ONE(TYPE)};
static const struct field_layout type_map_fields[] = {[1] = INT, [2] = ONE(TYPE)};
static const struct field_layout type_opaque_fields[] = {[1] = NAME, [2] = NAME};
static const struct field_layout shape_fields[] = {[1] = MANY(DIMENSION)};
static const struct field_layout dimension_fields[] = {[1] = INT, [2] = NAME, [3] = BYTES};

static const struct field_layout function_fields[] = {
	[1] = NAME, [4] = NAMES, [5] = NAMES, [6] = NAMES, [7] = MANY(NODE), [8] = BYTES,
	[9] = MANY(OPSET), [10] = NAME, [11] = MANY(ATTRIBUTE), [12] = MANY(VALUE),
	[13] = NAME, [14] = MANY(ENTRY),
};
static const struct field_layout training_fields[] = {
	[1] = ONE(GRAPH), [2] = ONE(GRAPH), [3] = MANY(ENTRY), [4] = MANY(ENTRY),
};
static const struct field_layout opset_fields[] = {[1] = NAME, [2] = INT};
static const struct field_layout entry_fields[] = {[1] = BYTES, [2] = BYTES};
static const struct field_layout annotation_fields[] = {[1] = NAME, [2] = MANY(ENTRY)};
static const struct field_layout device_fields[] = {[1] = BYTES, [2] = INT, [3] = BYTES_REP};
static const struct field_layout node_device_fields[] = {
	[1] = BYTES, [2] = MANY(SHARDING), [3] = INT,
};
static const struct field_layout sharding_fields[] = {
	[1] = NAME, [2] = INTS, [3] = MANY(INT_LIST), [4] = MANY(SHARDED_DIM),
};
static const struct field_layout sharded_dim_fields[] = {[1] = INT, [2] = MANY(SIMPLE_DIM)};
static const struct field_layout simple_dim_fields[] = {[1] = INT, [2] = BYTES, [3] = INT};
static const struct field_layout int_list_fields[] = {[1] = INT, [2] = INTS};

#define LAYOUT(name, fields, placed) \
	{name, fields, sizeof(fields) / sizeof((fields)[0]) - 1, placed}

const struct message_layout message_layouts[MESSAGE_COUNT] = {
	[MESSAGE_MODEL] = LAYOUT("model", model_fields, false),
	[MESSAGE_GRAPH] = LAYOUT("graph", graph_fields, true),
	[MESSAGE_NODE] = LAYOUT("node", node_fields, true),
	[MESSAGE_ATTRIBUTE] = LAYOUT("attribute", attribute_fields, true),
	[MESSAGE_TENSOR] = LAYOUT("tensor", tensor_fields, true),
	[MESSAGE_SEGMENT] = LAYOUT("segment", segment_fields, false),
	[MESSAGE_SPARSE] = LAYOUT("sparse tensor", sparse_fields, true),
	[MESSAGE_VALUE] = LAYOUT("value info", value_fields, true),
	[MESSAGE_TYPE] = LAYOUT("type", type_fields, false),
	[MESSAGE_TYPE_TENSOR] = LAYOUT("tensor type", type_tensor_fields, false),
	[MESSAGE_TYPE_SEQUENCE] = LAYOUT("sequence type", type_sequence_fields, false),
	[MESSAGE_TYPE_MAP] = LAYOUT("map type", type_map_fields, false),
	[MESSAGE_TYPE_OPAQUE] = LAYOUT("opaque type", type_opaque_fields, false),
	[MESSAGE_SHAPE] = LAYOUT("shape", shape_fields, false),
	[MESSAGE_DIMENSION] = LAYOUT("dimension", dimension_fields, false),
	[MESSAGE_FUNCTION] = LAYOUT("function", function_fields, true),
	[MESSAGE_TRAINING] = LAYOUT("training info", training_fields, true),
	[MESSAGE_OPSET] = LAYOUT("opset import", opset_fields, false),
	[MESSAGE_ENTRY] = LAYOUT("string entry", entry_fields, false),
	[MESSAGE_ANNOTATION] = LAYOUT("annotation", annotation_fields, false),
	[MESSAGE_DEVICE] = LAYOUT("device configuration", device_fields, false),
	[MESSAGE_NODE_DEVICE] = LAYOUT("node configuration", node_device_fields, false),
	[MESSAGE_SHARDING] = LAYOUT("sharding", sharding_fields, false),
	[MESSAGE_SHARDED_DIM] = LAYOUT("sharded dimension", sharded_dim_fields, false),
	[MESSAGE_SIMPLE_DIM] = LAYOUT("simple sharding", simple_dim_fields, false),
	[MESSAGE_INT_LIST] = LAYOUT("integer list", int_list_fields, false),
};
/* clang-format on */
