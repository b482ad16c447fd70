#include "config.h"

#include "ui/options.h"
#include "ui/terminal.h"

#include "base/output.h"
#include "base/text.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* All that is global, since signals have no argument. `restore` is what a fatal signal
 * writes: async-signal-safe, so made in advance. */
static struct {
	SCREEN *screen;
	FILE *in, *out;
	struct termios modes;
	bool has_modes;
	char restore[256];
	size_t restore_length;
	volatile sig_atomic_t ending;
	sigset_t open_mask; /* what was blocked before; in force while waiting */
} terminal;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* Appends a capability without its padding ("$<5>"). */
static void add_restore(const char *text)
{
	if (!text || text == (char *)-1)
		return;
	while (*text && terminal.restore_length + 1 < sizeof(terminal.restore)) {
		if (text[0] == '$' && text[1] == '<' && strchr(text, '>')) {
			text = strchr(text, '>') + 1;
			continue;
		}
		terminal.restore[terminal.restore_length++] = *text++;
	}
}

static void make_restore(void)
{
	terminal.restore_length = 0;
	add_restore("\033[?2004l\033[?1004l");
	add_restore(tigetstr("rmkx"));
	add_restore(tigetstr("sgr0"));
	add_restore(tigetstr("cnorm"));
	add_restore(tigetstr("rmcup"));
	add_restore("\r\n");
}

/* Restore first, report second, then die as the signal asks. */
static void on_fatal(int number)
{
	static const char report[] =
		"qdqedit: stopped by a fault of its own; files are as "
		"they were, edits are offered at the next start\n";
	ssize_t ignored;

	ignored = write(fileno(terminal.out), terminal.restore, terminal.restore_length);
	if (terminal.has_modes)
		tcsetattr(fileno(terminal.in), TCSANOW, &terminal.modes);
	output_abort_all();
	ignored = write(STDERR_FILENO, report, sizeof(report) - 1);
	(void)ignored;
	signal(number, SIG_DFL);
	raise(number);
}

static void on_end(int number)
{
	(void)number;
	terminal.ending = 1;
}

static void catch_signals(bool on)
{
	struct sigaction action = {.sa_handler = on ? on_fatal : SIG_DFL};

	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(*fatal_signals); i++)
		sigaction(fatal_signals[i], &action, NULL);
	action.sa_handler = on ? on_end : SIG_DFL;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* curses would end the program at once; Ctrl-C is a key here */
	action.sa_handler = on ? SIG_IGN : SIG_DFL;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGQUIT, &action, NULL);
	action.sa_handler = on ? SIG_IGN : SIG_DFL;
	sigaction(SIGPIPE, &action, NULL);
}

/* SIGWINCH, SIGTERM and SIGHUP arrive while the terminal is waited for and at no other
 * time, so that none falls between looking and waiting. */
static void hold_signals(bool on)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGWINCH);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	if (on)
		pthread_sigmask(SIG_BLOCK, &held, &terminal.open_mask);
	else
		pthread_sigmask(SIG_SETMASK, &terminal.open_mask, NULL);
}

void terminal_wait(int ms)
{
	struct pollfd ready = {.fd = fileno(terminal.in), .events = POLLIN};
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

	if (!terminal.ending)
		ppoll(&ready, 1, ms < 0 ? NULL : &time, &terminal.open_mask);
	if (ready.revents & (POLLHUP | POLLERR))
		terminal.ending = 1;
}

bool terminal_is_asked_to_end(void)
{
	return terminal.ending;
}

/* Unicode if the locale says so and knows the width of every glyph. */
bool terminal_speaks_unicode(char note[160])
{
	const char *wanted = getenv("LC_ALL");

	if (!wanted || !*wanted)
		wanted = getenv("LC_CTYPE");
	if (!wanted || !*wanted)
		wanted = getenv("LANG");
	if (!setlocale(LC_ALL, "")) {
		snprintf(note, 160,
			"locale %s is not installed, using ASCII; LC_ALL=C.UTF-8 may "
			"help",
			wanted ? text_quoted_z(wanted) : "C");
		return false;
	}
	setlocale(LC_NUMERIC, "C");
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		return false;
	for (unsigned i = 0; i < glyph_count; i++)
		if (wcwidth((wchar_t)glyph_table[i].code) != 1)
			return false;
	return true;
}

static bool open_streams(struct error *err)
{
	if (!isatty(STDOUT_FILENO))
		return error_set(err, ERROR_USAGE,
			"standard output is not a terminal; qdqedit bounds MODEL prints "
			"instead, qdqedit script FILE runs keys");
	terminal.out = stdout;
	terminal.in = stdin;
	if (isatty(STDIN_FILENO))
		return true;
	terminal.in = fopen("/dev/tty", "r");
	if (!terminal.in)
		return error_set(err, ERROR_USAGE,
			"standard input is not a terminal and there is no other; qdqedit "
			"script FILE runs keys without one");
	return true;
}

