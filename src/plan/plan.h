/* What a person chose, and nothing else: options, seeds, parameter edits, loaded
 * overrides, the source of ranges. Everything that follows from it is in plan/outcome.h.
 *
 * Not safe for several threads; a job takes plan_snapshot and may free it anywhere. */
#ifndef QDQEDIT_PLAN_PLAN_H
#define QDQEDIT_PLAN_PLAN_H

#include "plan/overrides.h"
#include "plan/ranges.h"

enum seed_kind {
	SEED_TENSOR, /* the tensor: its producer and all its readers; an initializer's
			stored type only */
	SEED_NODE,   /* the node sees its float tensors in the type */
	SEED_READER, /* one reader of the tensor sees it converted */
};

/* One choice of a type. Never freed one by one. */
struct seed {
	enum seed_kind kind;
	tensor_id tensor; /* GRAPH_NONE for a node seed */
	node_id node;     /* GRAPH_NONE for a tensor seed */
	enum qtype type;
	enum tristate symmetric;
	const char *region; /* name a person gave to the region it founds, or NULL */
	const char *note;   /* note on that region, or NULL */
};
struct seed_list ARRAY_OF(struct seed);

/* Parameters a person set on one side of a tensor's entry: laid over the entry that the
 * closure makes. `set.has` says which keys; ENTRY_TYPE of the own side is not among
 * them (it is a tensor seed). `drop` takes keys of a loaded entry away. `channels` is
 * the whole per-channel list of an initializer, its first element with the axis. */
struct param_edit {
	tensor_id tensor;
	bool converted;
	unsigned drop;
	struct entry_params set;
	const struct entry_params *channels;
	uint32_t channel_count;
};
struct param_list ARRAY_OF(struct param_edit);

/* Tensors whose loaded entry was taken away; ascending. */
struct tensor_list ARRAY_OF(tensor_id);

struct plan_history; /* undo groups; private */
struct plan_cache;   /* the outcome and what it is made from; private */
struct plan_value;   /* a shared immutable value; private */
struct seed_index;   /* seed to position; private */
struct outcome;

/* Read the fields, change them by the functions below only. */
struct plan {
	const struct graph *graph; /* borrowed */
	const struct quant_options *options;
	const struct ranges *ranges;   /* never NULL; count 0 when there are none */
	const struct overrides *given; /* as loaded; see `dropped` */
	const char *given_name;        /* file they came from, "" if none */
	struct seed_list seeds;        /* in the order they were made */
	struct param_list params;
	struct tensor_list dropped;
	bool close_given;    /* close over loaded overrides without any seed too */
	uint64_t generation; /* changes with every edit, undo and redo; never repeats */
	/* private */
	struct plan_value *options_value, *ranges_value, *given_value;
	struct arena texts;
	struct seed_index *index;
	struct plan_history *history;
	struct plan_cache *cache;
};

/* A plan with default options and nothing chosen. NULL when memory is gone. */
struct plan *plan_new(const struct graph *graph, struct error *err);
void plan_free(struct plan *plan);

/* An own copy without history for a job in another thread; same generation number. */
struct plan *plan_snapshot(const struct plan *plan, struct error *err);

/* ---- Edits. Outside plan_begin/plan_commit each is a group of its own. Every edit
 * clears what could be redone. A failed edit changes nothing. */

/* Starts a group named by a sentence ("Op4_out u16"). Groups do not nest. */
bool plan_begin(struct plan *plan, const char *sentence, struct error *err);

/* Ends the group; a group without changes leaves no trace. */
void plan_commit(struct plan *plan);

/* Ends the group and takes back what was done in it. */
void plan_abort(struct plan *plan);

/* Seeds. A seed on the same thing replaces its type and keeps its place. QTYPE_NONE
 * means 16 bit with the signedness of the default activation type. Refused with a
 * reason: tensors that are not float, a reader that does not read the tensor, and
 * nodes outside the main graph. */
bool plan_promote_tensor(struct plan *plan, tensor_id tensor, enum qtype type,
	enum tristate symmetric, struct error *err);
bool plan_promote_node(struct plan *plan, node_id node, enum qtype type,
	enum tristate symmetric, struct error *err);
bool plan_promote_reader(struct plan *plan, tensor_id tensor, node_id node,
	enum qtype type, enum tristate symmetric, struct error *err);
bool plan_add_seed(struct plan *plan, const struct seed *seed, struct error *err);
bool plan_remove_seed(struct plan *plan, size_t index, struct error *err);

/* Demote: removes the seeds that lie on the tensor or node, its parameter edits, and a
 * loaded entry. A row that has none of these but a type of its own by implication loses
 * the seeds that imply it. False with ERROR_NONE in `err` if nothing was removed. */
bool plan_demote_tensor(struct plan *plan, tensor_id tensor, struct error *err);
bool plan_demote_node(struct plan *plan, node_id node, struct error *err);
/* The same for many rows at once, in time linear in the plan. */
bool plan_demote_rows(struct plan *plan, const tensor_id *tensors, uint32_t tensor_count,
	const node_id *nodes, uint32_t node_count, struct error *err);

