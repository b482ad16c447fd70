/* Pane 6: the chain of reasons for what is under the cursor, in wrapped lines. */
#include "ui/panes.h"

enum { INDENT = 4, INDENT_REMARK = 6 };

static bool is_remark(const struct why_step *step)
{
	return step->rule == WHY_REMEDY || step->rule == WHY_CHAIN;
}

static int indent(const struct why_step *step)
{
	return is_remark(step) ? INDENT_REMARK : INDENT;
}

/* Cuts all steps into lines for a width. */
static bool wrap(struct ui *ui, int width, struct error *err)
{
	ui->why_lines.count = 0;
	for (uint32_t i = 0; i < ui->why.count; i++) {
		const struct why_step *step = &ui->why.items[i];

		if (!wrap_text(&ui->why_lines, &ui->frame, i, step->text,
			    width - indent(step)))
			return error_set_memory(err, "the reasons");
	}
	ui->why_width = width;
	list_set_count(&ui->lists[PANE_WHY], (uint32_t)ui->why_lines.count);
	return true;
}

static int pane_width(const struct ui *ui)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_WHY);

	return slot ? slot->body.w - 1 : 40;
}

/* The rules of the closure up to the one at hand, the newest in view. */
static bool prepare_steps(struct ui *ui, struct error *err)
{
	if (ui->why.count != ui->teach.step || target_is(ui->why_target) ||
		ui->why_generation != ui->outcome->generation) {
		why_release(&ui->why);
		if (!outcome_steps(ui->outcome, &ui->why, err))
			return false;
		ui->why.count = ui->teach.step;
		ui->why_target = (struct target){GRAPH_NONE, GRAPH_NONE};
		ui->why_generation = ui->outcome->generation;
		ui->why_width = 0;
	}
	if (ui->why_width != pane_width(ui) && !wrap(ui, pane_width(ui), err))
		return false;
	list_go(&ui->lists[PANE_WHY], ui->lists[PANE_WHY].count);
	return true;
}

bool why_prepare(struct ui *ui, struct error *err)
{
	struct target target = ui->shown;
	bool done = true;

	if (ui->teach.step && ui->teach.step_generation == ui->outcome->generation)
		return prepare_steps(ui, err);
	if (ui->teach.step)
		step_leave(ui);
	/* the pane's own rows point elsewhere: it keeps showing what it showed */
	if (ui->facts.focus == PANE_WHY && target_is(ui->why_target))
		target = ui->why_target;
	if (target_same(target, ui->why_target) &&
		ui->why_generation == ui->outcome->generation)
		return ui->why_width == pane_width(ui) || wrap(ui, pane_width(ui), err);
	why_release(&ui->why);
	if (target.tensor != GRAPH_NONE)
		done = outcome_why_tensor(ui->outcome, target.tensor, &ui->why, err);
	else if (target.node != GRAPH_NONE)
		done = outcome_why_node(ui->outcome, target.node, &ui->why, err);
	ui->why_target = target;
	ui->why_generation = ui->outcome->generation;
	return done && wrap(ui, pane_width(ui), err);
}

struct target why_row_target(const struct ui *ui, uint32_t row)
{
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	if (row < ui->why_lines.count) {
		const struct why_step *step =
			&ui->why.items[ui->why_lines.items[row].item];

		target.tensor = step->tensor;
		target.node = step->node;
	}
	return target;
}

static enum role rule_role(enum why_rule rule)
{
	switch (rule) {
	case WHY_SEED:
	case WHY_GIVEN:
	case WHY_EDIT:
		return ROLE_SEED;
	case WHY_CONVERT:
		return ROLE_BOUNDARY;
	case WHY_CONFLICT:
		return ROLE_ERROR;
	case WHY_REMEDY:
	case WHY_CHAIN:
		return ROLE_MUTED;
	default:
		return ROLE_TEXT;
	}
}

static void draw_row(struct ui *ui, const struct area *area, int y, uint32_t row)
{
	const struct wrap_line *line = &ui->why_lines.items[row];
	const struct why_step *step = &ui->why.items[line->item];

	if (line->first && !is_remark(step))
		area_print(area, 1, y, ROLE_MUTED, "%2u", line->item + 1);
	wrap_draw(area, indent(step), y, rule_role(step->rule), line, step->text);
}

void why_draw(struct ui *ui, const struct area *area, bool focused)
{
	if (!ui->why.count) {
		area_text(area, 1, 0, ROLE_MUTED, "Nothing under the cursor.");
		return;
	}
	area_field(area, 1, 0, area->r.w - 1, ROLE_TITLE, ui->why.title);
	pane_list(ui, PANE_WHY, area, 1, focused, draw_row);
}
