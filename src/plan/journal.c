/* The recovery journal: a project, then each group of edits as a piece. */
#include "base/text.h"
#include "plan/entry.h"
#include "plan/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_words[] = {
	"seed", "param", "drop", "options", "ranges", "given", "close"};

/* ---- writing */

/* Ranges stand whole in the journal: those that were measured are nowhere else. */
static void put_ranges(
	struct json_out *out, const struct plan *plan, const struct ranges *ranges)
{
	size_t length;
	char *text = ranges_write(ranges, plan->graph, &length);

	plan_json_puts(out, "{\"source\": ");
	line_put_text(out, ranges->source);
	plan_json_puts(out, ranges->measured ? ", \"measured\": true" : "");
	for (size_t i = 0; i < ranges->file_count; i++) {
		plan_json_puts(out, i ? ", " : ", \"files\": [");
		line_put_text(out, ranges->files[i]);
	}
	plan_json_puts(out, ranges->file_count ? "]" : "");
	plan_json_puts(out, ", \"text\": ");
	line_put_text(out, text ? text : "");
	plan_json_puts(out, "}");
	free(text);
}

static void put_side(
	struct json_out *out, const struct plan *plan, const struct change *c)
{
	const struct graph *graph = plan->graph;

	switch (c->kind) {
	case CHANGE_SEED:
		line_put_seed(out, graph, &c->after.seed);
		break;
	case CHANGE_PARAM:
		line_put_param(out, graph, &c->after.param);
		break;
	case CHANGE_DROP:
		line_put_text(out, graph_tensor_name(graph, c->after.tensor));
		break;
	case CHANGE_OPTIONS:
		line_put_options(out, &c->after.value->options, true);
		break;
	case CHANGE_RANGES:
		put_ranges(out, plan, &c->after.value->ranges);
		break;
	case CHANGE_CLOSE:
		plan_json_puts(out, c->after.flag ? "true" : "false");
		break;
	case CHANGE_GIVEN:
		plan_json_puts(out, "{\"file\": ");
		line_put_text(out, c->after.value->name ? c->after.value->name : "");
		plan_json_puts(out, ", \"lists\": [");
		for (uint32_t i = 0; i < c->after.value->overrides.count; i++) {
			plan_json_puts(out, i ? ", " : "");
			line_put_list(out, graph, &c->after.value->overrides.lists[i]);
		}
		plan_json_puts(out, "]}");
		break;
	}
}

static void put_change(
	struct json_out *out, const struct plan *plan, const struct change *c)
{
	const char *verb = !c->has_before ? "insert"
			   : c->has_after ? "replace"
					  : "remove";
	char head[64];

	snprintf(head, sizeof(head), "%s %s %zu", verb, kind_words[c->kind], c->at);
	plan_json_puts(out, head);
	if (c->has_after) {
		plan_json_puts(out, " ");
		put_side(out, plan, c);
	}
	plan_json_puts(out, "\n");
}

char *journal_ranges(const struct plan *plan, size_t *length)
{
	struct json_out out = {0};

	plan_json_puts(&out, "@ \"measured ranges\"\nreplace ranges 0 ");
	put_ranges(&out, plan, plan->ranges);
	plan_json_puts(&out, "\n.\n");
	return plan_json_finish(&out, length);
}

char *journal_group(const struct plan *plan, size_t group, size_t *length)
{
	struct json_out out = {0};
	const char *sentence;
	const struct change_list *changes = plan_history_changes(plan, group, &sentence);

	plan_json_puts(&out, "@ ");
	line_put_text(&out, sentence);
	plan_json_puts(&out, "\n");
	for (size_t i = 0; i < changes->count; i++)
		put_change(&out, plan, &changes->items[i]);
	plan_json_puts(&out, ".\n");
	return plan_json_finish(&out, length);
}

/* ---- replaying */

/* A change as it stands in the journal; applied when its group is complete. */
struct step {
	size_t line;
	char *text; /* owned */
};

struct replay {
	struct line line;
	struct plan *plan;
	struct step *steps;
	size_t count, room;
	char *sentence; /* of the open piece, or NULL */
	size_t groups;
	struct arena arena;
};

