/* The whole picture: title, rules, panes, status, the last line, boxes and cards. */
#include "ui/screen.h"
#include "base/text.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/panes.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

static void draw_too_small(const struct ui *ui, const struct area *all)
{
	int w = all->r.w, y = 0;

	area_print(all, 0, y++, ROLE_ERROR, w >= 16 ? "too small: %dx%d" : "%dx%d", w,
		all->r.h);
	area_print(all, 0, y++, ROLE_TEXT, "need %dx%d", LEAST_WIDTH, LEAST_HEIGHT);
	area_text(all, 0, y++, ROLE_TEXT, w >= 20 ? "resize, or q to quit" : "q quits");
	area_text(all, 0, y++, ROLE_TEXT, "edits are kept");
	if (ui->prompt.kind)
		area_print(
			all, 0, all->r.h - 1, ROLE_PROMPT, ":%s", ui->prompt.line.text);
	else if (*ui->messages.line && y < all->r.h)
		area_text(all, 0, all->r.h - 1, ROLE_WARNING, ui->messages.line);
	area_cursor(all, 0, 0);
}

/* The totals in the longest form that fits into `room` columns. */
static void word_totals(const struct ui *ui, int room, char *out, size_t size)
{
	static const char *const forms[] = {
		"   %s node%s  %s tensor%s   base %s   %u region%s   %u DQ→Q",
		" %s node%s %s tensor%s base %s %u region%s %u DQ→Q",
	};
	const struct outcome *o = ui->outcome;
	char nodes[32], tensors[32];

	word_number(o->cost.main_nodes, nodes);
	word_number(o->graph->main_tensors, tensors);
	for (int i = 0; i < 2; i++) {
		snprintf(out, size, forms[i], nodes, text_s(o->cost.main_nodes), tensors,
			text_s(o->graph->main_tensors), word_type(o->base),
			o->region_count, text_s(o->region_count), o->cost.conversions);
		if (text_columns(&ui->frame, out) <= room)
			return;
	}
	snprintf(out, size, "  %s node%s  base %s  %u DQ→Q", nodes,
		text_s(o->cost.main_nodes), word_type(o->base), o->cost.conversions);
}

static void draw_title(struct ui *ui, const struct area *all)
{
	struct area line = area_part(all, 0, 0, all->r.w, 1);
	const struct outcome *o = ui->outcome;
	const char *dirty = plan_is_dirty(ui->session->plan) ? " [+]" : "";
	const char *kind = ui->session->quantized ? " quantized" : "";
	char totals[200], accuracy[80];
	bool stale;
	int x, room;

	measure_word(ui, accuracy, sizeof(accuracy), &stale);
	room = *accuracy ? text_columns(&ui->frame, accuracy) + 2 : 0;

	if (ui->layout.narrow) {
		x = area_field(&line, 0, 0, line.r.w / 2, ROLE_TITLE, ui->session->title);
		x = area_print(&line, x, 0, ROLE_TITLE, "%s%s  %s  %u DQ→Q", kind, dirty,
			word_type(o->base), o->cost.conversions);
		if (x + room <= line.r.w)
			area_right(&line, line.r.w, 0, stale ? ROLE_MUTED : ROLE_TITLE,
				accuracy);
		return;
	}
	x = area_field(&line, 1, 0, line.r.w / 3, ROLE_TITLE, ui->session->title);
	x = area_print(&line, x, 0, ROLE_TITLE, "%s%s", kind, dirty);
	word_totals(ui, line.r.w - x - 8 - room, totals, sizeof(totals));
	area_text(&line, x, 0, ROLE_TEXT, totals);
	area_right(&line, line.r.w - 8, 0, stale ? ROLE_MUTED : ROLE_TITLE, accuracy);
	area_right(&line, line.r.w, 0, ROLE_MUTED, " qdqedit");
}

/* "2 Graph", "3 Bounds 3": what stands in a rule for one pane. */
static void tab_text(const struct ui *ui, enum pane_id pane, char *out, size_t room)
{
	char label[64] = "";

	if ((pane == PANE_BOUNDS || pane == PANE_PROBLEMS) && panes[pane].label)
		panes[pane].label(ui, label, sizeof(label));
	if (pane == PANE_FLOW)
		snprintf(out, room, "%s", panes[pane].title);
	else
		snprintf(out, room, "%d %s%s%s", (int)pane, panes[pane].title,
			*label ? " " : "", label);
}

