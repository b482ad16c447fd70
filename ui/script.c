/* A script: lines of keys in notation and lines of ":" commands, without a terminal.
 *
 *     # a comment                       :expect Op4
 *     jjj p                             :dump-screen out.txt
 *
 * Blanks between keys do not count; <Space> is the key. */
#include "ui/script.h"

#include "base/output.h"
#include "base/text.h"
#include "ui/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_MOST = 1 << 24, WIDTH = 80, HEIGHT = 24 };

static bool after(struct ui *ui, const struct script_turn *turn, const char *done)
{
	ui_draw(ui);
	return !turn || turn->after(ui, turn->arg, done);
}

static unsigned press_keys(
	struct ui *ui, const char *line, size_t length, const struct script_turn *turn)
{
	unsigned did = DID_NOTHING;
	size_t at = 0;
	char name[16];

	while (at < length && !(did & DID_QUIT)) {
		ui_key key;

		if (line[at] == ' ' || line[at] == '\t') {
			at++;
			continue;
		}
		key = keys_parse_next(line, length, &at);
		did |= ui_press(ui, key);
		if (!after(ui, turn, keys_name(key, name)))
			did |= DID_QUIT;
	}
	return did;
}

/* What is for tests: with an audience the screen has another size. */
static bool is_for_tests(const char *line)
{
	static const char *const names[] = {":expect", ":resize", ":dump-", ":!"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(line, names[i], strlen(names[i])))
			return true;
	return false;
}

static unsigned comment(struct ui *ui, char *line, const struct script_turn *turn)
{
	bool silent = line[1] != ' ';

	line += strspn(line, "# ");
	return silent || !*line || !turn || turn->comment(ui, turn->arg, line)
		       ? DID_NOTHING
		       : DID_QUIT;
}

/* A command that is refused ends the script, keys that are refused do not: what they
 * say can be expected. */
static unsigned run_line(struct ui *ui, char *line, const struct script_turn *turn)
{
	size_t length = strlen(line);
	bool wrong;
	unsigned did;

	while (length && (line[length - 1] == '\r' || line[length - 1] == ' '))
		line[--length] = '\0';
	if (!length)
		return DID_NOTHING;
	if (*line == '#')
		return comment(ui, line, turn);
	if (*line != ':')
		return press_keys(ui, line, length, turn) & ~(unsigned)DID_FAIL;
	if (turn && is_for_tests(line))
		return DID_NOTHING;
	wrong = line[1] == '!';
	did = ui_command(ui, wrong ? line + 2 : line);
	if (wrong) {
		if (!(did & DID_FAIL))
			messages_clear_line(&ui->messages);
		did ^= DID_FAIL;
	}
	return after(ui, turn, line) || did & DID_FAIL ? did : did | DID_QUIT;
}

unsigned script_line(struct ui *ui, char *line)
{
	return run_line(ui, line, NULL);
}

bool script_run(
	struct ui *ui, char *text, const struct script_turn *turn, unsigned *number)
{
	*number = 0;
	ui_draw(ui);
	for (char *line = text; line;) {
		char *end = strchr(line, '\n');
		unsigned did;

		if (end)
			*end = '\0';
		++*number;
		did = run_line(ui, line, turn);
		if (did & DID_FAIL)
			return false;
		if (did & DID_QUIT)
			return true;
		line = end ? end + 1 : NULL;
	}
	return true;
}

char *script_read(const struct ui_options *options, struct error *err)
{
	const char *name = options->script;
	char shipped[1024];
	size_t length;

	snprintf(shipped, sizeof(shipped), "%s/%s.script", SCRIPTS, name);
	if (!strchr(name, '/') && access(name, R_OK) && !access(shipped, R_OK))
		name = shipped;
	return input_read(name, SCRIPT_MOST, &length, err);
}

int script_fail(const char *script, unsigned line, const struct ui *ui)
{
	char place[200];

	fflush(stdout);
	fprintf(stderr, "qdqedit: %s: line %u: %s\n",
		text_escape(place, sizeof(place), script, strlen(script)), line,
		*ui->messages.line ? ui->messages.line : "it was not refused");
	return 1;
}

static struct ui_settings settings_of(const struct ui_options *options)
{
	struct ui_settings settings = {
		.hints = true, .lanes = LANES, .mouse = true, .pace = PACE};

	settings.paint = options->color == UI_COLOR_NEVER ? PAINT_MONO
			 : options->color == UI_COLOR_16  ? PAINT_16
							  : PAINT_256;
	settings.ascii = options->ascii;
	settings.slow = options->slow;
	return settings;
}

static struct ui *open_editor(const struct ui_options *options, struct error *err)
{
	struct ui_settings settings = settings_of(options);
	struct project_info info;
	struct session *session = safety_open(options, &progress_never, &info, err);
	struct ui *ui = loop_take(session, &info, options, &settings, WIDTH, HEIGHT, err);

	if (ui && options->start_card)
		ui_open_card(ui, CARD_START);
	return ui;
}

int ui_script_main(const struct ui_options *options)
{
	struct error err = ERROR_INIT;
	char *text;
	struct ui *ui = NULL;
	unsigned line;
	int status = 0;

	if (options->show)
		return script_show(options);
	text = script_read(options, &err);
	if (text)
		ui = open_editor(options, &err);
	if (!ui) {
		free(text);
		return loop_fail(&err);
	}
	if (!script_run(ui, text, NULL, &line))
		status = script_fail(options->script, line, ui);
	ui_free(ui);
	free(text);
	return status;
}
