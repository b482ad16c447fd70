/* The readers picker: who shall read this tensor in the other type. */
#include "ui/cards.h"

#include "base/text.h"
#include "ui/edit.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct readers_card *card, uint32_t count)
{
	node_id *nodes = realloc(card->nodes, (count + 1) * sizeof(*nodes));
	bool *ticked, *fixed;

	card->nodes = nodes ? nodes : card->nodes;
	ticked = realloc(card->ticked, count + 1);
	card->ticked = ticked ? ticked : card->ticked;
	fixed = realloc(card->fixed, count + 1);
	card->fixed = fixed ? fixed : card->fixed;
	return nodes && ticked && fixed;
}

/* True if the node itself runs in the type, so that its reading follows. */
static bool runs_in(const struct ui *ui, node_id node, enum qtype type)
{
	return ui->outcome->nodes[node].seen == type;
}

static void fill(struct ui *ui)
{
	struct readers_card *card = &ui->readers;
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(ui->outcome->graph, card->tensor, &count);

	card->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		node_id node = readers[i].node;

		if ((i && readers[i - 1].node == node) ||
			!graph_is_main(ui->outcome->graph, node))
			continue;
		card->nodes[card->count] = node;
		card->fixed[card->count] = runs_in(ui, node, card->type);
		card->ticked[card->count] =
			outcome_seen(ui->outcome, card->tensor, node) == card->type;
		card->count++;
	}
}

unsigned card_open_readers(struct ui *ui, tensor_id tensor)
{
	struct readers_card *card = &ui->readers;
	const struct tensor_state *state = &ui->outcome->tensors[tensor];
	uint32_t count = ui->outcome->graph->tensors[tensor].reader_count;

	if (!make_room(card, count))
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	card->tensor = tensor;
	card->type = state->converted                     ? (enum qtype)state->converted
		     : state->stored == ui->outcome->base ? qtype_wider(ui->outcome->base)
							  : ui->outcome->base;
	fill(ui);
	if (!card->count)
		return ui_say(ui, SEVERITY_ERROR, "no node reads this tensor");
	ui_open_card(ui, CARD_READERS);
	return DID_REDRAW;
}

/* Why it cannot be unticked: "in region A, always u16". */
static void region_word(
	const struct ui *ui, node_id node, bool narrow, char *out, size_t room)
{
	const struct outcome *o = ui->outcome;
	const char *type = word_type(ui->readers.type);
	uint32_t region = o->nodes[node].region;

	if (!narrow && region < o->region_count)
		snprintf(out, room, "in region %s, always %s", o->regions[region].letter,
			type);
	else
		snprintf(out, room, "always %s", type);
}

static void draw_row(struct ui *ui, const struct area *in, int y, uint32_t at)
{
	const struct readers_card *card = &ui->readers;
	const struct outcome *o = ui->outcome;
	node_id node = card->nodes[at];
	bool narrow = in->r.w < 54;
	int name = narrow ? 10 : 16, op = 7 + name, word = op + (narrow ? 9 : 11);
	const char *box = card->fixed[at] ? "[=]" : card->ticked[at] ? "[x]" : "[ ]";
	char remark[64] = "";

	if (card->fixed[at])
		region_word(ui, node, narrow, remark, sizeof(remark));
	else if (card->ticked[at])
		snprintf(remark, sizeof(remark),
			narrow ? "stays %s" : "its output stays %s",
			word_type(o->nodes[node].seen));
	area_text(in, 2, y, card->ticked[at] ? ROLE_BOUNDARY : ROLE_TEXT, box);
	area_name(in, 6, y, name, node_role(o, node), graph_node_label(o->graph, node));
	area_name(in, op, y, word - op - 1, ROLE_TEXT, graph_op_type(o->graph, node));
	area_field(in, word, y, in->r.w - word, ROLE_MUTED, remark);
	if (at != ui->card_list.cursor)
		return;
	area_text(in, 0, y, ROLE_TEXT, "▸");
	area_mark(in, 0, y, in->r.w, MARK_CURSOR);
	area_cursor(in, 2, y);
}

