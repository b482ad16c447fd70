/* How a plan changes: by recorded differences; for the files of plan/ only. */
#ifndef QDQEDIT_PLAN_EDIT_H
#define QDQEDIT_PLAN_EDIT_H

#include "plan/plan.h"

#include <stdatomic.h>

/* Options, ranges or overrides that plans, their history and snapshots share. */
struct plan_value {
	atomic_uint references;
	void (*release)(struct plan_value *value); /* of what it holds */
	struct quant_options options;
	struct ranges ranges;
	struct overrides overrides;
	char *name; /* of the overrides' file, or NULL */
};

struct plan_value *plan_value_new(void (*release)(struct plan_value *value));
struct plan_value *plan_value_keep(struct plan_value *value);
void plan_value_drop(struct plan_value *value);
void plan_value_release_options(struct plan_value *value);
void plan_value_release_ranges(struct plan_value *value);
void plan_value_release_overrides(struct plan_value *value);

/* Points the plan's public fields at its values. */
void plan_show_values(struct plan *plan);

enum change_kind {
	CHANGE_SEED,    /* item of plan->seeds */
	CHANGE_PARAM,   /* item of plan->params */
	CHANGE_DROP,    /* item of plan->dropped */
	CHANGE_OPTIONS, /* the value as a whole */
	CHANGE_RANGES,
	CHANGE_GIVEN,
	CHANGE_CLOSE,
};

union change_side {
	struct seed seed;
	struct param_edit param;
	tensor_id tensor;
	struct plan_value *value;
	bool flag;
};

/* One difference. Of an item of a list: without `before` it is inserted at `at`, without
 * `after` removed. */
struct change {
	enum change_kind kind;
	size_t at;
	bool has_before, has_after;
	union change_side before, after;
};
struct change_list ARRAY_OF(struct change);

/* Where an edit started; edit_end takes back what came since if it failed. */
struct edit {
	bool own_group;
	size_t mark;
};

bool plan_edit_is_open(const struct plan *plan);
bool plan_edit_begin(
	struct plan *plan, struct edit *edit, const char *sentence, struct error *err);
bool plan_edit_end(struct plan *plan, const struct edit *edit, bool ok);

/* Records and applies one change; values in it are taken over. */
bool plan_edit_apply(struct plan *plan, const struct change *change, struct error *err);
bool plan_edit_insert_seed(struct plan *plan, const struct seed *seed, struct error *err);
bool plan_edit_replace_seed(
	struct plan *plan, size_t at, const struct seed *seed, struct error *err);
bool plan_edit_remove_seed(struct plan *plan, size_t at, struct error *err);
bool plan_edit_drop_given(struct plan *plan, tensor_id tensor, struct error *err);
bool plan_edit_remove_param(struct plan *plan, size_t at, struct error *err);
bool plan_edit_set_value(struct plan *plan, enum change_kind kind,
	struct plan_value *owned, struct error *err);

/* A text that lives as long as the plan; NULL when memory is gone. */
const char *plan_text(struct plan *plan, const char *text);

/* Position of the seed on the same thing, or SIZE_MAX. */
size_t plan_find_seed(struct plan *plan, const struct seed *seed);
void plan_index_stale(struct plan *plan);
void plan_index_free(struct plan *plan);

struct plan_history *plan_history_new(void);
void plan_history_free(struct plan_history *history);

#endif
