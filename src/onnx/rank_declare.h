/* Writing types of values into a model; private to rank_declare.c and rank_types.c. */
#ifndef QDQEDIT_ONNX_RANK_DECLARE_H
#define QDQEDIT_ONNX_RANK_DECLARE_H

#include "onnx/rank_state.h"

/* What is known of a declaration, and of the graph it stands in. */
struct rank_found {
	const struct known_shape *shape;
	const struct ranks *ranks;
};

struct rank_found_list ARRAY_OF(struct rank_found);

struct rank_writer {
	const struct rank_run *run;
	struct model *model;          /* new messages are in its arena */
	struct names infos;           /* pointers to ValueInfoProto ... */
	struct rank_found_list found; /* ... what is known of theirs, by id */
};

/* A copy in the arena, or without `message` room for one; NULL if memory is gone. */
void *rank_copy(struct rank_writer *w, const void *message, size_t size);

/* The type of a declaration as it was found; *out is `old` if that says it already. An
 * empty one if nothing is known. False if memory is gone. */
bool rank_put_type(struct rank_writer *w, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out);

#endif
