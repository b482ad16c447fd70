/* What the parts of model_raise_opset share (qdq-semantics.md 6.1). */
#ifndef QDQEDIT_OPSET_RAISE_H
#define QDQEDIT_OPSET_RAISE_H

#include "base/names.h"
#include "infer/infer.h"
#include "opset/opset.h"

/* Facts of one operator of the default domain. */
struct raise_operator {
	uint64_t changes; /* bit k: a version begins at opset k */
	int first;        /* its first opset, 0: not known */
};

struct raise_node {
	Onnx__NodeProto *proto;
	uint32_t operator_id; /* into raise->operators, NAME_NONE: another domain */
	bool own;             /* proto and its arrays may be written */
	uint32_t body;        /* first of its bodies among graph->bodies */
	uint32_t body_count;
};

/* A graph attribute: index of the attribute in the node, and the graph. */
struct raise_body {
	struct raise_graph *graph;
	uint32_t attribute;
};

struct raise_operator_list ARRAY_OF(struct raise_operator);
struct raise_node_list ARRAY_OF(struct raise_node);
struct raise_body_list ARRAY_OF(struct raise_body);
struct raise_tensor_list ARRAY_OF(Onnx__TensorProto *);
struct raise_name_list ARRAY_OF(ProtobufCBinaryData);
struct raise_count_list ARRAY_OF(uint32_t);

/* A graph under conversion. Names are those of the input until the end: what was
 * renamed is looked up when the result is put together. */
struct raise_graph {
	struct raise *raise;
	struct raise_graph *parent; /* NULL for the main graph */
	struct raise_graph *next;   /* of all graphs */
	const Onnx__GraphProto *base;
	struct raise_node_list nodes;
	struct raise_body_list bodies;
	struct raise_tensor_list new_initializers;
	uint64_t number;                   /* the last one taken */
	struct names used;                 /* names _v_N in use, here and below */
	struct raise_count_list use_count; /* by id of `used` */
	struct names outputs;              /* graph outputs */
	struct names captured;             /* what graphs below take from outside */
	struct names taken;                /* what this one takes */
	struct names renamed;              /* old names ... */
	struct raise_name_list renames;    /* ... and their new ones, by id */
	const struct infer_values *known;  /* NULL: not asked for */
	uint64_t pending; /* bit k: a node here or below changes at step k */
};

/* A piece of the model's arena with names made by the raise. */
struct raise_block {
	uint8_t *start;
	size_t used, room;
};

struct raise_block_list ARRAY_OF(struct raise_block);

struct raise {
	const struct model *base;
	struct model *model;
	bool mended;
	struct infer_run *inference; /* the caller's: as onnx converts and saves it */
	struct infer_run *own;       /* else */
	struct opset_rename_list *renames; /* or NULL */
	struct names operator_names;
	struct raise_operator_list operators; /* by id */
	struct raise_graph *graphs;           /* all of them */
	struct raise_block_list made;         /* names that no rename applies to */
	struct error *err;
};

/* One node in one step. What is put before and behind it goes to `out`. */
struct raise_step {
	struct raise *raise;
	struct raise_graph *graph;
	struct raise_node *node;      /* a copy, put to `out` after the adapter */
	struct raise_node_list out;   /* the graph's nodes so far */
	struct raise_node_list after; /* what follows the node */
	int64_t opset;                /* the step leads to it */
};

/* The change of one operator at one step; NULL if nothing but the number changes. */
typedef bool raise_adapter(struct raise_step *s);
raise_adapter *raise_find_adapter(ProtobufCBinaryData op_type, int64_t opset);

/* The error that a node cannot be raised; always false. */
bool raise_refuse(const struct raise_step *s, const char *reason);
bool raise_memory(struct raise *r);

/* Numbers and names _v_N. */
uint64_t raise_take_number(struct raise_graph *graph);
bool raise_use_name(struct raise_graph *graph, ProtobufCBinaryData name);
void raise_drop_name(struct raise_graph *graph, ProtobufCBinaryData name);

/* The bodies below that take `old` from outside call it `now` from here on, so that
 * their own new names avoid it. */
bool raise_rename_below(
	struct raise_graph *graph, ProtobufCBinaryData old, ProtobufCBinaryData now);

/* Two texts in a row as a new name, which raise_is_made knows by its place: names of
 * the input that were renamed may be given again. data is NULL if memory is gone. */
ProtobufCBinaryData raise_join(struct raise *r, ProtobufCBinaryData a, const char *b);
bool raise_is_made(const struct raise *r, ProtobufCBinaryData name);

/* The name _v_N in the model's arena; data is NULL if memory is gone. */
ProtobufCBinaryData raise_new_name(struct raise_graph *graph);

/* Makes the node of a step writable. */
bool raise_own(struct raise_step *s);

/* The attribute of a name, or NULL. */
const Onnx__AttributeProto *raise_attribute(const struct raise_step *s, const char *name);
int64_t raise_int(const struct raise_step *s, const char *name, int64_t absent);
bool raise_remove_attribute(struct raise_step *s, const char *name);
bool raise_add_int(struct raise_step *s, const char *name, int64_t value);
bool raise_set_int(struct raise_step *s, const char *name, int64_t value);
bool raise_add_string(struct raise_step *s, const char *name, const char *value);
bool raise_add_input(struct raise_step *s, ProtobufCBinaryData name);

/* New Constants before the node; *name is their output. */
bool raise_constant_i64(struct raise_step *s, const int64_t *values, size_t count,
	bool scalar, ProtobufCBinaryData *name);
bool raise_constant_f32(struct raise_step *s, const float *values, size_t count,
	bool scalar, ProtobufCBinaryData *name);

/* A FLOAT scalar, or one of the element type of the node's first input when mending;
 * noted for ranges. */
bool raise_scalar_like(struct raise_step *s, float value, ProtobufCBinaryData *name);

/* A new node without name, with one input and one output. */
bool raise_new_node(struct raise_step *s, struct raise_node_list *list,
	const char *op_type, ProtobufCBinaryData input, ProtobufCBinaryData output);

/* Replaces the node by one with another operator: given inputs, one output that takes
 * a number, no attributes, name or doc string. */
bool raise_replace(struct raise_step *s, const char *op_type, size_t inputs);

bool raise_note(struct raise *r, ProtobufCBinaryData old_name,
	ProtobufCBinaryData new_name, int kind, double constant);

/* Notes that Q39 changed what becomes of the node. */
bool raise_note_mended(struct raise_step *s);

/* Softmax and LogSoftmax to 13 (and Hardmax when mending). */
raise_adapter raise_softmax;

/* The adapters of steps 14 on. */
raise_adapter raise_layout, raise_roi_align, raise_ceil_mode, raise_num_outputs,
	raise_dft, raise_grid_sample, raise_batch_norm_14, raise_group_norm;

/* `axes` becomes an input (steps 13 and 18). */
raise_adapter raise_axes;

#endif
