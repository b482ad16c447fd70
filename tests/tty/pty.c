#include "tests/tty/pty.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { WAIT_MS = 20000, QUIET_MS = 150, TEXT = 1 << 18 };

struct pty {
	int fd;
	pid_t pid;
	int w, h;
	bool altscreen;
	VTerm *vterm;
	VTermScreen *screen;
	VTermPos cursor;
	size_t bytes;
	char text[TEXT];
};

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int on_cursor(VTermPos pos, VTermPos before, int visible, void *user)
{
	(void)before;
	(void)visible;
	((struct pty *)user)->cursor = pos;
	return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	if (property == VTERM_PROP_ALTSCREEN)
		((struct pty *)user)->altscreen = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = {
	.movecursor = on_cursor,
	.settermprop = on_property,
};

static void start_child(const char *const *argv, const char *const *environment)
{
	setenv("TERM", "xterm-256color", 1);
	for (; environment && *environment; environment++) {
		const char *sign = strchr(*environment, '=');

		if (sign[1])
			putenv((char *)*environment);
		else
			unsetenv(strndup(*environment, (size_t)(sign - *environment)));
	}
	signal(SIGINT, SIG_DFL); /* shells ignore it in what they start with & */
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

struct pty *pty_start(
	int w, int h, const char *const *argv, const char *const *environment)
{
	struct pty *pty = calloc(1, sizeof(*pty));
	struct winsize size = {.ws_col = (unsigned short)w, .ws_row = (unsigned short)h};

	cr_assert(pty);
	pty->w = w;
	pty->h = h;
	pty->vterm = vterm_new(h, w);
	vterm_set_utf8(pty->vterm, 1);
	pty->screen = vterm_obtain_screen(pty->vterm);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_set_callbacks(pty->screen, &callbacks, pty);
	vterm_screen_reset(pty->screen, 1);
	pty->pid = forkpty(&pty->fd, NULL, NULL, &size);
	cr_assert_geq(pty->pid, 0);
	if (!pty->pid)
		start_child(argv, environment);
	return pty;
}

void pty_type(struct pty *pty, const char *bytes)
{
	size_t length = strlen(bytes);

	cr_assert_eq(write(pty->fd, bytes, length), (ssize_t)length);
}

/* Takes in what there is, waiting for it so long; false if nothing came. */
static bool take(struct pty *pty, int ms)
{
	struct pollfd ready = {.fd = pty->fd, .events = POLLIN};
	char block[4096];
	ssize_t n;

	if (poll(&ready, 1, ms) <= 0)
		return false;
	n = read(pty->fd, block, sizeof(block));
	if (n <= 0)
		return false;
	pty->bytes += (size_t)n;
	vterm_input_write(pty->vterm, block, (size_t)n);
	return true;
}

static size_t put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 63));
		return 2;
	}
	out[0] = (char)(0xe0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 63));
	out[2] = (char)(0x80 | (code & 63));
	return 3;
}

const char *pty_screen(struct pty *pty)
{
	size_t at = 0, end = 0;

	for (int y = 0; y < pty->h; y++) {
		end = at;
		for (int x = 0; x < pty->w; x++) {
			VTermScreenCell cell;

			vterm_screen_get_cell(
				pty->screen, (VTermPos){.row = y, .col = x}, &cell);
			if (cell.chars[0] == (uint32_t)-1)
				continue;
			at += put_utf8(
				pty->text + at, cell.chars[0] ? cell.chars[0] : ' ');
			if (cell.chars[0] && cell.chars[0] != ' ')
				end = at;
		}
		at = end;
		pty->text[at++] = '\n';
	}
	pty->text[at] = '\0';
	return pty->text;
}

static void wait_for(struct pty *pty, const char *text, bool there)
{
	for (long end = now() + WAIT_MS; now() < end; take(pty, 50))
		if ((strstr(pty_screen(pty), text) != NULL) == there)
			return;
	cr_assert_fail(
		"%s did not %s:\n%s", text, there ? "come" : "go", pty_screen(pty));
}

void pty_expect(struct pty *pty, const char *text)
{
	wait_for(pty, text, true);
}

void pty_expect_gone(struct pty *pty, const char *text)
{
	wait_for(pty, text, false);
}

size_t pty_settle(struct pty *pty)
{
	while (take(pty, QUIET_MS))
		;
	return pty->bytes;
}

void pty_resize(struct pty *pty, int w, int h)
{
	struct winsize size = {.ws_col = (unsigned short)w, .ws_row = (unsigned short)h};

	pty_settle(pty);
	pty->w = w;
	pty->h = h;
	vterm_set_size(pty->vterm, h, w);
	cr_assert_eq(ioctl(pty->fd, TIOCSWINSZ, &size), 0);
}

void pty_signal(struct pty *pty, int number)
{
	cr_assert_eq(kill(pty->pid, number), 0);
}

void pty_cursor(const struct pty *pty, int *x, int *y)
{
	*x = pty->cursor.col;
	*y = pty->cursor.row;
}

bool pty_has_colour(const struct pty *pty)
{
	for (int y = 0; y < pty->h; y++)
		for (int x = 0; x < pty->w; x++) {
			VTermScreenCell cell;

			vterm_screen_get_cell(
				pty->screen, (VTermPos){.row = y, .col = x}, &cell);
			if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg))
				return true;
		}
	return false;
}

int pty_end(struct pty *pty)
{
	int status = 0;

	for (long end = now() + WAIT_MS; now() < end; poll(NULL, 0, 5)) {
		while (take(pty, 20))
			;
		if (waitpid(pty->pid, &status, WNOHANG) == pty->pid)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
	}
	kill(pty->pid, SIGKILL);
	cr_assert_fail("it did not end:\n%s", pty_screen(pty));
	return -1;
}

bool pty_is_restored(const struct pty *pty)
{
	struct termios modes;

	if (tcgetattr(pty->fd, &modes))
		return false;
	return modes.c_lflag & ECHO && modes.c_lflag & ICANON && modes.c_lflag & ISIG &&
	       !pty->altscreen;
}
