/* A script: lines of keys in notation and lines of ":" commands, without a terminal.
 *
 *     # a comment                       :expect Op4
 *     jjj p                             :dump-screen out.txt
 *
 * Blanks between keys do not count; <Space> is the key. */
#include "base/output.h"
#include "base/text.h"
#include "ui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MOST = 1 << 24, WIDTH = 80, HEIGHT = 24 };

static int fail(const char *place, unsigned line, const char *text)
{
	fflush(stdout);
	if (line)
		fprintf(stderr, "qdqedit: %s: line %u: %s\n", place, line, text);
	else
		fprintf(stderr, "qdqedit: %s\n", text);
	return 1;
}

static unsigned press_keys(struct ui *ui, const char *line, size_t length)
{
	unsigned did = DID_NOTHING;
	size_t at = 0;

	while (at < length && !(did & DID_QUIT)) {
		if (line[at] == ' ' || line[at] == '\t') {
			at++;
			continue;
		}
		did |= ui_press(ui, keys_parse_next(line, length, &at));
		ui_draw(ui);
	}
	return did;
}

/* A command that is refused ends the script, keys that are refused do not: what they
 * say can be expected. */
static unsigned run_line(struct ui *ui, char *line)
{
	size_t length = strlen(line);
	unsigned did;

	while (length && (line[length - 1] == '\r' || line[length - 1] == ' '))
		line[--length] = '\0';
	if (!length || *line == '#')
		return DID_NOTHING;
	if (*line != ':')
		return press_keys(ui, line, length) & ~(unsigned)DID_FAIL;
	if (line[1] == '!') {
		did = ui_command(ui, line + 2);
		ui_draw(ui);
		if (did & DID_FAIL)
			return did & ~(unsigned)DID_FAIL;
		messages_clear_line(&ui->messages);
		return did | DID_FAIL;
	}
	did = ui_command(ui, line);
	ui_draw(ui);
	return did;
}

static int run_script(struct ui *ui, const char *place, char *text)
{
	unsigned number = 0;

	ui_draw(ui);
	for (char *line = text; line;) {
		char *end = strchr(line, '\n');
		unsigned did;

		if (end)
			*end = '\0';
		number++;
		did = run_line(ui, line);
		if (did & DID_FAIL)
			return fail(place, number,
				*ui->messages.line ? ui->messages.line
						   : "it was not refused");
		if (did & DID_QUIT)
			return 0;
		line = end ? end + 1 : NULL;
	}
	return 0;
}

static struct ui_settings settings_of(const struct ui_options *options)
{
	struct ui_settings settings = {.hints = true, .lanes = LANES, .mouse = true};

	settings.paint = options->color == UI_COLOR_NEVER ? PAINT_MONO
			 : options->color == UI_COLOR_16  ? PAINT_16
							  : PAINT_256;
	settings.ascii = options->ascii;
	settings.slow = options->slow;
	return settings;
}

int ui_script_main(const struct ui_options *options)
{
	struct ui_settings settings = settings_of(options);
	struct error err = ERROR_INIT;
	size_t length;
	char *text = input_read(options->script, SCRIPT_MOST, &length, &err), place[200];
	struct session *session;
	struct ui *ui = NULL;
	int status;

	if (!text)
		return fail(NULL, 0, err.text);
	session = session_open(&options->request, true, &progress_never, &err);
	if (session)
		ui = ui_new(session, &settings, WIDTH, HEIGHT, &err);
	if (!ui) {
		if (session)
			session_free(session);
		free(text);
		return fail(NULL, 0, err.text);
	}
	if (options->start_card)
		ui_open_card(ui, CARD_START);
	text_escape(place, sizeof(place), options->script, strlen(options->script));
	status = run_script(ui, place, text);
	ui_free(ui);
	free(text);
	return status;
}
