/* The steps of graph_build; private to src/graph. Each takes what those before made. */
#ifndef QDQEDIT_GRAPH_BUILD_H
#define QDQEDIT_GRAPH_BUILD_H

#include "base/array.h"
#include "graph/graph.h"

struct build_tensors ARRAY_OF(struct graph_tensor);
struct build_nodes ARRAY_OF(struct graph_node);
struct build_scopes ARRAY_OF(struct graph_scope);
struct build_ids ARRAY_OF(uint32_t);
struct build_dims ARRAY_OF(int64_t);

/* A graph under construction: arrays still growing, handed over to `graph` at the end
 * (build_hand_over) whatever happens, so that graph_free frees them. */
struct build {
	struct graph *graph;
	const char *path; /* of the model, for messages */
	struct error *err;
	struct build_tensors tensors;
	struct build_nodes nodes;
	struct build_scopes scopes;
	struct build_ids slots, ports;
	struct build_dims dims;
	struct names symbols;
};

/* Scopes and nodes, main graph first, and room for their slots. collect.c */
bool build_collect(struct build *build);

/* Functions, and the nodes that call them. functions.c */
bool build_functions(struct build *build);

/* Tensors with their producers; slots and ports; the look-up tables. define.c */
bool build_define(struct build *build);

/* The steps below work on the graph, after the arrays were handed over. */

/* Readers of each tensor. readers.c */
bool build_readers(struct graph *graph, struct error *err);

/* Topological orders; refuses cycles. order.c */
bool build_order(struct graph *graph, const char *path, struct error *err);

/* Element types. types.c */
bool build_types(struct graph *graph, unsigned sweeps, struct error *err);

/* Ranks and dims. shapes.c */
bool build_shapes(struct graph *graph, struct error *err);

/* Shared by the steps. */

/* The id of a name that may be empty; refuses an embedded NUL. */
bool build_name(struct build *build, ProtobufCBinaryData bytes, name_id *id);

/* The tensor of exactly this scope, or GRAPH_NONE. */
tensor_id build_lookup(const struct graph *graph, scope_id scope, name_id name);

bool build_no_memory(struct error *err);

#endif
