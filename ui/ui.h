/* The editor without a terminal: keys in, a frame out. The terminal loop (main.c) and
 * the script runner (script.c) drive the same functions. */
#ifndef QDQEDIT_UI_UI_H
#define QDQEDIT_UI_UI_H

#include "job/session.h"
#include "ui/frame.h"
#include "ui/hints.h"
#include "ui/hold.h"
#include "ui/json_text.h"
#include "ui/keymap.h"
#include "ui/keys.h"
#include "ui/lanes.h"
#include "ui/layout.h"
#include "ui/list.h"
#include "ui/measure.h"
#include "ui/message.h"
#include "ui/options.h"
#include "ui/picture.h"
#include "ui/places.h"
#include "ui/prompt.h"
#include "ui/safety.h"
#include "ui/teach.h"
#include "ui/wrap.h"

/* What a key or command brought about; the loop acts on it once. */
enum consequence {
	DID_NOTHING = 0,
	DID_REDRAW = 1 << 0,
	DID_MOVE = 1 << 1,   /* another row is the current one */
	DID_EDIT = 1 << 2,   /* the plan changed */
	DID_LAYOUT = 1 << 3, /* panes move */
	DID_CLEAR = 1 << 4,  /* send the whole screen again */
	DID_SUSPEND = 1 << 5,
	DID_QUIT = 1 << 6,
	DID_FAIL = 1 << 7,  /* refused; the message line says why */
	DID_MOUSE = 1 << 8, /* the mouse was switched */
	DID_COPY = 1 << 9,  /* ui->copied is for the terminal's clipboard */
};

/* What the cursor is on; either may be GRAPH_NONE. */
struct target {
	tensor_id tensor;
	node_id node;
};

enum card_id {
	CARD_NONE,
	CARD_START,
	CARD_QUIT,
	CARD_HELP,
	CARD_READERS, /* who reads what: key c */
	CARD_FORM,    /* override form: key e */
	CARD_TYPES,   /* choose a type: key P */
	CARD_CHOICE,  /* one of several tensors or nodes: gr */
	CARD_RECOVER, /* edits of another time */
	CARD_TEXT,    /* messages, undo list, options, differences */
	CARD_SUGGEST, /* the curve of what to promote */
	CARD_RECENT,  /* models that were opened before */
	CARD_EXPORT,  /* formats, and what each would lose */
	CARD_COUNT
};

enum { CARDS = 4, CHOICES = 512, SPOTS = 32 };

/* Readers picker: one line a distinct reader. */
struct readers_card {
	tensor_id tensor;
	enum qtype type;
	node_id *nodes;
	bool *ticked;
	bool *fixed; /* its own type asks for it: cannot be unticked */
	uint32_t count;
};

/* Override form: fields as text until they are taken. */
enum form_field {
	FIELD_TYPE,
	FIELD_SCALE,
	FIELD_ZERO_POINT,
	FIELD_RMIN,
	FIELD_RMAX,
	FIELD_SYMMETRIC,
	FIELD_REDUCE,
	FIELD_AXIS, /* of constants only */
	FIELD_COUNT
};

struct form_card {
	tensor_id tensor;
	bool converted; /* the converted side */
	bool too_long;  /* its list of channels does not fit into the fields */
	struct line_edit fields[FIELD_COUNT];
	char fault[256]; /* what is wrong with it now, "" if nothing */
};

struct choice_card {
	char title[160];
	struct target items[CHOICES];
	uint32_t count;
};

/* What a line of a text card may begin with: how it looks. */
#define TEXT_TITLE "\1"
#define TEXT_CHOSEN "\2"
#define TEXT_ERROR "\3"
#define TEXT_MUTED "\4"

/* A text to read: lines in one malloc'ed block, wrapped for a width. */
struct text_starts ARRAY_OF(uint32_t);
struct text_card {
	char title[80];
	char *text;                /* lines end with NUL */
	struct text_starts starts; /* where each begins */
	struct wrap_lines lines;
	int width;
};

/* Formats of other tools: what the one under the cursor cannot carry of the plan. */
struct export_card {
	uint32_t format; /* that the rest was found for, plus one; 0: none */
	uint32_t cursor; /* to come back to from the whole report */
	bool comes_back;
	uint64_t generation;
	size_t lost;          /* lines of the report */
	bool changes_meaning; /* some of it is there as something else */
	bool accept_float;    /* a person said so */
	char fault[1024];     /* why it cannot be written, "" if it can */
	struct text_card text;
};

/* Where a click shows a pane, or acts as keys in notation. */
struct hot_spot {
	struct rect place;
	enum pane_id pane;
	char keys[12];
};

