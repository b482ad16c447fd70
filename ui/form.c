#include "ui/form.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct form_text form_fields[FIELD_COUNT] = {
	[FIELD_TYPE] = {"type", "u8 s8 u16 s16; empty: follows", ENTRY_TYPE},
	[FIELD_SCALE] = {"scale", "positive; with a zero point", ENTRY_SCALE},
	[FIELD_ZERO_POINT] = {"zero point", "within the type; with a scale",
		ENTRY_ZERO_POINT},
	[FIELD_RMIN] = {"rmin", "lowest value, for the range's", ENTRY_RMIN},
	[FIELD_RMAX] = {"rmax", "highest value, for the range's", ENTRY_RMAX},
	[FIELD_SYMMETRIC] = {"symmetric", "yes, no or empty (Space)", ENTRY_SYMMETRIC},
	[FIELD_REDUCE] = {"reduced range", "yes, no or empty (Space)",
		ENTRY_REDUCE_RANGE},
	[FIELD_AXIS] = {"axis", "of channels; lists: 0.1,0.2,...", ENTRY_AXIS},
};

uint32_t form_count(const struct ui *ui)
{
	return graph_is_constant(ui->outcome->graph, ui->form.tensor) ? FIELD_COUNT
								      : FIELD_AXIS;
}

static const char *word_value(const struct entry_params *p, unsigned key, char out[32])
{
	switch (key) {
	case ENTRY_TYPE:
		return qtypes[p->type].brief;
	case ENTRY_SCALE:
		return text_f32(out, p->scale, false);
	case ENTRY_RMIN:
		return text_f32(out, p->rmin, false);
	case ENTRY_RMAX:
		return text_f32(out, p->rmax, false);
	case ENTRY_SYMMETRIC:
		return p->symmetric ? "yes" : "no";
	case ENTRY_REDUCE_RANGE:
		return p->reduce_range ? "yes" : "no";
	default:
		snprintf(out, 32, "%d", key == ENTRY_AXIS ? p->axis : p->zero_point);
		return out;
	}
}

static const struct entry_params *side_of(
	const struct form_card *form, const struct entry *entry)
{
	return form->converted ? &entry->convert : &entry->own;
}

/* One value that all entries share, or all of them with commas between. False if that
 * is too long for a field. */
static bool word_field(const struct form_card *form, const struct entry_list *list,
	unsigned key, char *out, size_t room)
{
	char value[32];
	size_t at = 0;
	bool same = true;

	*out = '\0';
	for (uint32_t i = 0; i < list->count; i++)
		same &= !strcmp(word_value(side_of(form, &list->entries[0]), key, value),
			word_value(side_of(form, &list->entries[i]), key, (char[32]){0}));
	for (uint32_t i = 0; i < (same && list->count ? 1 : list->count); i++) {
		const struct entry_params *p = side_of(form, &list->entries[i]);

		if (!(p->has & key))
			continue;
		at += (size_t)snprintf(out + at, room - at, "%s%s", at ? "," : "",
			word_value(p, key, value));
		if (at >= room)
			return false;
	}
	return true;
}

void form_fill(struct ui *ui)
{
	static const struct entry_list none = {.count = 0};
	struct form_card *form = &ui->form;
	const struct entry_list *list =
		overrides_find(&ui->outcome->entries, form->tensor);
	char text[PROMPT_ROOM];

	form->too_long = false;
	for (uint32_t i = 0; i < FIELD_COUNT; i++) {
		if (!word_field(form, list ? list : &none, form_fields[i].key, text,
			    sizeof(text))) {
			form->too_long = true;
			*text = '\0';
		}
		line_set(&form->fields[i], text, false);
	}
}

