/* The override form's fields: what an entry holds as text, and text as an edit. */
#ifndef QDQEDIT_UI_FORM_H
#define QDQEDIT_UI_FORM_H

#include "ui/ui.h"

enum { FORM_CHANNELS = 256 };

/* A field is a key of the entry; with an axis its numbers may be lists with commas, one
 * value for each channel. */
struct form_text {
	const char *label, *help;
	unsigned key; /* enum entry_key */
};

extern const struct form_text form_fields[FIELD_COUNT];

/* How many fields the form's tensor has: the axis is a constant's. */
uint32_t form_count(const struct ui *ui);

/* The fields show what the entry holds now. */
void form_fill(struct ui *ui);

/* The edit that the fields mean; false with the first fault. `channels` has room for
 * FORM_CHANNELS and is what the edit points to. */
bool form_read(struct ui *ui, struct param_edit *edit, struct entry_params *channels,
	struct error *err);

#endif
