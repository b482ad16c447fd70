/* A program on a pseudo-terminal whose output libvterm reads. Nothing sleeps: what is
 * expected is waited for, and the test fails when it does not come. */
#ifndef QDQEDIT_TESTS_PTY_H
#define QDQEDIT_TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>

struct pty;

/* Starts a program (found in PATH) in a terminal of this size. `environment` are
 * "NAME=VALUE" texts, NULL at the end; TERM is xterm-256color unless it says so. */
struct pty *pty_start(
	int w, int h, const char *const *argv, const char *const *environment);

/* Sends bytes as typed. */
void pty_type(struct pty *pty, const char *bytes);

/* Waits until the screen shows the text, or no longer shows it. */
void pty_expect(struct pty *pty, const char *text);
void pty_expect_gone(struct pty *pty, const char *text);

/* The screen now: rows without trailing blanks, each ending with a newline. */
const char *pty_screen(struct pty *pty);

/* Everything the program wrote so far, and how much; waits until it is quiet. */
size_t pty_settle(struct pty *pty);

void pty_resize(struct pty *pty, int w, int h);
void pty_signal(struct pty *pty, int number);
void pty_cursor(const struct pty *pty, int *x, int *y);

/* Any cell with a colour of its own, or reversed. */
bool pty_has_colour(const struct pty *pty);

/* Waits for the end: the exit code, or 128 plus the signal. */
int pty_end(struct pty *pty);

/* True if the terminal echoes again, reads lines and shows the main screen. */
bool pty_is_restored(const struct pty *pty);

#endif
