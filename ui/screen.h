/* The parts of the picture that are neither panes nor cards: boxes of continuations and
 * the palette, status, the last line. */
#ifndef QDQEDIT_UI_SCREEN_H
#define QDQEDIT_UI_SCREEN_H

#include "ui/ui.h"

void screen_draw_boxes(struct ui *ui, const struct area *all);

/* The line above the last: mode, what is under the cursor, where, how many. */
void screen_draw_status(struct ui *ui, const struct area *all);

/* The last line: hints, a prompt, or a message. */
void screen_draw_last(struct ui *ui, const struct area *all);

#endif