/* Seven titles fit in 40 columns if two of them are short. */
static const char *narrow_title(enum pane_id pane, int count)
{
	if (pane == PANE_PROBLEMS)
		return "7!";
	return pane == PANE_OUTLINE && count > 6 ? "Outl" : panes[pane].title;
}

static enum role tab_role(
	const struct ui *ui, const struct layout_slot *slot, enum pane_id pane)
{
	if (pane == ui->facts.focus)
		return ROLE_FOCUS;
	return pane == slot->shown ? ROLE_TITLE : ROLE_RULE;
}

/* Titles as they fit: in full, with less between them and no counts, or short. */
enum tab_size { TABS_FULL, TABS_CLOSE, TABS_SHORT };

static void tab_word(const struct ui *ui, const struct layout_slot *slot, int i,
	enum tab_size size, char *out, size_t room)
{
	enum pane_id pane = (enum pane_id)slot->panes[i];

	if (ui->layout.narrow)
		snprintf(out, room, pane == slot->shown ? "[%s]" : "%s",
			narrow_title(pane, slot->count));
	else if (size == TABS_FULL || pane == PANE_FLOW)
		tab_text(ui, pane, out, room);
	else if (size == TABS_CLOSE)
		snprintf(out, room, "%d %s", (int)pane, panes[pane].title);
	else
		snprintf(out, room, "%d %.4s", (int)pane, panes[pane].title);
}

static const char *tab_gap(const struct ui *ui, enum tab_size size)
{
	return ui->layout.narrow || size != TABS_FULL ? " " : " ── ";
}

static enum tab_size tabs_size(
	const struct ui *ui, const struct area *line, const struct layout_slot *slot)
{
	char text[96];

	for (int size = TABS_FULL; size < TABS_SHORT; size++) {
		int w = 3;

		for (int i = 0; i < slot->count; i++) {
			tab_word(ui, slot, i, (enum tab_size)size, text, sizeof(text));
			w += text_columns(line->frame, text) +
			     (i ? text_columns(
					  line->frame, tab_gap(ui, (enum tab_size)size))
				: 0);
		}
		if (w <= line->r.w || slot->count == 1)
			return (enum tab_size)size;
	}
	return TABS_SHORT;
}

static int draw_tabs(
	struct ui *ui, const struct area *line, const struct layout_slot *slot)
{
	enum tab_size size = tabs_size(ui, line, slot);
	char text[96];
	int x = 1, from;

	for (int i = 0; i < slot->count; i++) {
		enum pane_id pane = (enum pane_id)slot->panes[i];

		tab_word(ui, slot, i, size, text, sizeof(text));
		if (i)
			x = area_text(line, x, 0, ROLE_RULE, tab_gap(ui, size));
		from = x;
		x = area_text(line, x, 0, tab_role(ui, slot, pane), text);
		ui_add_spot(ui, (struct rect){line->r.x + from, line->r.y, x - from, 1},
			pane == PANE_FLOW ? PANE_GRAPH : pane, "");
	}
	return area_text(line, x, 0, ROLE_RULE, ui->layout.narrow ? "" : " ");
}

/* Takes the hops out of a label; false if there are none. */
static bool drop_hops(char *label)
{
	char *from = strstr(label, " +/-"), *behind = from ? strstr(from, " hops") : NULL;

	if (!behind)
		return false;
	behind += strlen(" hops");
	memmove(from, behind, strlen(behind) + 1);
	return true;
}

/* The text behind a title, in the longest form for which there is room. */
static void draw_label(
	struct ui *ui, const struct area *line, int x, const struct layout_slot *slot)
{
	char text[160] = "", *label = text, *last = text;
	int from;

	if (slot->shown != PANE_OUTLINE && slot->shown != PANE_GRAPH)
		return;
	panes[slot->shown].label(ui, text, sizeof(text));
	while (label && x + text_columns(line->frame, label) + 5 > line->r.w) {
		if (drop_hops(label))
			continue;
		last = label;
		label = strstr(label, " ── ");
		label = label ? label + strlen(" ── ") : NULL;
	}
	if (!label && ui->rows.scope && slot->shown == PANE_OUTLINE &&
		x + 12 < line->r.w) {
		area_name(line, x, 0, line->r.w - x - 1, ROLE_RULE, last);
		return;
	}
	if (!label || !*label)
		return;
	if (slot->shown == PANE_OUTLINE)
		x = line->r.w - text_columns(line->frame, label) - 2;
	x = area_text(line, x, 0, ROLE_RULE, slot->shown == PANE_OUTLINE ? " " : "── ");
	from = x;
	x = area_text(line, x, 0, ROLE_RULE, label);
	area_text(line, x, 0, ROLE_RULE, " ");
	ui_add_spot(ui, (struct rect){line->r.x + from, line->r.y, x - from, 1},
		slot->shown, slot->shown == PANE_OUTLINE ? "s" : "=");
}