/* What the mouse does: press and release of its first button, the wheel. */
enum mouse_button { MOUSE_RELEASE = 0, MOUSE_PRESS = 1, MOUSE_UP = 4, MOUSE_DOWN = 5 };

/* How pane 3 is sorted: as the entries stand in the file, or by one of these. */
enum bounds_order {
	BOUNDS_FILE,
	BOUNDS_TENSOR,
	BOUNDS_BYTES,
	BOUNDS_READERS,
	BOUNDS_ORDERS
};

/* What the graph pane shows: with AUTO the flow where a picture cannot be exact. */
enum graph_drawing { DRAWING_AUTO, DRAWING_PICTURE, DRAWING_FLOW };

/* Names of a list seen from another column on: 0 cuts long ones in the middle, else one
 * more than the column; `over`: columns that the longest of the last frame is too long.
 */
struct sideways {
	int left, over;
};

struct ui {
	struct session *session;
	const struct ui_options *asked; /* the command line, borrowed; NULL: defaults */
	const struct outcome *outcome;  /* of session->plan as it is; borrowed */
	struct ui_settings settings;
	struct frame frame;
	struct hold hold; /* what of it waits for the hands to rest */
	struct layout layout;
	struct layout_facts facts;
	unsigned focus_clock;
	struct rows rows;
	struct folds folds; /* of the outline */
	struct lanes lanes;
	struct list lists[PANE_COUNT];
	struct sideways sideways[PANE_COUNT];
	int bounds_name; /* columns of the longest name in pane 3 */
	enum bounds_order bounds_order;
	uint32_t *bounds_rows; /* boundaries in that order; NULL: as they are */
	uint64_t bounds_generation;
	struct target target; /* what commands are about */
	bool off_row;         /* it has no row: edits leave it, moves do not */
	struct target shown;  /* what the other panes are about: with --slow it follows
				 when the cursor rests */
	uint64_t moved_at;
	bool shows_now; /* with :set announce: the panes are asked for */
	struct json_text json;
	struct why_list why;
	struct wrap_lines why_lines, problem_lines;
	int why_width;            /* columns that why_lines are made for */
	struct target why_target; /* of `why`, and the generation it was made for */
	uint64_t why_generation;
	struct picture picture; /* layered drawing of the graph pane */
	enum graph_drawing drawing;
	struct target graph_held; /* the mouse moved the view while this was shown */
	int flow_top;             /* readers above what is seen of the flow */
	int radius;
	struct outcome_diff changed; /* by the last edit; ids ascending */
	unsigned char *selected;     /* by row code: nodes, then tensors */
	uint32_t selected_count;
	bool visual;
	uint32_t anchor;                /* other end of the visual range, a visible row */
	uint32_t last_first, last_last; /* gv */
	struct prompt prompt;
	struct query *search, *filter;
	unsigned char *found;      /* rows that match `search`, as `selected`; or NULL */
	uint64_t found_generation; /* of the outcome it was made for, 0: of none */
	char search_text[PROMPT_ROOM], filter_text[PROMPT_ROOM];
	struct places places; /* jump list and marks */
	struct messages messages;
	enum card_id cards[CARDS];
	int card_count;
	struct list card_list; /* of the top card */
	struct readers_card readers;
	struct form_card form;
	struct choice_card choice;
	struct text_card text;
	struct text_list recent; /* of its card */
	struct export_card export;
	struct line_edit help_filter;
	struct teaching teach;
	struct hints hints;
	struct keymap keymap;
	struct safety safety;
	struct measure measure;
	bool configuring; /* lines of the configuration file are being carried out */
	ui_key pending[PENDING]; /* begun sequence */
	int pending_count;
	uint64_t pending_since, closed_at; /* ms */
	uint64_t now;                      /* ms, set by whoever drives */
	const char *repeat;                /* command that . repeats */
	char repeat_args[PROMPT_ROOM];
	char yanked[1024]; /* register of y */
	char *copied;      /* the whole of what y or Y took */
	bool mouse;
	struct hot_spot spots[SPOTS]; /* of the last frame */
	int spot_count;
	int last_top;           /* row where the prompt or message at the bottom begins */
	struct rect list_place; /* rows of the top card or of the palette; h 0: none */
	struct rect card_place; /* inside of the last box that was drawn */
	char list_keys[12];     /* what a click on the chosen row acts as */
	bool pressed;           /* on a row of the outline, not yet let go */
	uint32_t pressed_row;   /* visible row */
	bool bar_pressed;       /* the line beside the outline, not yet let go */
	uint64_t focused_at;    /* the terminal's window got the focus; 0: never */
	/* With a terminal: shows the frame, reads keys for so many ms, true if Ctrl-C was
	 * among them. NULL without one. */
	bool (*wait)(struct ui *ui, int ms);
};

