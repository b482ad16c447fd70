/* The real terminal. This, paint.c and input.c are the only files that know curses. */
#ifndef QDQEDIT_UI_TERMINAL_H
#define QDQEDIT_UI_TERMINAL_H

#include "base/error.h"
#include "ui/frame.h"
#include "ui/keys.h"
#include "ui/options.h"

struct terminal_wish {
	enum ui_color color;
	bool ascii, mouse;
};

/* What there is in fact. */
struct terminal_facts {
	enum paint_mode paint;
	bool ascii;
	bool acs;       /* no Unicode, but lines by the terminal's own characters */
	char note[160]; /* to be said once, "" if nothing */
};

/* Takes the terminal over. Refused with one line: no terminal, TERM unset, unknown or
 * without cursor addressing. */
bool terminal_open(const struct terminal_wish *wish, struct terminal_facts *facts,
	struct error *err);

/* Gives it back; harmless when it is not open. */
void terminal_close(void);

void terminal_size(int *w, int *h);

/* Takes the locale; true if it is Unicode and knows all our glyphs. `note` says why not
 * when that surprises. */
bool terminal_speaks_unicode(char note[160]);

/* Stops the program as Ctrl-Z does elsewhere; returns after it was continued. */
void terminal_suspend(void);

void terminal_mouse(bool on);

/* Hands a text to the terminal's clipboard (OSC 52); terminals may ignore it. */
void terminal_copy(const char *text);

/* Waits until there is input or a signal, `ms` at most (-1: without limit). */
void terminal_wait(int ms);

/* SIGTERM or SIGHUP came, or the terminal is gone. */
bool terminal_is_asked_to_end(void);

/* Sends what differs from the last frame. `again`: everything. */
void paint_frame(const struct frame *frame, enum paint_mode paint, bool again);

/* One time: the colours of the roles. `acs`: lines are the terminal's own characters. */
void paint_start(enum paint_mode paint, bool acs);

/* A mouse event, when terminal_read gives UK_MOUSE. */
struct mouse_event {
	int x, y, button; /* 0 release, 1 press, 4 wheel up, 5 wheel down */
};

/* The next key within `ms` (-1: wait, 0: only what is there); UK_NONE without one. */
ui_key terminal_read(int ms, struct mouse_event *mouse);

/* While something long goes on: true if Ctrl-C came or the program is asked to end.
 * Other keys wait for terminal_read. */
bool terminal_is_interrupted(void);

#endif
