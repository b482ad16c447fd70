/* Boxes over the panes that are no cards: continuations and the palette. */
#ifndef QDQEDIT_UI_SCREEN_H
#define QDQEDIT_UI_SCREEN_H

#include "ui/ui.h"

void screen_draw_boxes(struct ui *ui, const struct area *all);

/* The last line: hints, a prompt, or a message. */
void screen_draw_last(struct ui *ui, const struct area *all);

#endif
