/* Commands about files and leaving. */
#include "base/text.h"
#include "job/target.h"
#include "ui/command.h"
#include "ui/words.h"
#include "ui/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_own_file(const struct ui *ui, const char *path)
{
	const struct session *session = ui->session;

	return (session->overrides_path && !strcmp(session->overrides_path, path)) ||
	       (session->project_path && !strcmp(session->project_path, path));
}

static unsigned save(struct ui *ui, const char *args)
{
	struct session *session = ui->session;
	const struct ranges *ranges = session->plan->ranges;
	struct error err = ERROR_INIT;
	bool force;
	const char *path = command_read_bang(args, &force);
	char clean[300], *copy;

	if (!*path)
		path = session->project_path ? session->project_path
					     : session->overrides_path;
	if (!path)
		return ui_say(ui, SEVERITY_ERROR, "no file name yet; :w FILE");
	if (is_own_file(ui, path) && !force && safety_own_changed(ui))
		return ui_say(ui, SEVERITY_ERROR,
			"%s changed on disk; :w! writes over it, :diff shows how",
			text_escape(clean, sizeof(clean), path, strlen(path)));
	force |= is_own_file(ui, path);
	if (strcmp(path, "-") && !target_check(session->input, path, true, &err))
		return ui_fail(ui, &err);
	if (!force && strcmp(path, "-") && !access(path, F_OK))
		return ui_say(ui, SEVERITY_ERROR, "%s exists; :w! writes over it",
			text_escape(clean, sizeof(clean), path, strlen(path)));
	if (project_is_name(path))
		return safety_save_project(ui, path, force);
	if (!session_save_overrides(session, path, force, &err))
		return ui_fail(ui, &err);
	if (!is_own_file(ui, path)) {
		copy = strdup(path);
		free(session->overrides_path);
		session->overrides_path = copy;
	}
	if (!json_text_update(&ui->json, ui->outcome, &err) ||
		!json_text_saved(&ui->json, ui->outcome, &err))
		return ui_fail(ui, &err);
	plan_mark_saved(session->plan);
	safety_note_files(ui);
	safety_restart(ui);
	return ui_say(ui, ranges->measured ? SEVERITY_WARNING : SEVERITY_NOTE,
		"%u tensor%s written to %s%s", ui->outcome->entries.count,
		text_s(ui->outcome->entries.count),
		text_escape(clean, sizeof(clean), path, strlen(path)),
		ranges->measured ? "; the measured ranges are in no file yet: "
				   ":save-ranges FILE"
				 : "");
}

static unsigned run_write(struct ui *ui, const char *args)
{
	return save(ui, args);
}

/* Asks first if edits or ranges would be lost. */
static unsigned leave(struct ui *ui)
{
	const struct plan *plan = ui->session->plan;

	if (!plan_is_dirty(plan) && !plan->ranges->measured)
		return DID_QUIT;
	ui_open_card(ui, CARD_QUIT);
	return DID_REDRAW;
}

static unsigned run_write_quit(struct ui *ui, const char *args)
{
	unsigned did = save(ui, args);
	bool force;

	if (did & DID_FAIL)
		return did;
	command_read_bang(args, &force);
	return did | (force ? DID_QUIT : leave(ui));
}

static unsigned run_quit(struct ui *ui, const char *args)
{
	return *args == '!' ? DID_QUIT : leave(ui);
}

static unsigned run_quit_lose(struct ui *ui, const char *args)
{
	(void)ui;
	(void)args;
	return DID_QUIT;
}

static unsigned run_save_quit(struct ui *ui, const char *args)
{
	(void)args;
	return plan_is_dirty(ui->session->plan) ? run_write_quit(ui, "") : leave(ui);
}

/* ---- Writing the model, on a thread of its own. */

struct quantizing {
	struct session *session;
	const char *path;
	struct write_options options;
	struct quantize_report report;
};

static bool quantize(void *arg, const struct progress *progress, struct error *err)
{
	struct quantizing *q = arg;

	return session_quantize(
		q->session, q->path, &q->options, progress, &q->report, err);
}

