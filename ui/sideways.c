/* Names that are too long for a list: cut in the middle, or seen from a column on. */
#include "ui/panes.h"

int pane_name(struct ui *ui, enum pane_id pane, const struct area *area, int x, int y,
	int width, enum role role, const char *name)
{
	struct sideways *s = &ui->sideways[pane];
	int whole = name_columns(area->frame, name), over = whole - width;
	struct area part = area_part(area, x, y, width > 0 ? width : 0, 1);
	int left = s->left - 1 < over ? s->left - 1 : over;

	if (over > s->over)
		s->over = over;
	if (!s->left || over <= 0)
		return area_name(area, x, y, width, role, name);
	area_name(&part, -left, 0, whole, role, name);
	return x + width;
}

unsigned pane_sideways(struct ui *ui, int steps)
{
	struct sideways *s = &ui->sideways[ui->facts.focus];
	int left = s->left, step = ui->facts.focus == PANE_JSON ? 16 : 8;

	if (steps > 0)
		left = left ? left + step : 1;
	else
		left = left > step ? left - step : left > 1;
	if (left > 1 + s->over)
		left = s->over ? 1 + s->over : 0;
	if (left == s->left)
		return DID_NOTHING;
	s->left = left;
	return DID_REDRAW;
}
