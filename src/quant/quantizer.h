/* Private to src/quant: the state of one quantization, shared by its passes. */
#ifndef QDQEDIT_QUANT_QUANTIZER_H
#define QDQEDIT_QUANT_QUANTIZER_H

#include "quant/quantize.h"
#include "quant/weights.h"
#include "quant/wiring.h"

/* An initializer of the main graph: one of the float model, or a new one. */
struct initializer {
	text_id name;
	const Onnx__TensorProto *proto;
	const double *values; /* of a new scale: its elements, else NULL */
	bool removed;
};

struct initializer_list ARRAY_OF(struct initializer);

/* The scale and zero point that a quantized tensor has: names of initializers. */
struct pair {
	text_id scale, zero_point;
};

/* What became of a tensor: both pairs, and who gets the converted one. */
struct quantized {
	bool done, converted;
	struct pair original, second;
	const struct entry *entry; /* of the converted tensor */
};

/* A name that a node's subgraphs take from outside. */
struct capture {
	node_id node;
	text_id text;
};

struct capture_list ARRAY_OF(struct capture);

struct quantizer {
	const struct graph *graph;
	const struct quant_options *options;
	const struct overrides *overrides;
	struct quant_work work;
	bool compatible;
	struct parameter_table *parameters;
	struct marks *marks;
	struct weight_list weights;
	struct wiring wiring;
	struct initializer_list initializers;
	struct quantized *values;  /* by tensor, marks->tensor_count long */
	struct model *model;       /* the result */
	Onnx__NodeProto **rebuilt; /* by main node, those with subgraphs; may be NULL */
	struct capture_list captures;       /* in order of the nodes */
	int64_t ir;                         /* version that the new tensors need */
	bool contrib;                       /* Q and DQ in com.microsoft */
	ProtobufCBinaryData contrib_domain; /* that text in the model's arena */
	struct quantize_result *result;
	struct problem_list *notes;
	struct error *err;
};

/* ---- initializers.c */

/* The initializers of the float model, and copies of biases. */
bool quantizer_list_initializers(struct quantizer *q);

/* The first initializer of a name, or NULL. */
struct initializer *quantizer_initializer(const struct quantizer *q, text_id name);

/* Appends one; `always` also when the name is there already (else that one is used, as
 * ONNX Runtime does, Q10). */
bool quantizer_add_initializer(struct quantizer *q, text_id name,
	const Onnx__TensorProto *proto, const double *values, bool always);

/* New tensors for scales (values of `element`) and zero points; NULL when memory is
 * gone. */
Onnx__TensorProto *quantizer_scale_tensor(struct quantizer *q, text_id name,
	int32_t element, const int64_t *dims, size_t rank, const double *values,
	uint64_t count);
Onnx__TensorProto *quantizer_zero_tensor(struct quantizer *q, text_id name,
	enum qtype type, const int64_t *dims, size_t rank, const int32_t *values,
	uint64_t count);
Onnx__TensorProto *quantizer_int32_tensor(
	struct quantizer *q, text_id name, int32_t value);
Onnx__TensorProto *quantizer_new_tensor(struct quantizer *q, text_id name,
	int32_t element, const int64_t *dims, size_t rank);

/* The pair of one scale: T_scale and T_zero_point, `converted` with _convert behind. */
bool quantizer_add_pair(struct quantizer *q, text_id base, bool converted,
	const struct scale *scale, struct pair *pair);

/* ---- emit.c, emit_converted.c: nodes of tensors (4.7, 4.8) */

bool quantizer_emit_weight(struct quantizer *q, const struct weight *weight);
bool quantizer_emit_activation(struct quantizer *q, tensor_id tensor, struct pair pair);
bool quantizer_emit_converted(
	struct quantizer *q, tensor_id tensor, struct pair first, struct pair second);

/* Q or DQ of `in` with a pair: node BASE + node_suffix, reading and writing values. */
bool quantizer_add_node(struct quantizer *q, enum new_kind kind, text_id base,
	const char *node_suffix, text_id in, struct pair pair, text_id out);

/* The pair that a node of this name receives. */
struct pair quantizer_pair_for(const struct quantizer *q, tensor_id tensor, node_id node);

/* True if dedicated pairs were asked for and the tensor has several readers. */
bool quantizer_is_dedicated(const struct quantizer *q, tensor_id tensor);

/* ---- passes (7.3) */

bool quantizer_note_mendings(struct quantizer *q); /* notes.c */

/* Would the bias raise a scale of its weight? */
bool quantizer_would_adjust(
	struct quantizer *q, const struct bias_mark *mark, bool *would);
bool quantizer_adjust_weights(struct quantizer *q); /* adjust.c, 5.2 */
bool quantizer_emit_tensors(struct quantizer *q);   /* tensors.c, steps 4 and 5 */
bool quantizer_emit_biases(struct quantizer *q);    /* bias.c, 5.3 */
bool quantizer_clean(struct quantizer *q);          /* cleanup.c, 7.4 */
bool quantizer_sort(struct quantizer *q, uint32_t **order, size_t *count); /* 7.5 */
bool quantizer_assemble(struct quantizer *q); /* assemble.c */

/* True if an initializer of this name went and takes the graph input along. */
bool quantizer_input_is_dropped(const struct quantizer *q, text_id name);

text_id quantizer_text_of(const struct quantizer *q, tensor_id tensor);
bool quantizer_refuse(const struct quantizer *q, tensor_id tensor, const char *cause,
	const char *remedy);
bool quantizer_note(struct quantizer *q, const char *id, uint32_t tensor, uint32_t node,
	const char *place, const char *cause);
bool quantizer_no_memory(const struct quantizer *q);

#endif
