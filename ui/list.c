#include "ui/list.h"

static uint32_t clamp(int64_t value, uint32_t high)
{
	return value < 0 ? 0 : value > (int64_t)high ? high : (uint32_t)value;
}

static uint32_t last_top(const struct list *list)
{
	return list->count > list->height ? list->count - list->height : 0;
}

static void settle(struct list *list)
{
	list->cursor = clamp(list->cursor, list->count ? list->count - 1 : 0);
	if (list->height && list->cursor >= list->top + list->height)
		list->top = list->cursor - list->height + 1;
	if (list->cursor < list->top)
		list->top = list->cursor;
	list->top = clamp(list->top, last_top(list));
}

void list_set_count(struct list *list, uint32_t count)
{
	list->count = count;
	settle(list);
}

void list_set_height(struct list *list, uint32_t height)
{
	uint32_t row = list->cursor - list->top;

	if (list->height && height && list->height != height)
		list->top = clamp(
			(int64_t)list->cursor - (int64_t)row * height / list->height,
			list->cursor);
	list->height = height;
	settle(list);
}

static bool is_outside(const struct list *list)
{
	return list->cursor < list->top || list->cursor >= list->top + list->height;
}

void list_move(struct list *list, int64_t rows)
{
	uint32_t row =
		clamp((int64_t)list->cursor + rows, list->count ? list->count - 1 : 0);

	if (list->jumps) {
		list_go(list, row);
		return;
	}
	list->cursor = row;
	settle(list);
}

void list_go(struct list *list, uint32_t row)
{
	list->cursor = clamp(row, list->count ? list->count - 1 : 0);
	if (is_outside(list) && list->height)
		list->top =
			clamp((int64_t)list->cursor - list->height / 2, last_top(list));
	settle(list);
}

void list_page(struct list *list, int halves)
{
	int64_t rows = (int64_t)(list->height / 2 ? list->height / 2 : 1) * halves;

	list->top = clamp((int64_t)list->top + rows, last_top(list));
	list_move(list, rows);
}

void list_scroll(struct list *list, int64_t rows)
{
	list->top = clamp((int64_t)list->top + rows, last_top(list));
	if (list->cursor < list->top)
		list->cursor = list->top;
	if (list->height && list->cursor >= list->top + list->height)
		list->cursor = list->top + list->height - 1;
	settle(list);
}

void list_place(struct list *list, int where)
{
	int64_t above = where < 0   ? 0
			: where > 0 ? (int64_t)list->height - 1
				    : (int64_t)(list->height / 2);

	list->top = clamp((int64_t)list->cursor - above, last_top(list));
	settle(list);
}
