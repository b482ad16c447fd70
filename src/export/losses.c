/* The report of what an export could not carry. */
#include "base/text.h"
#include "export/writer.h"

#include <stdlib.h>
#include <string.h>

const char *const loss_kind_names[] = {"lost", "moved", "meaning", "renamed"};

/* Why a part is lost in a format that has no place for it. */
static const struct {
	unsigned parts;
	const char *why;
} reasons[] = {
	{PART_OPTIONS, "the format has no defaults for the whole model"},
	{PART_TYPES, "the format has no types of single tensors"},
	{PART_SCALES, "the format has no scales"},
	{PART_RANGES, "the format has no ranges"},
	{PART_FLAGS, "the format has no flags of single tensors"},
	{PART_CHANNELS, "the format has no axis of single tensors"},
	{PART_CONVERSIONS | PART_READERS | PART_CONVERTED,
		"the format keeps one type for each tensor"},
	{PART_FLOAT, "the format does not say what stays float"},
	{PART_REGIONS, "the format has no names and notes"},
	{PART_REASONS, "the format says what is, not who asked for it"},
	{PART_SCORES, "the format has no scores"},
	{PART_PLACEMENT, "the format does not say where Q and DQ stand"},
};

static const char *usual_reason(const struct export_format *format, enum export_part part)
{
	const unsigned conversions = PART_CONVERSIONS | PART_READERS | PART_CONVERTED;

	if ((part & conversions) && !((format->holds | format->some) & PART_TYPES))
		return "the format has no conversions";
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].parts & part)
			return reasons[i].why;
	}
	return "";
}

static const char *keep(struct loss_list *losses, const char *text)
{
	return arena_strndup(&losses->arena, text, strlen(text));
}

bool loss_add(struct loss_list *losses, const struct loss *loss)
{
	struct loss copy = *loss;

	copy.word = keep(losses, loss->word);
	copy.subject = keep(losses, loss->subject);
	copy.detail = keep(losses, loss->detail);
	copy.why = keep(losses, loss->why);
	return copy.word && copy.subject && copy.detail && copy.why &&
	       ARRAY_PUSH(losses, copy);
}

/* Why the format loses an item, NULL if it carries it. */
static const char *reason_for(const struct export_source *source,
	const struct export_format *format, const struct export_item *item)
{
	if (format->holds & item->part)
		return NULL;
	if (format->some & item->part)
		return format->lost(source, item);
	return usual_reason(format, item->part);
}

bool export_foresee(const struct export_source *source,
	const struct export_format *format, struct loss_list *losses, struct error *err)
{
	for (size_t i = 0; i < source->items.count; i++) {
		const struct export_item *item = &source->items.items[i];
		const char *why = reason_for(source, format, item);
		const struct loss loss = {LOSS_LOST, item->part, item->word,
			item->subject, item->detail, why, item->bulk};

		if (why && !loss_add(losses, &loss))
			return error_set_memory(err, "the report");
	}
	return true;
}

void loss_release(struct loss_list *losses)
{
	ARRAY_RELEASE(losses);
	arena_clear(&losses->arena);
}

/* ---- As text. */

enum { COLUMNS = 4 };

/* How many losses from here on are told as one. */
static size_t bulk_from(const struct loss_list *losses, size_t at)
{
	const struct loss *first = &losses->items[at];
	size_t count = 1;

	while (first->bulk && at + count < losses->count) {
		const struct loss *next = &losses->items[at + count];

		if (!next->bulk || next->kind != first->kind ||
			strcmp(next->word, first->word) || strcmp(next->why, first->why))
			break;
		count++;
	}
	return count;
}

static void cells_of(const struct loss *loss, size_t count, char *room, size_t size,
	const char *cells[COLUMNS])
{
	cells[0] = loss_kind_names[loss->kind];
	cells[1] = loss->word;
	cells[2] = loss->subject;
	cells[3] = loss->detail;
	if (count > 1) {
		snprintf(room, size, "%zu %ss", count, loss->word);
		cells[2] = room;
		cells[3] = "";
	}
}

static void put_line(
	struct json_out *out, const struct loss *loss, size_t count, const size_t *width)
{
	const char *cells[COLUMNS];
	char room[64];

	cells_of(loss, count, room, sizeof(room), cells);
	for (int c = 0; c < COLUMNS; c++) {
		if (!width[c])
			continue;
		plan_json_puts(out, cells[c]);
		for (size_t i = text_width(cells[c]); i < width[c] + 2; i++)
			plan_json_puts(out, " ");
	}
	plan_json_puts(out, loss->why);
	plan_json_puts(out, "\n");
}

char *loss_text(const struct loss_list *losses, size_t *length)
{
	struct json_out out = {0};
	size_t width[COLUMNS] = {0}, count;
	const char *cells[COLUMNS];
	char room[64];

	for (size_t i = 0; i < losses->count; i += count) {
		count = bulk_from(losses, i);
		cells_of(&losses->items[i], count, room, sizeof(room), cells);
		for (int c = 0; c < COLUMNS; c++) {
			size_t columns = text_width(cells[c]);

			width[c] = columns > width[c] ? columns : width[c];
		}
	}
	for (size_t i = 0; i < losses->count; i += count) {
		count = bulk_from(losses, i);
		put_line(&out, &losses->items[i], count, width);
	}
	return plan_json_finish(&out, length);
}

/* ---- As JSON. */

static void put_member(
	struct json_out *out, const char *key, const char *text, const char *end)
{
	plan_json_put_string(out, key, strlen(key), false);
	plan_json_puts(out, ": ");
	plan_json_put_string(out, text, strlen(text), false);
	plan_json_puts(out, end);
}

char *loss_json(const struct loss_list *losses, size_t *length)
{
	struct json_out out = {0};

	plan_json_puts(&out, "[");
	for (size_t i = 0; i < losses->count; i++) {
		const struct loss *loss = &losses->items[i];

		plan_json_puts(&out, i ? ",\n  {" : "\n  {");
		put_member(&out, "kind", loss_kind_names[loss->kind], ", ");
		put_member(&out, "item", loss->word, ", ");
		put_member(&out, "subject", loss->subject, ", ");
		put_member(&out, "detail", loss->detail, ", ");
		put_member(&out, "why", loss->why, "}");
	}
	plan_json_puts(&out, losses->count ? "\n]\n" : "]\n");
	return plan_json_finish(&out, length);
}
