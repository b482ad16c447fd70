/* The loop between the terminal and the editor. */
#include "ui/loop.h"

#include "job/demos.h"
#include "ui/recent.h"
#include "ui/terminal.h"
#include "ui/user_config.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t loop_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show(struct ui *ui, unsigned did)
{
	ui_draw(ui);
	hold_frame(ui, did);
	paint_frame(&ui->frame, ui->settings.paint, did & DID_CLEAR);
}

/* A paste goes into a prompt and nowhere else: on the base screen it would be keys. */
static unsigned swallow_paste(struct ui *ui)
{
	struct mouse_event mouse;
	bool typing = ui->prompt.kind || ui_card(ui) == CARD_FORM;
	unsigned did = DID_REDRAW;
	ui_key key;

	while ((key = terminal_read(200, &mouse)) != UK_NONE && key != UK_PASTE_END)
		if (typing && key >= 32 && key <= 0x10ffff && key != UK_BACKSPACE)
			did |= ui_press(ui, key);
	if (!typing)
		ui_say(ui, SEVERITY_WARNING, "a paste is no keys; : or / take it");
	return did;
}

static unsigned take_key(struct ui *ui, ui_key key, const struct mouse_event *mouse)
{
	int w, h;

	switch (key) {
	case UK_RESIZE:
		terminal_size(&w, &h);
		return ui_resize(ui, w, h);
	case UK_MOUSE:
		return ui_mouse(ui, mouse->x, mouse->y, mouse->button);
	case UK_PASTE:
		return swallow_paste(ui);
	case UK_FOCUS_IN:
		ui_focus_in(ui);
		return DID_NOTHING;
	case UK_FOCUS_OUT:
	case UK_PASTE_END:
		return DID_NOTHING;
	default:
		return ui_press(ui, key);
	}
}

/* What concerns the terminal; true if the editor ends. */
static bool carry_out(struct ui *ui, unsigned did)
{
	int w, h;

	if (did & DID_MOUSE)
		terminal_mouse(ui->mouse);
	if (did & DID_COPY)
		terminal_copy(ui->copied);
	if (did & DID_SUSPEND) {
		terminal_suspend();
		terminal_mouse(ui->mouse);
		terminal_size(&w, &h);
		ui_resize(ui, w, h);
		show(ui, DID_CLEAR);
	}
	return did & DID_QUIT;
}

/* All keys that are there are read before anything is drawn. */
static void loop(struct ui *ui)
{
	struct mouse_event mouse = {0};
	unsigned did = DID_CLEAR;

	while (!terminal_is_asked_to_end()) {
		ui_key key;

		show(ui, did);
		did = DID_NOTHING;
		key = terminal_read(ui_patience(ui), &mouse);
		ui->now = loop_clock();
		for (; key != UK_NONE; key = terminal_read(0, &mouse)) {
			did |= take_key(ui, key, &mouse);
			if (carry_out(ui, did))
				return;
			did &= ~(unsigned)(DID_SUSPEND | DID_MOUSE | DID_COPY);
		}
		did |= ui_tick(ui);
	}
}

ui_key loop_wait(struct ui *ui, int ms)
{
	struct mouse_event mouse;
	ui_key key;

	show(ui, DID_NOTHING);
	while ((key = terminal_read(ms, &mouse)) == UK_RESIZE || key == UK_MOUSE ||
		key == UK_FOCUS_IN || key == UK_FOCUS_OUT) {
		if (key == UK_RESIZE)
			take_key(ui, key, &mouse);
		show(ui, DID_NOTHING);
	}
	ui->now = loop_clock();
	return key;
}

bool loop_is_over(void)
{
	return terminal_is_asked_to_end();
}

/* While work goes on: true if it is to be cancelled. */
static bool wait_turn(struct ui *ui, int ms)
{
	bool cancel = false;

	for (ui_key key = loop_wait(ui, ms); key != UK_NONE; key = loop_wait(ui, 0))
		cancel |= key == UK_CTRL('c');
	return cancel || terminal_is_asked_to_end();
}

int loop_fail(const struct error *err)
{
	fprintf(stderr, "qdqedit: %s\n", err->text);
	return err->kind == ERROR_USAGE ? 2 : err->kind == ERROR_CANCELLED ? 130 : 1;
}

static struct ui_settings settings_of(
	const struct ui_options *options, const struct terminal_facts *facts)
{
	return (struct ui_settings){.hints = true,
		.lanes = LANES,
		.pace = PACE,
		.paint = facts->paint,
		.ascii = facts->ascii,
		.acs = facts->acs,
		.mouse = !options->no_mouse,
		.slow = options->slow,
		.live = true};
}

