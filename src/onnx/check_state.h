/* What the parts of model_check share. */
#ifndef QDQEDIT_ONNX_CHECK_STATE_H
#define QDQEDIT_ONNX_CHECK_STATE_H

#include "base/names.h"
#include "base/text.h"
#include "onnx/check.h"

/* What is known of a value by its name. */
struct known_value {
	uint32_t level; /* of the graph that defines it, from 1; 0: not defined now */
	bool is_input;
	bool is_initializer;
	int32_t type;                      /* element type, 0 if unknown */
	const Onnx__TensorProto *constant; /* of an initializer or Constant */
};

struct known_value_list ARRAY_OF(struct known_value);
struct name_list ARRAY_OF(name_id);

struct check {
	const struct model *model;
	void (*found)(void *arg, const char *text);
	void *arg;
	struct names names;
	struct known_value_list values; /* by name id */
	struct name_list defined;       /* those with a level, to be taken back */
	uint32_t level;
	struct names function_domains;
	Onnx__OperatorSetIdProto **imports; /* of the model or the function */
	size_t import_count;
};

/* Reports one failure from a printf format. */
void check_report(struct check *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The value of a name; NULL if memory is gone. Valid until the next call. */
struct known_value *check_value(struct check *c, ProtobufCBinaryData name);

/* A node by name or, if it has none, by operator and output, for messages. */
const char *check_node_name(const Onnx__NodeProto *node);

/* The version of a domain among the imports, 0 if it is not imported. */
int64_t check_version(const struct check *c, ProtobufCBinaryData domain);

/* Names and scopes of the model's graph and functions; calls check_qdq_node for every
 * node once its inputs are known. False if memory is gone. */
bool check_names(struct check *c);

/* The rules of QuantizeLinear and DequantizeLinear; notes the type of the output. False
 * if memory is gone. */
bool check_qdq_node(struct check *c, const Onnx__NodeProto *node);

static inline const char *quoted(ProtobufCBinaryData name)
{
	return text_quoted((const char *)name.data, name.len);
}

#endif