static bool is_changed(struct ui *ui, enum form_field field)
{
	struct form_card before = ui->form;
	bool changed;

	form_fill(ui);
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

static bool read_whole(
	const char *text, const char *label, int32_t *value, struct error *err)
{
	double number;

	if (!read_number(text, label, &number, err))
		return false;
	if (number != rint(number) || fabs(number) > 1e6)
		return error_set(err, ERROR_REFUSED, "%s: %s is not a whole number",
			label, text_quoted_z(text));
	*value = (int32_t)number;
	return true;
}

static bool read_float(
	const char *text, const char *label, float *value, struct error *err)
{
	double number = 0;
	bool done = read_number(text, label, &number, err);

	*value = (float)number;
	return done;
}

static bool read_flag(const char *text, const char *label, bool *value, struct error *err)
{
	*value = !strcasecmp(text, "yes") || !strcasecmp(text, "y") ||
		 !strcasecmp(text, "true") || !strcmp(text, "1");
	if (*value || !strcasecmp(text, "no") || !strcasecmp(text, "n") ||
		!strcasecmp(text, "false") || !strcmp(text, "0"))
		return true;
	return error_set(err, ERROR_REFUSED, "%s: %s is neither yes nor no", label,
		text_quoted_z(text));
}

static bool read_type(const char *text, uint8_t *type, struct error *err)
{
	*type = (uint8_t)qtype_parse(text, strlen(text));
	return *type != QTYPE_NONE ||
	       error_set(err, ERROR_REFUSED, "type: %s is none of u8 s8 u16 s16 u4 s4",
		       text_quoted_z(text));
}

static bool read_value(struct entry_params *set, const struct form_text *field,
	const char *text, struct error *err)
{
	set->has |= field->key;
	switch (field->key) {
	case ENTRY_TYPE:
		return read_type(text, &set->type, err);
	case ENTRY_SCALE:
		return read_float(text, field->label, &set->scale, err);
	case ENTRY_RMIN:
		return read_float(text, field->label, &set->rmin, err);
	case ENTRY_RMAX:
		return read_float(text, field->label, &set->rmax, err);
	case ENTRY_SYMMETRIC:
		return read_flag(text, field->label, &set->symmetric, err);
	case ENTRY_REDUCE_RANGE:
		return read_flag(text, field->label, &set->reduce_range, err);
	case ENTRY_AXIS:
		return read_whole(text, field->label, &set->axis, err);
	default:
		return read_whole(text, field->label, &set->zero_point, err);
	}
}

/* The n-th value of a list with commas; false behind the last. */
static bool nth_value(const char *text, uint32_t n, char *out, size_t room)
{
	while (n--) {
		text += strcspn(text, ",");
		if (!*text++)
			return false;
	}
	snprintf(out, room, "%.*s", (int)strcspn(text, ","), text);
	return true;
}

static uint32_t count_values(const char *text)
{
	uint32_t count = 1;

	for (; *text; text++)
		count += *text == ',';
	return count;
}

/* Channels that the fields tell of: 1 without a list. */
static bool count_channels(const struct ui *ui, uint32_t *count, struct error *err)
{
	const struct form_card *form = &ui->form;

	*count = 1;
	for (uint32_t i = 0; i < form_count(ui); i++) {
		uint32_t values = count_values(form->fields[i].text);

		if (values == 1)
			continue;
		if (i == FIELD_AXIS || values > FORM_CHANNELS)
			return error_set(err, ERROR_REFUSED, "%s: too many values",
				form_fields[i].label);
		if (*count > 1 && values != *count)
			return error_set(err, ERROR_REFUSED,
				"%s: %u values, %u elsewhere; one for each channel",
				form_fields[i].label, values, *count);
		*count = values;
	}
	return true;
}

/* One entry for each channel: lists give their n-th value, single values go to all. */
static bool read_channels(
	struct ui *ui, uint32_t count, struct entry_params *channels, struct error *err)
{
	char value[64];

	if (!ui->form.fields[FIELD_AXIS].length ||
		!graph_is_constant(ui->outcome->graph, ui->form.tensor))
		return error_set(err, ERROR_REFUSED,
			"a list of values needs the axis of the channels, and a "
			"constant");
	for (uint32_t n = 0; n < count; n++) {
		channels[n] = (struct entry_params){.has = 0};
		for (uint32_t i = 0; i < FIELD_COUNT; i++) {
			const char *text = ui->form.fields[i].text;

			if (!*text || (i == FIELD_AXIS && n))
				continue;
			nth_value(text, count_values(text) > 1 ? n : 0, value,
				sizeof(value));
			if (!read_value(&channels[n], &form_fields[i], value, err))
				return false;
		}
	}
	return true;
}

bool form_read(struct ui *ui, struct param_edit *edit, struct entry_params *channels,
	struct error *err)
{
	const struct entry_list *given = plan_given(ui->session->plan, ui->form.tensor);
	uint32_t count;

	*edit = (struct param_edit){
		.tensor = ui->form.tensor, .converted = ui->form.converted};
	if (ui->form.too_long)
		return error_set(err, ERROR_REFUSED,
			"too many channels for this form; edit the JSON, :overrides "
			"reads "
			"it");
	if (!count_channels(ui, &count, err))
		return false;
	edit->channels = channels;
	edit->channel_count = count > 1 ? count : 0;
	if (count > 1)
		return read_channels(ui, count, channels, err);
	for (uint32_t i = 0; i < form_count(ui); i++) {
		const struct form_text *field = &form_fields[i];
		const char *text = ui->form.fields[i].text;
		bool is_type = field->key == ENTRY_TYPE;

		/* the type is a seed, or follows: only a change is one's own */
		if ((is_type || (!*text && given)) && !is_changed(ui, (enum form_field)i))
			continue;
		if (!*text && (is_type || given))
			edit->drop |= field->key;
		if (*text && !read_value(&edit->set, field, text, err))
			return false;
	}
	return true;
}
