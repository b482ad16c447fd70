#include "plan/plan.h"

#include "plan/cache.h"
#include "plan/edit.h"

#include <stdlib.h>
#include <string.h>

struct plan_value *plan_value_new(void (*release)(struct plan_value *value))
{
	struct plan_value *value = calloc(1, sizeof(*value));

	if (value) {
		atomic_init(&value->references, 1);
		value->release = release;
	}
	return value;
}

struct plan_value *plan_value_keep(struct plan_value *value)
{
	atomic_fetch_add(&value->references, 1);
	return value;
}

void plan_value_drop(struct plan_value *value)
{
	if (value && atomic_fetch_sub(&value->references, 1) == 1) {
		value->release(value);
		free(value->name);
		free(value);
	}
}

void plan_value_release_options(struct plan_value *value)
{
	options_release(&value->options);
}

void plan_value_release_ranges(struct plan_value *value)
{
	ranges_release(&value->ranges);
}

void plan_value_release_overrides(struct plan_value *value)
{
	overrides_release(&value->overrides);
}

void plan_show_values(struct plan *plan)
{
	plan->options = &plan->options_value->options;
	plan->ranges = &plan->ranges_value->ranges;
	plan->given = &plan->given_value->overrides;
	plan->given_name = plan->given_value->name ? plan->given_value->name : "";
}

struct plan *plan_new(const struct graph *graph, struct error *err)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (plan) {
		plan->graph = graph;
		plan->generation = 1;
		plan->options_value = plan_value_new(plan_value_release_options);
		plan->ranges_value = plan_value_new(plan_value_release_ranges);
		plan->given_value = plan_value_new(plan_value_release_overrides);
		plan->history = plan_history_new();
	}
	if (!plan || !plan->options_value || !plan->ranges_value || !plan->given_value ||
		!plan->history) {
		plan_free(plan);
		error_set_memory(err, "plan");
		return NULL;
	}
	options_init(&plan->options_value->options);
	plan_show_values(plan);
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	plan_cache_free(plan->cache);
	plan_history_free(plan->history);
	plan_index_free(plan);
	plan_value_drop(plan->options_value);
	plan_value_drop(plan->ranges_value);
	plan_value_drop(plan->given_value);
	ARRAY_RELEASE(&plan->seeds);
	ARRAY_RELEASE(&plan->params);
	ARRAY_RELEASE(&plan->dropped);
	arena_clear(&plan->texts);
	free(plan);
}

const char *plan_text(struct plan *plan, const char *text)
{
	return arena_strndup(&plan->texts, text, strlen(text));
}

/* Copies what a seed or parameter edit points at into the plan's own memory. */
static bool own_seed(struct plan *plan, struct seed *seed)
{
	if (seed->region && !(seed->region = plan_text(plan, seed->region)))
		return false;
	return !seed->note || (seed->note = plan_text(plan, seed->note));
}

static bool own_param(struct plan *plan, struct param_edit *edit)
{
	size_t size = edit->channel_count * sizeof(*edit->channels);
	struct entry_params *copy;

	if (!edit->channel_count)
		return true;
	copy = arena_alloc(&plan->texts, size);
	if (!copy)
		return false;
	memcpy(copy, edit->channels, size);
	edit->channels = copy;
	return true;
}

static bool copy_lists(struct plan *to, const struct plan *from)
{
	for (size_t i = 0; i < from->seeds.count; i++) {
		struct seed seed = from->seeds.items[i];

		if (!own_seed(to, &seed) || !ARRAY_PUSH(&to->seeds, seed))
			return false;
	}
	for (size_t i = 0; i < from->params.count; i++) {
		struct param_edit edit = from->params.items[i];

		if (!own_param(to, &edit) || !ARRAY_PUSH(&to->params, edit))
			return false;
	}
	for (size_t i = 0; i < from->dropped.count; i++)
		if (!ARRAY_PUSH(&to->dropped, from->dropped.items[i]))
			return false;
	return true;
}

struct plan *plan_snapshot(const struct plan *plan, struct error *err)
{
	struct plan *copy = calloc(1, sizeof(*copy));

