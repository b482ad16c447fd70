/* Roles and what they look like; glyphs and their ASCII forms. No curses here. */
#ifndef QDQEDIT_UI_THEME_H
#define QDQEDIT_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum role {
	ROLE_TEXT,
	ROLE_MUTED,    /* constants, stubs, what is less important */
	ROLE_TITLE,    /* first line */
	ROLE_RULE,     /* lines between panes and their titles */
	ROLE_FOCUS,    /* title of the focused pane */
	ROLE_SEED,     /* promoted by the user */
	ROLE_IMPLIED,  /* promoted because something else was */
	ROLE_BOUNDARY, /* a type conversion */
	ROLE_ERROR,
	ROLE_WARNING,
	ROLE_KEY, /* keys in hints and help */
	ROLE_STATUS,
	ROLE_PROMPT,
	ROLE_CARD,    /* frames of cards and boxes */
	ROLE_ADDED,   /* changed against the file on disk */
	ROLE_CHANGED, /* changed by the last edit */
	ROLE_CHOICE,  /* the chosen line of a card */
	ROLE_COUNT
};

enum attribute { ATTR_BOLD = 1, ATTR_REVERSE = 2, ATTR_UNDERLINE = 4 };

enum paint_mode { PAINT_MONO, PAINT_16, PAINT_256 };

/* One row for each role: attributes without colour, and colour with attributes;
 * -1 is the terminal's default foreground. */
struct role_look {
	const char *name;
	char letter; /* in screen dumps */
	uint8_t mono;
	int8_t color;
	uint8_t color_attributes;
	int16_t color256;
};

extern const struct role_look role_looks[ROLE_COUNT];

/* Attributes of a cell with this role and these marks (enum cell_mark). */
unsigned theme_attributes(enum paint_mode mode, unsigned role, unsigned marks);

/* The letter of a cell in the second layer of a screen dump: with colour the role's,
 * in capitals on the cursor row; without colour what the attributes are. */
char theme_letter(enum paint_mode mode, unsigned role, unsigned marks);

/* One row for each glyph that is not ASCII. All are one column wide. */
struct glyph {
	int32_t code;
	char ascii;
	char acs; /* character of the VT100 line drawing set, 0 if it has none */
};

extern const struct glyph glyph_table[];
extern const unsigned glyph_count;

/* The row of a code point, or NULL. */
const struct glyph *glyph_find(int32_t code);

/* True if the VT100 set has it as a piece of a line: every terminal with that set does.
 */
bool glyph_is_line(const struct glyph *glyph);

/* Line pieces by which sides they reach. */
enum line_side { LINE_UP = 1, LINE_DOWN = 2, LINE_LEFT = 4, LINE_RIGHT = 8 };

/* The UTF-8 glyph for a set of sides (0 is a blank), and back (0: no line). */
const char *line_glyph(unsigned sides);
unsigned line_sides(const char *glyph);

#endif
