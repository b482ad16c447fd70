/* The row under the cursor as a sentence, for who hears the screen or reads it line by
 * line. */
#ifndef QDQEDIT_UI_ANNOUNCE_H
#define QDQEDIT_UI_ANNOUNCE_H

#include "ui/ui.h"

/* "Op4, Tanh, u16, you chose it, reads Op2_out converted, region A, row 6 of 10.";
 * returns `out`. Names are escaped and cut. */
char *announce_row(const struct ui *ui, char *out, size_t room);

#endif