	if (copy) {
		copy->graph = plan->graph;
		copy->generation = plan->generation;
		copy->close_given = plan->close_given;
		copy->options_value = plan_value_keep(plan->options_value);
		copy->ranges_value = plan_value_keep(plan->ranges_value);
		copy->given_value = plan_value_keep(plan->given_value);
		plan_show_values(copy);
		copy->history = plan_history_new();
	}
	if (!copy || !copy->history || !copy_lists(copy, plan)) {
		plan_free(copy);
		error_set_memory(err, "plan");
		return NULL;
	}
	return copy;
}

static int compare_tensors(const void *a, const void *b)
{
	tensor_id x = *(const tensor_id *)a, y = *(const tensor_id *)b;

	return x < y ? -1 : x > y;
}

const struct entry_list *plan_given(const struct plan *plan, tensor_id tensor)
{
	const struct entry_list *list = overrides_find(plan->given, tensor);

	if (!list || (plan->dropped.count &&
			     bsearch(&tensor, plan->dropped.items, plan->dropped.count,
				     sizeof(tensor), compare_tensors)))
		return NULL;
	return list;
}

bool plan_set_options(
	struct plan *plan, const struct quant_options *options, struct error *err)
{
	struct plan_value *value;

	if (options_equal(plan->options, options))
		return true;
	value = plan_value_new(plan_value_release_options);
	if (!value)
		return error_set_memory(err, "options");
	if (!options_copy(&value->options, options, err)) {
		plan_value_drop(value);
		return false;
	}
	return plan_edit_set_value(plan, CHANGE_OPTIONS, value, err);
}

bool plan_set_ranges(struct plan *plan, struct ranges *owned, struct error *err)
{
	struct plan_value *value = plan_value_new(plan_value_release_ranges);

	if (!value)
		return error_set_memory(err, "ranges");
	value->ranges = *owned;
	*owned = (struct ranges){0};
	return plan_edit_set_value(plan, CHANGE_RANGES, value, err);
}

bool plan_ranges_saved(struct plan *plan, const char *path, struct error *err)
{
	struct ranges *ranges = &plan->ranges_value->ranges;

	while (ranges->file_count)
		free(ranges->files[--ranges->file_count]);
	ranges->measured = false;
	return ranges_add_file(ranges, path, err);
}

bool plan_set_overrides(
	struct plan *plan, struct overrides *owned, const char *name, struct error *err)
{
	struct plan_value *value = plan_value_new(plan_value_release_overrides);
	struct edit edit;
	bool ok;

	if (!value || !(value->name = strdup(name))) {
		plan_value_drop(value);
		return error_set_memory(err, "tensor overrides");
	}
	value->overrides = *owned;
	*owned = (struct overrides){0};
	if (!plan_edit_begin(plan, &edit, "overrides loaded", err)) {
		plan_value_drop(value);
		return false;
	}
	ok = plan_edit_set_value(plan, CHANGE_GIVEN, value, err);
	while (ok && plan->dropped.count) {
		size_t at = plan->dropped.count - 1;
		struct change change = {.kind = CHANGE_DROP,
			.at = at,
			.has_before = true,
			.before.tensor = plan->dropped.items[at]};

		ok = plan_edit_apply(plan, &change, err);
	}
	return plan_edit_end(plan, &edit, ok);
}

bool plan_load_overrides(struct plan *plan, const char *json, size_t length,
	const char *name, struct problem_list *problems, struct error *err)
{
	struct overrides read = {0};
	bool ok = overrides_load(
		&read, plan->graph, plan->options, json, length, name, problems, err);

	if (ok)
		ok = plan_set_overrides(plan, &read, name, err);
	overrides_release(&read);
	return ok;
}

bool plan_close_given(struct plan *plan, bool close, struct error *err)
{
	struct change change = {.kind = CHANGE_CLOSE,
		.has_before = true,
		.has_after = true,
		.before.flag = plan->close_given,
		.after.flag = close};

	return plan->close_given == close || plan_edit_apply(plan, &change, err);
}
