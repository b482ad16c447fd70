#include "ui/panes.h"

const struct pane_ops panes[PANE_COUNT] = {
	[PANE_OUTLINE] = {"Outline", outline_label, outline_prepare, outline_draw,
		ui_row_target},
	[PANE_GRAPH] = {"Graph", graph_pane_label, graph_pane_prepare, graph_pane_draw,
		NULL},
	[PANE_BOUNDS] = {"Bounds", bounds_label, bounds_prepare, bounds_draw,
		bounds_target},
	[PANE_TENSOR] = {"Tensor", NULL, NULL, tensor_draw, NULL},
	[PANE_JSON] = {"JSON", NULL, json_prepare, json_draw, json_target},
	[PANE_WHY] = {"Why", NULL, why_prepare, why_draw, why_row_target},
	[PANE_PROBLEMS] = {"Problems", problems_label, problems_prepare, problems_draw,
		problems_target},
	[PANE_FLOW] = {"Flow", NULL, NULL, flow_draw, NULL},
};

void pane_cursor(const struct area *area, int y, bool focused)
{
	area_mark(area, 0, y, area->r.w, focused ? MARK_CURSOR : MARK_IDLE);
	if (focused)
		area_cursor(area, 0, y);
}

void pane_list(struct ui *ui, enum pane_id pane, const struct area *area, int first,
	bool focused,
	void (*draw)(struct ui *ui, const struct area *area, int y, uint32_t row))
{
	struct list *list = &ui->lists[pane];

	ui->sideways[pane].over = 0;
	list_set_height(list, area->r.h > first ? (uint32_t)(area->r.h - first) : 0);
	for (uint32_t i = 0; i < list->height && list->top + i < list->count; i++) {
		int y = first + (int)i;

		draw(ui, area, y, list->top + i);
		if (list->top + i == list->cursor) {
			area_text(area, 0, y, ROLE_TEXT, "▸");
			pane_cursor(area, y, focused);
		}
	}
}
