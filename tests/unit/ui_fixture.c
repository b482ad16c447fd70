#include "ui_fixture.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ui *editor_on(struct fixture fixture, int w, int h)
{
	struct session *session = calloc(1, sizeof(*session));
	struct ui_settings settings = {.paint = PAINT_256, .hints = true, .lanes = LANES};
	struct error err = ERROR_INIT;
	struct ui *ui;

	cr_assert(session);
	/* what keys and commands write by chance goes with the test */
	cr_assert_eq(chdir(test_folder()), 0);
	session->input = session->model = fixture.model;
	session->graph = fixture.graph;
	session->plan = fixture.plan;
	session->title = strdup("test");
	plan_mark_saved(fixture.plan);
	ui = ui_new(session, &settings, w, h, &err);
	cr_assert(ui, "%s", err.text);
	ui_draw(ui);
	return ui;
}

struct ui *editor_on_demo(const char *name)
{
	struct session_request request = {.demo = name};
	struct ui_settings settings = {.paint = PAINT_256, .hints = true, .lanes = LANES};
	struct error err = ERROR_INIT;
	struct session *session = session_open(&request, false, &progress_never, &err);
	struct ui *ui;

	cr_assert(session, "%s", err.text);
	ui = ui_new(session, &settings, 80, 24, &err);
	cr_assert(ui, "%s", err.text);
	ui_draw(ui);
	return ui;
}

void editor_keys(struct ui *ui, const char *keys)
{
	size_t at = 0, length = strlen(keys);

	while (at < length) {
		if (keys[at] == ' ') {
			at++;
			continue;
		}
		ui_press(ui, keys_parse_next(keys, length, &at));
		ui_draw(ui);
	}
}

const char *editor_screen(struct ui *ui)
{
	ui_draw(ui);
	return frame_dump(&ui->frame, false);
}
