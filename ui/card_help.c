/* Help: the command table, by groups, narrowed by what is typed. */
#include "config.h"

#include "ui/cards.h"

#include "ui/command.h"
#include "ui/wrap.h"

#include <stdio.h>
#include <string.h>

static bool fits(const struct ui_command *command, const char *filter)
{
	return !*filter || strcasestr(command->name, filter) ||
	       strcasestr(command->help, filter) || strcasestr(command->brief, filter) ||
	       strstr(command->keys, filter);
}

/* The help while it is gone through: once to count its lines, once to draw those that
 * are seen. */
struct page {
	struct ui *ui;
	const struct area *in;
	bool draws;
	uint32_t line, top;
	int keys, text; /* columns where names and texts begin */
};

static bool is_seen(const struct page *page, uint32_t line)
{
	return page->draws && line >= page->top &&
	       line < page->top + (uint32_t)page->in->r.h;
}

static void add_heading(struct page *page, enum command_group group)
{
	if (is_seen(page, page->line))
		area_text(page->in, 0, (int)(page->line - page->top), ROLE_TITLE,
			command_group_names[group]);
	page->line++;
}

static bool is_narrow(const struct page *page)
{
	return page->keys == page->text;
}

/* Keys, name and arguments; those have a line of their own if they do not fit behind
 * the name. */
static void draw_name(const struct page *page, int y, size_t line, bool args_below,
	const struct ui_command *command, bool blocked)
{
	const struct area *in = page->in;
	int width = page->text - page->keys - 1;
	char name[96], own[96];

	if (line == 1 && args_below)
		area_field(in, page->keys + 1, y, width - 1, ROLE_TEXT, command->args);
	if (line)
		return;
	keymap_keys_of(&page->ui->keymap, command, own, sizeof(own));
	snprintf(name, sizeof(name), ":%s %s", command->name,
		args_below ? "" : command->args);
	area_field(in, 2, y, page->keys - 3, blocked ? ROLE_MUTED : ROLE_KEY,
		*own || !is_narrow(page) ? own : name);
	if (!is_narrow(page))
		area_field(in, page->keys, y, width, ROLE_TEXT, name);
}

/* As many lines as its text needs; on narrow screens one, for an overview. */
static void add_command(struct page *page, const struct ui_command *command)
{
	const char *reason = command->blocked ? command->blocked(page->ui) : NULL;
	const char *text = reason            ? reason
			   : is_narrow(page) ? command->brief
					     : command->help;
	struct wrap_lines lines = {0};
	int name = (int)(strlen(command->name) + strlen(command->args)) + 2;
	bool below = !is_narrow(page) && name > page->text - page->keys - 1;
	size_t count;

	wrap_text(&lines, &page->ui->frame, 0, text, page->in->r.w - page->text);
	count = lines.count > (below ? 2 : 1) ? lines.count : below ? 2 : 1;
	for (size_t i = 0; i < count; i++, page->line++) {
		int y = (int)(page->line - page->top);

		if (!is_seen(page, page->line))
			continue;
		draw_name(page, y, i, below, command, reason);
		if (i < lines.count)
			wrap_draw(page->in, page->text, y,
				reason ? ROLE_MUTED : ROLE_TEXT, &lines.items[i], text);
		if (page->line == page->ui->card_list.cursor)
			area_cursor(page->in, 0, y);
	}
	ARRAY_RELEASE(&lines);
}

/* All that fits the filter; the number of lines. */
static uint32_t go_through(struct page *page, const char *filter)
{
	page->line = 0;
	for (int group = 0; group < GROUP_COUNT; group++) {
		const struct ui_command *command;
		bool headed = false;

		for (size_t i = 0; (command = command_at(i)); i++) {
			if ((int)command->group != group || !fits(command, filter))
				continue;
			if (!headed)
				add_heading(page, (enum command_group)group);
			headed = true;
			add_command(page, command);
		}
	}
	return page->line;
}

void help_draw(struct ui *ui, const struct area *screen)
{
	const char *filter = ui->help_filter.text;
	char title[80];
	struct area in;
	struct list *list = &ui->card_list;
	struct page page = {.ui = ui, .in = &in};

	snprintf(title, sizeof(title), *filter ? "help: %.60s" : "help", filter);
	in = card_box(ui, screen, screen->r.w > 100 ? 96 : screen->r.w - 4,
		screen->r.h - 4, title,
		screen->r.w < 60 ? "type to filter  Esc close"
				 : "type to filter  Up Down scroll  Esc close");
	page.keys = in.r.w < 60 ? 17 : 20;
	page.text = in.r.w < 60 ? page.keys : page.keys + 22;
	list_set_count(list, go_through(&page, filter));
	list_set_height(list, (uint32_t)in.r.h);
	if (!list->count)
		area_text(&in, 0, 0, ROLE_MUTED, "No command is about that.");
	area_cursor(&in, 0, 0);
	page.draws = true;
	page.top = list->top;
	go_through(&page, filter);
}

unsigned help_key(struct ui *ui, ui_key key)
{
	bool changed;

	if (key == UK_ESC || key == UK_CTRL('c') || key == UK_ENTER ||
		(!ui->help_filter.length && (key == 'q' || key == '?'))) {
		ui_close_card(ui);
		return DID_REDRAW;
	}
	if ((key >= UK_UP || key == UK_CTRL('d') || key == UK_CTRL('f') ||
		    key == UK_CTRL('b')) &&
		card_move(ui, key)) {
		/* the view scrolls; there is nothing to choose here */
		if (key == UK_DOWN)
			list_place(&ui->card_list, -1);
		if (key == UK_UP)
			list_place(&ui->card_list, -1);
		return DID_REDRAW;
	}
	line_key(&ui->help_filter, key, &changed);
	if (changed)
		list_go(&ui->card_list, 0);
	return DID_REDRAW;
}
