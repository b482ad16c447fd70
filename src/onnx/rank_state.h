/* What the parts of the inference share; private to rank*.c. */
#ifndef QDQEDIT_ONNX_RANK_STATE_H
#define QDQEDIT_ONNX_RANK_STATE_H

#include "base/array.h"
#include "onnx/rank.h"

/* Who says what a value is; each hides those before. */
enum rank_source { RANK_BY_NODE, RANK_BY_INFO, RANK_BY_INPUT, RANK_BY_OUTPUT };

/* What declarations said that a later one hides. */
struct rank_shadow {
	struct known_shape info, input;
	bool has_info, has_input;
};

struct rank_value {
	struct known_shape now;
	struct rank_shadow *shadow; /* or NULL */
	enum rank_source source;
	const Onnx__TensorProto
		*tensor; /* of an initializer that is a value from IR 4 on */
	bool has_type;   /* something says what it is, be it little */
	bool is_open;    /* a graph output whose declaration has no type */
	bool no_value; /* below IR 4 the converter has no shape of a body's initializer */
};

struct rank_value_list ARRAY_OF(struct rank_value);

/* Versions of domains: of a model or of a function. */
struct rank_imports {
	Onnx__OperatorSetIdProto *const *items;
	size_t count;
};

struct rank_state_list ARRAY_OF(struct ranks *);
struct rank_flag_list ARRAY_OF(bool);
struct rank_id_list ARRAY_OF(name_id);
struct rank_names_list ARRAY_OF(struct names);

struct ranks {
	struct names names;
	struct rank_value_list values; /* by id */
	struct ranks *outer;           /* the graph around, or NULL */
	struct ranks *next;            /* of all in the run */
	struct rank_run *run;
	const Onnx__GraphProto *graph; /* NULL: a call of a function */
	struct rank_imports imports;
	struct rank_id_list added; /* values that onnx adds a value_info for, in order */
	bool is_converted;         /* they are all that there are */
	unsigned depth;            /* of calls of functions */
	bool from_file;            /* external data are not read */
};

struct rank_run {
	struct ranks *all;              /* but those inside functions */
	struct ranks *main;             /* one of them */
	struct names graphs;            /* pointers to graphs ... */
	struct rank_state_list states;  /* ... and theirs, by id */
	struct names symbols;           /* a letter and a text, by what -2 - extent is */
	struct rank_flag_list taken;    /* by symbol: in use in this sweep */
	uint64_t number;                /* of the next name unk__N to try */
	struct rank_names_list retired; /* whose arenas are still in use */
	enum rank_storage storage;
};

/* ---- symbols (rank_symbols.c) */

/* The symbol of a dim_param or of a value below 0; RANK_UNKNOWN if memory is gone. */
int64_t rank_symbol(struct rank_run *run, const char *text, size_t length);
int64_t rank_extent_of(struct rank_run *run, const Onnx__TensorShapeProto__Dimension *d);

/* The extent of a value, which may be below 0; RANK_UNKNOWN also if memory is gone. */
int64_t rank_value_of(struct rank_run *run, int64_t value);

/* True if the extent is a value below 0, which is put into *value; else its name is put
 * into *name, which stays. */
bool rank_symbol_value(
	const struct rank_run *run, int64_t extent, int64_t *value, const char **name);

/* Gives extents of which nothing is known a new name each. False if memory is gone. */
bool rank_materialize(struct ranks *ranks, struct known_shape *shape);

/* Starts a sweep: names in use are those that stand in the graph and in those below. */
bool rank_collect_names(struct rank_run *run, const Onnx__GraphProto *graph);

/* The same for a graph inside a function, which is come upon only in a call. */
bool rank_add_names(struct ranks *ranks);

/* ---- values (rank.c) */

/* The entry of a name, made if need be; NULL if memory is gone. */
struct rank_value *rank_entry(struct ranks *ranks, ProtobufCBinaryData name);

/* The entry as the inference sees it, also around; NULL if nothing is known. */
struct rank_value *rank_look_up(struct ranks *ranks, ProtobufCBinaryData name);

/* What a declaration says; *has_type tells whether it does. */
bool rank_read_type(
	struct ranks *ranks, const Onnx__TypeProto *type, struct known_shape *shape);

/* The one type that onnx's converter gives a value: what a value_info says, else the
 * output, else the input. */
struct known_shape rank_converted(const struct rank_value *value);

/* Completes `target` by what was inferred. *conflict: they contradict each other, and
 * nothing was done. False if memory is gone. */
bool rank_merge(struct ranks *ranks, struct known_shape *target,
	const struct known_shape *inferred, bool *conflict);

/* Notes what is inferred of an output. */
bool rank_note(struct ranks *ranks, ProtobufCBinaryData name, struct known_shape inferred,
	bool *conflict);

/* Once: what the graph declares. Before each inference: its initializers. */
bool rank_fill(struct ranks *ranks);
bool rank_close(struct ranks *ranks); /* before what is not the first inference */
bool rank_fill_initializers(struct ranks *ranks, const struct model *model);

bool rank_nodes(struct ranks *ranks, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count);

static inline bool rank_is_nothing(const struct known_shape *shape)
{
	return !shape->type && shape->rank < 0 && shape->kind == RANK_TENSOR;
}

/* The same in the arena of other ranks. */
bool rank_import(struct ranks *ranks, struct known_shape *shape);

/* ---- graphs (rank_run.c) */

/* The values of a graph in a node, filled by its declarations. Inside functions they are
 * new each time, and to be left by rank_leave, which does nothing for others. */
struct ranks *rank_enter(
	struct ranks *outer, const struct model *model, const Onnx__GraphProto *graph);
void rank_leave(struct ranks *ranks);
void rank_release(struct ranks *ranks);

/* ---- rules */

/* If, Loop, Scan and SequenceMap (rank_bodies.c): *found tells whether the node is one.
 */
bool rank_infer_bodies(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found,
	bool *gives_up);

/* A function, which sees its inputs by its own names and nothing around the call. */
bool rank_call(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, const Onnx__FunctionProto *function,
	struct known_shape *out);

/* An operator that is a function in onnx and has no rule (rank_functions.c). */
bool rank_infer_function(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found);

/* A call of a function of the model (rank_calls.c). */
bool rank_infer_call(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found);

/* What onnx's inference says of each output of a node of the default domain or of
 * ai.onnx.ml (rank_rules.c); `out` has room for all. *gives_up: the inference of this
 * node ends in an error, nothing is known of its outputs. False if memory is gone. */
bool rank_infer_outputs(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *gives_up);

/* A shape that another has, without what is true of that value alone. */
struct known_shape rank_derived(struct known_shape shape);

/* The version of a domain that nodes of these ranks have, 0 if it is not imported. */
int64_t rank_version(const struct ranks *ranks, ProtobufCBinaryData domain);

/* Zeroed or in the arena of the ranks; NULL if memory is gone. */
void *rank_alloc(struct ranks *ranks, size_t count, size_t size);

#endif
