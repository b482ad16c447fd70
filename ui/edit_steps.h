/* The frame around an edit: edit_begin, changes of the plan, edit_end. */
#ifndef QDQEDIT_UI_EDIT_STEPS_H
#define QDQEDIT_UI_EDIT_STEPS_H

#include "ui/ui.h"

struct edit {
	struct ui *ui;
	size_t seeds_before, position;
	char what[200];
	struct error err;
};

/* Begins a group; false when it could not, which has been said. */
bool edit_begin(struct edit *edit, struct ui *ui, const char *what);

/* Ends it (done) or takes it back, and says what happened. */
unsigned edit_end(struct edit *edit, bool done);

/* A reason if the node under the cursor is in no region. */
const char *edit_no_region(const struct ui *ui);

/* The name of a target, escaped. */
char *edit_name(const struct ui *ui, struct target target, char *out, size_t room);

#endif
