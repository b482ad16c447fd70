#include "ui/theme.h"

#include "ui/cell.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, NORMAL = -1 };

const struct role_look role_looks[ROLE_COUNT] = {
	[ROLE_TEXT] = {"text", ' ', 0, NORMAL, 0, -1},
	[ROLE_MUTED] = {"muted", 'm', 0, NORMAL, 0, 245},
	[ROLE_TITLE] = {"title", 't', ATTR_BOLD, NORMAL, ATTR_BOLD, -1},
	[ROLE_RULE] = {"rule", 'l', 0, NORMAL, 0, 245},
	[ROLE_FOCUS] = {"focus", 'f', ATTR_REVERSE, NORMAL, ATTR_REVERSE, -1},
	[ROLE_SEED] = {"seed", 's', ATTR_BOLD, MAGENTA, ATTR_BOLD, 170},
	[ROLE_IMPLIED] = {"implied", 'i', 0, MAGENTA, 0, 133},
	[ROLE_BOUNDARY] = {"boundary", 'b', ATTR_UNDERLINE, CYAN, 0, 80},
	[ROLE_ERROR] = {"error", 'e', ATTR_BOLD | ATTR_REVERSE, RED, ATTR_BOLD, 203},
	[ROLE_WARNING] = {"warning", 'w', ATTR_BOLD, YELLOW, 0, 220},
	[ROLE_KEY] = {"key", 'k', ATTR_BOLD, GREEN, ATTR_BOLD, 114},
	[ROLE_STATUS] = {"status", 'u', ATTR_REVERSE, NORMAL, ATTR_REVERSE, -1},
	[ROLE_PROMPT] = {"prompt", 'p', 0, NORMAL, 0, -1},
	[ROLE_CARD] = {"card", 'c', 0, CYAN, 0, 80},
	[ROLE_ADDED] = {"added", 'a', ATTR_BOLD, GREEN, 0, 114},
	[ROLE_CHANGED] = {"changed", 'd', ATTR_BOLD, YELLOW, 0, 220},
	[ROLE_CHOICE] = {"choice", 'x', ATTR_REVERSE, NORMAL, ATTR_REVERSE, -1},
};

unsigned theme_attributes(enum paint_mode mode, unsigned role, unsigned marks)
{
	const struct role_look *look = &role_looks[role < ROLE_COUNT ? role : ROLE_TEXT];
	unsigned attributes = mode == PAINT_MONO ? look->mono : look->color_attributes;

	if (marks & MARK_CURSOR)
		attributes |= ATTR_REVERSE;
	if (marks & (MARK_IDLE | MARK_MATCH))
		attributes |= ATTR_UNDERLINE;
	if (marks & (MARK_SELECTED | MARK_STRONG))
		attributes |= ATTR_BOLD;
	return attributes;
}

char theme_letter(enum paint_mode mode, unsigned role, unsigned marks)
{
	static const char plain[8] = {' ', 'b', 'r', 'B', 'u', 'U', 'v', 'V'};
	char letter = role_looks[role < ROLE_COUNT ? role : ROLE_TEXT].letter;

	if (mode == PAINT_MONO)
		return plain[theme_attributes(mode, role, marks) & 7];
	if (marks & MARK_MATCH)
		return '/';
	if (marks & MARK_CURSOR)
		return letter == ' ' ? '#' : (char)toupper(letter);
	if (letter != ' ')
		return letter;
	if (marks & MARK_SELECTED)
		return '+';
	return marks & MARK_IDLE ? '_' : marks & MARK_STRONG ? '*' : ' ';
}

const struct glyph glyph_table[] = {
	{0x00b7, '.', 0},   /* middle dot */
	{0x00bb, '^', 0},   /* graph output */
	{0x03c3, 's', 0},   /* sigma */
	{0x2026, '.', 0},   /* ellipsis */
	{0x2190, '<', ','}, /* arrows */
	{0x2191, '^', '-'}, {0x2192, '>', '+'}, {0x2193, 'v', '.'},
	{0x21c4, '~', 0},   /* converts */
	{0x2500, '-', 'q'}, /* lines */
	{0x2502, '|', 'x'}, {0x250c, '+', 'l'}, {0x2510, '+', 'k'}, {0x2514, '+', 'm'},
	{0x2518, '+', 'j'}, {0x251c, '+', 't'}, {0x2524, '+', 'u'}, {0x252c, '+', 'w'},
	{0x2534, '+', 'v'}, {0x253c, '+', 'n'}, {0x256d, '.', 'l'}, /* round corners */
	{0x256e, '.', 'k'}, {0x256f, '\'', 'j'}, {0x2570, '`', 'm'},
	{0x2574, '-', 'q'}, /* half lines */
	{0x2575, '|', 'x'}, {0x2576, '-', 'q'}, {0x2577, '|', 'x'},
	{0x2581, '.', 0}, /* bars of a histogram */
	{0x2582, ':', 0}, {0x2583, '-', 0}, {0x2584, '=', 0}, {0x2585, '+', 0},
	{0x2586, '*', 0}, {0x2587, '%', 0}, {0x2588, '#', 0},
	{0x25b6, '>', '+'}, /* arrow heads */
	{0x25b8, '>', '+'}, /* cursor */
	{0x25bc, 'v', '.'}, {0x25be, 'v', '.'}, {0x25b2, '^', '-'}, {0x25c0, '<', ','},
	{0x25c6, '#', 0}, /* promoted node */
	{0x25c7, 'i', 0}, /* graph input */
	{0x25cf, 'o', 0}, /* node */
};

const unsigned glyph_count = sizeof(glyph_table) / sizeof(*glyph_table);

const struct glyph *glyph_find(int32_t code)
{
	for (unsigned i = 0; i < glyph_count; i++)
		if (glyph_table[i].code == code)
			return &glyph_table[i];
	return NULL;
}

bool glyph_is_line(const struct glyph *glyph)
{
	return glyph->acs >= 'j' && glyph->acs <= 'x';
}

static const char *const lines[16] = {
	" ",
	"╵",
	"╷",
	"│",
	"╴",
	"┘",
	"┐",
	"┤",
	"╶",
	"└",
	"┌",
	"├",
	"─",
	"┴",
	"┬",
	"┼",
};

const char *line_glyph(unsigned sides)
{
	return lines[sides & 15];
}

unsigned line_sides(const char *glyph)
{
	for (unsigned i = 1; i < 16; i++)
		if (!strcmp(lines[i], glyph))
			return i;
	return 0;
}
