/* Commands for scripts and tests: dumps, expectations, sizes, time. */
#include "base/output.h"
#include "base/text.h"
#include "ui/command.h"
#include "ui/set.h"
#include "ui/state_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned write_text(struct ui *ui, const char *path, char *owned)
{
	struct error err = ERROR_INIT;
	bool done = owned && output_text(path, owned, strlen(owned), true, &err);

	if (!owned)
		error_set_memory(&err, "the dump");
	free(owned);
	return done ? DID_NOTHING : ui_fail(ui, &err);
}

static unsigned run_dump_screen(struct ui *ui, const char *args)
{
	ui_draw(ui);
	return write_text(ui, *args ? args : "-", frame_dump(&ui->frame, true));
}

static unsigned run_dump_state(struct ui *ui, const char *args)
{
	return write_text(ui, *args ? args : "-", state_dump(ui));
}

static unsigned run_dump_commands(struct ui *ui, const char *args)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out) {
		command_dump(out);
		fclose(out);
	}
	return write_text(ui, *args ? args : "-", text);
}

static unsigned run_dump_settings(struct ui *ui, const char *args)
{
	return write_text(ui, *args ? args : "-", set_dump());
}

static unsigned run_expect(struct ui *ui, const char *args)
{
	char *text;
	bool found;

	ui_draw(ui);
	text = frame_dump(&ui->frame, false);
	found = text && strstr(text, args);
	free(text);
	if (!found)
		return ui_say(ui, SEVERITY_ERROR,
			"expected on the screen: %s; :dump-screen writes what is there",
			text_path(args));
	return DID_NOTHING;
}

static unsigned run_resize(struct ui *ui, const char *args)
{
	int w, h;
	char rest;

	if (sscanf(args, "%5dx%5d%c", &w, &h, &rest) != 2 || w < 1 || h < 1 || w > 1000 ||
		h > 1000)
		return ui_say(ui, SEVERITY_ERROR, "resize: WIDTHxHEIGHT, as 80x24");
	return ui_resize(ui, w, h);
}

static unsigned run_sleep(struct ui *ui, const char *args)
{
	ui->now += strtoul(args, NULL, 10);
	return ui_tick(ui);
}

/* ---- How fast keys are. */

enum { PLAYED_MOST = 100000 };

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Of this thread alone: what else the machine does is not counted. */
static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Moves and edits as a person makes them; the same seed gives the same keys. */
static ui_key next_key(uint32_t *state)
{
	static const ui_key keys[] = {'j', 'j', 'j', 'k', 'k', UK_CTRL('d'), UK_CTRL('u'),
		UK_PAGE_DOWN, UK_PAGE_UP, 'G', 'n', 'N', 'p', 'p', 'd', 'u', 'u',
		UK_CTRL('r'), UK_SPACE, '3', '5', '6', '1', '1', '=', UK_TAB, UK_ESC, 'w',
		UK_CTRL('o'), '.'};

	*state = *state * 1664525 + 1013904223;
	return keys[(*state >> 16) % (sizeof(keys) / sizeof(*keys))];
}

static unsigned run_play(struct ui *ui, const char *args)
{
	unsigned count = 0;
	uint32_t state = 1;
	double *times;

	if (sscanf(args, "%6u %u", &count, &state) < 1 || !count || count > PLAYED_MOST)
		return ui_say(ui, SEVERITY_ERROR, "play: how many keys (and a seed)?");
	times = malloc(count * sizeof(*times));
	if (!times)
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	for (unsigned i = 0; i < count; i++) {
		double begun = milliseconds();

		ui_press(ui, next_key(&state));
		ui_draw(ui);
		times[i] = milliseconds() - begun;
	}
	qsort(times, count, sizeof(*times), by_time);
	ui_say(ui, SEVERITY_NOTE, "%u keys: median %.3f ms, 99 %% %.3f ms, worst %.3f ms",
		count, times[count / 2], times[count - 1 - count / 100],
		times[count - 1]);
	free(times);
	return DID_EDIT | DID_MOVE;
}

static const struct ui_command table[] = {
	{"dump-screen", "", "[FILE]", GROUP_OTHER, "dump the screen",
		"write the screen as text and letters of roles", NULL, run_dump_screen},
	{"dump-state", "", "[FILE]", GROUP_OTHER, "dump the state",
		"write what the editor holds as text", NULL, run_dump_state},
	{"dump-commands", "", "[FILE]", GROUP_OTHER, "dump the commands",
		"write the table of commands: name, arguments, keys, group, help", NULL,
		run_dump_commands},
	{"dump-settings", "", "[FILE]", GROUP_OTHER, "dump the options",
		"write the table of :set: name, value, whose, help", NULL,
		run_dump_settings},
	{"expect", "", "TEXT", GROUP_OTHER, "expect a text",
		"fail unless the screen shows the text", NULL, run_expect},
	{"resize", "", "WxH", GROUP_OTHER, "resize", "in scripts: another screen size",
		NULL, run_resize},
	{"sleep", "", "MS", GROUP_OTHER, "let time pass",
		"in scripts: let so many milliseconds pass", NULL, run_sleep},
	{"play", "", "N [SEED]", GROUP_OTHER, "play random keys",
		"in scripts: press N random keys and say how long they took", NULL,
		run_play},
};

const struct command_part commands_script = {table, sizeof(table) / sizeof(*table)};
