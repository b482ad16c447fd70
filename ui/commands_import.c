/* :import, another tool's file. */
#include "base/text.h"
#include "job/import.h"
#include "plan/unplaced.h"
#include "ui/command.h"

#include <stdio.h>
#include <string.h>

/* What could not be placed is told in :messages so often. */
enum { UNPLACED_TOLD = 50 };

static void keep_problems(struct ui *ui, const struct import_report *report)
{
	const struct problem_list *problems = &report->problems;
	size_t told = 0;

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		if (!unplaced_is(p) || told++ < UNPLACED_TOLD)
			ui_say(ui, p->severity, "%s: %s%s%s", p->place, p->cause,
				*p->remedy ? "; " : "", p->remedy);
	}
}

/* "2 overrides, 3 ranges". */
static void count_up(char *out, size_t room, size_t count, const char *what)
{
	size_t at = strlen(out);

	if (count && at < room)
		snprintf(out + at, room - at, "%s%zu %s%s", at ? ", " : "", count, what,
			text_s(count));
}

static unsigned tell(struct ui *ui, const struct import_report *report, size_t scores)
{
	size_t lost = report->losses.count;
	bool edit = report->tensors || report->ranges || report->seeds ||
		    report->excluded.count;
	char what[200] = "", more[80] = "";

	keep_problems(ui, report);
	count_up(what, sizeof(what), report->tensors, "override");
	count_up(what, sizeof(what), report->ranges, "range");
	count_up(what, sizeof(what), report->seeds, "seed");
	count_up(what, sizeof(what), report->excluded.count, "float node");
	count_up(what, sizeof(what), scores, "score");
	if (lost)
		snprintf(more, sizeof(more), "; %zu had no place, :messages tells", lost);
	return ui_say(ui, lost ? SEVERITY_WARNING : SEVERITY_NOTE, "%s: %s%s%s",
		       report->format->name, *what ? what : "nothing new", more,
		       !edit            ? ". :order error sorts"
		       : report->ranges ? ". u undoes, :save-ranges keeps the ranges"
					: ". u undoes") |
	       (edit ? DID_EDIT | DID_MOVE : DID_REDRAW);
}

/* Scores without an order cannot be shown as errors. */
static unsigned ask_order(struct ui *ui, const char *path)
{
	return ui_say(ui, SEVERITY_ERROR,
		"%s does not say whether high scores are good: :set scores better or "
		"worse, then again",
		text_quoted_z(path));
}

static unsigned imported(
	struct ui *ui, struct import_report *report, const char *path, struct error *err)
{
	size_t scores = report->scores.count;

	if (scores && !report->scores.order)
		return ask_order(ui, path);
	if (scores && !measure_take_scores(ui, &report->scores, path, err))
		return ui_fail(ui, err);
	if (!ui_update(ui, err))
		return ui_fail(ui, err);
	if (report->ranges)
		measure_retry(ui, false);
	return tell(ui, report, scores);
}

static unsigned run_import(struct ui *ui, const char *args)
{
	struct import_request request = {
		.path = args, .order = ui->settings.scores, .accept_float = false};
	struct import_report report;
	struct error err = ERROR_INIT;
	unsigned did;

	if (!*args)
		return ui_say(ui, SEVERITY_ERROR, "import: which file?");
	if (!strcmp(args, "-"))
		return ui_say(ui, SEVERITY_ERROR, "import: a file, not standard input");
	did = session_import(ui->session, &request, &report, &err)
		      ? imported(ui, &report, args, &err)
		      : ui_fail(ui, &err);
	import_report_release(&report);
	return did;
}

static const struct ui_command table[] = {
	{"import", "", "FILE", GROUP_FILE, "import...",
		"another tool's file: overrides, ranges, regions, scores", NULL,
		run_import},
};

const struct command_part commands_import = {table, sizeof(table) / sizeof(*table)};
