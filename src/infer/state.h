/* What the parts of the inference share; private to src/infer. */
#ifndef QDQEDIT_INFER_STATE_H
#define QDQEDIT_INFER_STATE_H

#include "base/array.h"
#include "infer/infer.h"

/* Who says what a value is; each hides those before. */
enum infer_source { INFER_BY_NODE, INFER_BY_INFO, INFER_BY_INPUT, INFER_BY_OUTPUT };

/* What declarations said that a later one hides. */
struct infer_shadow {
	struct known_shape info, input;
	bool has_info, has_input;
};

struct infer_value {
	struct known_shape now;
	struct infer_shadow *shadow; /* or NULL */
	enum infer_source source;
	const Onnx__TensorProto
		*tensor; /* of an initializer that is a value from IR 4 on */
	bool has_type;   /* something says what it is, be it little */
	bool is_open;    /* a graph output whose declaration has no type */
	bool no_value; /* below IR 4 the converter has no shape of a body's initializer */
};

struct infer_value_list ARRAY_OF(struct infer_value);

/* Versions of domains: of a model or of a function. */
struct infer_imports {
	Onnx__OperatorSetIdProto *const *items;
	size_t count;
};

struct infer_state_list ARRAY_OF(struct infer_values *);
struct infer_flag_list ARRAY_OF(bool);
struct infer_id_list ARRAY_OF(name_id);
struct infer_names_list ARRAY_OF(struct names);

struct infer_values {
	struct names names;
	struct infer_value_list values; /* by id */
	struct infer_values *outer;     /* the graph around, or NULL */
	struct infer_values *next;      /* of all in the run */
	struct infer_run *run;
	const Onnx__GraphProto *graph; /* NULL: a call of a function */
	struct infer_imports imports;
	struct infer_id_list added; /* values that onnx adds a value_info for, in order */
	bool is_converted;          /* they are all that there are */
	unsigned depth;             /* of calls of functions */
	bool from_file;             /* external data are not read */
};

struct infer_run {
	struct infer_values *all;        /* but those inside functions */
	struct infer_values *main;       /* one of them */
	struct names graphs;             /* pointers to graphs ... */
	struct infer_state_list states;  /* ... and theirs, by id */
	struct names symbols;            /* a letter and a text, by what -2 - extent is */
	struct infer_flag_list taken;    /* by symbol: in use in this sweep */
	uint64_t number;                 /* of the next name unk__N to try */
	struct infer_names_list retired; /* whose arenas are still in use */
	enum infer_storage storage;
};

/* ---- symbols (symbols.c) */

/* The symbol of a dim_param or of a value below 0; INFER_UNKNOWN if memory is gone. */
int64_t infer_symbol(struct infer_run *run, const char *text, size_t length);
int64_t infer_extent_of(
	struct infer_run *run, const Onnx__TensorShapeProto__Dimension *d);

/* The extent of a value, which may be below 0; INFER_UNKNOWN also if memory is gone. */
int64_t infer_value_of(struct infer_run *run, int64_t value);

/* True if the extent is a value below 0, which is put into *value; else its name is put
 * into *name, which stays. */
bool infer_symbol_value(
	const struct infer_run *run, int64_t extent, int64_t *value, const char **name);

/* Gives extents of which nothing is known a new name each. False if memory is gone. */
bool infer_materialize(struct infer_values *known, struct known_shape *shape);

/* Starts a sweep: names in use are those that stand in the graph and in those below. */
bool infer_collect_names(struct infer_run *run, const Onnx__GraphProto *graph);

/* The same for a graph inside a function, which is come upon only in a call. */
bool infer_add_names(struct infer_values *known);

/* ---- values (values.c, read.c, infer.c) */

/* The entry of a name, made if need be; NULL if memory is gone. */
struct infer_value *infer_entry(struct infer_values *known, ProtobufCBinaryData name);

/* The entry as the inference sees it, also around; NULL if nothing is known. */
struct infer_value *infer_look_up(struct infer_values *known, ProtobufCBinaryData name);

/* What a declaration says; *has_type tells whether it does. */
bool infer_read_type(struct infer_values *known, const Onnx__TypeProto *type,
	struct known_shape *shape);

/* The one type that onnx's converter gives a value: what a value_info says, else the
 * output, else the input. */
struct known_shape infer_converted(const struct infer_value *value);

/* Completes `target` by what was inferred. *conflict: they contradict each other, and
 * nothing was done. False if memory is gone. */
bool infer_merge(struct infer_values *known, struct known_shape *target,
	const struct known_shape *inferred, bool *conflict);

/* Notes what is inferred of an output. */
bool infer_note(struct infer_values *known, ProtobufCBinaryData name,
	struct known_shape inferred, bool *conflict);

/* Once: what the graph declares. Before each inference: its initializers. */
bool infer_fill(struct infer_values *known);
bool infer_close(struct infer_values *known); /* before what is not the first inference */
bool infer_fill_initializers(struct infer_values *known, const struct model *model);

bool infer_nodes(struct infer_values *known, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count);

static inline bool infer_is_nothing(const struct known_shape *shape)
{
	return !shape->type && shape->rank < 0 && shape->kind == INFER_TENSOR;
}

/* The same in the arena of other values. */
bool infer_import(struct infer_values *known, struct known_shape *shape);

/* ---- graphs (run.c) */

/* The values of a graph in a node, filled by its declarations. Inside functions they are
 * new each time, and to be left by infer_leave, which does nothing for others. */
struct infer_values *infer_enter(struct infer_values *outer, const struct model *model,
	const Onnx__GraphProto *graph);
void infer_leave(struct infer_values *known);
void infer_release(struct infer_values *known);

/* ---- rules */

/* If, Loop, Scan and SequenceMap (bodies.c): *found tells whether the node is one.
 */
bool infer_bodies_of(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found,
	bool *gives_up);

/* A function, which sees its inputs by its own names and nothing around the call. */
bool infer_call(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, const Onnx__FunctionProto *function,
	struct known_shape *out);

/* An operator that is a function in onnx and has no rule (functions.c). */
bool infer_by_body(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found);

/* A call of a function of the model (calls.c). */
bool infer_called(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found);

/* What onnx's inference says of each output of a node of the default domain or of
 * ai.onnx.ml (rules.c); `out` has room for all. *gives_up: the inference of this
 * node ends in an error, nothing is known of its outputs. False if memory is gone. */
bool infer_outputs(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *gives_up);

/* Gives a shape its rank and extents, which stay (NULL: none of them is known). */
static inline void infer_put_dims(
	struct known_shape *shape, const int64_t *dims, int64_t rank)
{
	shape->rank = rank;
	shape->dims = dims;
	shape->length = rank == 1 && dims ? dims[0] : INFER_UNKNOWN;
}

/* A shape that another has, without what is true of that value alone. */
struct known_shape infer_derived(struct known_shape shape);

/* The version of a domain that nodes of these values have, 0 if it is not imported. */
int64_t infer_version(const struct infer_values *known, ProtobufCBinaryData domain);

/* Zeroed or in the arena of the values; NULL if memory is gone. */
void *infer_alloc(struct infer_values *known, size_t count, size_t size);

#endif
