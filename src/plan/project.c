/* Project files. */
#include "plan/project.h"

#include "base/text.h"
#include "plan/entry.h"
#include "plan/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROJECT_LINE "qdqedit project 1"

void project_info_release(struct project_info *info)
{
	free(info->model);
	free(info->overrides);
	text_list_release(&info->ranges);
	for (size_t i = 0; i < info->mark_count; i++)
		free(info->marks[i].name);
	free(info->marks);
	*info = (struct project_info){0};
}

bool project_add_mark(struct project_info *info, char letter, bool node, const char *name)
{
	char *copy = strdup(name);

	if (!copy || !array_reserve((void **)&info->marks, &info->mark_room,
			     info->mark_count + 1, sizeof(*info->marks))) {
		free(copy);
		return false;
	}
	info->marks[info->mark_count++] = (struct project_mark){letter, node, copy};
	return true;
}

/* ---- writing */

static void put_model(struct json_out *out, const struct project_info *info)
{
	char size[64];

	if (!info->model)
		return;
	plan_json_puts(out, "model {\"file\": ");
	line_put_text(out, info->model);
	snprintf(size, sizeof(size),
		", \"size\": %llu, \"digest\": ", (unsigned long long)info->model_size);
	plan_json_puts(out, size);
	line_put_text(out, info->digest);
	plan_json_puts(out, "}\n");
}

static void put_given(
	struct json_out *out, const struct plan *plan, const struct project_info *info)
{
	if (info->overrides || *plan->given_name) {
		plan_json_puts(out, "given ");
		line_put_text(out, info->overrides ? info->overrides : plan->given_name);
		plan_json_puts(out, "\n");
	}
	for (uint32_t i = 0; i < plan->given->count; i++) {
		if (!plan_given(plan, plan->given->lists[i].tensor))
			continue;
		plan_json_puts(out, "entry ");
		line_put_list(out, plan->graph, &plan->given->lists[i]);
		plan_json_puts(out, "\n");
	}
}

char *project_write(
	const struct plan *plan, const struct project_info *info, size_t *length)
{
	struct json_out out = {0};
	char letter[8];

	plan_json_puts(&out, PROJECT_LINE "\n");
	put_model(&out, info);
	for (size_t i = 0; i < info->ranges.count; i++) {
		plan_json_puts(&out, "ranges ");
		line_put_text(&out, info->ranges.items[i]);
		plan_json_puts(&out, "\n");
	}
	line_put_options(&out, plan->options, false);
	put_given(&out, plan, info);
	for (size_t i = 0; i < plan->seeds.count; i++) {
		plan_json_puts(&out, "seed ");
		line_put_seed(&out, plan->graph, &plan->seeds.items[i]);
		plan_json_puts(&out, "\n");
	}
	for (size_t i = 0; i < plan->params.count; i++) {
		plan_json_puts(&out, "param ");
		line_put_param(&out, plan->graph, &plan->params.items[i]);
		plan_json_puts(&out, "\n");
	}
	for (size_t i = 0; i < info->mark_count; i++) {
		snprintf(letter, sizeof(letter), "mark %c ", info->marks[i].letter);
		plan_json_puts(&out, letter);
		plan_json_puts(
			&out, info->marks[i].node ? "{\"node\": " : "{\"tensor\": ");
		line_put_text(&out, info->marks[i].name);
		plan_json_puts(&out, "}\n");
	}
	return plan_json_finish(&out, length);
}

/* ---- reading */

struct project_reader {
	struct line line;
	struct project_info *info; /* what stands beside the plan, or NULL */
	struct plan *plan;         /* or NULL */
	struct quant_options options;
	struct overrides given;
	char *given_name;
	struct seed_list seeds;
	struct param_list params;
	struct arena arena;
	bool is_project, has_given;
};

/* What follows the key and blanks if the line begins with the key, else NULL. */
static const char *after(const char *line, const char *key)
{
	size_t length = strlen(key);

	return !strncmp(line, key, length) && line[length] == ' ' ? line + length + 1
								  : NULL;
}

static bool set_text(struct project_reader *r, char **slot, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text)
		return true;
	free(*slot);
	*slot = strdup(text);
	return *slot || error_set_memory(r->line.err, "project");
}

