/* What is selected, by row: one by one, in the visual range, in a closed group. */
#include "ui/ui.h"

#include <string.h>

size_t ui_selection_bytes(const struct graph *graph)
{
	return ((size_t)graph->node_count + graph->tensor_count) / 8 + 1;
}

size_t ui_code_bit(const struct ui *ui, uint32_t code)
{
	return code & ROW_TENSOR
		       ? (size_t)ui->rows.graph->node_count + (code & ~ROW_TENSOR)
		       : code;
}

bool ui_is_selected(const struct ui *ui, uint32_t code)
{
	size_t bit = ui_code_bit(ui, code);

	return ui->selected_count && ui->selected[bit / 8] >> (bit % 8) & 1;
}

void ui_select(struct ui *ui, uint32_t code, bool on)
{
	size_t bit = ui_code_bit(ui, code);
	bool was = ui->selected[bit / 8] >> (bit % 8) & 1;

	if (was == on)
		return;
	ui->selected[bit / 8] ^= (unsigned char)(1u << (bit % 8));
	ui->selected_count += on ? 1 : -1u;
}

void ui_select_none(struct ui *ui)
{
	memset(ui->selected, 0, ui_selection_bytes(ui->rows.graph));
	ui->selected_count = 0;
}

bool ui_in_visual(const struct ui *ui, uint32_t row)
{
	uint32_t cursor = ui->lists[PANE_OUTLINE].cursor;
	uint32_t low = cursor < ui->anchor ? cursor : ui->anchor;
	uint32_t high = cursor < ui->anchor ? ui->anchor : cursor;

	return ui->visual && row >= low && row <= high;
}

bool ui_each_chosen(struct ui *ui,
	bool (*each)(struct ui *ui, uint32_t code, void *arg, struct error *err),
	void *arg, struct error *err)
{
	uint32_t cursor = ui->lists[PANE_OUTLINE].cursor;
	bool fold = ui->facts.focus == PANE_OUTLINE && !ui->visual &&
		    !ui->selected_count && rows_fold_at(&ui->rows, cursor) != FOLD_NONE;

	for (uint32_t i = 0; i < ui->rows.count; i++) {
		uint32_t code = ui->rows.all[i], row = ROW_NONE;
		bool chosen = ui_is_selected(ui, code);

		if (!chosen && (ui->visual || fold))
			row = rows_shown(&ui->rows, i);
		if (row != ROW_NONE)
			chosen = fold ? row == cursor : ui_in_visual(ui, row);
		if (chosen && !each(ui, code, arg, err))
			return false;
	}
	return true;
}
