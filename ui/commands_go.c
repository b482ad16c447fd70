/* Commands that go along edges, to marks and back. */
#include "base/text.h"
#include "ui/command.h"
#include "ui/extras.h"
#include "ui/panes.h"

#include <stdio.h>
#include <string.h>

/* ---- Along edges. */

static unsigned go(struct ui *ui, struct target target)
{
	bool graph = ui->facts.focus == PANE_GRAPH;

	if (!ui_go(ui, target))
		return ui_say(ui, SEVERITY_NOTE, "it has no row; the panes show it");
	if (!graph)
		ui_focus(ui, PANE_OUTLINE);
	ui->target = target;
	return DID_REDRAW;
}

/* A row is about its node; the tensor that gd asks about is what the node reads. */
static unsigned choose(struct ui *ui, const char *title)
{
	struct choice_card *choice = &ui->choice;

	snprintf(choice->title, sizeof(choice->title), "%s", title);
	if (choice->count == 1)
		return go(ui, choice->items[0]);
	ui_open_card(ui, CARD_CHOICE);
	return DID_REDRAW;
}

static void add_choice(struct ui *ui, struct target target)
{
	struct choice_card *choice = &ui->choice;

	for (uint32_t i = 0; i < choice->count; i++)
		if (choice->items[i].node == target.node &&
			(target.node != GRAPH_NONE ||
				choice->items[i].tensor == target.tensor))
			return;
	if (choice->count < CHOICES)
		choice->items[choice->count++] = target;
}

static void add_producers(struct ui *ui, node_id node)
{
	const struct graph *graph = ui->outcome->graph;

	for (uint32_t i = 0; i < graph->nodes[node].input_count; i++) {
		tensor_id in = graph_input_of(graph, node, i);

		if (in == GRAPH_NONE || graph_is_constant(graph, in))
			continue;
		add_choice(ui, (struct target){in, graph->tensors[in].producer});
	}
}

/* The producer of the tensor; on a node's own row the producers of what it reads. */
static unsigned run_producer(struct ui *ui, const char *args)
{
	const struct graph *graph = ui->outcome->graph;
	struct target t = ui->target;
	bool outline = ui->facts.focus == PANE_OUTLINE || ui->facts.focus == PANE_GRAPH;

	(void)args;
	ui->choice.count = 0;
	if (outline && t.node != GRAPH_NONE)
		add_producers(ui, t.node);
	else if (t.tensor != GRAPH_NONE &&
		 graph->tensors[t.tensor].producer != GRAPH_NONE)
		add_choice(
			ui, (struct target){t.tensor, graph->tensors[t.tensor].producer});
	if (!ui->choice.count)
		return ui_say(ui, SEVERITY_NOTE,
			"a graph input or constant: nothing "
			"produces it");
	return choose(ui, "fed by");
}

static void add_readers(struct ui *ui, tensor_id tensor)
{
	const struct graph *graph = ui->outcome->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	for (uint32_t i = 0; i < count && ui->choice.count < CHOICES; i++) {
		node_id node = readers[i].node;

		if (!i || readers[i - 1].node != node)
			add_choice(ui,
				(struct target){graph_output_of(graph, node, 0), node});
	}
}

static unsigned run_readers(struct ui *ui, const char *args)
{
	const struct graph *graph = ui->outcome->graph;
	struct target t = ui->target;

	(void)args;
	ui->choice.count = 0;
	if (t.node != GRAPH_NONE && ui->facts.focus <= PANE_GRAPH)
		for (uint32_t i = 0; i < graph->nodes[t.node].output_count; i++) {
			tensor_id out = graph_output_of(graph, t.node, i);

			if (out != GRAPH_NONE)
				add_readers(ui, out);
		}
	else if (t.tensor != GRAPH_NONE)
		add_readers(ui, t.tensor);
	if (!ui->choice.count)
		return ui_say(ui, SEVERITY_NOTE, "no node reads it");
	return choose(ui, "read by");
}

static unsigned run_inputs(struct ui *ui, const char *args)
{
	const struct graph *graph = ui->outcome->graph;

	(void)args;
	ui->choice.count = 0;
	for (uint32_t i = 0; i < graph->input_count; i++)
		if (!graph_is_constant(graph, graph->inputs[i]))
			add_choice(ui, (struct target){graph->inputs[i], GRAPH_NONE});
	if (!ui->choice.count)
		return ui_say(ui, SEVERITY_NOTE, "the graph has no inputs");
	return choose(ui, "graph inputs");
}

static unsigned run_outputs(struct ui *ui, const char *args)
{
	const struct graph *graph = ui->outcome->graph;

	(void)args;
	ui->choice.count = 0;
	for (uint32_t i = 0; i < graph->output_count; i++)
		add_choice(ui, (struct target){graph->outputs[i],
				       graph->tensors[graph->outputs[i]].producer});
	if (!ui->choice.count)
		return ui_say(ui, SEVERITY_NOTE, "the graph has no outputs");
	return choose(ui, "graph outputs");
}

