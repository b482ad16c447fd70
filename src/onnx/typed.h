/* Turning the typed fields of a tensor (float_data, int32_data ...) into raw bytes. */
#ifndef QDQEDIT_ONNX_TYPED_H
#define QDQEDIT_ONNX_TYPED_H

#include "onnx/tensor.h"

/* The numbers of the value fields of TensorProto. */
enum value_field {
	VALUE_NONE = 0,
	VALUE_FLOAT = 4,
	VALUE_INT32 = 5,
	VALUE_STRING = 6,
	VALUE_INT64 = 7,
	VALUE_RAW = 9,
	VALUE_DOUBLE = 10,
	VALUE_UINT64 = 11,
};

/* The typed field that holds elements of a type, VALUE_NONE if there is none. */
enum value_field typed_field(int32_t type);

/* The number of entries that typed field has for `count` elements. */
uint64_t typed_entries(int32_t type, uint64_t count);

/* Writes the entries of a typed field, in the message or left in the file, as the raw
 * bytes of the tensor; `out` has room for exactly tensor_raw_size bytes. The caller has
 * checked the number of entries in a message. */
bool typed_to_raw(const struct model *model, const Onnx__TensorProto *tensor,
	uint64_t count, unsigned char *out, struct error *err);

#endif
