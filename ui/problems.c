/* Pane 7: what is wrong with overrides, seeds, ranges, options and the model. */
#include "ui/panes.h"

#include <stdio.h>

static const struct problem *problem_at(const struct ui *ui, uint32_t row)
{
	const struct problem_list *first = &ui->session->faults;
	const struct problem_list *second = &ui->outcome->problems;

	if (row < first->count)
		return &first->items[row];
	row -= (uint32_t)first->count;
	return row < second->count ? &second->items[row] : NULL;
}

size_t problems_total(const struct ui *ui)
{
	return ui->session->faults.count + ui->outcome->problems.count;
}

void problems_label(const struct ui *ui, char *out, size_t room)
{
	snprintf(out, room, "%zu", problems_total(ui));
}

bool problems_prepare(struct ui *ui, struct error *err)
{
	(void)err;
	list_set_count(&ui->lists[PANE_PROBLEMS], (uint32_t)problems_total(ui));
	return true;
}

struct target problems_target(const struct ui *ui, uint32_t row)
{
	const struct problem *problem = problem_at(ui, row);
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	if (!problem)
		return target;
	if (problem->tensor < ui->outcome->graph->tensor_count) {
		target.tensor = problem->tensor;
		target.node = ui->outcome->graph->tensors[problem->tensor].producer;
	}
	if (problem->node < ui->outcome->graph->node_count)
		target.node = problem->node;
	return target;
}

static void draw_row(struct ui *ui, const struct area *area, int y, uint32_t row)
{
	static const struct {
		const char *mark;
		enum role role;
	} looks[] = {
		[SEVERITY_NOTE] = {".", ROLE_MUTED},
		[SEVERITY_WARNING] = {"?", ROLE_WARNING},
		[SEVERITY_ERROR] = {"!", ROLE_ERROR},
	};
	const struct problem *p = problem_at(ui, row);
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%s%s%s", p->place, *p->place ? ": " : "",
		p->cause, *p->remedy ? "; " : "", p->remedy);
	area_text(area, 1, y, looks[p->severity].role, looks[p->severity].mark);
	area_field(area, 3, y, area->r.w - 3, ROLE_TEXT, text);
}

void problems_draw(struct ui *ui, const struct area *area, bool focused)
{
	if (!problems_total(ui)) {
		area_text(area, 1, 0, ROLE_MUTED, "No problems.");
		return;
	}
	pane_list(ui, PANE_PROBLEMS, area, 0, focused, draw_row);
}