/* The first frame, before there is anything to show: what is being opened, how far. */
struct opening {
	struct frame frame;
	const struct ui_settings *settings;
	const char *model; /* NULL: nothing is shown */
	uint64_t begun, shown_at;
};

static void show_opening(struct opening *o, uint64_t done, uint64_t whole)
{
	struct frame *frame = &o->frame;
	struct area all = area_of(frame, (struct rect){0, 0, frame->w, frame->h});
	const char *slash = strrchr(o->model, '/');
	char share[48];
	int x;

	frame_clear(frame);
	x = area_name(
		&all, 1, 0, frame->w - 10, ROLE_TITLE, slash ? slash + 1 : o->model);
	if (x + 8 < frame->w)
		area_right(&all, frame->w, 0, ROLE_MUTED, " qdqedit");
	area_print(&all, 1, frame->h - 1, ROLE_TEXT, "opening: %s   Ctrl-C stops",
		word_share(done, whole, loop_clock() - o->begun, share));
	paint_frame(frame, o->settings->paint, !o->shown_at);
	o->shown_at = loop_clock();
}

static void report_opening(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	struct opening *o = arg;

	(void)what;
	if (o->model && loop_clock() >= o->shown_at + 100)
		show_opening(o, done, whole);
}

static bool is_stopped(void *arg)
{
	(void)arg;
	return terminal_is_interrupted();
}

static struct session *open_shown(const struct ui_options *options,
	const struct ui_settings *settings, struct project_info *info, struct error *err)
{
	struct opening o = {.settings = settings, .model = options->request.model};
	struct progress progress = {report_opening, is_stopped, &o};
	struct session *session;
	int w, h;

	o.begun = loop_clock();
	terminal_size(&w, &h);
	o.frame.ascii = settings->ascii;
	if (!frame_resize(&o.frame, w, h))
		o.model = NULL;
	if (o.model)
		show_opening(&o, 0, 0);
	session = safety_open(options, &progress, info, err);
	frame_release(&o.frame);
	return session;
}

struct ui *loop_take(struct session *owned, struct project_info *info,
	const struct ui_options *options, const struct ui_settings *settings, int w,
	int h, struct error *err)
{
	struct ui *ui = owned ? ui_new(owned, settings, w, h, err) : NULL;

	if (ui) {
		ui->asked = options;
		measure_take_source(ui, options);
		safety_take_marks(ui, info);
	} else {
		session_free(owned);
	}
	project_info_release(info);
	return ui;
}

struct ui *loop_open(const struct ui_options *options, struct error *err)
{
	struct terminal_wish wish = {options->color, options->ascii, !options->no_mouse};
	struct terminal_facts facts;
	struct ui_settings settings;
	struct project_info info;
	struct session *session;
	struct ui *ui;
	int w, h;

	if (options->request.demo && !demo_get(options->request.demo, err))
		return NULL;
	if (!terminal_open(&wish, &facts, err))
		return NULL;
	settings = settings_of(options, &facts);
	session = open_shown(options, &settings, &info, err);
	terminal_size(&w, &h);
	ui = loop_take(session, &info, options, &settings, w, h, err);
	if (!ui) {
		terminal_close();
		return NULL;
	}
	ui->now = loop_clock();
	ui->wait = wait_turn;
	if (*facts.note)
		ui_say(ui, SEVERITY_WARNING, "%s", facts.note);
	return ui;
}

void loop_start(struct ui *ui)
{
	config_load(ui);
	safety_start(ui);
	if (ui->asked->request.model)
		recent_add(ui->asked->request.model);
}

/* Who did not decide about unsaved edits finds them again. */
void loop_end(struct ui *ui, bool undecided)
{
	const struct plan *plan = ui->session->plan;
	bool keep = undecided && (plan_is_dirty(plan) || plan->ranges->measured) &&
		    ui->safety.journal.path;

	safety_end(ui, keep);
	if (keep)
		fprintf(stderr, "qdqedit: unsaved edits are kept; the editor offers them "
				"when the model is opened again\n");
	ui_free(ui);
}

int ui_main(const struct ui_options *options)
{
	struct error err = ERROR_INIT;
	struct ui *ui;

	if (options->plain)
		return plain_main(options);
	ui = loop_open(options, &err);
	if (!ui)
		return loop_fail(&err);
	loop_start(ui);
	if (options->start_card)
		ui_open_card(ui, CARD_START);
	loop(ui);
	terminal_close();
	loop_end(ui, terminal_is_asked_to_end());
	return 0;
}
