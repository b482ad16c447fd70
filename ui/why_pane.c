/* Pane 6: the chain of reasons for what is under the cursor. */
#include "ui/panes.h"

static bool is_same(struct target a, struct target b)
{
	return a.tensor == b.tensor && a.node == b.node;
}

bool why_prepare(struct ui *ui, struct error *err)
{
	struct target target = ui->target;
	bool done = true;

	/* the pane's own rows point elsewhere: it keeps showing what it showed */
	if (ui->facts.focus == PANE_WHY && target_is(ui->why_target))
		target = ui->why_target;
	if (is_same(target, ui->why_target) &&
		ui->why_generation == ui->outcome->generation)
		return true;
	why_release(&ui->why);
	if (target.tensor != GRAPH_NONE)
		done = outcome_why_tensor(ui->outcome, target.tensor, &ui->why, err);
	else if (target.node != GRAPH_NONE)
		done = outcome_why_node(ui->outcome, target.node, &ui->why, err);
	ui->why_target = target;
	ui->why_generation = ui->outcome->generation;
	list_set_count(&ui->lists[PANE_WHY], (uint32_t)ui->why.count);
	return done;
}

struct target why_row_target(const struct ui *ui, uint32_t row)
{
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	if (row < ui->why.count) {
		target.tensor = ui->why.items[row].tensor;
		target.node = ui->why.items[row].node;
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
	const struct why_step *step = &ui->why.items[row];
	bool remark = step->rule == WHY_REMEDY || step->rule == WHY_CHAIN;

	if (!remark)
		area_print(area, 1, y, ROLE_MUTED, "%2u", row + 1);
	area_field(area, remark ? 6 : 4, y, area->r.w - (remark ? 6 : 4),
		rule_role(step->rule), step->text);
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
