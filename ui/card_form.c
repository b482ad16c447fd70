/* The override form of one tensor: type, scale, zero point, range and flags as text,
 * checked while they are typed. */
#include "ui/cards.h"

#include "base/text.h"
#include "ui/edit.h"
#include "ui/words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *label, *help;
} field_texts[FIELD_COUNT] = {
	[FIELD_TYPE] = {"type", "u8 s8 u16 s16; empty: follows"},
	[FIELD_SCALE] = {"scale", "positive; with a zero point"},
	[FIELD_ZERO_POINT] = {"zero point", "within the type; with a scale"},
	[FIELD_RMIN] = {"rmin", "lowest value, for the range's"},
	[FIELD_RMAX] = {"rmax", "highest value, for the range's"},
	[FIELD_SYMMETRIC] = {"symmetric", "yes, no, or empty"},
	[FIELD_REDUCE] = {"reduced range", "yes, no, or empty"},
};

static const struct {
	enum form_field field;
	unsigned key;
} keys[] = {
	{FIELD_SCALE, ENTRY_SCALE},
	{FIELD_ZERO_POINT, ENTRY_ZERO_POINT},
	{FIELD_RMIN, ENTRY_RMIN},
	{FIELD_RMAX, ENTRY_RMAX},
	{FIELD_SYMMETRIC, ENTRY_SYMMETRIC},
	{FIELD_REDUCE, ENTRY_REDUCE_RANGE},
};

static void set_number(struct line_edit *line, bool has, float value)
{
	char text[32];

	line_set(line, has ? text_f32(text, value, false) : "", false);
}

static void set_flag(struct line_edit *line, bool has, bool value)
{
	line_set(line, !has ? "" : value ? "yes" : "no", false);
}

/* The fields show what the entry holds now. */
static void fill(struct ui *ui)
{
	struct form_card *form = &ui->form;
	const struct entry_list *list =
		overrides_find(&ui->outcome->entries, form->tensor);
	const struct entry_params none = {.has = 0};
	const struct entry_params *p = &none;
	char text[32];

	if (list && list->count == 1)
		p = form->converted ? &list->entries[0].convert : &list->entries[0].own;
	line_set(&form->fields[FIELD_TYPE],
		p->has & ENTRY_TYPE ? qtypes[p->type].brief : "", false);
	set_number(&form->fields[FIELD_SCALE], p->has & ENTRY_SCALE, p->scale);
	snprintf(text, sizeof(text), "%d", p->zero_point);
	line_set(&form->fields[FIELD_ZERO_POINT], p->has & ENTRY_ZERO_POINT ? text : "",
		false);
	set_number(&form->fields[FIELD_RMIN], p->has & ENTRY_RMIN, p->rmin);
	set_number(&form->fields[FIELD_RMAX], p->has & ENTRY_RMAX, p->rmax);
	set_flag(&form->fields[FIELD_SYMMETRIC], p->has & ENTRY_SYMMETRIC, p->symmetric);
	set_flag(&form->fields[FIELD_REDUCE], p->has & ENTRY_REDUCE_RANGE,
		p->reduce_range);
}

unsigned card_open_form(struct ui *ui, tensor_id tensor)
{
	memset(&ui->form, 0, sizeof(ui->form));
	ui->form.tensor = tensor;
	fill(ui);
	ui_open_card(ui, CARD_FORM);
	list_set_count(&ui->card_list, FIELD_COUNT);
	return DID_REDRAW;
}

static bool is_changed(struct ui *ui, enum form_field field)
{
	struct form_card before = ui->form;
	bool changed;

	fill(ui);
	changed = strcmp(before.fields[field].text, ui->form.fields[field].text) != 0;
	ui->form = before;
	return changed;
}

static bool read_number(
	const char *text, const char *label, double *value, struct error *err)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	while (*end == ' ')
		end++;
	if (end == text || *end || errno == ERANGE || !isfinite(*value))
		return error_set(err, ERROR_REFUSED, "%s: %s is not a number", label,
			text_quoted_z(text));
	return true;
}

static bool read_flag(const char *text, const char *label, bool *value, struct error *err)
{
	*value = *text == 'y' || *text == 'Y' || *text == 't' || *text == '1';
	if (*value || *text == 'n' || *text == 'N' || *text == 'f' || *text == '0')
		return true;
	return error_set(err, ERROR_REFUSED, "%s: %s is neither yes nor no", label,
		text_quoted_z(text));
}

static bool read_field(
	struct entry_params *set, unsigned key, const char *text, struct error *err)
{
	double value = 0;
	bool flag = false, done;

	set->has |= key;
	if (key == ENTRY_SYMMETRIC || key == ENTRY_REDUCE_RANGE) {
		done = read_flag(text,
			key == ENTRY_SYMMETRIC ? "symmetric" : "reduced range", &flag,
			err);
		*(key == ENTRY_SYMMETRIC ? &set->symmetric : &set->reduce_range) = flag;
		return done;
	}
	if (!read_number(text,
		    key == ENTRY_SCALE        ? "scale"
		    : key == ENTRY_ZERO_POINT ? "zero point"
		    : key == ENTRY_RMIN       ? "rmin"
					      : "rmax",
		    &value, err))
		return false;
	if (key == ENTRY_ZERO_POINT && (value != rint(value) || fabs(value) > 1e6))
		return error_set(err, ERROR_REFUSED,
			"zero point: %s is not a whole number", text_quoted_z(text));
	if (key == ENTRY_SCALE)
		set->scale = (float)value;
	else if (key == ENTRY_RMIN)
		set->rmin = (float)value;
	else if (key == ENTRY_RMAX)
		set->rmax = (float)value;
	else
		set->zero_point = (int32_t)value;
	return true;
}