/* Makes the readers of `nodes` (distinct), and no others, see the tensor in `type`: the
 * readers picker. Replaces the tensor's reader seeds. */
bool plan_set_readers(struct plan *plan, tensor_id tensor, const node_id *nodes,
	uint32_t count, enum qtype type, struct error *err);

/* Replaces the parameter edit of (tensor, converted); one without keys, drops and
 * channels removes it. ENTRY_TYPE in an own side becomes a tensor seed. What breaks a
 * rule of qdq-semantics.md 4.3 or 4.4 is refused with that rule's text. */
bool plan_set_params(struct plan *plan, const struct param_edit *edit, struct error *err);

/* Would plan_set_params take it? For validation as one types. */
bool plan_check_params(
	struct plan *plan, const struct param_edit *edit, struct error *err);
const struct param_edit *plan_find_params(
	const struct plan *plan, tensor_id tensor, bool converted);

bool plan_set_options(
	struct plan *plan, const struct quant_options *options, struct error *err);

/* Loaded overrides, taken over (left empty); all seeds stay. `name` is the file. */
bool plan_set_overrides(
	struct plan *plan, struct overrides *owned, const char *name, struct error *err);

/* Reads and checks JSON and sets it; nothing is set if there was an error. */
bool plan_load_overrides(struct plan *plan, const char *json, size_t length,
	const char *name, struct problem_list *problems, struct error *err);

/* The loaded list of a tensor, or NULL if there is none or it was removed. */
const struct entry_list *plan_given(const struct plan *plan, tensor_id tensor);

/* Takes away the loaded entries that contradict the seeds (the editor calls it in the
 * group of a promotion and says so). `count` gets how many; `names` (may be NULL) their
 * names, at most three. */
bool plan_yield_given(
	struct plan *plan, uint32_t *count, char *names, size_t room, struct error *err);

/* Turns loaded overrides into seeds if those on some of their tensors, with the seeds
 * there are, give what follows now: in the same order, or else in another one. */
enum adopted { ADOPTED_NOTHING, ADOPTED_ALL, ADOPTED_REORDERED };
bool plan_adopt_given(struct plan *plan, enum adopted *how, struct error *err);

/* The same for overrides that stand in no order (those of a quantized model's file): a
 * seed for each entry that one could have written. */
bool plan_adopt_file(struct plan *plan, bool *done, struct error *err);

/* Closes over loaded overrides even without a seed (`promote` does). */
bool plan_close_given(struct plan *plan, bool close, struct error *err);

/* Ranges, taken over (left empty). */
bool plan_set_ranges(struct plan *plan, struct ranges *owned, struct error *err);

/* The ranges in force, wherever they are in the history, now lie in this file. */
bool plan_ranges_saved(struct plan *plan, const char *path, struct error *err);

/* Name and note of the region that a seed founds (index into seeds; outcome's
 * region.seed). NULL or "" removes. */
bool plan_name_region(struct plan *plan, size_t seed, const char *name, const char *note,
	struct error *err);

/* Forgets all seeds, edits and removals; loaded overrides and options stay. */
bool plan_clear(struct plan *plan, struct error *err);

/* ---- Undo: unlimited, by differences. */

struct plan_group {
	const char *sentence;
	uint32_t changes;
	bool undone; /* can be redone */
};

size_t plan_group_count(const struct plan *plan);
struct plan_group plan_group_at(const struct plan *plan, size_t index);
size_t plan_undo_position(const struct plan *plan); /* groups that are in effect */

/* The sentence of the group undone or redone (borrowed), NULL if there was none. */
const char *plan_undo(struct plan *plan);
const char *plan_redo(struct plan *plan);

/* Forgets all groups: what is now in effect is where undo starts. */
void plan_forget_history(struct plan *plan);

/* Unsaved changes: the position differs from the one of plan_mark_saved. */
bool plan_is_dirty(const struct plan *plan);
void plan_mark_saved(struct plan *plan);

/* That position; SIZE_MAX if no undo or redo leads to it any more. */
size_t plan_saved_position(const struct plan *plan);

/* ---- Seeds as text, command-line.md 2. */

/* Appends the seeds that one SEED means (a glob, expression or op: form gives several)
 * and says all that is wrong in `err`, with the nearest names. "@FILE" is read here. */
bool seed_parse(const struct graph *graph, const char *text, struct seed_list *seeds,
	struct error *err);

/* The seed in the form that seed_parse reads (exact for any name that is one line);
 * malloc'ed, NULL when memory is gone. */
char *seed_text(const struct graph *graph, const struct seed *seed);

/* What a seed is about in words: "Op4_out u16", "node Op4 u16", "Op2_out for Op4 u16". */
char *seed_words(
	const struct graph *graph, const struct seed *seed, char *out, size_t room);

#endif
