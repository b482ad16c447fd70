#include "onnx_bytes.h"

#include <stdlib.h>
#include <string.h>

void put_raw(struct bytes *b, const void *data, size_t size)
{
	if (b->size + size > b->room) {
		b->room = (b->size + size) * 2;
		b->data = realloc(b->data, b->room);
		if (!b->data)
			abort();
	}
	if (size)
		memcpy(b->data + b->size, data, size);
	b->size += size;
}

void put_number(struct bytes *b, uint64_t value)
{
	unsigned char byte;

	do {
		byte = (unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		put_raw(b, &byte, 1);
		value >>= 7;
	} while (value);
}

void put_int(struct bytes *b, unsigned field, uint64_t value)
{
	put_number(b, (uint64_t)field << 3);
	put_number(b, value);
}

void put_f32(struct bytes *b, unsigned field, float value)
{
	put_number(b, (uint64_t)field << 3 | 5);
	put_raw(b, &value, sizeof(value));
}

void put_data(struct bytes *b, unsigned field, const void *data, size_t size)
{
	put_number(b, (uint64_t)field << 3 | 2);
	put_number(b, size);
	put_raw(b, data, size);
}

void put_text(struct bytes *b, unsigned field, const char *text)
{
	put_data(b, field, text, strlen(text));
}

void put_message(struct bytes *b, unsigned field, struct bytes message)
{
	put_data(b, field, message.data, message.size);
}

struct bytes make_node(
	const char *op_type, const char *name, const char *input, const char *output)
{
	struct bytes b = {0};

	put_text(&b, 1, input);
	put_text(&b, 2, output);
	put_text(&b, 3, name);
	put_text(&b, 4, op_type);
	return b;
}

struct bytes make_value(const char *name, int type, const int64_t *dims, int rank)
{
	struct bytes shape = {0}, tensor = {0}, typ = {0}, b = {0};

	for (int i = 0; i < rank; i++) {
		struct bytes dim = {0};

		put_int(&dim, 1, (uint64_t)dims[i]);
		put_message(&shape, 1, dim);
	}
	put_int(&tensor, 1, (uint64_t)type);
	put_message(&tensor, 2, shape);
	put_message(&typ, 1, tensor);
	put_text(&b, 1, name);
	put_message(&b, 2, typ);
	return b;
}

struct bytes make_tensor_head(const char *name, int type, const int64_t *dims, int rank)
{
	struct bytes b = {0};

	for (int i = 0; i < rank; i++)
		put_int(&b, 1, (uint64_t)dims[i]);
	put_int(&b, 2, (uint64_t)type);
	put_text(&b, 8, name);
	return b;
}

struct bytes make_model(struct bytes graph)
{
	struct bytes opset = {0}, b = {0};

	put_text(&opset, 1, "");
	put_int(&opset, 2, 17);
	put_int(&b, 1, 8);
	put_text(&b, 2, "test");
	put_message(&b, 7, graph);
	put_message(&b, 8, opset);
	return b;
}

struct bytes make_small_model(struct bytes initializer)
{
	static const int64_t dims[] = {4};
	struct bytes graph = {0};

	put_message(&graph, 1, make_node("Relu", "relu", "x", "y"));
	put_text(&graph, 2, "small");
	if (initializer.data)
		put_message(&graph, 5, initializer);
	put_message(&graph, 11, make_value("x", 1, dims, 1));
	put_message(&graph, 12, make_value("y", 1, dims, 1));
	return make_model(graph);
}
