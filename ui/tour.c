/* The tour: seven cards over the live demo, each waiting for what it asks for. */
#include "ui/ui.h"

#include <stdio.h>
#include <string.h>

static bool at_op4(struct ui *ui)
{
	return ui->target.node != GRAPH_NONE &&
	       !strcmp(graph_node_name(ui->outcome->graph, ui->target.node), "Op4");
}

static bool is_promoted(struct ui *ui)
{
	tensor_id tensor = graph_find_tensor(ui->outcome->graph, "Op4_out", 7);

	return tensor != GRAPH_NONE &&
	       qtypes[ui->outcome->tensors[tensor].stored].bits == 16;
}

static bool sees_bounds(struct ui *ui)
{
	return ui->facts.focus == PANE_BOUNDS;
}

static bool sees_why(struct ui *ui)
{
	return ui->facts.focus == PANE_WHY;
}

static bool is_explained(struct ui *ui)
{
	return ui->teach.explained && ui_card(ui) == CARD_NONE;
}

static bool is_undone_and_redone(struct ui *ui)
{
	if (!is_promoted(ui))
		ui->teach.half = true;
	return ui->teach.half && is_promoted(ui);
}

static bool sees_json(struct ui *ui)
{
	return ui->facts.focus == PANE_JSON;
}

/* `brief` is for small screens: two lines of 40 columns. */
static const struct tour_card {
	const char *title, *text, *brief;
	bool (*effect)(struct ui *ui);
} tour_cards[TOUR_CARDS] = {
	{"where things are",
		"Pane 1 lists the network from inputs to outputs, pane 2 draws what is "
		"around the cursor. j and k move, / finds. Go to Op4.",
		"The network, from inputs to outputs. j and k move. Go to Op4.", at_op4},
	{"a choice",
		"All of it runs in 8 bit. Say Op4 loses too much: press p, and its "
		"output becomes 16 bit.",
		"All runs in 8 bit. Press p: Op4's output becomes 16 bit.", is_promoted},
	{"why others change",
		"You chose Op4_out, marked *. Op5 reads it, so Op5 runs in u16 too, "
		"marked +. Three tensors now have two types. Press 3 to see them.",
		"Op5 reads it and runs in u16 too (+). 3 shows who converts.",
		sees_bounds},
	{"reasons",
		"Each row is a tensor, converted (DQ→Q) for some of its readers. Press "
		"w: pane 6 says why, and how to be rid of it.",
		"Each row is a conversion for readers. w says why it is there.",
		sees_why},
	{"the file",
		"Your choice and what follows from it is all that is saved. Press 5: "
		"the overrides as :w FILE writes them for ONNX Runtime.",
		"Press 5: the overrides, as :w FILE writes them.", sees_json},
	{"numbers",
		"16 bit are 65536 steps. Type :explain scale and Enter: how the range "
		"becomes scale and zero point, with the numbers of the file. q closes.",
		"Type :explain scale and Enter: the sums. q closes them.", is_explained},
	{"nothing is lost",
		"Every edit can be taken back. Press u, look at what goes, then Ctrl-R "
		"to have it again.",
		"u takes an edit back, Ctrl-R makes it again. Press both.",
		is_undone_and_redone},
};

static const struct tour_card farewell = {"now yours",
	"That is all there is to it. :w FILE saves, :quantize FILE writes the model, "
	"qdqedit MODEL opens your own. ? lists the keys, :explain the words. Esc "
	"closes this; now yours.",
	"Now yours. ? lists the keys, :explain the words. Esc closes.", NULL};

static const struct tour_card *current(const struct ui *ui)
{
	return ui->teach.card < TOUR_CARDS ? &tour_cards[ui->teach.card] : &farewell;
}

const char *tour_blocked(const struct ui *ui)
{
	const struct graph *graph = ui->outcome->graph;

	return graph_find_tensor(graph, "Op4_out", 7) != GRAPH_NONE &&
			       graph_find_tensor(graph, "Op5_out", 7) != GRAPH_NONE
		       ? NULL
		       : "the tour needs the demo: run qdqedit without a model";
}

static void show_card(struct ui *ui, int card)
{
	struct teaching *teach = &ui->teach;

	teach->card = card;
	teach->half = teach->explained = false;
	teach->held = card < TOUR_CARDS && tour_cards[card].effect(ui);
	teach->half = false;
}

unsigned tour_start(struct ui *ui, bool anew)
{
	struct teaching *teach = &ui->teach;

	teach->touring = true;
	show_card(ui, anew || teach->card >= TOUR_CARDS ? 0 : teach->card);
	ui_focus(ui, PANE_OUTLINE);
	return DID_LAYOUT | DID_REDRAW;
}

void tour_leave(struct ui *ui)
{
	ui->teach.touring = false;
	if (ui->teach.card < TOUR_CARDS)
		ui_say(ui, SEVERITY_NOTE, "the tour waits: :tour resumes it");
}

bool tour_key(struct ui *ui, ui_key key)
{
	struct teaching *teach = &ui->teach;

	if (!teach->touring || ui->pending_count)
		return false;
	if (key == 'n' && teach->card < TOUR_CARDS)
		show_card(ui, teach->card + 1);
	else if (key == 'b' && teach->card > 0)
		show_card(ui, teach->card - 1);
	else
		return false;
	return true;
}

void tour_follow(struct ui *ui)
{
	struct teaching *teach = &ui->teach;
	bool effect;

	if (!teach->touring || teach->card >= TOUR_CARDS)
		return;
	effect = tour_cards[teach->card].effect(ui);
	if (!effect)
		teach->held = false;
	else if (!teach->held)
		show_card(ui, teach->card + 1);
}

void tour_draw(struct ui *ui, const struct area *all)
{
	const struct teaching *teach = &ui->teach;
	const struct tour_card *card = current(ui);
	bool end = teach->card >= TOUR_CARDS, narrow = ui->layout.narrow;
	char title[80];

	if (end)
		snprintf(title, sizeof(title), "%s%s", card->title,
			narrow ? "   b back  Esc leave" : "");
	else if (narrow)
		snprintf(title, sizeof(title), "Tour %d/%d do it; n next b back Esc ends",
			teach->card + 1, TOUR_CARDS);
	else
		snprintf(title, sizeof(title), "%d of %d · %s", teach->card + 1,
			TOUR_CARDS, card->title);
	teach_box(ui, all, title, narrow ? card->brief : card->text,
		end ? "b back  Esc leave" : "n next  b back  Esc leave");
}
