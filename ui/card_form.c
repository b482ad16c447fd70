/* The override form of one tensor: type, scale, zero point, range and flags as text,
 * checked while they are typed. */
#include "ui/cards.h"

#include "base/text.h"
#include "ui/edit.h"
#include "ui/form.h"

#include <stdio.h>
#include <string.h>

enum { FAULT_LINES = 2 };

unsigned card_open_form(struct ui *ui, tensor_id tensor)
{
	memset(&ui->form, 0, sizeof(ui->form));
	ui->form.tensor = tensor;
	form_fill(ui);
	ui_open_card(ui, CARD_FORM);
	list_set_count(&ui->card_list, form_count(ui));
	return DID_REDRAW;
}

/* The fields as an edit; false, and the fault in the form, if something is wrong. */
static bool read_edit(
	struct ui *ui, struct param_edit *edit, struct entry_params *channels)
{
	struct error err = ERROR_INIT;
	bool fine = form_read(ui, edit, channels, &err) &&
		    plan_check_params(ui->session->plan, edit, &err);

	snprintf(ui->form.fault, sizeof(ui->form.fault), "%.250s", fine ? "" : err.text);
	return fine;
}

static void check(struct ui *ui)
{
	struct entry_params channels[FORM_CHANNELS];
	struct param_edit edit;

	read_edit(ui, &edit, channels);
}

static int columns_before(const struct frame *frame, const struct line_edit *line)
{
	char text[PROMPT_ROOM];

	snprintf(text, sizeof(text), "%.*s", (int)line->at, line->text);
	return name_columns(frame, text);
}

/* The value scrolls with the cursor in it. */
static void draw_field(struct ui *ui, const struct area *in, int y, uint32_t i)
{
	const struct line_edit *line = &ui->form.fields[i];
	bool here = i == ui->card_list.cursor;
	int width = in->r.w < 50 ? in->r.w - 16 : 14;
	int at = columns_before(in->frame, line);
	int over = here && at >= width ? at - width + 1 : 0;
	struct area value = area_part(in, 16, y, width, 1);

	area_text(in, 0, y, here ? ROLE_TITLE : ROLE_TEXT, here ? "▸" : " ");
	area_text(in, 2, y, here ? ROLE_TITLE : ROLE_TEXT, form_fields[i].label);
	if (in->r.w >= 50)
		area_field(in, 32, y, in->r.w - 32, ROLE_MUTED, form_fields[i].help);
	area_name(&value, -over, 0, here ? 1 << 19 : width, ROLE_TEXT, line->text);
	area_mark(&value, 0, 0, width, MARK_IDLE);
	if (here)
		area_cursor(&value, at - over, 0);
}

/* What is against it, on the last lines. */
static void draw_fault(struct ui *ui, const struct area *in, int y)
{
	struct wrap_lines lines = {0};
	const char *fault = ui->form.fault;

	if (!*fault)
		area_text(in, 0, in->r.h - 1, ROLE_MUTED, "nothing against it");
	else if (wrap_text(&lines, &ui->frame, 0, fault, in->r.w))
		for (size_t i = 0; i < lines.count && y + (int)i < in->r.h; i++)
			wrap_draw(in, 0, y + (int)i, ROLE_ERROR, &lines.items[i], fault);
	ARRAY_RELEASE(&lines);
}

static bool may_convert(const struct ui *ui)
{
	return ui->outcome->tensors[ui->form.tensor].converted != QTYPE_NONE;
}

void form_draw(struct ui *ui, const struct area *screen)
{
	struct form_card *form = &ui->form;
	struct list *list = &ui->card_list;
	const char *tensor = graph_tensor_name(ui->outcome->graph, form->tensor);
	char title[160], name[96];
	struct area in;
	int last;

	text_escape(name, sizeof(name), tensor, strlen(tensor));
	snprintf(title, sizeof(title), "%s · override%s", name,
		form->converted ? ", converted side" : "");
	in = card_box(ui, screen, 62, (int)form_count(ui) + FAULT_LINES + 1, title,
		!may_convert(ui)   ? "Enter take  Tab next  Esc"
		: screen->r.w < 52 ? "Enter  Tab  Ctrl-T side  Esc"
				   : "Enter take  Tab next  Ctrl-T other side  Esc");
	last = in.r.h - FAULT_LINES;
	list_set_count(list, form_count(ui));
	list_set_height(list, (uint32_t)(last > 1 ? last : 1));
	card_rows(ui, &in, 0, last, "");
	for (int y = 0; y < last && list->top + (uint32_t)y < list->count; y++)
		draw_field(ui, &in, y, list->top + (uint32_t)y);
	draw_fault(ui, &in, last);
}

static unsigned take(struct ui *ui)
{
	struct entry_params channels[FORM_CHANNELS];
	struct param_edit edit;

	if (!read_edit(ui, &edit, channels))
		return DID_REDRAW | DID_FAIL;
	ui_close_card(ui);
	ui->closed_at = 0;
	return edit_set_params(ui, &edit);
}

static unsigned other_side(struct ui *ui)
{
	if (!may_convert(ui)) {
		snprintf(ui->form.fault, sizeof(ui->form.fault),
			"no reader sees it converted; c chooses readers");
		return DID_REDRAW;
	}
	ui->form.converted = !ui->form.converted;
	form_fill(ui);
	check(ui);
	return DID_REDRAW;
}

/* Space goes through what a field can be; false where it is a letter like others. */
static bool next_choice(struct ui *ui)
{
	static const char *const flags[] = {"", "yes", "no", NULL};
	static const char *const types[] = {"", "u8", "s8", "u16", "s16", NULL};
	enum form_field field = (enum form_field)ui->card_list.cursor;
	const char *const *words = field == FIELD_TYPE ? types : flags;
	struct line_edit *line = &ui->form.fields[field];
	int i = 0;

	if (field != FIELD_TYPE && field != FIELD_SYMMETRIC && field != FIELD_REDUCE)
		return false;
	while (words[i] && strcmp(words[i], line->text) != 0)
		i++;
	line_set(line, words[i] && words[i + 1] ? words[i + 1] : "", false);
	return true;
}

unsigned form_key(struct ui *ui, ui_key key)
{
	struct line_edit *line = &ui->form.fields[ui->card_list.cursor];
	uint32_t count = form_count(ui);
	bool changed;

	if (key == UK_ESC || key == UK_CTRL('c')) {
		ui_close_card(ui);
	} else if (key == UK_ENTER) {
		return take(ui);
	} else if (key == UK_TAB || key == UK_DOWN) {
		list_go(&ui->card_list, (ui->card_list.cursor + 1) % count);
	} else if (key == UK_BACK_TAB || key == UK_UP) {
		list_go(&ui->card_list, (ui->card_list.cursor + count - 1) % count);
	} else if (key == UK_CTRL('t')) {
		return other_side(ui);
	} else if (key == UK_SPACE && next_choice(ui)) {
		check(ui);
	} else {
		line_key(line, key, &changed);
		if (changed)
			check(ui);
	}
	return DID_REDRAW;
}
