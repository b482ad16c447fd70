/* Where everything stands: a pure function of the size and a few facts. */
#ifndef QDQEDIT_UI_LAYOUT_H
#define QDQEDIT_UI_LAYOUT_H

#include "ui/cell.h"

#include <stdbool.h>

/* The digits are the keys; PANE_FLOW has none, it follows the graph pane. */
enum pane_id {
	PANE_NONE,
	PANE_OUTLINE,
	PANE_GRAPH,
	PANE_BOUNDS,
	PANE_TENSOR,
	PANE_JSON,
	PANE_WHY,
	PANE_PROBLEMS,
	PANE_FLOW,
	PANE_COUNT
};

enum { LEAST_WIDTH = 40, LEAST_HEIGHT = 10, SLOTS = 8, BARS = 3 };

struct layout_facts {
	int outline_width; /* 0: by the size */
	enum pane_id focus;
	bool maximised;              /* the focused pane takes everything */
	bool problems;               /* there is a pane 7 */
	unsigned recent[PANE_COUNT]; /* when it had the focus: shown in a shared place */
};

/* One place on the screen, shared by `count` panes of which one is shown. */
struct layout_slot {
	struct rect rule, body; /* the title line above, and what is below it */
	unsigned char panes[PANE_COUNT];
	int count;
	enum pane_id shown;
};

struct layout {
	bool too_small; /* nothing else is set then */
	bool narrow;    /* one pane at a time, one-line titles */
	bool legend;    /* room for the legend of the outline */
	struct rect title, status, hints;
	struct layout_slot slots[SLOTS];
	int slot_count;
	struct rect bars[BARS]; /* vertical lines, one column wide */
	int bar_count;
};

void layout_compute(
	struct layout *layout, int w, int h, const struct layout_facts *facts);

/* The slot in which a pane is shown or has its tab, or NULL. */
const struct layout_slot *layout_slot_of(const struct layout *layout, enum pane_id pane);

/* True if the pane itself is to be seen. */
bool layout_shows(const struct layout *layout, enum pane_id pane);

#endif
