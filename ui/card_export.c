/* Card: formats of other tools; beside each what it cannot carry of the plan. */
#include "base/text.h"
#include "job/export.h"
#include "ui/cards.h"
#include "ui/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_COLUMNS = 18, /* of the list */
	WIDE = 60,         /* inner columns from which on list and report are abreast */
	SHOWN = 4,         /* items of one kind in the card */
	MOST = 28,         /* rows of the card */
	EVERYTHING = 1 << 30,
};

/* ---- The report as lines of a text card. */

/* How many losses from here on are of one kind, for one reason. */
static size_t group_from(const struct loss_list *losses, size_t at)
{
	const struct loss *first = &losses->items[at];
	size_t count = 1;

	while (at + count < losses->count) {
		const struct loss *next = &losses->items[at + count];

		if (next->kind != first->kind || strcmp(next->word, first->word) ||
			strcmp(next->why, first->why))
			break;
		count++;
	}
	return count;
}

static void put_group(FILE *out, const struct loss *first, size_t count, size_t most)
{
	size_t shown = first->bulk && count > most ? 0 : count < most ? count : most;

	fprintf(out, "%s%s  %zu %s%s\n",
		first->kind == LOSS_LOST ? TEXT_TITLE : TEXT_CHOSEN,
		loss_kind_names[first->kind], count, first->word, text_s(count));
	for (size_t i = 0; i < shown; i++)
		fprintf(out, "  %s%s%s\n", first[i].subject, *first[i].detail ? "  " : "",
			first[i].detail);
	if (shown && shown < count)
		fprintf(out, TEXT_MUTED "  and %zu more\n", count - shown);
	if (*first->why)
		fprintf(out, TEXT_MUTED "  %s\n", first->why);
}

