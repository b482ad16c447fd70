/* The values of a tensor in the Tensor pane: range, histogram, what each type makes of
 * them. */
#ifndef QDQEDIT_UI_VALUES_H
#define QDQEDIT_UI_VALUES_H

#include "ui/ui.h"

/* Draws from line y on; returns the line behind. Nothing for constants. */
int values_draw(struct ui *ui, const struct area *area, tensor_id tensor, int y);

#endif
