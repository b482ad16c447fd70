/* Reading the elements of a tensor wherever they lie. */
#ifndef QDQEDIT_ONNX_TENSOR_H
#define QDQEDIT_ONNX_TENSOR_H

#include "onnx/model.h"

/* TensorProto.DataType (onnx-facts.md section 3). */
enum element_type {
	ELEMENT_NONE = 0,
	ELEMENT_FLOAT = 1,
	ELEMENT_UINT8 = 2,
	ELEMENT_INT8 = 3,
	ELEMENT_UINT16 = 4,
	ELEMENT_INT16 = 5,
	ELEMENT_INT32 = 6,
	ELEMENT_INT64 = 7,
	ELEMENT_STRING = 8,
	ELEMENT_BOOL = 9,
	ELEMENT_FLOAT16 = 10,
	ELEMENT_DOUBLE = 11,
	ELEMENT_UINT32 = 12,
	ELEMENT_UINT64 = 13,
	ELEMENT_COMPLEX64 = 14,
	ELEMENT_COMPLEX128 = 15,
	ELEMENT_BFLOAT16 = 16,
	ELEMENT_FLOAT8E4M3FN = 17,
	ELEMENT_FLOAT8E4M3FNUZ = 18,
	ELEMENT_FLOAT8E5M2 = 19,
	ELEMENT_FLOAT8E5M2FNUZ = 20,
	ELEMENT_UINT4 = 21,
	ELEMENT_INT4 = 22,
	ELEMENT_FLOAT4E2M1 = 23,
	ELEMENT_FLOAT8E8M0 = 24,
	ELEMENT_UINT2 = 25,
	ELEMENT_INT2 = 26,
	ELEMENT_FLOAT6E2M3 = 27,
	ELEMENT_FLOAT6E3M2 = 28,
	ELEMENT_COUNT
};

/* "float", "uint8", ...; "type N" is not known here: returns NULL above 28. */
const char *element_type_name(int32_t type);

/* Bits of one element in raw form; 0 for strings and unknown types. */
unsigned element_type_bits(int32_t type);

static inline bool element_is_float(int32_t type)
{
	return type == ELEMENT_FLOAT || type == ELEMENT_FLOAT16;
}

/* The number of elements (product of dims, overflow-checked; rank 0 is 1) and of bytes
 * in raw form. False with an error for negative or overflowing dims. */
bool tensor_count(const Onnx__TensorProto *tensor, uint64_t *count, struct error *err);
bool tensor_raw_size(const Onnx__TensorProto *tensor, uint64_t *bytes, struct error *err);

/* An open reader over a tensor's elements, from any element on, in any order. */
struct tensor_reader {
	const struct model *model;
	const Onnx__TensorProto *tensor;
	uint64_t count;              /* elements */
	uint64_t raw_size;           /* bytes in raw form */
	int fd;                      /* side file, own, or -1 */
	const unsigned char *memory; /* raw bytes, or NULL if they lie in a file */
	uint64_t base;               /* offset of raw bytes in fd or the source */
	void *owned;                 /* private: memory made for typed fields */
};

/* Opens; checks that the payload has the size the dims ask for, and the safety rules
 * of external data. Payloads in a derived model's base are found. PAYLOAD_MADE
 * is made, whole, in memory. tensor_close releases it (also after failure). */
bool tensor_open(struct tensor_reader *reader, const struct model *model,
	const Onnx__TensorProto *tensor, struct error *err);
void tensor_close(struct tensor_reader *reader);

/* Reads `count` elements from element `first` as raw little-endian bytes (types of 8
 * bits and more; sub-byte types only whole from element 0). */
bool tensor_read_raw(struct tensor_reader *reader, uint64_t first, uint64_t count,
	void *out, struct error *err);

/* `count` bytes of the raw form from byte `offset` on. */
bool tensor_read_bytes(struct tensor_reader *reader, uint64_t offset, uint64_t count,
	void *out, struct error *err);

/* The same widened to float32; FLOAT, FLOAT16, BFLOAT16 and DOUBLE only. */
bool tensor_read_f32(struct tensor_reader *reader, uint64_t first, uint64_t count,
	float *out, struct error *err);

/* A whole small integer tensor (INT32, INT64, BOOL, 8 and 16 bit) as int64; at most
 * `room` elements, the number in *count. */
bool tensor_read_i64(const struct model *model, const Onnx__TensorProto *tensor,
	int64_t *out, size_t room, size_t *count, struct error *err);

/* The value of element `i` of raw bytes of an integer type of 4, 8, 16 or 32 bits; 4-bit
 * ones are packed, the first in the low half. */
int32_t tensor_integer_at(int32_t type, const unsigned char *bytes, uint64_t i);

/* IEEE half precision: exact widening, and one rounding to nearest even. */
float half_to_float(uint16_t bits);
uint16_t half_from_double(double value);

#endif