/* All groups, at most so many items of each; malloc'ed, NULL when memory is gone. */
static char *report_text(const struct loss_list *losses, size_t most)
{
	char *text = NULL;
	size_t size, count;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (!losses->count)
		fputs("nothing is lost\n", out);
	for (size_t i = 0; i < losses->count; i += count) {
		count = group_from(losses, i);
		put_group(out, &losses->items[i], count, most);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* ---- What the card knows of the format under the cursor. */

static const struct export_format *chosen(const struct ui *ui)
{
	return &export_formats[ui->card_list.cursor < export_format_count
				       ? ui->card_list.cursor
				       : 0];
}

static bool foresee(struct ui *ui, const struct export_format *format,
	struct loss_list *losses, struct error *err)
{
	struct scores scores = {0};
	struct export_request request = {.format = format};
	bool fine = measure_scores(ui, &scores, err);

	request.scores = scores.count ? &scores : NULL;
	fine = fine && session_foresee(ui->session, &request, losses, err);
	scores_release(&scores);
	return fine;
}

static void find_losses(struct ui *ui)
{
	struct export_card *card = &ui->export;
	const struct export_format *format = chosen(ui);
	struct loss_list losses = {0};
	struct error err = ERROR_INIT;
	uint32_t at = (uint32_t)(format - export_formats) + 1;

	if (card->format == at && card->generation == ui->outcome->generation)
		return;
	card->format = at;
	card->generation = ui->outcome->generation;
	card->accept_float = false;
	card->fault[0] = '\0';
	if (!foresee(ui, format, &losses, &err) ||
		!text_card_take(&card->text, report_text(&losses, SHOWN)))
		snprintf(card->fault, sizeof(card->fault), "%s",
			*err.text ? err.text : "out of memory");
	card->lost = losses.count;
	card->changes_meaning = export_changes_meaning(format, &losses);
	loss_release(&losses);
}

/* ---- Drawing. */

static void draw_format(struct ui *ui, const struct area *in, int y, uint32_t row)
{
	(void)ui;
	area_field(in, 2, y, in->r.w - 2, ROLE_TEXT, export_formats[row].name);
}

/* The first row is free for more of what is told. */
static int draw_head(struct ui *ui, const struct area *in)
{
	const struct export_format *format = chosen(ui);
	struct text_card about = {0};
	char *name = export_default_name(ui->session, format);
	char *text = strdup(format->about);
	int y = 0;

	if (text && text_card_take(&about, text))
		y = (int)text_card_draw(&about, in);
	text_card_release(&about);
	if (name)
		area_print(in, 0, y++, ROLE_MUTED, "-> %s%s", name,
			format->flags & EXPORT_SEVERAL ? " and more" : "");
	free(name);
	if (ui->export.changes_meaning)
		card_key(ui, in, 0, y++, in->r.w, "f",
			ui->export.accept_float
				? "[x] let what is promoted stay float there"
				: "[ ] let what is promoted stay float there");
	return y + 1;
}

static void draw_report(struct ui *ui, const struct area *in)
{
	int y = draw_head(ui, in), room = in->r.h - y;
	struct area rest = area_part(in, 0, y, in->r.w, room);
	uint32_t lines;

	if (*ui->export.fault) {
		struct text_card fault = {0};
		char *text = strdup(ui->export.fault);

		if (text && text_card_take(&fault, text))
			text_card_draw(&fault, &rest);
		text_card_release(&fault);
		return;
	}
	lines = text_card_draw(&ui->export.text, &rest);
	if ((int)lines > room && room > 0) {
		rest = area_part(&rest, 0, room - 1, rest.r.w, 1);
		area_blank(&rest);
		area_field(&rest, 0, 0, rest.r.w, ROLE_MUTED, "..  Tab shows all");
	}
}

/* Another card has had the list meanwhile. */
static void come_back(struct ui *ui)
{
	if (!ui->export.comes_back)
		return;
	ui->export.comes_back = false;
	list_set_count(&ui->card_list, (uint32_t)export_format_count);
	list_go(&ui->card_list, ui->export.cursor);
}

void export_draw(struct ui *ui, const struct area *screen)
{
	bool wide = screen->r.w - 4 >= WIDE;
	int most = screen->r.h - 4 < MOST ? screen->r.h - 4 : MOST, list_height;
	struct area in, part;

	come_back(ui);
	find_losses(ui);
	in = card_box(ui, screen, wide ? 92 : screen->r.w - 4, most < 3 ? 3 : most,
		"for another tool",
		screen->r.w < 52 ? "Enter write  Tab all losses  Esc"
				 : "Enter write  Tab all that is lost  Esc");
	if (wide) {
		part = area_part(
			&in, NAME_COLUMNS + 2, 0, in.r.w - NAME_COLUMNS - 2, in.r.h);
		draw_report(ui, &part);
		part = area_part(&in, 0, 0, NAME_COLUMNS, in.r.h);
	} else {
		list_height = in.r.h > 9 ? in.r.h / 3 : 3;
		part = area_part(
			&in, 0, list_height + 1, in.r.w, in.r.h - list_height - 1);
		draw_report(ui, &part);
		part = area_part(&in, 0, 0, in.r.w, list_height);
	}
	card_list(ui, &part, (uint32_t)export_format_count, draw_format);
}

/* ---- Keys. */

/* All of it, from a report made anew: the card has the beginning. */
static unsigned show_all(struct ui *ui)
{
	const struct export_format *format = chosen(ui);
	struct loss_list losses = {0};
	struct error err = ERROR_INIT;
	char title[80];
	unsigned did;

	ui->export.cursor = ui->card_list.cursor;
	ui->export.comes_back = true;
	snprintf(title, sizeof(title), "what %s cannot carry", format->name);
	if (foresee(ui, format, &losses, &err))
		did = ui_show_text(ui, title, report_text(&losses, EVERYTHING));
	else
		did = ui_fail(ui, &err);
	loss_release(&losses);
	return did;
}

/* The command line with a file name; what it does stands there to be read. */
static unsigned propose(struct ui *ui)
{
	const struct export_format *format = chosen(ui);
	bool accept = ui->export.changes_meaning;
	char line[PROMPT_ROOM], *name;

	if (*ui->export.fault)
		return ui_say(ui, SEVERITY_ERROR, "%s", ui->export.fault);
	if (accept && !ui->export.accept_float)
		return ui_say(ui, SEVERITY_ERROR,
			"%s: what is promoted would stay float there; f if that is meant",
			format->name);
	name = export_default_name(ui->session, format);
	snprintf(line, sizeof(line), "export %s %s%s", format->name,
		accept ? "--accept-float " : "", name ? name : "");
	free(name);
	ui_close_card(ui);
	ui->closed_at = 0;
	find_open(ui, PROMPT_COMMAND, line);
	return DID_REDRAW;
}

unsigned export_key(struct ui *ui, ui_key key)
{
	if (card_leaves(key))
		ui_close_card(ui);
	else if (key == UK_ENTER)
		return propose(ui);
	else if (key == UK_TAB)
		return show_all(ui);
	else if (key == 'f' && ui->export.changes_meaning)
		ui->export.accept_float = !ui->export.accept_float;
	else
		card_move(ui, key);
	return DID_REDRAW;
}
