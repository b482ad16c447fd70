/* The closure one rule at a time, with pane 6 showing the rules so far. */
#include "ui/ui.h"

#include <string.h>

static uint32_t count_steps(struct ui *ui, struct error *err)
{
	struct why_list steps;
	uint32_t count;

	if (!outcome_steps(ui->outcome, &steps, err))
		return 0;
	count = (uint32_t)steps.count;
	why_release(&steps);
	return count;
}

void step_leave(struct ui *ui)
{
	ui->teach.step = 0;
	list_go(&ui->lists[PANE_WHY], 0);
	ui->why_target = (struct target){GRAPH_NONE, GRAPH_NONE};
	ui->why_generation = 0;
}

/* Pane 6 is to be seen, wherever the focus is. */
static void show_pane(struct ui *ui)
{
	if (ui->layout.narrow)
		ui_focus(ui, PANE_WHY);
	else
		ui->facts.recent[PANE_WHY] = ++ui->focus_clock;
}

/* Takes the cursor to what the newest rule is about. */
static unsigned show_step(struct ui *ui, uint32_t step, struct error *err)
{
	struct why_list steps;
	struct target target;

	if (!outcome_steps(ui->outcome, &steps, err))
		return ui_fail(ui, err);
	ui->teach.step = step;
	ui->teach.step_generation = ui->outcome->generation;
	target.tensor = steps.items[step - 1].tensor;
	target.node = steps.items[step - 1].rule == WHY_CONVERT
			      ? GRAPH_NONE
			      : steps.items[step - 1].node;
	show_pane(ui);
	if (target_is(target))
		ui_go(ui, target);
	ui_say(ui, SEVERITY_NOTE, "rule %u of %zu%s", step, steps.count,
		step == steps.count ? ": that was all; Esc leaves" : "; next: ;");
	why_release(&steps);
	return DID_LAYOUT | DID_REDRAW;
}

unsigned step_run(struct ui *ui, const char *args)
{
	struct error err = ERROR_INIT;
	uint32_t count = count_steps(ui, &err), step = ui->teach.step;

	if (!count)
		return ui_fail(ui, &err);
	if (ui->teach.step_generation != ui->outcome->generation)
		step = 0;
	if (!strcmp(args, "end")) {
		step_leave(ui);
		return DID_REDRAW;
	}
	if (!strcmp(args, "back"))
		step = step > 1 ? step - 1 : 1;
	else if (!strcmp(args, "all"))
		step = count;
	else if (!strcmp(args, "first"))
		step = 1;
	else if (*args)
		return ui_say(ui, SEVERITY_ERROR, "step: first, back, all or end");
	else
		step = step < count ? step + 1 : count;
	return show_step(ui, step, &err);
}