static void draw_bars(struct ui *ui, const struct area *all)
{
	for (int i = 0; i < ui->layout.bar_count; i++) {
		struct rect bar = ui->layout.bars[i];

		area_join(all, bar.x, bar.y, LINE_DOWN, ROLE_RULE);
		area_vline(all, bar.x, bar.y + 1, bar.h - 1, ROLE_RULE);
	}
}

static bool is_bar(const struct ui *ui, int x, int y)
{
	for (int i = 0; i < ui->layout.bar_count; i++) {
		struct rect bar = ui->layout.bars[i];

		if (x == bar.x && y >= bar.y && y < bar.y + bar.h)
			return true;
	}
	return false;
}

static void draw_rule(
	struct ui *ui, const struct area *all, const struct layout_slot *slot)
{
	struct rect r = slot->rule;
	struct area line = area_part(all, r.x, r.y, r.w, 1);

	area_hline(all, r.x, r.y, r.w, ROLE_RULE);
	for (int i = 0; i < ui->layout.bar_count; i++) {
		struct rect bar = ui->layout.bars[i];

		if (bar.x >= r.x && bar.x < r.x + r.w && bar.y + bar.h == r.y)
			area_join(all, bar.x, r.y, LINE_UP, ROLE_RULE);
	}
	if (is_bar(ui, r.x - 1, r.y))
		area_join(all, r.x - 1, r.y, LINE_RIGHT, ROLE_RULE);
	if (is_bar(ui, r.x + r.w, r.y))
		area_join(all, r.x + r.w, r.y, LINE_LEFT, ROLE_RULE);
	draw_label(ui, &line, draw_tabs(ui, &line, slot), slot);
}

static void draw_panes(struct ui *ui, const struct area *all)
{
	for (int i = 0; i < ui->layout.slot_count; i++)
		draw_rule(ui, all, &ui->layout.slots[i]);
	for (int i = 0; i < ui->layout.slot_count; i++) {
		const struct layout_slot *slot = &ui->layout.slots[i];
		struct rect r = slot->body;
		struct area body = area_part(all, r.x, r.y, r.w, r.h);

		panes[slot->shown].draw(ui, &body, slot->shown == ui->facts.focus);
	}
}

static void prepare(struct ui *ui)
{
	struct error err = ERROR_INIT;

	for (int i = 0; i < ui->layout.slot_count; i++) {
		enum pane_id pane = ui->layout.slots[i].shown;

		if (panes[pane].prepare && !panes[pane].prepare(ui, &err)) {
			ui_fail(ui, &err);
			error_clear(&err);
		}
	}
}

void ui_draw(struct ui *ui)
{
	struct frame *frame = &ui->frame;
	struct area all = area_of(frame, (struct rect){0, 0, frame->w, frame->h});

	frame_clear(frame);
	ui->spot_count = 0;
	ui_follow(ui);
	ui->facts.problems = problems_total(ui) > 0;
	if (!ui->facts.problems && ui->facts.focus == PANE_PROBLEMS)
		ui_focus(ui, PANE_OUTLINE);
	layout_compute(&ui->layout, frame->w, frame->h, &ui->facts);
	if (ui->layout.too_small) {
		draw_too_small(ui, &all);
		return;
	}
	prepare(ui);
	draw_title(ui, &all);
	draw_bars(ui, &all);
	draw_panes(ui, &all);
	screen_draw_status(ui, &all);
	screen_draw_last(ui, &all);
	teach_draw(ui, &all);
	ui->list_place = (struct rect){0};
	if (ui_card(ui) || ui->prompt.kind)
		ui->spot_count = 0;
	screen_draw_boxes(ui, &all);
	if (ui_card(ui))
		card_table[ui_card(ui)].draw(ui, &all);
}
