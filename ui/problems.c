/* Pane 7: what is wrong with overrides, seeds, ranges, options and the model. */
#include "ui/panes.h"

#include <stdio.h>

/* More are counted, not listed. */
enum { PROBLEMS_SHOWN = 500 };

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

static const char *problem_text(const struct problem *p, char out[2048])
{
	snprintf(out, 2048, "%s%s%s%s%s", p->place, *p->place ? ": " : "", p->cause,
		*p->remedy ? "; " : "", p->remedy);
	return out;
}

/* The whole text of each: a problem that cannot be read helps nobody. */
bool problems_prepare(struct ui *ui, struct error *err)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_PROBLEMS);
	int width = slot ? slot->body.w - 4 : 40;
	char text[2048];

	ui->problem_lines.count = 0;
	for (uint32_t i = 0; i < problems_total(ui) && i < PROBLEMS_SHOWN; i++)
		if (!wrap_text(&ui->problem_lines, &ui->frame, i,
			    problem_text(problem_at(ui, i), text), width))
			return error_set_memory(err, "the problems");
	list_set_count(&ui->lists[PANE_PROBLEMS], (uint32_t)ui->problem_lines.count);
	return true;
}

struct target problems_target(const struct ui *ui, uint32_t row)
{
	const struct problem *problem =
		row < ui->problem_lines.count
			? problem_at(ui, ui->problem_lines.items[row].item)
			: NULL;
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
	const struct wrap_line *line = &ui->problem_lines.items[row];
	const struct problem *p = problem_at(ui, line->item);
	char text[2048];

	if (line->first)
		area_text(area, 1, y, looks[p->severity].role, looks[p->severity].mark);
	wrap_draw(area, 3, y, ROLE_TEXT, line, problem_text(p, text));
}

void problems_draw(struct ui *ui, const struct area *area, bool focused)
{
	if (!problems_total(ui)) {
		area_text(area, 1, 0, ROLE_MUTED, "No problems.");
		return;
	}
	pane_list(ui, PANE_PROBLEMS, area, 0, focused, draw_row);
}
