/* Keys as numbers, and how they are written: "j", "gd", "<C-d>", "<Space>", "<S-Tab>". */
#ifndef QDQEDIT_UI_KEYS_H
#define QDQEDIT_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A code point, or one of the values below. Ctrl with a letter is the control code. */
typedef uint32_t ui_key;

enum {
	UK_TAB = 9,
	UK_ENTER = 13,
	UK_ESC = 27,
	UK_SPACE = 32,
	UK_BACKSPACE = 127,
	UK_UP = 0x200000,
	UK_DOWN,
	UK_LEFT,
	UK_RIGHT,
	UK_HOME,
	UK_END,
	UK_PAGE_UP,
	UK_PAGE_DOWN,
	UK_INSERT,
	UK_DELETE,
	UK_BACK_TAB,
	UK_SHIFT_UP,
	UK_SHIFT_DOWN,
	UK_F1,
	UK_F12 = UK_F1 + 11,
	/* not keys, but they come the same way */
	UK_MOUSE,
	UK_RESIZE,
	UK_PASTE,     /* begin of a paste */
	UK_PASTE_END, /* and its end */
	UK_FOCUS_IN,  /* the window got the focus */
	UK_FOCUS_OUT,
	UK_NONE
};

#define UK_CTRL(letter) ((ui_key)((letter)&31))

/* Reads one key at text[*at] and moves *at behind it. "<" that begins no known name is
 * itself, as is "<lt>". UK_NONE at the end of the text. */
ui_key keys_parse_next(const char *text, size_t length, size_t *at);

/* A sequence of keys, at most `room`; the number, or 0 if it is empty or too long. */
size_t keys_parse(const char *text, size_t length, ui_key *keys, size_t room);

/* Writes the notation of one key; returns `out` (room >= 16). */
char *keys_name(ui_key key, char out[16]);

#endif
