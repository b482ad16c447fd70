/* How reasons are put into words; for the files of plan/ only. */
#ifndef QDQEDIT_PLAN_TELLING_H
#define QDQEDIT_PLAN_TELLING_H

#include "plan/cache.h"

struct telling {
	const struct outcome *o;
	const struct outcome_details *d;
	struct why_list *why;
	bool lost; /* memory is gone */
};

void telling_say(struct telling *telling, enum why_rule rule, tensor_id tensor,
	node_id node, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Names and types in sentences, escaped; valid for eight further calls. */
const char *telling_tensor(const struct telling *telling, tensor_id tensor);
const char *telling_node(const struct telling *telling, node_id node);
const char *telling_type(unsigned type);
void telling_nodes(const struct telling *telling, const node_id *nodes, uint32_t count,
	char *out, size_t room);

/* The nodes of the main graph that read a tensor, for a message: "its readers are Op4,
 * Op7, Op8", after eight "..."; "its only reader is Op4", "no node does". In seed.c. */
void telling_readers(const struct graph *graph, tensor_id tensor, char *out, size_t room);

/* The choice at the bottom: a seed or a loaded entry. */
void telling_cause(struct telling *telling, const struct cause *cause);

/* Why a node was asked: the cause, then (telling_reach) how it reaches the node. */
void telling_request(
	struct telling *telling, node_id node, const struct node_request *request);
void telling_reach(
	struct telling *telling, node_id node, const struct node_request *request);

/* False, and the list released, when memory was gone. */
bool telling_finish(struct telling *telling, struct error *err);

#endif