static bool read_model(struct project_reader *r, const json_t *value)
{
	const char *digest = json_string_value(json_object_get(value, "digest"));
	json_int_t size = json_integer_value(json_object_get(value, "size"));

	snprintf(r->info->digest, sizeof(r->info->digest), "%s", digest ? digest : "");
	r->info->model_size = size > 0 ? (uint64_t)size : 0;
	return set_text(r, &r->info->model, json_object_get(value, "file"));
}

static bool read_ranges(struct project_reader *r, const json_t *value)
{
	char *copy = NULL;

	if (!set_text(r, &copy, value))
		return false;
	if (!copy || ARRAY_PUSH(&r->info->ranges, copy))
		return true;
	free(copy);
	return error_set_memory(r->line.err, "project");
}

static bool read_mark(struct project_reader *r, char letter, const json_t *value)
{
	const char *node = json_string_value(json_object_get(value, "node"));
	const char *tensor = json_string_value(json_object_get(value, "tensor"));

	if (!node && !tensor)
		return true;
	return project_add_mark(r->info, letter, node, node ? node : tensor) ||
	       error_set_memory(r->line.err, "project");
}

/* Lines that are not about the plan. */
static bool read_beside(struct project_reader *r, const char *line)
{
	const char *rest = NULL;
	json_t *value;
	bool ok = true;

	if (!(rest = after(line, "model")) && !(rest = after(line, "ranges")) &&
		!(rest = after(line, "given")) && !(rest = after(line, "mark")))
		return true;
	if (*line == 'm' && line[1] == 'a')
		rest += *rest && rest[1] ? 2 : 0;
	value = line_json(&r->line, rest);
	if (!value)
		return !error_is_set(r->line.err);
	if (after(line, "model"))
		ok = read_model(r, value);
	else if (after(line, "ranges"))
		ok = read_ranges(r, value);
	else if (after(line, "given"))
		ok = set_text(r, &r->info->overrides, value);
	else
		ok = read_mark(r, rest[-2], value);
	json_decref(value);
	return ok;
}

static bool copy_text(struct project_reader *r, const char **text)
{
	if (*text)
		*text = arena_strndup(&r->arena, *text, strlen(*text));
	return true;
}

static bool read_seed(struct project_reader *r, const json_t *value)
{
	struct seed seed;
	bool found;

	if (!line_get_seed(&r->line, value, &seed, &found))
		return false;
	copy_text(r, &seed.region);
	copy_text(r, &seed.note);
	return !found || ARRAY_PUSH(&r->seeds, seed) ||
	       error_set_memory(r->line.err, "project");
}

static bool read_param(struct project_reader *r, const json_t *value)
{
	struct param_edit edit;
	bool found;

	if (!line_get_param(&r->line, value, &r->arena, &edit, &found))
		return false;
	return !found || ARRAY_PUSH(&r->params, edit) ||
	       error_set_memory(r->line.err, "project");
}

static bool read_entry(struct project_reader *r, const json_t *value)
{
	struct overrides lists;
	bool ok = line_get_lists(&r->line, value, &lists);

	for (uint32_t i = 0; i < lists.count && ok; i++) {
		struct entry_list *list =
			overrides_add(&r->given, r->plan->graph, lists.lists[i].tensor);

		ok = (list && entry_list_copy(&r->given, list, &lists.lists[i])) ||
		     error_set_memory(r->line.err, "project");
	}
	overrides_release(&lists);
	r->has_given = true;
	return ok;
}

static bool read_option(struct project_reader *r, const char *rest)
{
	char name[96];
	size_t length = strcspn(rest, " ");
	json_t *value;
	bool ok;

	snprintf(name, sizeof(name), "%.*s", (int)length, rest);
	value = line_json(&r->line, rest + length);
	if (!value)
		return !error_is_set(r->line.err);
	ok = line_get_option(&r->line, name, value, &r->options);
	json_decref(value);
	return ok;
}

