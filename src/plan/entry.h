/* Building entries: for the files of plan/, and for src/qdq, which makes overrides of
 * what a file holds. */
#ifndef QDQEDIT_PLAN_ENTRY_H
#define QDQEDIT_PLAN_ENTRY_H

#include "plan/overrides.h"

#define MEMORY_FOR_OVERRIDES "tensor overrides"

/* Replaces the receivers by those names, in the order given. */
bool entry_set_receivers(struct overrides *overrides, struct entry *entry,
	const name_id *names, uint32_t count);

/* True if the name is among the receivers. */
bool entry_has_receiver(const struct entry *entry, name_id name);

/* Another name in the place of a receiver's. */
void entry_rename_receiver(struct entry *entry, name_id from, name_id to);

/* The only entry of a tensor, for writing; NULL if it has none, or one a channel. */
struct entry *entry_single(
	struct overrides *overrides, const struct graph *graph, tensor_id tensor);

/* The tensor gets one entry; NULL when memory is gone. */
struct entry *entry_add_single(
	struct overrides *overrides, const struct graph *graph, tensor_id tensor);

/* Adds names to the receivers and brings all into the file order of the nodes (of equal
 * names the first node counts). */
bool entry_add_receivers(struct overrides *overrides, const struct graph *graph,
	struct entry_list *list, const name_id *names, uint32_t count);

/* Deep copy of one list into other overrides, in place of what is there. */
bool entry_list_copy(
	struct overrides *to, struct entry_list *out, const struct entry_list *in);

/* Lays keys over others: scale and zero point, and what a scale is computed from,
 * exclude each other, the later wins. */
void entry_params_lay(
	struct entry_params *params, const struct entry_params *set, unsigned drop);

bool entry_params_equal(const struct entry_params *a, const struct entry_params *b);
bool entry_equal(const struct entry *a, const struct entry *b);
bool entry_list_equal(const struct entry_list *a, const struct entry_list *b);

/* Same tensors in the same order with the same entries. */
bool overrides_equal(const struct overrides *a, const struct overrides *b);

#endif
