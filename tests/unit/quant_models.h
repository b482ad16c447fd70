/* Small models quantized in memory, for the tests of src/quant. Nothing has to be
 * freed: every test is a process of its own. */
#ifndef QDQEDIT_TESTS_QUANT_MODELS_H
#define QDQEDIT_TESTS_QUANT_MODELS_H

#include "build.h"
#include "quant/prepare.h"
#include "quant/quantize.h"

#include <criterion/criterion.h>

/* What is quantized, and how. JSON with ' for ", in the forms of command-line.md. */
struct job {
	Onnx__ModelProto *proto;
	struct quant_options options; /* job_of: the defaults, --ort-compatible */
	const char *ranges;           /* {'x': [-1, 3]} */
	const char *overrides;        /* NULL: none */
	struct quant_work work;       /* zero: the cores, nobody follows */
};

struct made {
	struct model *model; /* NULL: refused */
	struct graph *graph; /* that was quantized */
	struct quantize_result result;
	struct problem_list notes;
	struct error err;
};

struct job job_of(Onnx__ModelProto *proto, const char *ranges);
struct made job_run(const struct job *job);

/* An initializer of the result; the test fails if it is not there. */
const Onnx__TensorProto *made_tensor(const struct made *made, const char *name);
bool made_has(const struct made *made, const char *name);

/* Its raw_data in hex, also when it is made while writing. */
const char *made_hex(const struct made *made, const char *name);

/* Element `index` of a scale or zero point. */
float made_scale(const struct made *made, const char *name, size_t index);
int32_t made_zero(const struct made *made, const char *name, size_t index);

/* Element `index` of the int32 bias made of "b". */
int32_t made_bias(const struct made *made, size_t index);

/* Names of the nodes in order, "Q x" and "DQ x" for the usual suffixes, "; " between. */
const char *made_nodes(const struct made *made);
const Onnx__NodeProto *made_node(const struct made *made, const char *name);

/* Input or output `slot` of a node as text. */
const char *made_input(const struct made *made, const char *node, size_t slot);
const char *made_output(const struct made *made, const char *node, size_t slot);

/* True if a mending of this number was noted. */
bool made_noted(const struct made *made, const char *id);

/* Model C1 of qdq-semantics.md Appendix C: Conv(x,w,b) -> c -> Relu -> y. */
Onnx__ModelProto *proto_c1(int64_t opset);
#define C1_RANGES "{'x': [-1, 3], 'c': [-6, 7], 'y': [0, 7]}"

#endif
