/* Keys and mouse from curses. */
#include "ui/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <wchar.h>

static const struct {
	int code;
	ui_key key;
} codes[] = {
	{KEY_UP, UK_UP},
	{KEY_DOWN, UK_DOWN},
	{KEY_LEFT, UK_LEFT},
	{KEY_RIGHT, UK_RIGHT},
	{KEY_HOME, UK_HOME},
	{KEY_END, UK_END},
	{KEY_PPAGE, UK_PAGE_UP},
	{KEY_NPAGE, UK_PAGE_DOWN},
	{KEY_IC, UK_INSERT},
	{KEY_DC, UK_DELETE},
	{KEY_BTAB, UK_BACK_TAB},
	{KEY_SR, UK_SHIFT_UP},
	{KEY_SF, UK_SHIFT_DOWN},
	{KEY_BACKSPACE, UK_BACKSPACE},
	{KEY_ENTER, UK_ENTER},
	{KEY_MOUSE, UK_MOUSE},
	{KEY_RESIZE, UK_RESIZE},
	{KEY_MAX - 1, UK_PASTE},
	{KEY_MAX - 2, UK_PASTE_END},
};

static ui_key from_code(wint_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].code == (int)code)
			return codes[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return UK_F1 + (ui_key)(code - KEY_F(1));
	return UK_NONE;
}

static ui_key read_mouse(struct mouse_event *mouse)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return UK_NONE;
	mouse->x = event.x;
	mouse->y = event.y;
	mouse->button = event.bstate & BUTTON4_PRESSED   ? 4
			: event.bstate & BUTTON5_PRESSED ? 5
							 : 1;
	return UK_MOUSE;
}

ui_key terminal_read(int ms, struct mouse_event *mouse)
{
	wint_t code;
	int what;
	ui_key key;

	timeout(0);
	what = get_wch(&code);
	if (what == ERR && ms) {
		terminal_wait(ms);
		what = get_wch(&code);
	}
	if (what == ERR)
		return UK_NONE;
	if (what == OK)
		return code == '\n' ? UK_ENTER : code == 8 ? UK_BACKSPACE : (ui_key)code;
	key = from_code(code);
	return key == UK_MOUSE ? read_mouse(mouse) : key;
}