/* Left and right: along edges in the graph, groups in the outline. */
/* A group closes when the names are back at their begin. */
static unsigned run_left(struct ui *ui, const char *args)
{
	unsigned did;

	if (ui->facts.focus == PANE_GRAPH)
		return run_producer(ui, args);
	did = pane_sideways(ui, -1);
	return !did && ui->facts.focus == PANE_OUTLINE ? fold_close(ui) : did;
}

static unsigned run_right(struct ui *ui, const char *args)
{
	unsigned did = DID_NOTHING;

	if (ui->facts.focus == PANE_GRAPH)
		return run_readers(ui, args);
	if (ui->facts.focus == PANE_OUTLINE)
		did = fold_open(ui);
	return did ? did : pane_sideways(ui, 1);
}

static unsigned run_open(struct ui *ui, const char *args)
{
	struct target target = {GRAPH_NONE, GRAPH_NONE};
	enum pane_id pane = ui->facts.focus;

	(void)args;
	if (pane == PANE_OUTLINE &&
		rows_fold_at(&ui->rows, ui->lists[pane].cursor) != FOLD_NONE)
		return fold_open(ui);
	if (pane == PANE_OUTLINE && ui->target.node != GRAPH_NONE &&
		ui->outcome->graph->nodes[ui->target.node].body_count)
		return level_open(ui);
	if (pane == PANE_OUTLINE) {
		ui_focus(ui, PANE_GRAPH);
		return DID_LAYOUT | DID_REDRAW;
	}
	if (pane == PANE_GRAPH)
		return graph_pane_open(ui);
	if (panes[pane].target)
		target = panes[pane].target(ui, ui->lists[pane].cursor);
	if (!target_is(target))
		return ui_say(ui, SEVERITY_NOTE, "nothing to go to here");
	return go(ui, target);
}

/* ---- Places. */

static unsigned visit(struct ui *ui, uint32_t code)
{
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t row = ui_reveal(ui, code);

	if (row == ROW_NONE)
		return ui_say(ui, SEVERITY_NOTE, "that place has no row now");
	ui_focus(ui, PANE_OUTLINE);
	list_go(list, row);
	return DID_MOVE | DID_REDRAW;
}

static unsigned run_back(struct ui *ui, const char *args)
{
	uint32_t there;

	(void)args;
	if (!places_back(&ui->places, ui_row_code(ui), &there))
		return ui_say(ui, SEVERITY_NOTE, "no earlier place");
	return visit(ui, there);
}

static unsigned run_forward(struct ui *ui, const char *args)
{
	uint32_t there;

	(void)args;
	if (!places_forward(&ui->places, &there))
		return ui_say(ui, SEVERITY_NOTE, "no later place");
	return visit(ui, there);
}

static unsigned run_mark(struct ui *ui, const char *args)
{
	if (args[0] < 'a' || args[0] > 'z' || args[1] || ui_row_code(ui) == ROW_NONE)
		return ui_say(ui, SEVERITY_ERROR, "marks are a to z");
	places_set_mark(&ui->places, args[0], ui_row_code(ui));
	return ui_say(ui, SEVERITY_NOTE, "mark %c set; '%c comes back", args[0], args[0]);
}

static unsigned run_go_mark(struct ui *ui, const char *args)
{
	uint32_t there;

	if (args[0] == '\'')
		return run_back(ui, "");
	if (args[1] || !places_mark(&ui->places, args[0], &there))
		return ui_say(ui, SEVERITY_ERROR, "mark %.1s is not set", args);
	places_push(&ui->places, ui_row_code(ui));
	return visit(ui, there);
}

static const struct ui_command table[] = {
	{"left", "h <Left>", "", GROUP_MOVE, "left",
		"fold the group, long names back; Graph: to a producer", NULL, run_left},
	{"right", "l <Right>", "", GROUP_MOVE, "right",
		"unfold the group, more of long names; Graph: to a reader", NULL, run_right},
	{"open", "<Enter>", "", GROUP_MOVE, "open", "go to what the row is about", NULL,
		run_open},
	{"producer", "gd", "", GROUP_MOVE, "producer of this tensor",
		"go to what feeds the row, or makes the tensor", NULL, run_producer},
	{"go-readers", "gr", "", GROUP_MOVE, "readers (pick one)",
		"go to a node that reads it", NULL, run_readers},
	{"inputs", "gi", "", GROUP_MOVE, "graph inputs", "go to a graph input", NULL,
		run_inputs},
	{"outputs", "go", "", GROUP_MOVE, "graph outputs", "go to a graph output", NULL,
		run_outputs},
	{"back", "<C-o> g;", "", GROUP_MOVE, "back", "back in the list of jumps", NULL,
		run_back},
	{"forward", "g,", "", GROUP_MOVE, "forward", "forward in the list of jumps", NULL,
		run_forward},
	{"mark", "m", "{a-z}", GROUP_MOVE, "a letter: set the mark",
		"remember this row under a letter", NULL, run_mark},
	{"go-mark", "'", "{a-z}", GROUP_MOVE, "a letter: go to the mark, ' back",
		"go to the row of a letter; '' to the last place", NULL, run_go_mark},
};

const struct command_part commands_go = {table, sizeof(table) / sizeof(*table)};
