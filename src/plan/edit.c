/* The single differences that edits are made of. */
#include "plan/edit.h"

bool plan_edit_insert_seed(struct plan *plan, const struct seed *seed, struct error *err)
{
	struct change change = {.kind = CHANGE_SEED,
		.at = plan->seeds.count,
		.has_after = true,
		.after.seed = *seed};

	return plan_edit_apply(plan, &change, err);
}

bool plan_edit_replace_seed(
	struct plan *plan, size_t at, const struct seed *seed, struct error *err)
{
	struct change change = {.kind = CHANGE_SEED,
		.at = at,
		.has_before = true,
		.has_after = true,
		.before.seed = plan->seeds.items[at],
		.after.seed = *seed};

	return plan_edit_apply(plan, &change, err);
}

bool plan_edit_remove_seed(struct plan *plan, size_t at, struct error *err)
{
	struct change change = {.kind = CHANGE_SEED,
		.at = at,
		.has_before = true,
		.before.seed = plan->seeds.items[at]};

	return plan_edit_apply(plan, &change, err);
}

bool plan_edit_remove_param(struct plan *plan, size_t at, struct error *err)
{
	struct change change = {.kind = CHANGE_PARAM,
		.at = at,
		.has_before = true,
		.before.param = plan->params.items[at]};

	return plan_edit_apply(plan, &change, err);
}

bool plan_edit_drop_given(struct plan *plan, tensor_id tensor, struct error *err)
{
	struct change change = {
		.kind = CHANGE_DROP, .has_after = true, .after.tensor = tensor};
	size_t low = 0, high = plan->dropped.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (plan->dropped.items[middle] < tensor)
			low = middle + 1;
		else
			high = middle;
	}
	change.at = low;
	return plan_edit_apply(plan, &change, err);
}

bool plan_edit_set_value(struct plan *plan, enum change_kind kind,
	struct plan_value *owned, struct error *err)
{
	struct plan_value **slot = kind == CHANGE_OPTIONS  ? &plan->options_value
				   : kind == CHANGE_RANGES ? &plan->ranges_value
							   : &plan->given_value;
	struct change change = {.kind = kind,
		.has_before = true,
		.has_after = true,
		.before.value = plan_value_keep(*slot),
		.after.value = owned};

	if (plan_edit_apply(plan, &change, err))
		return true;
	plan_value_drop(change.before.value);
	plan_value_drop(owned);
	return false;
}
