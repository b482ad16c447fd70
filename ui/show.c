/* A script on the terminal at reading speed, for talks: comments are captions. */
#include "ui/loop.h"
#include "ui/script.h"
#include "ui/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LETTER = 45, LEAST = 900 };

/* Time to read a text. */
static int reading(const char *text)
{
	size_t length = strlen(text);

	return LEAST + LETTER * (int)(length < 400 ? length : 400);
}

/* Waits; Space holds, any other key goes on at once. False, and *left, to end. */
static bool pause_for(struct ui *ui, bool *left, int ms)
{
	ui_key key = loop_wait(ui, ms);

	measure_follow(ui);
	if (key == UK_SPACE)
		key = loop_wait(ui, -1);
	*left = key == 'q' || key == UK_ESC || key == UK_CTRL('c') || loop_is_over();
	return !*left;
}

static bool after(struct ui *ui, void *arg, const char *done)
{
	int ms = ui->prompt.kind ? ui->settings.pace / 3 : ui->settings.pace;

	if (*done == ':' && strncmp(done, ":caption", 8))
		ms *= 2;
	if (!strncmp(done, ":caption", 8))
		ms = reading(ui->teach.caption);
	else if (*ui->messages.line)
		ms += reading(ui->messages.line) * ui->settings.pace / 1000;
	return pause_for(ui, arg, ms);
}

static bool comment(struct ui *ui, void *arg, const char *text)
{
	snprintf(ui->teach.caption, sizeof(ui->teach.caption), "%s", text);
	ui_draw(ui);
	return pause_for(ui, arg, reading(text) * (ui->settings.pace ? 1 : 0));
}

static bool show(struct ui *ui, char *text, unsigned *line)
{
	bool left = false;
	const struct script_turn turn = {after, comment, &left};

	if (!script_run(ui, text, &turn, line))
		return false;
	if (ui->settings.pace && !left) {
		ui_say(ui, SEVERITY_NOTE, "the script ends here; any key");
		ui_draw(ui);
		loop_wait(ui, -1);
	}
	return true;
}

int script_show(const struct ui_options *options)
{
	struct error err = ERROR_INIT;
	char *text = script_read(options, &err);
	struct ui *ui = text ? loop_open(options, &err) : NULL;
	unsigned line;
	int status = 0;

	if (!ui) {
		free(text);
		return loop_fail(&err);
	}
	ui->settings.showkeys = true;
	if (!show(ui, text, &line)) {
		terminal_close();
		status = script_fail(options->script, line, ui);
	}
	terminal_close();
	ui_free(ui);
	free(text);
	return status;
}