/* What was mended and warned of goes to :messages. */
static void keep_notes(struct ui *ui, const struct problem_list *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		ui_say(ui, notes->items[i].severity, "%s%s%s", notes->items[i].place,
			*notes->items[i].place ? ": " : "", notes->items[i].cause);
}

static unsigned run_quantize(struct ui *ui, const char *args)
{
	struct quantizing q = {.session = ui->session};
	struct error err = ERROR_INIT;
	char clean[300], bytes[32];
	unsigned did;

	q.path = command_read_bang(args, &q.options.force);
	q.options.tolerant = ui->session->plan->options->ort_compatible;
	if (!*q.path)
		return ui_say(ui, SEVERITY_ERROR, "quantize: to which file?");
	if (work_run(ui, "quantizing", quantize, &q, &err)) {
		keep_notes(ui, &q.report.notes);
		did = ui_say(ui, SEVERITY_NOTE,
			"%s written: %s, %u Q and %u DQ nodes, %u DQ→Q%s%s",
			text_escape(clean, sizeof(clean), q.path, strlen(q.path)),
			word_bytes(q.report.written.bytes + q.report.written.side_bytes,
				bytes),
			q.report.done.quantize_nodes, q.report.done.dequantize_nodes,
			q.report.done.conversions, *q.report.written.warning ? ". " : "",
			q.report.written.warning);
	} else {
		did = ui_fail(ui, &err);
	}
	quantize_report_release(&q.report);
	return did;
}

/* ---- Reading. */

static unsigned loaded(struct ui *ui, bool done, struct problem_list *problems,
	struct error *err, const char *path)
{
	char clean[300];

	if (!done) {
		problem_check(problems, err);
		problem_clear(problems);
		return ui_fail(ui, err);
	}
	problem_clear(problems);
	if (!ui_update(ui, err))
		return ui_fail(ui, err);
	return ui_say(ui, SEVERITY_NOTE, "%s read. %u DQ→Q now. u undoes",
		       text_escape(clean, sizeof(clean), path, strlen(path)),
		       ui->outcome->cost.conversions) |
	       DID_EDIT;
}

static unsigned run_overrides(struct ui *ui, const char *args)
{
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;

	if (!*args)
		return ui_say(ui, SEVERITY_ERROR, "overrides: which file?");
	return loaded(ui, session_load_overrides(ui->session, args, &problems, &err),
		&problems, &err, args);
}

static unsigned run_ranges(struct ui *ui, const char *args)
{
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	bool instead;

	args = command_read_bang(args, &instead);
	if (!*args)
		return ui_say(ui, SEVERITY_ERROR, "ranges: which file?");
	return loaded(ui,
		session_load_ranges(ui->session, args, instead, &problems, &err),
		&problems, &err, args);
}

static const struct ui_command table[] = {
	{"write", "", "[!] [FILE]", GROUP_FILE, "write overrides",
		"write the overrides file", NULL, run_write},
	{"w", "", "[!] [FILE]", GROUP_FILE, "write overrides", "the same as :write", NULL,
		run_write},
	{"wq", "", "[!] [FILE]", GROUP_FILE, "write and quit",
		"write the overrides file and quit", NULL, run_write_quit},
	{"q", "q <F10>", "[!]", GROUP_FILE, "quit",
		"quit; asks when changes are not saved", NULL, run_quit},
	{"quit", "", "[!]", GROUP_FILE, "quit", "the same as :q", NULL, run_quit},
	{"save-quit", "ZZ", "", GROUP_FILE, "save and quit",
		"write what changed, then quit", NULL, run_save_quit},
	{"quit-lose", "ZQ", "", GROUP_FILE, "quit without saving",
		"quit and lose what is not saved", NULL, run_quit_lose},
	{"quantize", "", "[!] FILE", GROUP_FILE, "write the model",
		"write the quantized model", command_has_conflicts, run_quantize},
	{"overrides", "", "FILE", GROUP_FILE, "read overrides",
		"read an overrides file in place of the one loaded", NULL, run_overrides},
	{"ranges", "", "[!] FILE", GROUP_FILE, "read ranges",
		"read calibration ranges beside those in force; !: in their place", NULL,
		run_ranges},
};

const struct command_part commands_file = {table, sizeof(table) / sizeof(*table)};
