/* Private to src/rules: the state of marking and its primitives (3.3, 5.1). */
#ifndef QDQEDIT_RULES_MARKING_H
#define QDQEDIT_RULES_MARKING_H

#include "base/array.h"
#include "rules/marks.h"

#define NO_SLOT UINT32_MAX

struct receiver_entry {
	tensor_id tensor;
	node_id node;
};

struct receiver_log ARRAY_OF(struct receiver_entry);

/* Names of copies (bias_copy.c). */
struct copying {
	struct names names;     /* of copies: id is the index of marks->copies */
	int64_t *largest;       /* by tensor: the largest number that follows its name */
	uint32_t *first, *next; /* main nodes by name: chains, NO_SLOT ends */
};

struct marking {
	struct marks *m;
	const struct graph *graph;
	const struct quant_options *options;
	const struct marks_facts *facts;
	struct selection selection;
	int64_t opset;
	uint32_t room; /* length of arrays by tensor */
	size_t mark_room, bias_room, spared_room, copy_room;
	uint32_t *live_slot; /* by tensor: the slot of marks->slots that makes it now */
	struct receiver_log receivers;
	struct copying copying;
	struct error *err;
};

/* The tensor a node reads or makes at this moment; GRAPH_NONE if absent. */
static inline tensor_id marking_input(const struct marking *k, node_id n, uint32_t slot)
{
	const struct graph_node *node = &k->graph->nodes[n];

	return slot < node->input_count ? k->m->slots[node->first_input + slot]
					: GRAPH_NONE;
}

static inline tensor_id marking_output(const struct marking *k, node_id n, uint32_t slot)
{
	const struct graph_node *node = &k->graph->nodes[n];

	return slot < node->output_count ? k->m->slots[node->first_output + slot]
					 : GRAPH_NONE;
}

/* A dense initializer, or a copy of one. */
bool marking_is_initializer(const struct marking *k, tensor_id tensor);
bool marking_is_float(const struct marking *k, tensor_id tensor);

/* In M or in B. */
bool marking_is_marked(const struct marking *k, tensor_id tensor);

struct tensor_facts marking_facts(const struct marking *k, tensor_id tensor);

/* The primitives ACT, WGT, WGT_PC, SAME and BIAS; false when memory is gone or, for
 * BIAS, a copy cannot be named. */
bool marking_activation(struct marking *k, tensor_id tensor);
bool marking_weight(struct marking *k, tensor_id tensor);
bool marking_per_channel(struct marking *k, tensor_id tensor, int32_t axis);
bool marking_same(struct marking *k, tensor_id out, tensor_id in, node_id node);
bool marking_bias(struct marking *k, node_id node, tensor_id bias, tensor_id input,
	tensor_id weight, float beta);

/* WGT_PC if the tensor is quantized per channel (3.5), else WGT. `choice` may be NULL:
 * no operator type is asked. */
bool marking_weight_or_channels(
	struct marking *k, tensor_id tensor, int axis, const struct op_choice *choice);

/* 3.5: the axis from 0, or -1. */
int32_t marking_channel_axis(const struct marking *k, tensor_id tensor, int axis,
	const struct op_choice *choice);

/* Deletes an entry of M. */
void marking_delete(struct marking *k, tensor_id tensor);

/* A copy of a bias for this node (5.1 step 4): its id in *copy. */
bool marking_copy_bias(struct marking *k, node_id node, tensor_id bias, tensor_id *copy);
void marking_copying_release(struct copying *copying);

/* The rules (op_rules.c). */
bool marking_apply(struct marking *k, node_id node);

/* 3.8: renames the producer's output; *removed says whether the node can go. */
bool marking_try_removal(struct marking *k, node_id node, bool *removed);

/* 3.9 */
bool marking_pad_shares(const struct marking *k, node_id node, bool *shares);

#endif
