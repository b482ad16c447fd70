/* Private to src/qdq: the state of one rewriting, shared by its steps. */
#ifndef QDQEDIT_QDQ_REWRITE_PARTS_H
#define QDQEDIT_QDQ_REWRITE_PARTS_H

#include "plan/parameters.h"
#include "qdq/rewrite.h"
#include "qdq/values.h"
#include "qdq/view_parts.h"
#include "quant/weights.h"

/* The scales and zero points of one side, as they shall be. */
struct numbers {
	enum qtype type; /* QTYPE_NONE: int32 */
	int32_t element; /* of the scales */
	uint64_t count;  /* 0: there is no such side */
	const double *scales;
	const int32_t *zeros;
};

/* What becomes of one group. */
struct wish {
	struct numbers own, converted;
	bool own_changed, converted_changed; /* numbers other than the file's */
	bool moves; /* a conversion comes or goes, or readers change sides */
	bool contrib, contrib_converted; /* a side whose nodes go to com.microsoft */
	const struct weight *weight;     /* quantized anew, or NULL */
	const double *values;            /* of a bias quantized anew, or NULL */
	uint64_t value_count;
};

/* What becomes of a node's place in the file. */
enum fate {
	FATE_STAYS,
	FATE_GONE,
	FATE_MOVED, /* it is among `inserted` */
};

/* A node behind one of the file: a new one, or one that moved. */
struct inserted {
	node_id after;
	Onnx__NodeProto *proto;
};

struct inserted_list ARRAY_OF(struct inserted);
struct tensor_protos ARRAY_OF(Onnx__TensorProto *);

struct rewriting {
	const struct qdq_view *view;
	const struct qdq *qdq;
	const struct graph *file;
	const struct plan *plan;
	const struct outcome *outcome;
	struct parameter_table *parameters;
	struct weight_list weights;
	struct marks changed_weights; /* the view's marks, those of changed ones only */
	struct wish *wishes;          /* by group */
	struct model *model;          /* the result */
	Onnx__NodeProto **nodes;      /* by main node of the file: changed, or NULL */
	unsigned char *fates;         /* by main node of the file: enum fate */
	struct inserted_list inserted;
	Onnx__TensorProto **tensors; /* by tensor of the file: its new initializer */
	struct tensor_protos added;  /* further initializers */
	struct names taken;          /* new names of tensors and nodes */
	bool contrib;                /* some node has gone to com.microsoft */
	struct qdq_changes *changes;
	struct problem_list *notes;
	struct error *err;
};

static inline const struct qdq_group *rewriting_group(
	const struct rewriting *r, uint32_t index)
{
	return &r->qdq->groups.items[index];
}

bool rewriting_no_memory(const struct rewriting *r);

/* Whether the reader of a slot shall see the converted side; `node` is of the view. */
bool rewriting_converts(const struct rewriting *r, uint32_t group, node_id node);

/* The side of a slot of a node of the file as it shall be: SIDE_OWN or SIDE_CONVERTED for
 * what is read behind a DQ, else what it is. */
enum qdq_side rewriting_side(const struct rewriting *r, node_id file_node, uint32_t slot);

/* The steps, in this order: what becomes of activations and constants (rewrite_wish.c),
 * of biases (rewrite_bias.c), scales and zero points in the file (rewrite_numbers.c),
 * integers (rewrite_constants.c), conversions (rewrite_nodes.c). */
bool rewriting_wish(struct rewriting *r);
bool rewriting_wish_biases(struct rewriting *r);
bool rewriting_set_numbers(struct rewriting *r);
bool rewriting_set_constants(struct rewriting *r);
bool rewriting_set_conversions(struct rewriting *r);

/* A node of the file for writing: a copy from the first call on; NULL when memory is
 * gone. Its inputs are a copy of their own. */
Onnx__NodeProto *rewriting_node(struct rewriting *r, node_id node);
bool rewriting_set_input(
	struct rewriting *r, node_id node, uint32_t slot, ProtobufCBinaryData name);

/* Lets a node be com.microsoft's, which is noted. */
bool rewriting_set_contrib(struct rewriting *r, Onnx__NodeProto *node);

/* Puts a tensor in the place of a constant: an initializer, or a Constant's value. */
bool rewriting_replace(struct rewriting *r, tensor_id constant, Onnx__TensorProto *made);

/* Another value of a Constant node's or other node's attribute: a copy to be changed,
 * NULL when memory is gone or the node has none of that name. */
Onnx__AttributeProto *rewriting_attribute(
	struct rewriting *r, node_id node, const char *name);

/* A name made of a group's, a word behind it, that no tensor (node) of the file has. */
ProtobufCBinaryData rewriting_name(
	struct rewriting *r, uint32_t group, const char *ending);

/* New initializers for scales and zero points, appended; their names in the bytes. */
bool rewriting_add_scale(struct rewriting *r, uint32_t group, const char *ending,
	const struct numbers *numbers, ProtobufCBinaryData *name);
bool rewriting_add_zero(struct rewriting *r, uint32_t group, const char *ending,
	const struct numbers *numbers, ProtobufCBinaryData *name);

/* The message of scales (`zero` false) or zero points under a name, with these dims. */
Onnx__TensorProto *rewriting_tensor(struct rewriting *r, ProtobufCBinaryData name,
	const struct numbers *numbers, bool zero, const int64_t *dims, size_t rank);

#endif
