/* Help: the command table, by groups, narrowed by what is typed. */
#include "config.h"

#include "ui/cards.h"

#include "ui/command.h"

#include <stdio.h>
#include <string.h>

/* One line of the help: a heading (command NULL) or a command. */
struct line {
	enum command_group group;
	const struct ui_command *command;
};

static bool fits(const struct ui_command *command, const char *filter)
{
	return !*filter || strcasestr(command->name, filter) ||
	       strcasestr(command->help, filter) || strcasestr(command->brief, filter) ||
	       strstr(command->keys, filter);
}

/* The n-th line that fits the filter; false behind the last. */
static bool line_at(const char *filter, uint32_t n, struct line *line)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		const struct ui_command *command;
		bool headed = false;

		for (size_t i = 0; (command = command_at(i)); i++) {
			if ((int)command->group != group || !fits(command, filter))
				continue;
			*line = (struct line){(enum command_group)group, NULL};
			if (!headed && !n--)
				return true;
			headed = true;
			line->command = command;
			if (!n--)
				return true;
		}
	}
	return false;
}

static uint32_t count_lines(const char *filter)
{
	bool seen[GROUP_COUNT] = {false};
	const struct ui_command *command;
	uint32_t count = 0;

	for (size_t i = 0; (command = command_at(i)); i++)
		if (fits(command, filter)) {
			count += seen[command->group] ? 1 : 2;
			seen[command->group] = true;
		}
	return count;
}

static void draw_line(
	struct ui *ui, const struct area *in, int y, const struct line *line)
{
	const struct ui_command *command = line->command;
	const char *reason;
	int keys = in->r.w < 60 ? 14 : 17, x;
	char name[96], own[96];

	if (!command) {
		area_text(in, 0, y, ROLE_TITLE, command_group_names[line->group]);
		return;
	}
	reason = command->blocked ? command->blocked(ui) : NULL;
	keymap_keys_of(&ui->keymap, command, own, sizeof(own));
	if (!*own && in->r.w < 60)
		snprintf(own, sizeof(own), ":%s", command->name);
	area_field(in, 2, y, keys, reason ? ROLE_MUTED : ROLE_KEY, own);
	x = keys + 3;
	if (in->r.w >= 60) {
		snprintf(name, sizeof(name), ":%s %s", command->name, command->args);
		area_field(in, x, y, 21, ROLE_TEXT, name);
		x += 22;
	}
	area_field(in, x, y, in->r.w - x, reason ? ROLE_MUTED : ROLE_TEXT,
		reason         ? reason
		: in->r.w < 60 ? command->brief
			       : command->help);
}

void help_draw(struct ui *ui, const struct area *screen)
{
	const char *filter = ui->help_filter.text;
	uint32_t count = count_lines(filter);
	char title[80];
	struct area in;
	struct list *list = &ui->card_list;

	snprintf(title, sizeof(title), *filter ? "help: %.60s" : "help", filter);
	in = card_box(ui, screen, screen->r.w > 100 ? 96 : screen->r.w - 4,
		screen->r.h - 4, title, "type to filter  Up Down scroll  Esc close");
	list_set_count(list, count);
	list_set_height(list, (uint32_t)in.r.h);
	if (!count)
		area_text(&in, 0, 0, ROLE_MUTED, "No command is about that.");
	for (int i = 0; i < in.r.h && list->top + (uint32_t)i < count; i++) {
		struct line line;

		if (line_at(filter, list->top + (uint32_t)i, &line))
			draw_line(ui, &in, i, &line);
		if (list->top + (uint32_t)i == list->cursor)
			area_cursor(&in, 0, i);
	}
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
