/* Pane 5: the overrides file as it will be written. */
#include "base/text.h"
#include "ui/panes.h"


bool json_prepare(struct ui *ui, struct error *err)
{
	if (!json_text_update(&ui->json, ui->outcome, err))
		return false;
	list_set_count(&ui->lists[PANE_JSON], ui->json.line_count);
	return true;
}

struct target json_target(const struct ui *ui, uint32_t row)
{
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	if (row < ui->json.line_count)
		target.tensor = json_text_tensor(&ui->json, row);
	if (target.tensor != GRAPH_NONE)
		target.node = ui->outcome->graph->tensors[target.tensor].producer;
	return target;
}

static enum role mark_role(char mark)
{
	return mark == '+' ? ROLE_ADDED : mark == '~' ? ROLE_CHANGED : ROLE_TEXT;
}

static void draw_row(struct ui *ui, const struct area *area, int y, uint32_t row)
{
	char mark[2] = {' '};
	const char *line = json_text_line(&ui->json, ui->outcome, row, mark);
	tensor_id tensor = json_text_tensor(&ui->json, row);
	struct area text = area_part(area, 3, y, area->r.w - 3, 1);
	bool lit = tensor != GRAPH_NONE && tensor == ui->target.tensor;

	area_text(area, 1, y, mark_role(mark[0]), mark);
	while (line[0] == ' ' && line[1] == ' ')
		line += 2;
	pane_name(ui, PANE_JSON, &text, 0, 0, text.r.w, mark_role(mark[0]), line);
	if (lit)
		area_mark(area, 3, y, area->r.w - 3, MARK_STRONG);
}

/* What the file has and the plan no longer; its lines stand in :diff. */
static void draw_removed(const struct ui *ui, const struct area *area)
{
	uint32_t removed = ui->json.removed;

	if (removed)
		area_print(area, 1, area->r.h - 1, ROLE_ERROR,
			"- %u tensor%s of the file no more; D shows", removed,
			text_s(removed));
}

void json_draw(struct ui *ui, const struct area *area, bool focused)
{
	struct area rows = *area;

	if (ui->json.line_count <= 2 && !ui->outcome->entries.count) {
		area_text(area, 1, 0, ROLE_TEXT, "No overrides yet.");
		area_field(area, 3, 1, area->r.w - 3, ROLE_MUTED,
			"What you promote stands here as it will be written.");
		draw_removed(ui, area);
		return;
	}
	rows.r.h -= ui->json.removed && rows.r.h > 1;
	pane_list(ui, PANE_JSON, &rows, 0, focused, draw_row);
	draw_removed(ui, area);
}
