/* Keys to commands: cards first, then the prompt, then the table. */
#include "base/text.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/extras.h"
#include "ui/find.h"
#include "ui/panes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { BOX_AFTER = 400, QUIT_AFTER = 400, QUIET_AFTER = 300, REST_AFTER = 150 };

/* Keys that still work when the window is too small to show anything. */
static bool works_blind(ui_key key)
{
	return key == 'q' || key == 'u' || key == ':' || key == UK_ESC ||
	       key == UK_CTRL('c') || key == UK_CTRL('z');
}

/* One step out; the order is that of the guide. */
static unsigned step_out(struct ui *ui)
{
	if (*ui->teach.caption)
		ui->teach.caption[0] = '\0';
	else if (ui->teach.step)
		step_leave(ui);
	else if (ui->visual)
		ui->visual = false;
	else if (ui->filter)
		return ui_command(ui, "filter-clear");
	else if (ui->selected_count)
		ui_select_none(ui);
	else if (ui->teach.touring)
		tour_leave(ui);
	else if (ui->search)
		find_drop_search(ui);
	return DID_REDRAW;
}

static unsigned run_with_key(struct ui *ui, const struct ui_command *command, ui_key key)
{
	char name[16];

	ui->pending_count = 0;
	if (key == UK_ESC || key == UK_CTRL('c'))
		return DID_REDRAW;
	return command_run(ui, command, keys_name(key, name));
}

static unsigned press_sequence(struct ui *ui, ui_key key)
{
	const struct ui_command *command;
	const char *line;
	bool prefix, own;

	if (ui->pending_count) {
		command = keymap_command(
			&ui->keymap, ui->pending, ui->pending_count, &prefix);
		if (command && command->args[0] == '{')
			return run_with_key(ui, command, key);
	}
	ui->pending[ui->pending_count++] = key;
	line = keymap_find(&ui->keymap, ui->pending, ui->pending_count, &own);
	if (line && !own) {
		ui->pending_count = 0;
		return ui_command(ui, line);
	}
	command = keymap_command(&ui->keymap, ui->pending, ui->pending_count, &prefix);
	prefix |= own;
	if (command && command->args[0] != '{' && !own) {
		ui->pending_count = 0;
		return command_run(ui, command, "");
	}
	if ((prefix || command) && ui->pending_count < PENDING) {
		ui->pending_since = ui->now;
		return DID_NOTHING;
	}
	ui->pending_count = 0;
	return DID_REDRAW;
}

static unsigned press_base(struct ui *ui, ui_key key)
{
	if (key == UK_ESC || key == UK_CTRL('c')) {
		bool pending = ui->pending_count > 0;

		ui->pending_count = 0;
		return pending ? DID_REDRAW : step_out(ui);
	}
	if (tour_key(ui, key))
		return DID_REDRAW;
	if (key == 'q' && !ui->pending_count && ui->rows.scope)
		return level_up(ui);
	if (key == 'q' && ui->now < ui->closed_at + QUIT_AFTER && ui->closed_at)
		return DID_NOTHING;
	return press_sequence(ui, key);
}

/* Only where nothing else is said or asked, and somebody is there. */
static void say_hint(struct ui *ui)
{
	const char *hint;

	if (!ui->wait || !ui->settings.hints || ui->teach.touring || ui_card(ui) ||
		ui->prompt.kind || ui->pending_count || *ui->messages.line)
		return;
	hint = hints_next(&ui->hints, ui->now);
	if (hint)
		messages_hint(&ui->messages, hint);
}

/* A job may end with an edit, which belongs in the journal. */
static unsigned follow_measurements(struct ui *ui)
{
	unsigned did = measure_follow(ui);

	if (did & DID_EDIT)
		safety_follow(ui);
	return did;
}

unsigned ui_settle(struct ui *ui, unsigned did)
{
	if (did & DID_MOVE)
		ui_take_target(ui);
	tour_follow(ui);
	safety_follow(ui);
	say_hint(ui);
	ui->shows_now |= (did & (DID_EDIT | DID_LAYOUT)) != 0;
	return did | follow_measurements(ui);
}