static bool read_choice(struct project_reader *r, const char *line)
{
	static const struct {
		const char *key;
		bool (*read)(struct project_reader *r, const json_t *value);
	} keys[] = {{"seed", read_seed}, {"param", read_param}, {"entry", read_entry}};
	const char *rest = after(line, "option");
	json_t *value;
	bool ok;

	if (rest)
		return read_option(r, rest);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		rest = after(line, keys[i].key);
		if (!rest)
			continue;
		value = line_json(&r->line, rest);
		if (!value)
			return !error_is_set(r->line.err);
		ok = keys[i].read(r, value);
		json_decref(value);
		return ok;
	}
	if (!*line || after(line, "model") || after(line, "ranges") ||
		after(line, "mark") || after(line, "given"))
		return true;
	return line_skip(&r->line, NULL, 0, 0, "unknown line");
}

static bool check_first_line(struct project_reader *r, const char *line)
{
	char file[256];

	text_escape(file, sizeof(file), r->line.file, strlen(r->line.file));
	r->is_project = !strcmp(line, PROJECT_LINE);
	if (r->is_project)
		return true;
	return error_set(r->line.err, ERROR_REFUSED,
		!strncmp(line, "qdqedit project ", 16)
			? "%s: line 1: this project is of a newer version; get a newer "
			  "qdqedit"
			: "%s: line 1: this is no project of qdqedit; give a .qdq file",
		file);
}

/* The journal's own lines end the project part of it. */
static bool is_journal_line(const char *line)
{
	return *line == '@' || !strcmp(line, "undo") || !strcmp(line, "redo");
}

static bool read_line(void *arg, size_t number, char *line)
{
	struct project_reader *r = arg;

	r->line.number = number;
	if (number == 1)
		return check_first_line(r, line);
	if (is_journal_line(line))
		return false;
	return r->info ? read_beside(r, line) : read_choice(r, line);
}

static bool read_lines(struct project_reader *r, const char *text, size_t length)
{
	if (!length)
		return check_first_line(r, "");
	lines_each(text, length, read_line, r, r->line.err);
	return !error_is_set(r->line.err);
}

bool project_read_info(const char *text, size_t length, const char *name,
	struct project_info *info, struct error *err)
{
	struct problem_list ignored = {0};
	struct error own = ERROR_INIT;
	struct project_reader r = {
		.info = info, .line = {NULL, name, 0, &ignored, err ? err : &own}};
	bool ok;

	*info = (struct project_info){0};
	ok = read_lines(&r, text, length);
	problem_clear(&ignored);
	if (!ok)
		project_info_release(info);
	return ok;
}

/* Refusals of single choices are warnings here: the model may have changed. */
static bool forgive(struct project_reader *r, struct error *own, bool ok)
{
	if (!ok && own->kind == ERROR_MEMORY)
		return error_set_memory(r->line.err, "project");
	if (!ok && !line_skip(&r->line, NULL, 0, 0, own->text))
		return false;
	error_clear(own);
	return true;
}

static bool apply(struct project_reader *r)
{
	struct error own = ERROR_INIT;
	bool ok = plan_clear(r->plan, r->line.err) &&
		  plan_set_options(r->plan, &r->options, r->line.err);

	if (ok && r->has_given)
		ok = plan_set_overrides(r->plan, &r->given,
			r->given_name ? r->given_name : "", r->line.err);
	for (size_t i = 0; ok && i < r->seeds.count; i++)
		ok = forgive(r, &own, plan_add_seed(r->plan, &r->seeds.items[i], &own));
	for (size_t i = 0; ok && i < r->params.count; i++)
		ok = forgive(
			r, &own, plan_set_params(r->plan, &r->params.items[i], &own));
	return ok;
}

bool project_read(const char *text, size_t length, const char *name, struct plan *plan,
	struct problem_list *problems, struct error *err)
{
	struct error own = ERROR_INIT;
	struct project_reader r = {
		.plan = plan, .line = {plan, name, 0, problems, err ? err : &own}};
	struct project_info info = {0};
	struct edit edit;
	bool ok = project_read_info(text, length, name, &info, r.line.err);

	options_init(&r.options);
	r.given_name = info.overrides;
	ok = ok && read_lines(&r, text, length) &&
	     plan_edit_begin(plan, &edit, "project loaded", r.line.err);
	if (ok)
		ok = plan_edit_end(plan, &edit, apply(&r));
	options_release(&r.options);
	overrides_release(&r.given);
	ARRAY_RELEASE(&r.seeds);
	ARRAY_RELEASE(&r.params);
	arena_clear(&r.arena);
	project_info_release(&info);
	return ok;
}
