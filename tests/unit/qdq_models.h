/* Small models that are quantized already, for the tests of src/qdq. Nothing has to be
 * freed: every test is a process of its own. */
#ifndef QDQEDIT_TESTS_QDQ_MODELS_H
#define QDQEDIT_TESTS_QDQ_MODELS_H

#include "build.h"
#include "qdq/groups.h"

#include <criterion/criterion.h>

/* A rank-0 scale and zero point as initializers "NAME_scale" and "NAME_zero_point". */
void qdq_pair(Onnx__GraphProto *graph, const char *name, float scale, int32_t type,
	int32_t zero);

/* The same as Constant nodes. */
void qdq_constant_pair(Onnx__GraphProto *graph, const char *name, float scale,
	int32_t type, int32_t zero);

/* Q from `in` to "NAME_q", then DQ to `out`, with the pair NAME. */
void qdq_nodes(
	Onnx__GraphProto *graph, const char *in, const char *name, const char *out);

/* Single ones. */
Onnx__NodeProto *qdq_q(Onnx__GraphProto *graph, const char *inputs, const char *out);
Onnx__NodeProto *qdq_dq(Onnx__GraphProto *graph, const char *inputs, const char *out);

/* The model as its file would be opened, its graph and its groups; the test fails if
 * one of these does. */
struct qdq *qdq_of(const Onnx__ModelProto *proto);

/* The group of a float tensor; the test fails if there is none. */
const struct qdq_group *qdq_group_of(const struct qdq *qdq, const char *name);
bool qdq_has_group(const struct qdq *qdq, const char *name);

/* Why the node that writes `output` is in no group, "" if it is in one. */
const char *qdq_reason(const struct qdq *qdq, const char *output);

#endif
