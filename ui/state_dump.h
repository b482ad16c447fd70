/* What the editor holds, as text, so that a failed test says whether the model or the
 * picture is wrong. */
#ifndef QDQEDIT_UI_STATE_DUMP_H
#define QDQEDIT_UI_STATE_DUMP_H

#include "ui/ui.h"

/* malloc'ed; NULL when memory is gone. */
char *state_dump(const struct ui *ui);

#endif
