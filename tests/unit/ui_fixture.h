/* An editor without a terminal on a graph of plan_models.h. */
#ifndef QDQEDIT_TESTS_UI_FIXTURE_H
#define QDQEDIT_TESTS_UI_FIXTURE_H

#include "plan_models.h"
#include "ui/ui.h"

/* Takes the fixture over; the test fails if it cannot. */
struct ui *editor_on(struct fixture fixture, int w, int h);

/* The same on a built-in demo, 80x24. */
struct ui *editor_on_demo(const char *name);

/* Keys in notation; blanks do not count. */
void editor_keys(struct ui *ui, const char *keys);

/* The screen as text, after drawing. */
const char *editor_screen(struct ui *ui);

#endif