static uint32_t ticked(const struct readers_card *card)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < card->count; i++)
		count += card->ticked[i];
	return count;
}

void readers_draw(struct ui *ui, const struct area *screen)
{
	const struct readers_card *card = &ui->readers;
	struct list *list = &ui->card_list;
	char title[160], name[96];
	const char *tensor = graph_tensor_name(ui->outcome->graph, card->tensor);
	int rows = card->count > 14 ? 14 : (int)card->count;
	bool narrow = screen->r.w < 62;
	struct area in;

	text_escape(name, narrow ? 18 : 28, tensor, strlen(tensor));
	if (narrow)
		snprintf(title, sizeof(title), "%s: who reads %s?", name,
			word_type(card->type));
	else
		snprintf(title, sizeof(title), "%s · %s · who should read it as %s?",
			name, word_tensor_type(ui->outcome, card->tensor),
			word_type(card->type));
	in = card_box(ui, screen, 58, rows + 1, title,
		narrow ? "Space  a all  t type  Enter ok  Esc"
		       : "Space toggle  a all  i invert  t type  Enter ok  Esc");
	list_set_count(list, card->count);
	list_set_height(list, (uint32_t)(in.r.h - 1));
	card_rows(ui, &in, 0, in.r.h - 1, "<Space>");
	for (int i = 0; i < in.r.h - 1 && list->top + (uint32_t)i < card->count; i++)
		draw_row(ui, &in, i, list->top + (uint32_t)i);
	if (ticked(card))
		area_print(&in, 0, in.r.h - 1, ROLE_MUTED,
			narrow ? "1 DQ→Q pair: %u of %u read %s"
			       : "effect: 1 DQ→Q pair here; %u of %u readers see %s",
			ticked(card), card->count, word_type(card->type));
	else
		area_text(&in, 0, in.r.h - 1, ROLE_MUTED,
			narrow ? "no conversion here"
			       : "effect: no conversion on this tensor");
}

static unsigned take(struct ui *ui)
{
	struct readers_card *card = &ui->readers;
	node_id *nodes = malloc((card->count + 1) * sizeof(*nodes));
	uint32_t count = 0;
	unsigned did;

	if (!nodes)
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	for (uint32_t i = 0; i < card->count; i++)
		if (card->ticked[i] && !card->fixed[i])
			nodes[count++] = card->nodes[i];
	ui_close_card(ui);
	ui->closed_at = 0;
	did = edit_set_readers(ui, card->tensor, nodes, count, card->type);
	free(nodes);
	return did;
}

static void toggle(struct readers_card *card, uint32_t at)
{
	if (!card->fixed[at])
		card->ticked[at] = !card->ticked[at];
}

static void next_type(struct ui *ui)
{
	struct readers_card *card = &ui->readers;
	enum qtype stored = (enum qtype)ui->outcome->tensors[card->tensor].stored;

	do
		card->type = card->type >= QTYPE_S16 ? QTYPE_U8 : card->type + 1;
	while (card->type == stored);
	for (uint32_t i = 0; i < card->count; i++)
		card->fixed[i] = runs_in(ui, card->nodes[i], card->type);
}

unsigned readers_key(struct ui *ui, ui_key key)
{
	struct readers_card *card = &ui->readers;

	if (card_leaves(key))
		ui_close_card(ui);
	else if (key == UK_ENTER)
		return take(ui);
	else if (key == UK_SPACE)
		toggle(card, ui->card_list.cursor);
	else if (key == 't')
		next_type(ui);
	else if (key == 'a' || key == 'i')
		for (uint32_t i = 0; i < card->count; i++)
			if (key == 'i' || !card->ticked[i])
				toggle(card, i);
	if (key == UK_SPACE)
		list_move(&ui->card_list, 1);
	else
		card_move(ui, key);
	return DID_REDRAW;
}