static bool check_term(struct error *err)
{
	const char *term = getenv("TERM");
	int status = 0;
	const char *move;
	bool can_move;

	if (!term || !*term)
		return error_set(err, ERROR_REFUSED,
			"TERM is not set: the terminal is unknown; try "
			"TERM=xterm-256color");
	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return error_set(err, ERROR_REFUSED,
			"TERM=%s: the terminal is unknown here; try TERM=xterm-256color",
			text_quoted_z(term));
	move = tigetstr("cup");
	can_move = move && move != (char *)-1;
	del_curterm(cur_term); /* newterm makes one of its own */
	if (!can_move)
		return error_set(err, ERROR_REFUSED,
			"TERM=%s: it cannot move the cursor; --plain goes line by line, "
			"qdqedit bounds FILE prints the conversions",
			text_quoted_z(term));
	return true;
}

static bool has_lines(void)
{
	const char *set = tigetstr("acsc"), *enter = tigetstr("smacs");

	return set && set != (char *)-1 && enter && enter != (char *)-1;
}

static enum paint_mode choose_paint(enum ui_color wish)
{
	const char *none = getenv("NO_COLOR");
	int colors = tigetnum("colors");

	if (wish == UI_COLOR_NEVER || (wish == UI_COLOR_AUTO && none && *none) ||
		!has_colors())
		return PAINT_MONO;
	if (wish == UI_COLOR_16 || colors < 256)
		return colors >= 8 ? PAINT_16 : PAINT_MONO;
	return PAINT_256;
}

static void set_modes(bool mouse)
{
	raw();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	if (!getenv("ESCDELAY"))
		set_escdelay(50);
	define_key("\033[200~", KEY_MAX - 1);
	define_key("\033[201~", KEY_MAX - 2);
	define_key("\033[I", KEY_MAX - 3);
	define_key("\033[O", KEY_MAX - 4);
	fputs("\033[?2004h", terminal.out);
	terminal_mouse(mouse);
}

bool terminal_open(
	const struct terminal_wish *wish, struct terminal_facts *facts, struct error *err)
{
	memset(facts, 0, sizeof(*facts));
	facts->ascii = !terminal_speaks_unicode(facts->note) || wish->ascii;
	if (!open_streams(err) || !check_term(err))
		return false;
	terminal.has_modes = !tcgetattr(fileno(terminal.in), &terminal.modes);
	terminal.screen = newterm(NULL, terminal.out, terminal.in);
	if (!terminal.screen)
		return error_set(err, ERROR_REFUSED,
			"the terminal cannot be used; try TERM=xterm-256color");
	set_term(terminal.screen);
	make_restore();
	catch_signals(true);
	hold_signals(true);
	facts->acs = facts->ascii && !wish->ascii && has_lines();
	facts->paint = choose_paint(wish->color);
	if (facts->paint != PAINT_MONO)
		start_color();
	paint_start(facts->paint, facts->acs);
	set_modes(wish->mouse);
	return true;
}

void terminal_close(void)
{
	if (!terminal.screen)
		return;
	terminal_mouse(false);
	fputs("\033[?2004l", terminal.out);
	fflush(terminal.out);
	move(LINES - 1, 0);
	endwin();
	delscreen(terminal.screen);
	terminal.screen = NULL;
	hold_signals(false);
	catch_signals(false);
	if (!terminal.restore_length || !strstr(terminal.restore, "\033[?1049l"))
		fputc('\n', terminal.out);
	fflush(terminal.out);
	if (terminal.in != stdin)
		fclose(terminal.in);
}

void terminal_size(int *w, int *h)
{
	*w = COLS;
	*h = LINES;
}

void terminal_suspend(void)
{
	fputs("\033[?2004l", terminal.out);
	terminal_mouse(false);
	def_prog_mode();
	endwin();
	fflush(terminal.out);
	raise(SIGTSTP);
	reset_prog_mode();
	fputs("\033[?2004h", terminal.out);
	refresh();
}

void terminal_mouse(bool on)
{
	mousemask(on ? BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED |
				  BUTTON5_PRESSED
		     : 0,
		NULL);
	mouseinterval(0);
	fputs(on ? "\033[?1004h" : "\033[?1004l", terminal.out);
	fflush(terminal.out);
}

void terminal_copy(const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text);

	fputs("\033]52;c;", terminal.out);
	for (size_t i = 0; i < length; i += 3) {
		unsigned bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 |
			       (i + k < length ? (unsigned char)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			fputc(i + k <= length ? digits[bits >> (18 - 6 * k) & 63] : '=',
				terminal.out);
	}
	fputc('\a', terminal.out);
	fflush(terminal.out);
}

const char *ui_library_version(void)
{
	return curses_version();
}