unsigned ui_press(struct ui *ui, ui_key key)
{
	unsigned did;

	if (key == UK_NONE)
		return DID_NOTHING;
	messages_clear_line(&ui->messages);
	teach_note_key(ui, key);
	if (key == UK_CTRL('c') && !ui->prompt.kind && measure_job_cancel(ui))
		did = DID_REDRAW;
	else if (ui_card(ui))
		did = card_table[ui_card(ui)].key(ui, key);
	else if (ui->prompt.kind)
		did = find_prompt_key(ui, key);
	else if (ui->layout.too_small && !ui->pending_count && !works_blind(key))
		did = DID_NOTHING;
	else
		did = press_base(ui, key);
	return ui_settle(ui, did | DID_REDRAW);
}

static unsigned go_to_row(struct ui *ui, const char *digits)
{
	unsigned long row = strtoul(digits, NULL, 10);
	struct list *list = &ui->lists[PANE_OUTLINE];

	if (!list->count)
		return ui_say(ui, SEVERITY_ERROR, "there are no rows");
	ui_focus(ui, PANE_OUTLINE);
	list_go(list, row ? (uint32_t)(row > UINT32_MAX ? UINT32_MAX : row) - 1 : 0);
	return DID_MOVE | DID_REDRAW;
}

unsigned ui_command(struct ui *ui, const char *line)
{
	const struct ui_command *command;
	char text[PROMPT_ROOM];
	size_t name, end;

	while (isspace((unsigned char)*line) || *line == ':')
		line++;
	name = command_name_length(line);
	end = strlen(line);
	while (end > name && isspace((unsigned char)line[end - 1]))
		end--;
	if (!name)
		return DID_NOTHING;
	if (strspn(line, "0123456789") == end)
		return ui_settle(ui, go_to_row(ui, line));
	command = command_find(line, name);
	if (!command) {
		text_escape(text, 80, line, name);
		return ui_say(ui, SEVERITY_ERROR,
			"%s: no such command; type : and a word of what you want", text);
	}
	while (name < end && isspace((unsigned char)line[name]))
		name++;
	if (end - name >= sizeof(text))
		return ui_say(
			ui, SEVERITY_ERROR, "%s: the line is too long", command->name);
	memcpy(text, line + name, end - name);
	text[end - name] = '\0';
	return ui_settle(ui, command_run(ui, command, text) | DID_REDRAW);
}

/* When something is to happen without a key; 0 if nothing is waited for. */
static uint64_t next_event(const struct ui *ui)
{
	bool behind = !target_same(ui->shown, ui->target);

	if (ui->pending_count && ui->now < ui->pending_since + BOX_AFTER)
		return ui->pending_since + BOX_AFTER;
	if (ui->prompt.waits)
		return ui->prompt.typed_at + QUIET_AFTER;
	if (ui->hold.since)
		return ui->hold.since + HANDS_REST;
	return ui->settings.slow && behind ? ui->moved_at + REST_AFTER : 0;
}

unsigned ui_tick(struct ui *ui)
{
	unsigned did = follow_measurements(ui);

	if (ui->prompt.waits && ui->now >= ui->prompt.typed_at + QUIET_AFTER)
		return did | ui_settle(ui, find_typed(ui));
	if (ui->pending_count && ui->now >= ui->pending_since + BOX_AFTER)
		return did | DID_REDRAW;
	return did | (ui->settings.slow ? DID_REDRAW : DID_NOTHING);
}

int ui_patience(const struct ui *ui)
{
	uint64_t event = next_event(ui);
	int turn = measure_patience(ui), ms;

	if (!event)
		return turn;
	ms = event > ui->now ? (int)(event - ui->now) : 1;
	return turn < 0 || ms < turn ? ms : turn;
}

enum card_id ui_card(const struct ui *ui)
{
	return ui->card_count ? ui->cards[ui->card_count - 1] : CARD_NONE;
}

void ui_open_card(struct ui *ui, enum card_id card)
{
	if (ui->card_count < CARDS)
		ui->cards[ui->card_count++] = card;
	memset(&ui->card_list, 0, sizeof(ui->card_list));
	ui->pending_count = 0;
}

void ui_close_card(struct ui *ui)
{
	if (ui->card_count)
		ui->card_count--;
	ui->closed_at = ui->now;
}