/* Takes the session over; `settings` are copied. The frame is w by h. NULL when memory
 * is gone (the session then is still the caller's). */
struct ui *ui_new(struct session *session, const struct ui_settings *settings, int w,
	int h, struct error *err);
void ui_free(struct ui *ui);

/* Goes over to another session, which is taken over; edits of the old one are lost. On
 * failure the old one stays, and the new one the caller's. */
bool ui_take_session(struct ui *ui, struct session *owned, struct error *err);

/* One key; all its consequences have been carried out but those for the terminal. */
unsigned ui_press(struct ui *ui, ui_key key);

/* One command line as typed behind ":". */
unsigned ui_command(struct ui *ui, const char *line);

/* A mouse event at a cell (enum mouse_button). */
unsigned ui_mouse(struct ui *ui, int x, int y, int button);

/* The window got the focus: a click that comes at once is not for the editor. */
void ui_focus_in(struct ui *ui);

/* Time passed (ui->now was set); DID_REDRAW if a box is to appear. The number of ms
 * until it is worth calling again, or -1, is ui_patience. */
unsigned ui_tick(struct ui *ui);
int ui_patience(const struct ui *ui);

unsigned ui_resize(struct ui *ui, int w, int h);

/* Draws everything into ui->frame. */
void ui_draw(struct ui *ui);

/* ---- What commands and panes share. */

/* The outcome, rows and panes after the plan, the options or the graph changed. */
bool ui_update(struct ui *ui, struct error *err);
bool ui_reload(struct ui *ui, struct error *err);

/* Carries out what a key or click means for the target and the tour; gives `did`. */
unsigned ui_settle(struct ui *ui, unsigned did);

/* While drawing: a place that can be clicked, with keys or, if they are "", a pane. */
void ui_add_spot(struct ui *ui, struct rect place, enum pane_id pane, const char *keys);

/* Says something at the bottom; errors give DID_FAIL. */
unsigned ui_say(struct ui *ui, enum severity severity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
unsigned ui_fail(struct ui *ui, const struct error *err);

void ui_open_card(struct ui *ui, enum card_id card);
void ui_close_card(struct ui *ui);
enum card_id ui_card(const struct ui *ui);

/* Shows lines ending with newlines; NULL says that memory is gone. */
unsigned ui_show_text(struct ui *ui, const char *title, char *owned_text);

void ui_focus(struct ui *ui, enum pane_id pane);

/* Moves the outline to a node or tensor, remembering the place; false if it has no
 * row (it is then only what the other panes show). */
bool ui_go(struct ui *ui, struct target target);
struct target ui_row_target(const struct ui *ui, uint32_t visible_row);

/* The code of the outline's current row, ROW_NONE without rows. */
uint32_t ui_row_code(const struct ui *ui);

/* The rows were filtered, ordered or folded otherwise: the cursor stays on a code. */
void ui_keep_row(struct ui *ui, uint32_t code);

/* The visible row of a code, after opening the groups around it; ROW_NONE if it has no
 * row or the filter hides it. */
uint32_t ui_reveal(struct ui *ui, uint32_t code);

/* The outline shows another scope, from its first row. */
bool ui_enter(struct ui *ui, scope_id scope, struct error *err);

/* The outline shows what ui->folds now says. */
bool ui_refold(struct ui *ui, struct error *err);

/* Calls `each` for every row that is selected or in the visual range; without either,
 * for those of the closed group under the cursor. */
bool ui_each_chosen(struct ui *ui,
	bool (*each)(struct ui *ui, uint32_t code, void *arg, struct error *err),
	void *arg, struct error *err);
void ui_take_target(struct ui *ui);

/* The other panes follow the cursor: at once, with --slow when it has rested. */
void ui_follow(struct ui *ui);

/* Bytes of ui->selected for a graph. */
size_t ui_selection_bytes(const struct graph *graph);

/* Selection, by row code; the bit of a code in ui->selected. */
size_t ui_code_bit(const struct ui *ui, uint32_t code);
bool ui_is_selected(const struct ui *ui, uint32_t code);
void ui_select(struct ui *ui, uint32_t code, bool on);
void ui_select_none(struct ui *ui);

/* True if the visible row lies in the visual range. */
bool ui_in_visual(const struct ui *ui, uint32_t visible_row);

static inline bool target_is(struct target target)
{
	return target.tensor != GRAPH_NONE || target.node != GRAPH_NONE;
}

static inline bool target_same(struct target a, struct target b)
{
	return a.tensor == b.tensor && a.node == b.node;
}

#endif
