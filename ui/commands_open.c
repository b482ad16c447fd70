/* Commands that open another model: by name, or one of those opened before. */
#include "base/text.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/recent.h"
#include "ui/words.h"
#include "ui/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = 4096 };

/* What is opened, with the options of the command line but not its other files. */
struct opening {
	struct ui_options options;
	struct project_info info;
	struct session *session;
};

static bool open_it(void *arg, const struct progress *progress, struct error *err)
{
	struct opening *o = arg;

	o->session = safety_open(&o->options, progress, &o->info, err);
	return o->session;
}

static unsigned opened(struct ui *ui, struct opening *o)
{
	struct error err = ERROR_INIT;

	if (!ui_take_session(ui, o->session, &err)) {
		session_free(o->session);
		return ui_fail(ui, &err);
	}
	measure_take_demo(ui);
	safety_take_marks(ui, &o->info);
	if (ui->wait) {
		safety_start(ui);
		if (o->options.request.model)
			recent_add(o->options.request.model);
	}
	return DID_LAYOUT | DID_CLEAR | DID_MOVE | DID_REDRAW;
}

static unsigned open_path(struct ui *ui, const char *path)
{
	struct opening o = {.session = NULL};
	struct error err = ERROR_INIT;
	unsigned did;

	/* a project has its own options */
	if (ui->asked && !project_is_name(path)) {
		o.options.request.options = ui->asked->request.options;
		o.options.request.strict_external_data =
			ui->asked->request.strict_external_data;
	}
	o.options.request.model = path;
	if (!strncmp(path, "demo:", 5)) {
		o.options.request.model = NULL;
		o.options.request.demo = path + 5;
	}
	did = work_run(ui, "opening", open_it, &o, &err) ? opened(ui, &o)
							 : ui_fail(ui, &err);
	project_info_release(&o.info);
	return did;
}

static unsigned run_model(struct ui *ui, const char *args)
{
	const struct plan *plan = ui->session->plan;
	char path[PROMPT_ROOM];
	bool lose;

	args = command_read_bang(args, &lose);
	if (!*args)
		return ui_say(ui, SEVERITY_ERROR,
			"model: which file? :model FILE.onnx or FILE.qdq; :recent lists "
			"those opened before");
	if (!lose && plan_is_dirty(plan))
		return ui_say(ui, SEVERITY_ERROR,
			"model: changes are not saved; :w saves, :model! loses them");
	if (!lose && plan->ranges->measured)
		return ui_say(ui, SEVERITY_ERROR,
			"model: the measured ranges are in no file; :save-ranges FILE "
			"writes them, :model! loses them");
	snprintf(path, sizeof(path), "%s", args);
	return open_path(ui, path);
}

/* ---- The card of those opened before. */

static unsigned run_recent(struct ui *ui, const char *args)
{
	struct error err = ERROR_INIT;

	(void)args;
	text_list_release(&ui->recent);
	if (!recent_read(&ui->recent, &err))
		return ui_fail(ui, &err);
	if (!ui->recent.count)
		return ui_say(ui, SEVERITY_NOTE,
			"no model was opened before; :model FILE opens one");
	ui_open_card(ui, CARD_RECENT);
	return DID_REDRAW;
}

static void draw_recent(struct ui *ui, const struct area *in, int y, uint32_t row)
{
	char path[PATH_ROOM];

	area_name(in, 2, y, in->r.w - 2, ROLE_TEXT,
		word_path(ui->recent.items[row], path, sizeof(path)));
}

void recent_draw(struct ui *ui, const struct area *screen)
{
	int rows = (int)ui->recent.count < screen->r.h - 4 ? (int)ui->recent.count
							   : screen->r.h - 4;
	struct area in =
		card_box(ui, screen, 70, rows, "opened before", "Enter open  Esc");

	card_list(ui, &in, (uint32_t)ui->recent.count, draw_recent);
}

unsigned recent_key(struct ui *ui, ui_key key)
{
	char line[PROMPT_ROOM];

	if (card_leaves(key)) {
		ui_close_card(ui);
	} else if (key == UK_ENTER) {
		snprintf(line, sizeof(line), "model %s",
			ui->recent.items[ui->card_list.cursor]);
		ui_close_card(ui);
		ui->closed_at = 0;
		return ui_command(ui, line);
	} else {
		card_move(ui, key);
	}
	return DID_REDRAW;
}

/* ---- Edits of another time. */

static const char *has_own_edits(const struct ui *ui)
{
	return plan_is_dirty(ui->session->plan)
		       ? "edits of this session stand against it; save or undo them"
		       : NULL;
}

static unsigned run_recover(struct ui *ui, const char *args)
{
	(void)args;
	if (!safety_offer(ui))
		return ui_say(ui, SEVERITY_NOTE,
			"no edits of another time are kept for this model");
	return DID_REDRAW;
}

static const struct ui_command table[] = {
	{"model", "", "[!] FILE", GROUP_FILE, "open a model",
		"open another model or project", NULL, run_model},
	{"recent", "", "", GROUP_FILE, "opened before...",
		"the models and projects opened before...", NULL, run_recent},
	{"recover", "", "", GROUP_FILE, "edits of another time...",
		"edits that were not saved and are kept: take them up, or not",
		has_own_edits, run_recover},
};

const struct command_part commands_open = {table, sizeof(table) / sizeof(*table)};
