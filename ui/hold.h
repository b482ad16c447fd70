/* Few bytes for each move of the cursor (tui-design.md 8): what moves with it is sent at
 * once; a pane that would be drawn anew for the most part follows when the hands rest. */
#ifndef QDQEDIT_UI_HOLD_H
#define QDQEDIT_UI_HOLD_H

#include "ui/layout.h"

#include <stddef.h>
#include <stdint.h>

struct ui;

/* MOVE_BYTES: what a move may send. HANDS_REST: ms without a key after which all the
 * rest is sent; more than the distance of keys that repeat. */
enum { MOVE_BYTES = 600, HANDS_REST = 60 };

/* Zero-initialized: nothing was sent yet. Freed by hold_release. */
struct hold {
	struct cell *sent; /* the frame that the terminal shows */
	size_t room;
	int w, h;
	struct layout layout; /* of that frame */
	bool plain;           /* nothing lay over its panes */
	uint64_t since;       /* ui->now when something was held back; 0: nothing is */
};

/* Between ui_draw and paint_frame. After a move and nothing else (`did`), panes without
 * the focus and the last line keep in ui->frame what the terminal shows if the frame
 * would take more than MOVE_BYTES otherwise. Without memory all is sent. */
void hold_frame(struct ui *ui, unsigned did);

void hold_release(struct hold *hold);

#endif