static void forget_steps(struct replay *r)
{
	while (r->count)
		free(r->steps[--r->count].text);
	free(r->sentence);
	r->sentence = NULL;
}

/* Positions shift when something of the journal no longer matches; items are therefore
 * found again by what they are about. */
static bool replay_seed(
	struct replay *r, const char *verb, size_t at, const json_t *value)
{
	struct seed seed;
	bool found;

	if (!strcmp(verb, "remove"))
		return at >= r->plan->seeds.count ||
		       plan_edit_remove_seed(r->plan, at, r->line.err);
	if (!line_get_seed(&r->line, value, &seed, &found))
		return false;
	return !found || plan_add_seed(r->plan, &seed, r->line.err);
}

static bool replay_param(
	struct replay *r, const char *verb, size_t at, const json_t *value)
{
	struct param_edit edit;
	bool found;

	if (!strcmp(verb, "remove"))
		return at >= r->plan->params.count ||
		       plan_edit_remove_param(r->plan, at, r->line.err);
	if (!line_get_param(&r->line, value, &r->arena, &edit, &found))
		return false;
	return !found || plan_set_params(r->plan, &edit, r->line.err);
}

static bool replay_drop(
	struct replay *r, const char *verb, size_t at, const json_t *value)
{
	const char *name = json_string_value(value);
	tensor_id tensor =
		name ? graph_find_tensor(r->plan->graph, name, strlen(name)) : GRAPH_NONE;
	struct change change = {.kind = CHANGE_DROP, .at = at, .has_before = true};

	if (strcmp(verb, "remove") != 0)
		return tensor == GRAPH_NONE || !plan_given(r->plan, tensor) ||
		       plan_edit_drop_given(r->plan, tensor, r->line.err);
	if (at >= r->plan->dropped.count)
		return true;
	change.before.tensor = r->plan->dropped.items[at];
	return plan_edit_apply(r->plan, &change, r->line.err);
}

static bool replay_options(struct replay *r, const json_t *value)
{
	struct quant_options options;
	const char *name;
	json_t *item;
	bool ok = true;

	options_init(&options);
	json_object_foreach((json_t *)value, name, item)
	{
		ok = ok && line_get_option(&r->line, name, item, &options);
	}
	ok = ok && plan_set_options(r->plan, &options, r->line.err);
	options_release(&options);
	return ok;
}

static bool replay_given(struct replay *r, const json_t *value)
{
	const char *file = json_string_value(json_object_get(value, "file"));
	const json_t *lists = json_object_get(value, "lists");
	struct overrides all = {0}, one;
	bool ok = true;

	for (size_t i = 0; ok && i < json_array_size(lists); i++) {
		ok = line_get_lists(&r->line, json_array_get(lists, i), &one);
		for (uint32_t k = 0; ok && k < one.count; k++) {
			struct entry_list *list =
				overrides_add(&all, r->plan->graph, one.lists[k].tensor);

			ok = (list && entry_list_copy(&all, list, &one.lists[k])) ||
			     error_set_memory(r->line.err, "journal");
		}
		overrides_release(&one);
	}
	ok = ok && plan_set_overrides(r->plan, &all, file ? file : "", r->line.err);
	overrides_release(&all);
	return ok;
}

static bool replay_ranges(struct replay *r, const json_t *value)
{
	const char *text = json_string_value(json_object_get(value, "text"));
	const char *source = json_string_value(json_object_get(value, "source"));
	const json_t *files = json_object_get(value, "files");
	struct ranges ranges = {.literal = true};
	bool ok;

	if (!text)
		return line_skip(&r->line, NULL, 0, 0,
			"ranges were read here; read the file again");
	ok = !*text || ranges_read(&ranges, r->plan->graph, text, strlen(text),
			       r->line.file, r->line.problems, r->line.err);
	ranges.measured = json_is_true(json_object_get(value, "measured"));
	snprintf(ranges.source, sizeof(ranges.source), "%s", source ? source : "");
	for (size_t i = 0; ok && i < json_array_size(files); i++) {
		const char *file = json_string_value(json_array_get(files, i));

		ok = !file || ranges_add_file(&ranges, file, r->line.err);
	}
	ok = ok && plan_set_ranges(r->plan, &ranges, r->line.err);
	ranges_release(&ranges);
	return ok;
}

