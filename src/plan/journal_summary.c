/* What a journal holds, read without a plan: for the question whether to take it up. */
#include "plan/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sentence {
	char text[JOURNAL_SENTENCE];
};

struct reading {
	struct ARRAY_OF(struct sentence) done; /* groups in the order they were made */
	size_t position;                       /* how many of them are in force */
	struct sentence open;
	bool is_open, full;
};

static void begin_group(struct reading *r, const char *json)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	const char *text = json_string_value(value);

	snprintf(r->open.text, sizeof(r->open.text), "%s", text ? text : "edit");
	r->is_open = true;
	json_decref(value);
}

static bool read_line(void *arg, size_t number, char *line)
{
	struct reading *r = arg;

	(void)number;
	if (!strncmp(line, "@ ", 2)) {
		begin_group(r, line + 2);
	} else if (r->is_open && !strcmp(line, ".")) {
		r->done.count = r->position;
		r->full = !ARRAY_PUSH(&r->done, r->open);
		r->position = r->done.count;
		r->is_open = false;
	} else if (!r->is_open && !strcmp(line, "undo")) {
		r->position -= r->position > 0;
	} else if (!r->is_open && !strcmp(line, "redo")) {
		r->position += r->position < r->done.count;
	}
	return !r->full;
}

bool journal_summarize(const char *text, size_t length, const char *name,
	struct journal_summary *out, struct error *err)
{
	struct reading r = {0};
	struct project_info info = {0};
	bool done = project_read_info(text, length, name, &info, err) &&
		    lines_each(text, length, read_line, &r, err);

	*out = (struct journal_summary){.edits = r.position};
	if (done && info.model)
		snprintf(out->model, sizeof(out->model), "%s", info.model);
	for (size_t i = 0; done && i < JOURNAL_LAST && i < r.position; i++)
		memcpy(out->last[i], r.done.items[r.position - 1 - i].text,
			JOURNAL_SENTENCE);
	if (r.full)
		done = error_set_memory(err, "the journal");
	project_info_release(&info);
	ARRAY_RELEASE(&r.done);
	return done;
}