static bool read_type(struct ui *ui, struct param_edit *edit, struct error *err)
{
	const struct line_edit *line = &ui->form.fields[FIELD_TYPE];

	if (!line->length || (!ui->form.converted && !is_changed(ui, FIELD_TYPE)))
		return true;
	edit->set.type = qtype_parse(line->text, line->length);
	if (edit->set.type == QTYPE_NONE)
		return error_set(err, ERROR_REFUSED,
			"type: %s is none of u8 s8 u16 s16 u4 s4",
			text_quoted_z(line->text));
	edit->set.has |= ENTRY_TYPE;
	return true;
}

/* The edit that the fields mean; false with the first fault. */
static bool read_form(struct ui *ui, struct param_edit *edit, struct error *err)
{
	const struct entry_list *given = plan_given(ui->session->plan, ui->form.tensor);

	*edit = (struct param_edit){
		.tensor = ui->form.tensor, .converted = ui->form.converted};
	if (!read_type(ui, edit, err))
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *text = ui->form.fields[keys[i].field].text;

		if (!*text && given && is_changed(ui, keys[i].field))
			edit->drop |= keys[i].key;
		if (*text && !read_field(&edit->set, keys[i].key, text, err))
			return false;
	}
	return true;
}

static void check(struct ui *ui)
{
	struct param_edit edit;
	struct error err = ERROR_INIT;

	ui->form.fault[0] = '\0';
	if (!read_form(ui, &edit, &err) ||
		!plan_check_params(ui->session->plan, &edit, &err))
		snprintf(ui->form.fault, sizeof(ui->form.fault), "%.250s", err.text);
}

static void draw_field(struct ui *ui, const struct area *in, int i)
{
	const struct form_card *form = &ui->form;
	bool here = (uint32_t)i == ui->card_list.cursor;
	int width = in->r.w < 50 ? in->r.w - 16 : 14;
	struct area value = area_part(in, 16, i, width, 1);

	area_text(in, 0, i, here ? ROLE_TITLE : ROLE_TEXT, here ? "▸" : " ");
	area_text(in, 2, i, here ? ROLE_TITLE : ROLE_TEXT, field_texts[i].label);
	area_name(&value, 0, 0, width, ROLE_TEXT, form->fields[i].text);
	area_mark(&value, 0, 0, width, MARK_IDLE);
	if (in->r.w >= 50)
		area_field(in, 32, i, in->r.w - 32, ROLE_MUTED, field_texts[i].help);
	if (here)
		area_cursor(&value, (int)form->fields[i].at, 0);
}

void form_draw(struct ui *ui, const struct area *screen)
{
	struct form_card *form = &ui->form;
	const char *tensor = graph_tensor_name(ui->outcome->graph, form->tensor);
	char title[160], name[96];
	struct area in;
	int last;

	text_escape(name, sizeof(name), tensor, strlen(tensor));
	snprintf(title, sizeof(title), "%s · override%s", name,
		form->converted ? ", converted side" : "");
	in = card_box(screen, 62, FIELD_COUNT + 2, title,
		"Enter take  Tab next  Ctrl-T other side  Esc");
	last = in.r.h - 1;
	list_set_height(&ui->card_list, FIELD_COUNT);
	for (int i = 0; i < FIELD_COUNT; i++)
		draw_field(ui, &in, i);
	if (*form->fault)
		area_field(&in, 0, last, in.r.w, ROLE_ERROR, form->fault);
	else
		area_text(&in, 0, last, ROLE_MUTED, "nothing against it");
}

static unsigned take(struct ui *ui)
{
	struct param_edit edit;
	struct error err = ERROR_INIT;

	if (!read_form(ui, &edit, &err) ||
		!plan_check_params(ui->session->plan, &edit, &err)) {
		snprintf(ui->form.fault, sizeof(ui->form.fault), "%.250s", err.text);
		return DID_REDRAW | DID_FAIL;
	}
	ui_close_card(ui);
	ui->closed_at = 0;
	return edit_set_params(ui, &edit);
}

static bool may_convert(const struct ui *ui)
{
	return ui->outcome->tensors[ui->form.tensor].converted != QTYPE_NONE;
}

unsigned form_key(struct ui *ui, ui_key key)
{
	struct line_edit *line = &ui->form.fields[ui->card_list.cursor];
	bool changed;

	if (key == UK_ESC || key == UK_CTRL('c')) {
		ui_close_card(ui);
	} else if (key == UK_ENTER) {
		return take(ui);
	} else if (key == UK_TAB || key == UK_DOWN) {
		list_go(&ui->card_list, (ui->card_list.cursor + 1) % FIELD_COUNT);
	} else if (key == UK_BACK_TAB || key == UK_UP) {
		list_go(&ui->card_list,
			(ui->card_list.cursor + FIELD_COUNT - 1) % FIELD_COUNT);
	} else if (key == UK_CTRL('t') && may_convert(ui)) {
		ui->form.converted = !ui->form.converted;
		fill(ui);
		check(ui);
	} else {
		line_key(line, key, &changed);
		if (changed)
			check(ui);
	}
	return DID_REDRAW;
}