static bool replay_kind(struct replay *r, const char *verb, const char *kind, size_t at,
	const json_t *value)
{
	if (!strcmp(kind, "seed"))
		return replay_seed(r, verb, at, value);
	if (!strcmp(kind, "param"))
		return replay_param(r, verb, at, value);
	if (!strcmp(kind, "drop"))
		return replay_drop(r, verb, at, value);
	if (!strcmp(kind, "options"))
		return replay_options(r, value);
	if (!strcmp(kind, "given"))
		return replay_given(r, value);
	if (!strcmp(kind, "close"))
		return plan_close_given(r->plan, json_is_true(value), r->line.err);
	if (!strcmp(kind, "ranges"))
		return replay_ranges(r, value);
	return line_skip(&r->line, NULL, 0, 0, "unknown line");
}

static bool replay_step(struct replay *r, const struct step *step)
{
	char verb[16], kind[16];
	size_t at;
	int used = 0;
	json_t *value = NULL;
	bool ok;

	r->line.number = step->line;
	if (sscanf(step->text, "%15s %15s %zu%n", verb, kind, &at, &used) != 3)
		return line_skip(&r->line, NULL, 0, 0, "unknown line");
	if (step->text[used]) {
		value = line_json(&r->line, step->text + used);
		if (!value)
			return !error_is_set(r->line.err);
	}
	ok = replay_kind(r, verb, kind, at, value);
	json_decref(value);
	if (ok || r->line.err->kind == ERROR_MEMORY)
		return ok;
	ok = line_skip(&r->line, NULL, 0, 0, r->line.err->text);
	error_clear(r->line.err);
	return ok;
}

static bool replay_group(struct replay *r)
{
	bool ok = plan_begin(r->plan, r->sentence ? r->sentence : "", r->line.err);

	for (size_t i = 0; ok && i < r->count; i++)
		ok = replay_step(r, &r->steps[i]);
	if (ok)
		plan_commit(r->plan);
	else
		plan_abort(r->plan);
	r->groups += ok;
	forget_steps(r);
	return ok;
}

static bool start_group(struct replay *r, const char *text)
{
	json_t *value = line_json(&r->line, text);
	const char *sentence = json_string_value(value);

	forget_steps(r);
	r->sentence = strdup(sentence ? sentence : "edit");
	json_decref(value);
	return r->sentence || error_set_memory(r->line.err, "journal");
}

static bool keep_step(struct replay *r, const char *text)
{
	char *copy = strdup(text);

	if (copy && array_reserve((void **)&r->steps, &r->room, r->count + 1,
			    sizeof(*r->steps))) {
		r->steps[r->count++] = (struct step){r->line.number, copy};
		return true;
	}
	free(copy);
	return error_set_memory(r->line.err, "journal");
}

static bool replay_line(void *arg, size_t number, char *line)
{
	struct replay *r = arg;

	r->line.number = number;
	if (!strncmp(line, "@ ", 2))
		return start_group(r, line + 2);
	if (r->sentence && !strcmp(line, "."))
		return replay_group(r);
	if (r->sentence)
		return keep_step(r, line);
	if (!strcmp(line, "undo"))
		plan_undo(r->plan);
	else if (!strcmp(line, "redo"))
		plan_redo(r->plan);
	return true;
}

bool journal_replay(const char *text, size_t length, const char *name, struct plan *plan,
	struct problem_list *problems, size_t *groups, struct error *err)
{
	struct error own = ERROR_INIT;
	struct replay r = {
		.plan = plan, .line = {plan, name, 0, problems, err ? err : &own}};
	struct overrides none = {0};
	bool ok = plan_set_overrides(plan, &none, "", r.line.err) &&
		  project_read(text, length, name, plan, problems, r.line.err);

	if (ok) {
		plan_forget_history(plan);
		ok = lines_each(text, length, replay_line, &r, r.line.err);
	}
	forget_steps(&r);
	free(r.steps);
	arena_clear(&r.arena);
	if (groups)
		*groups = r.groups;
	return ok;
}
