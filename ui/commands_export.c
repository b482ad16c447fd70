/* :export, the plan in a format of another tool. */
#include "base/text.h"
#include "job/export.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of the report that go to :messages. */
enum { LOSSES_TOLD = 50 };

struct exporting {
	struct session *session;
	struct export_request request;
	struct export_done done;
};

static bool export_it(void *arg, const struct progress *progress, struct error *err)
{
	struct exporting *e = arg;

	(void)progress;
	return session_export(e->session, &e->request, &e->done, err);
}

static void keep_losses(struct ui *ui, const struct loss_list *losses)
{
	for (size_t i = 0; i < losses->count && i < LOSSES_TOLD; i++) {
		const struct loss *l = &losses->items[i];

		ui_say(ui, SEVERITY_NOTE, "%s %s %s%s%s: %s", loss_kind_names[l->kind],
			l->word, l->subject, *l->detail ? " " : "", l->detail, l->why);
	}
}

static unsigned exported(struct ui *ui, const struct exporting *e)
{
	size_t files = e->done.paths.count, lost = e->done.made.losses.count;
	char clean[300], more[80] = "", told[80];

	text_escape(clean, sizeof(clean), e->request.path, strlen(e->request.path));
	if (files > 1)
		snprintf(more, sizeof(more), " and %zu beside it", files - 1);
	snprintf(told, sizeof(told), "%zu thing%s lost or changed, :messages tells", lost,
		text_s(lost));
	keep_losses(ui, &e->done.made.losses);
	return ui_say(ui, SEVERITY_NOTE, "%s%s written. %s", clean, more,
		lost ? told : "Nothing is lost");
}

/* An existing file, and float in place of types, want a further word. */
static unsigned refused(struct ui *ui, const struct exporting *e, struct error *err)
{
	const char *name = e->request.format->name;
	char clean[200];
	int length;

	text_escape(clean, sizeof(clean), e->request.path, strlen(e->request.path));
	if (error_has_step(err, ERROR_STEP_FORCE, &length))
		return ui_say(ui, SEVERITY_ERROR,
			"%s exists; :export! %s %s writes over it", clean, name, clean);
	if (error_has_step(err, EXPORT_STEP_FLOAT, &length))
		return ui_say(ui, SEVERITY_ERROR,
			"%s: what is promoted would stay float there; :export %s "
			"--accept-float %s if that is meant",
			name, name, clean);
	return ui_fail(ui, err);
}

static unsigned run(struct ui *ui, struct exporting *e)
{
	struct error err = ERROR_INIT;
	struct scores scores = {0};
	unsigned did;

	if (!measure_scores(ui, &scores, &err))
		return ui_fail(ui, &err);
	e->request.scores = scores.count ? &scores : NULL;
	did = work_run(ui, "exporting", export_it, e, &err) ? exported(ui, e)
							    : refused(ui, e, &err);
	export_done_release(&e->done);
	scores_release(&scores);
	return did;
}

/* Takes the first word of the arguments. */
static const char *take_word(const char *args, char *word, size_t room)
{
	size_t length = strcspn(args, " ");

	snprintf(word, room, "%.*s", (int)length, args);
	return args + length + strspn(args + length, " ");
}

static unsigned run_export(struct ui *ui, const char *args)
{
	static const char float_word[] = "--accept-float";
	struct exporting e = {.session = ui->session};
	struct error err = ERROR_INIT;
	char word[32], *path = NULL;
	unsigned did;

	args = command_read_bang(args, &e.request.force);
	if (!*args) {
		ui->export.format = 0;
		ui->export.comes_back = false;
		ui_open_card(ui, CARD_EXPORT);
		return DID_REDRAW;
	}
	args = take_word(args, word, sizeof(word));
	e.request.format = export_find(word, &err);
	if (!e.request.format)
		return ui_say(ui, SEVERITY_ERROR,
			"export: no format '%s'; :export lists them", word);
	if (!strncmp(args, float_word, strlen(float_word))) {
		e.request.accept_float = true;
		args += strlen(float_word);
		args += strspn(args, " ");
	}
	if (!strcmp(args, "-"))
		return ui_say(ui, SEVERITY_ERROR, "export: a file, not standard output");
	if (!*args)
		path = export_default_name(ui->session, e.request.format);
	e.request.path = path ? path : args;
	did = run(ui, &e);
	free(path);
	return did;
}

static const struct ui_command table[] = {
	{"export", "", "[!] [FORMAT] [FILE]", GROUP_FILE, "export...",
		"the plan for another tool: formats, and what each would lose",
		command_has_conflicts, run_export},
};

const struct command_part commands_export = {table, sizeof(table) / sizeof(*table)};
