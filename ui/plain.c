/* Plain mode: the editor line by line, for terminals that cannot move a cursor and for
 * who reads with the ears. What is typed are the lines of a script; what comes back is
 * what was said, and the row, card or pane that was asked for. */
#include "base/text.h"
#include "ui/announce.h"
#include "ui/command.h"
#include "ui/loop.h"
#include "ui/script.h"
#include "ui/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Wide enough for names, high enough for all commands. */
enum { WIDTH = 160, HEIGHT = 300 };

static volatile sig_atomic_t interrupted, ending;

static void on_signal(int number)
{
	if (number == SIGINT)
		interrupted = 1;
	else
		ending = 1;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* While work goes on: true if Ctrl-C came. */
static bool wait_turn(struct ui *ui, int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
	bool cancel;

	nanosleep(&time, NULL);
	ui->now = loop_clock();
	cancel = interrupted || ending;
	interrupted = 0;
	return cancel;
}

/* A line of ours, with glyphs as ASCII where Unicode is not spoken. */
static void print_line(const struct ui *ui, const char *text)
{
	size_t length = strlen(text);

	while (*text) {
		int32_t code;
		size_t n = text_decode(text, length, &code);
		const struct glyph *glyph =
			ui->settings.ascii && code > 126 ? glyph_find(code) : NULL;

		if (glyph)
			putchar(glyph->ascii);
		else if (ui->settings.ascii && (unsigned char)*text > 126)
			for (size_t i = 0; i < n; i++)
				printf("\\x%02x", (unsigned char)text[i]);
		else
			fwrite(text, n, 1, stdout);
		text += n;
		length -= n;
	}
	putchar('\n');
}

/* The lines of a part of the screen, without those that are blank at the end. */
static void print_part(struct ui *ui, struct rect place)
{
	char *text = frame_dump_part(&ui->frame, place, false);
	size_t length = text ? strlen(text) : 0;

	while (length && text[length - 1] == '\n')
		length--;
	if (text)
		printf("%.*s\n", (int)length, text);
	free(text);
}

static void print_pane(struct ui *ui)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, ui->facts.focus);

	print_part(ui, ui->layout.title);
	if (slot)
		print_part(ui, slot->body);
}

static void print_row(struct ui *ui)
{
	char text[600];

	print_line(ui, announce_row(ui, text, sizeof(text)));
}

/* What one line brought about. */
static void answer(struct ui *ui, unsigned did, struct target before)
{
	bool moved = !target_same(before, ui->target);

	ui_draw(ui);
	if (*ui->messages.line && ui->messages.severity == SEVERITY_ERROR)
		fputs("! ", stdout);
	if (*ui->messages.line)
		print_line(ui, ui->messages.line);
	if (ui_card(ui))
		print_part(ui, ui->card_place);
	else if (ui->teach.touring || *ui->teach.caption)
		print_part(ui, ui->card_place);
	else if (did & DID_LAYOUT)
		print_pane(ui);
	else if (moved || !*ui->messages.line)
		print_row(ui);
}

/* Text cards are read to the end; nothing is left to press there. */
static void close_texts(struct ui *ui)
{
	while (ui_card(ui) == CARD_TEXT || ui_card(ui) == CARD_HELP)
		ui_close_card(ui);
	ui->closed_at = 0;
}

static unsigned take_line(struct ui *ui, char *line)
{
	struct target before = ui->target;
	unsigned did;

	messages_clear_line(&ui->messages);
	ui->now = loop_clock();
	did = script_line(ui, line);
	if (ui->prompt.kind)
		did |= ui_press(ui, UK_ENTER);
	/* keys that wait for more have had their line */
	if (ui->pending_count)
		ui_press(ui, UK_ESC);
	if (!(did & DID_QUIT)) {
		answer(ui, did, before);
		close_texts(ui);
	}
	return did;
}

/* True if it was left by a command, not by the end of the input. */
static bool loop(struct ui *ui)
{
	bool asks = isatty(STDIN_FILENO);
	bool left = false;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	print_row(ui);
	while (!ending && !left) {
		if (asks)
			fputs("> ", stdout);
		fflush(stdout);
		length = getline(&line, &room, stdin);
		if (length < 0 && errno == EINTR && !ending) {
			clearerr(stdin);
			interrupted = 0;
			errno = 0;
			puts("");
			continue;
		}
		if (length < 0)
			break;
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		left = take_line(ui, line) & DID_QUIT;
	}
	free(line);
	return left;
}

static struct ui_settings settings_of(const struct ui_options *options)
{
	char note[160] = "";
	struct ui_settings settings = {.lanes = LANES, .pace = PACE, .live = true};

	settings.paint = PAINT_MONO;
	settings.ascii = !terminal_speaks_unicode(note) || options->ascii;
	return settings;
}

static struct ui *open_plain(const struct ui_options *options, struct error *err)
{
	struct ui_settings settings = settings_of(options);
	struct project_info info;
	struct session *session = safety_open(options, &progress_never, &info, err);
	struct ui *ui = loop_take(session, &info, options, &settings, WIDTH, HEIGHT, err);

	if (ui) {
		ui->wait = wait_turn;
		ui->now = loop_clock();
		ui->facts.maximised = true;
	}
	return ui;
}

int plain_main(const struct ui_options *options)
{
	struct error err = ERROR_INIT;
	struct ui *ui = open_plain(options, &err);

	if (!ui)
		return loop_fail(&err);
	catch_signals();
	loop_start(ui);
	ui_draw(ui);
	if (*ui->messages.line)
		print_line(ui, ui->messages.line);
	if (ui_card(ui))
		print_part(ui, ui->card_place);
	/* the end of the input decides nothing about unsaved edits */
	loop_end(ui, !loop(ui));
	return 0;
}
