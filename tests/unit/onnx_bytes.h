/* Building the bytes of small models by hand, right and wrong ones. */
#ifndef QDQEDIT_TESTS_ONNX_BYTES_H
#define QDQEDIT_TESTS_ONNX_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	unsigned char *data;
	size_t size;
	size_t room;
};

/* Append to `b`. A field of bytes is tag, length and the bytes. */
void put_raw(struct bytes *b, const void *data, size_t size);
void put_number(struct bytes *b, uint64_t value);
void put_int(struct bytes *b, unsigned field, uint64_t value);
void put_f32(struct bytes *b, unsigned field, float value);
void put_data(struct bytes *b, unsigned field, const void *data, size_t size);
void put_text(struct bytes *b, unsigned field, const char *text);
void put_message(struct bytes *b, unsigned field, struct bytes message);

/* Messages. */
struct bytes make_node(
	const char *op_type, const char *name, const char *input, const char *output);
struct bytes make_value(const char *name, int type, const int64_t *dims, int rank);
struct bytes make_tensor_head(const char *name, int type, const int64_t *dims, int rank);

/* A whole model (IR 8, opset 17) around the bytes of a GraphProto. */
struct bytes make_model(struct bytes graph);

/* The same with one Relu from x to y, both float [4], and one more initializer. */
struct bytes make_small_model(struct bytes initializer);

#endif
