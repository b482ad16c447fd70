/* Writing types of values into a model; private to declare.c and types.c. */
#ifndef QDQEDIT_INFER_DECLARE_H
#define QDQEDIT_INFER_DECLARE_H

#include "infer/state.h"

/* What is known of a declaration, and of the graph it stands in. */
struct infer_found {
	const struct known_shape *shape;
	const struct infer_values *known;
};

struct infer_found_list ARRAY_OF(struct infer_found);

struct infer_writer {
	const struct infer_run *run;
	struct model *model;           /* new messages are in its arena */
	struct names infos;            /* pointers to ValueInfoProto ... */
	struct infer_found_list found; /* ... what is known of theirs, by id */
};

/* A copy in the arena, or without `message` room for one; NULL if memory is gone. */
void *infer_copy(struct infer_writer *w, const void *message, size_t size);

/* The type of a declaration as it was found; *out is `old` if that says it already. An
 * empty one if nothing is known. False if memory is gone. */
bool infer_put_type(struct infer_writer *w, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out);

#endif
