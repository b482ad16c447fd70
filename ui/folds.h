/* Folding of the outline: nodes in groups by the path in their names, or by operator.
 * Which group a node is in is worked out once; opening and closing costs one pass over
 * the groups. */
#ifndef QDQEDIT_UI_FOLDS_H
#define QDQEDIT_UI_FOLDS_H

#include "base/array.h"
#include "plan/outcome.h"

enum fold_kind { FOLD_OFF, FOLD_NAME, FOLD_OP };

#define FOLD_NONE UINT32_MAX

/* What is in a group: nodes, those that do not see the base type, tensors made in it
 * that are converted, and the flags of all of them. */
struct fold_sum {
	uint32_t nodes, promoted, boundaries;
	unsigned flags;
	uint8_t type; /* enum qtype that all see that are quantized; QTYPE_COUNT: several
		       */
};

/* One group; its text is names_text(&folds->names, its number). */
struct fold {
	uint32_t parent;  /* FOLD_NONE at the top; always a smaller number */
	uint32_t members; /* nodes in it and in the groups below it */
	uint32_t cover;   /* outermost closed group around it, or itself; FOLD_NONE */
	uint32_t first;   /* row that stands for it while it is closed */
	uint32_t shown;   /* its nodes that the filter leaves */
	bool closed;
	struct fold_sum sum; /* of a closed one that is not inside another */
};

/* Zero-initialized folds nothing. Freed by folds_release. */
struct folds {
	const struct graph *graph; /* borrowed */
	enum fold_kind kind;
	struct names names;
	struct fold_list ARRAY_OF(struct fold) list;
	node_id first_node;
	uint32_t node_count;
	uint32_t *of_node; /* innermost group, by node behind first_node */
	uint64_t summed;   /* generation that the sums were made for */
	bool stale;        /* groups were opened or closed since */
};

/* Makes the groups of the nodes of a scope, all closed but those at the top that hold
 * every node. Refused when no name has a path ("/a/b/c"). */
bool folds_build(struct folds *folds, const struct graph *graph, scope_id scope,
	enum fold_kind kind, struct error *err);
void folds_release(struct folds *folds);

/* The innermost group of a node, and the closed one that hides it; FOLD_NONE. */
uint32_t folds_of(const struct folds *folds, node_id node);
uint32_t folds_cover(const struct folds *folds, node_id node);

/* Opens or closes one group, all of them, or all around a node. */
void folds_set(struct folds *folds, uint32_t fold, bool closed);
void folds_set_all(struct folds *folds, bool closed);
void folds_reveal(struct folds *folds, node_id node);

/* Sums up what the closed groups hold, if the outcome or they changed since. */
void folds_sum(struct folds *folds, const struct outcome *outcome);

#endif
