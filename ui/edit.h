/* Edits of the plan from the editor: each a named group, its effect told. */
#ifndef QDQEDIT_UI_EDIT_H
#define QDQEDIT_UI_EDIT_H

#include "ui/ui.h"

unsigned edit_set_readers(struct ui *ui, tensor_id tensor, const node_id *nodes,
	uint32_t count, enum qtype type);
unsigned edit_set_params(struct ui *ui, const struct param_edit *edit);

/* Shows what an undo, redo or other change did since plan_watch. */
unsigned edit_tell(struct ui *ui, const char *what, size_t seeds_before);

#endif
