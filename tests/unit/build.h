/* Small models made in memory, for tests: messages by hand, packed to bytes. Nothing
 * has to be freed; when memory is gone the test ends. Lists of names are written with
 * commas ("x,w,"), an empty one is an absent input. Shapes likewise: "1,N,?" is a
 * number, a symbol and an unknown extent, "" a scalar, NULL an unknown rank. */
#ifndef QDQEDIT_TESTS_BUILD_H
#define QDQEDIT_TESTS_BUILD_H

#include "onnx/model.h"
#include "onnx/tensor.h"

/* IR 8, the opset given, a graph named "g" without anything in it. */
Onnx__ModelProto *proto_model(int64_t opset);
void proto_import(Onnx__ModelProto *model, const char *domain, int64_t version);

/* A graph of its own, for proto_graph (the attribute of a node). */
Onnx__GraphProto *proto_body(void);

/* A node appended to the graph; change what it returns at will. */
Onnx__NodeProto *proto_node(Onnx__GraphProto *graph, const char *op_type,
	const char *name, const char *inputs, const char *outputs);

/* Attributes appended to a node. */
void proto_int(Onnx__NodeProto *node, const char *name, int64_t value);
void proto_ints(
	Onnx__NodeProto *node, const char *name, size_t count, const int64_t *values);
void proto_float(Onnx__NodeProto *node, const char *name, float value);
void proto_string(Onnx__NodeProto *node, const char *name, const char *value);
void proto_tensor(Onnx__NodeProto *node, const char *name, Onnx__TensorProto *value);
void proto_graph(Onnx__NodeProto *node, const char *name, Onnx__GraphProto *value);

/* Declarations: ELEMENT_NONE leaves the type out. */
void proto_input(
	Onnx__GraphProto *graph, const char *name, int32_t type, const char *shape);
void proto_output(
	Onnx__GraphProto *graph, const char *name, int32_t type, const char *shape);
void proto_value_info(
	Onnx__GraphProto *graph, const char *name, int32_t type, const char *shape);

/* A tensor with raw bytes (NULL: zeros, as many as the shape asks for). */
Onnx__TensorProto *proto_value(
	const char *name, int32_t type, const char *shape, const void *bytes);

/* An initializer of the graph; proto_floats takes float32 values. */
Onnx__TensorProto *proto_initializer(Onnx__GraphProto *graph, const char *name,
	int32_t type, const char *shape, const void *bytes);
Onnx__TensorProto *proto_floats(Onnx__GraphProto *graph, const char *name,
	const char *shape, const float *values);

/* The bytes of the model, its file, and the model opened from the bytes. */
void *proto_bytes(const Onnx__ModelProto *model, size_t *size);
void proto_file(const Onnx__ModelProto *model, const char *path);
struct model *proto_open(const Onnx__ModelProto *model);

ProtobufCBinaryData proto_text(const char *text);

#endif
