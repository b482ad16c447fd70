/* The panes: one row of callbacks each, one file each. */
#ifndef QDQEDIT_UI_PANES_H
#define QDQEDIT_UI_PANES_H

#include "ui/ui.h"

struct pane_ops {
	const char *title;
	/* What stands behind the title ("order: graph"); may be NULL. */
	void (*label)(const struct ui *ui, char *out, size_t room);
	/* Brings data and the list's count up to date; called before drawing. */
	bool (*prepare)(struct ui *ui, struct error *err);
	void (*draw)(struct ui *ui, const struct area *area, bool focused);
	/* What a row is about; NULL if the pane has no rows of its own. */
	struct target (*target)(const struct ui *ui, uint32_t row);
};

extern const struct pane_ops panes[PANE_COUNT];

void outline_label(const struct ui *ui, char *out, size_t room);
bool outline_prepare(struct ui *ui, struct error *err);
void outline_draw(struct ui *ui, const struct area *area, bool focused);

void graph_pane_label(const struct ui *ui, char *out, size_t room);
bool graph_pane_prepare(struct ui *ui, struct error *err);
void graph_pane_draw(struct ui *ui, const struct area *area, bool focused);

/* Draw or Flow, as is not shown now. */
unsigned graph_pane_switch(struct ui *ui);

/* Draws the neighbours that are cut off; rows of the view; a click in the pane. */
unsigned graph_pane_open(struct ui *ui);
void graph_pane_scroll(struct ui *ui, int rows);
unsigned graph_pane_click(struct ui *ui, int x, int y);

/* The mouse moved the view of what is shown. */
bool graph_pane_is_held(const struct ui *ui);

void flow_draw(struct ui *ui, const struct area *area, bool focused);

void bounds_label(const struct ui *ui, char *out, size_t room);
bool bounds_prepare(struct ui *ui, struct error *err);
void bounds_draw(struct ui *ui, const struct area *area, bool focused);

/* Sorts pane 3 by "file", "tensor", "bytes" or "readers"; "": by the next of them. */
unsigned bounds_sort(struct ui *ui, const char *args);
/* True if the row of pane 3 under the cursor is about the node: it makes the tensor, or
 * reads it converted. Only while that pane has the focus. */
bool bounds_lights(const struct ui *ui, node_id node);
struct target bounds_target(const struct ui *ui, uint32_t row);

void tensor_draw(struct ui *ui, const struct area *area, bool focused);

bool json_prepare(struct ui *ui, struct error *err);
void json_draw(struct ui *ui, const struct area *area, bool focused);
struct target json_target(const struct ui *ui, uint32_t row);

bool why_prepare(struct ui *ui, struct error *err);
void why_draw(struct ui *ui, const struct area *area, bool focused);
struct target why_row_target(const struct ui *ui, uint32_t row);

void problems_label(const struct ui *ui, char *out, size_t room);
bool problems_prepare(struct ui *ui, struct error *err);
void problems_draw(struct ui *ui, const struct area *area, bool focused);
struct target problems_target(const struct ui *ui, uint32_t row);
size_t problems_total(const struct ui *ui);

/* Marks a list's cursor row and, with the focus, puts the hardware cursor on it. */
void pane_cursor(const struct area *area, int y, bool focused);

/* Draws a name of a list that h and l scroll (sideways.c); the column behind it. */
int pane_name(struct ui *ui, enum pane_id pane, const struct area *area, int x, int y,
	int width, enum role role, const char *name);

/* Names of the focused list are seen from another column on: back with -1, on with 1. */
unsigned pane_sideways(struct ui *ui, int steps);

/* Draws the list of a pane whose rows `draw` draws one by one, from line `first` on. */
void pane_list(struct ui *ui, enum pane_id pane, const struct area *area, int first,
	bool focused,
	void (*draw)(struct ui *ui, const struct area *area, int y, uint32_t row));

#endif
