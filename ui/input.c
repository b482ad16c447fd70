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
	{KEY_MAX - 3, UK_FOCUS_IN},
	{KEY_MAX - 4, UK_FOCUS_OUT},
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

/* curses tells once of events that came together, and gives the newest first. */
enum { MICE = 8 };
static struct mouse_event mice[MICE];
static int mouse_count;

static int button_of(mmask_t state)
{
	return state & BUTTON4_PRESSED    ? 4
	       : state & BUTTON5_PRESSED  ? 5
	       : state & BUTTON1_RELEASED ? 0
					  : 1;
}

static ui_key next_mouse(struct mouse_event *mouse)
{
	MEVENT event;

	while (mouse_count < MICE && getmouse(&event) == OK)
		mice[mouse_count++] =
			(struct mouse_event){event.x, event.y, button_of(event.bstate)};
	if (!mouse_count)
		return UK_NONE;
	*mouse = mice[--mouse_count];
	return UK_MOUSE;
}

/* Keys that were typed ahead while something else was waited for. */
static struct {
	ui_key keys[64];
	unsigned first, count;
} ahead;

bool terminal_is_interrupted(void)
{
	struct mouse_event mouse;
	const unsigned room = sizeof(ahead.keys) / sizeof(*ahead.keys);
	unsigned waiting = ahead.count;
	ui_key key;

	ahead.count = 0;
	while ((key = terminal_read(0, &mouse)) != UK_NONE && key != UK_CTRL('c'))
		if (key != UK_MOUSE && waiting < room)
			ahead.keys[(ahead.first + waiting++) % room] = key;
	ahead.count = waiting;
	return key == UK_CTRL('c') || terminal_is_asked_to_end();
}

ui_key terminal_read(int ms, struct mouse_event *mouse)
{
	wint_t code;
	int what;
	ui_key key;

	if (mouse_count)
		return next_mouse(mouse);
	if (ahead.count) {
		key = ahead.keys[ahead.first];
		ahead.first = (ahead.first + 1) % (sizeof(ahead.keys) / sizeof(key));
		ahead.count--;
		return key;
	}
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
	return key == UK_MOUSE ? next_mouse(mouse) : key;
}
