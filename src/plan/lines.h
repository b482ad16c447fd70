/* The parts of project and journal lines; for the files of plan/ only. */
#ifndef QDQEDIT_PLAN_LINES_H
#define QDQEDIT_PLAN_LINES_H

#include "plan/edit.h"
#include "plan/json.h"
#include "plan/project.h"

void line_put_text(struct json_out *out, const char *text);
void line_put_seed(
	struct json_out *out, const struct graph *graph, const struct seed *seed);
void line_put_param(
	struct json_out *out, const struct graph *graph, const struct param_edit *edit);
void line_put_list(
	struct json_out *out, const struct graph *graph, const struct entry_list *list);

/* "option NAME VALUE" lines; with `all` in one object {"NAME": VALUE, ...}. */
void line_put_options(
	struct json_out *out, const struct quant_options *options, bool as_object);

/* A line taken apart while it is read. */
struct line {
	const struct plan *plan;
	const char *file; /* for messages */
	size_t number;
	struct problem_list *problems;
	struct error *err;
};

/* Says what is wrong with a line and goes on (true); false when memory is gone. */
bool line_skip(const struct line *line, const char *name, size_t length, char kind,
	const char *cause);

/* JSON of the rest of a line; NULL after line_skip. */
json_t *line_json(const struct line *line, const char *text);

/* Each fills its struct; *found is false if it was told and left out. */
bool line_get_seed(
	const struct line *line, const json_t *value, struct seed *seed, bool *found);
bool line_get_param(const struct line *line, const json_t *value, struct arena *arena,
	struct param_edit *edit, bool *found);
bool line_get_lists(const struct line *line, const json_t *value, struct overrides *out);
bool line_get_option(const struct line *line, const char *name, const json_t *value,
	struct quant_options *options);

/* Calls `each` with every line (NUL-terminated), from 1; stops when it says false. */
bool lines_each(const char *text, size_t length,
	bool (*each)(void *arg, size_t number, char *line), void *arg, struct error *err);

/* The group of the history as its changes, for journal_group. */
const struct change_list *plan_history_changes(
	const struct plan *plan, size_t group, const char **sentence);

#endif
