/* Tensor quantization overrides: the image of ONNX Runtime's TensorQuantOverrides. */
#ifndef QDQEDIT_PLAN_OVERRIDES_H
#define QDQEDIT_PLAN_OVERRIDES_H

#include "base/problem.h"
#include "graph/graph.h"
#include "rules/options.h"

/* Which keys an entry has. */
enum entry_key {
	ENTRY_TYPE = 1 << 0,
	ENTRY_AXIS = 1 << 1,
	ENTRY_SCALE = 1 << 2,
	ENTRY_ZERO_POINT = 1 << 3,
	ENTRY_SYMMETRIC = 1 << 4,
	ENTRY_REDUCE_RANGE = 1 << 5,
	ENTRY_RMIN = 1 << 6,
	ENTRY_RMAX = 1 << 7,
	ENTRY_CONVERT = 1 << 8,
	ENTRY_RECEIVERS = 1 << 9, /* in the convert part */
};

/* Keys that an entry and its convert part have in common. Numbers as float32 that was
 * read (scale, rmin, rmax). */
struct entry_params {
	uint16_t has; /* ENTRY_ bits */
	uint8_t type; /* enum qtype */
	bool symmetric, reduce_range;
	int32_t axis;
	int32_t zero_point;
	float scale, rmin, rmax;
};

struct entry {
	struct entry_params own;     /* own.has holds ENTRY_CONVERT too */
	struct entry_params convert; /* convert.has holds ENTRY_RECEIVERS */
	name_id *receivers;          /* node names (graph->names), file order of nodes */
	uint32_t receiver_count;
};

/* The list of one tensor: one entry, or one for each channel. */
struct entry_list {
	tensor_id tensor;
	struct entry *entries;
	uint32_t count;
};

/* Ordered; the order means something to ONNX Runtime (quirk Q1). Values live in the
 * arena. Zero-initialized is empty; freed by overrides_release. */
struct overrides {
	struct entry_list *lists;
	uint32_t count;
	size_t room;
	uint32_t *index; /* tensor_id to position plus one; graph->tensor_count long */
	struct arena arena;
};

void overrides_release(struct overrides *overrides);

/* The tensor's list, or NULL. */
const struct entry_list *overrides_find(
	const struct overrides *overrides, tensor_id tensor);

/* The list of a tensor for writing, appended (empty) when it has none; NULL when
 * memory is gone. */
struct entry_list *overrides_add(
	struct overrides *overrides, const struct graph *graph, tensor_id tensor);

/* `count` empty entries for a list of the overrides, in their arena. */
bool entry_list_set_count(
	struct overrides *overrides, struct entry_list *list, uint32_t count);

/* The first entry of the tensor's list, or NULL. */
const struct entry *overrides_entry(const struct overrides *overrides, tensor_id tensor);

/* ONNX Runtime takes the types that are in use from the first list alone (quirk Q1): one
 * with 16 or 4 bits goes to the front if that has 8 (command-line.md 3). Gives where that
 * stood, to be put back there; 0 if none went. */
uint32_t overrides_put_wide_first(struct overrides *overrides);
void overrides_put_back(struct overrides *overrides, uint32_t place);

bool overrides_copy(struct overrides *to, const struct overrides *from,
	const struct graph *graph, struct error *err);

/* The ids of problems about a receiver that is not in the new graph, and of a tensor
 * whose conversion was dropped because none of its receivers is. */
#define REBIND_RECEIVER "rebind-receiver"
#define REBIND_CONVERSION "rebind-conversion"

/* The same overrides by name on another graph (after an opset raise); what has no
 * tensor or node there is reported in `problems`. `compatible`: as ONNX Runtime, which
 * counts receivers that are not in the graph and refuses a tensor that is not, unless
 * another stands before it (quirk Q1); names may be added to the graph's pool. */
bool overrides_rebind(struct overrides *to, const struct overrides *from,
	const struct graph *old_graph, struct graph *new_graph, bool compatible,
	struct problem_list *problems, struct error *err);

/* The opset that the model is raised to before it is quantized (qdq-semantics.md 6.1);
 * 0 if it stays. */
int64_t overrides_raise_target(const struct overrides *overrides,
	const struct quant_options *options, int64_t opset);

/* True if the entry's converted side goes to this node (by name; all readers if the
 * entry has no receivers). */
bool entry_converts_for(
	const struct entry *entry, const struct graph *graph, node_id node);

/* Reads the JSON of command-line.md 3. All faults go to `problems` (place: FILE, then
 * line or field path); false if there was any error among them or memory is gone. `out`
 * (released by the caller in any case) then has the lists without a fault. `name` is the
 * file's name for messages. */
bool overrides_read(struct overrides *out, const struct graph *graph, const char *json,
	size_t length, const char *name, struct problem_list *problems,
	struct error *err);

/* The rules T1 to T11, C1 to C17 of qdq-semantics.md 4.3 and 4.4 for every tensor, and
 * what command-line.md 3 refuses in both modes. */
bool overrides_check(const struct overrides *overrides, const struct graph *graph,
	const struct quant_options *options, const char *name,
	struct problem_list *problems, struct error *err);

/* The same of one list. */
bool overrides_check_list(const struct entry_list *list, const struct graph *graph,
	const struct quant_options *options, const char *name,
	struct problem_list *problems, struct error *err);

/* Reads and checks list by list, so that all faults come in the order of the file.
 * Unlike a list that cannot be read, one against the rules stays in `out`. */
bool overrides_load(struct overrides *out, const struct graph *graph,
	const struct quant_options *options, const char *json, size_t length,
	const char *name, struct problem_list *problems, struct error *err);

/* The JSON to the byte of command-line.md 3 (malloc'ed, the caller frees; NULL when
 * memory is gone). `line_of` (may be NULL, graph->tensor_count long) gets the first
 * line, from 1, of each tensor. */
char *overrides_write(const struct overrides *overrides, const struct graph *graph,
	size_t *length, uint32_t *line_of);

/* The lines of one tensor in it, without the comma and the newline behind the last; and
 * how many they are. */
char *overrides_write_list(
	const struct entry_list *list, const struct graph *graph, size_t *length);
uint32_t overrides_lines_of(const struct entry_list *list);

#endif
