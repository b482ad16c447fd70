/* Commands about what is shown and how. */
#include "base/text.h"
#include "ui/announce.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/panes.h"
#include "ui/set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned focus(struct ui *ui, enum pane_id pane)
{
	ui_focus(ui, pane);
	return DID_LAYOUT | DID_MOVE | DID_REDRAW;
}

#define PANE(name, pane)                                                                 \
	static unsigned run_##name(struct ui *ui, const char *args)                      \
	{                                                                                \
		(void)args;                                                              \
		return focus(ui, pane);                                                  \
	}

PANE(outline, PANE_OUTLINE)
PANE(graph, PANE_GRAPH)
PANE(bounds, PANE_BOUNDS)
PANE(tensor, PANE_TENSOR)
PANE(json, PANE_JSON)
PANE(why, PANE_WHY)
PANE(problems, PANE_PROBLEMS)

static const char *no_problems(const struct ui *ui)
{
	return problems_total(ui) ? NULL : "there are no problems";
}

static unsigned cycle(struct ui *ui, int step)
{
	int pane = (int)ui->facts.focus;
	int last = problems_total(ui) ? PANE_PROBLEMS : PANE_WHY;

	pane += step;
	return focus(ui, (enum pane_id)(pane > last           ? PANE_OUTLINE
					: pane < PANE_OUTLINE ? last
							      : pane));
}

static unsigned run_next_pane(struct ui *ui, const char *args)
{
	(void)args;
	return cycle(ui, 1);
}

static unsigned run_previous_pane(struct ui *ui, const char *args)
{
	(void)args;
	return cycle(ui, -1);
}

static unsigned run_maximise(struct ui *ui, const char *args)
{
	(void)args;
	ui->facts.maximised = !ui->facts.maximised;
	return DID_LAYOUT | DID_REDRAW;
}

static unsigned run_flow(struct ui *ui, const char *args)
{
	(void)args;
	return graph_pane_switch(ui);
}

static unsigned set_radius(struct ui *ui, int radius)
{
	if (radius < 1 || radius > 20)
		return ui_say(ui, SEVERITY_NOTE, "the radius is 1 to 20");
	ui->radius = radius;
	return DID_REDRAW;
}

static unsigned run_wider_graph(struct ui *ui, const char *args)
{
	(void)args;
	return set_radius(ui, ui->radius + 1);
}

static unsigned run_narrower_graph(struct ui *ui, const char *args)
{
	(void)args;
	return set_radius(ui, ui->radius - 1);
}

static unsigned set_outline(struct ui *ui, int step)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_OUTLINE);

	if (!slot || ui->layout.slot_count < 2)
		return ui_say(ui, SEVERITY_NOTE, "the outline has the whole width");
	ui->facts.outline_width = slot->body.w + step;
	return DID_LAYOUT | DID_REDRAW;
}

static unsigned run_narrower(struct ui *ui, const char *args)
{
	(void)args;
	return set_outline(ui, -2);
}

static unsigned run_wider(struct ui *ui, const char *args)
{
	(void)args;
	return set_outline(ui, 2);
}

static unsigned run_order(struct ui *ui, const char *args)
{
	uint32_t code = ui_row_code(ui), order = ui->rows.order;
	struct error err = ERROR_INIT;

	if (ui->facts.focus == PANE_BOUNDS)
		return bounds_sort(ui, args);

	if (*args)
		for (order = 0; order < ORDER_COUNT; order++)
			if (!strcmp(row_order_names[order], args))
				break;
	if (order == ORDER_COUNT)
		return ui_say(ui, SEVERITY_ERROR,
			"order: graph, file, name, op, type, fan-out, impact, region or "
			"error");
	if (!*args)
		order = (order + 1) % ORDER_COUNT;
	if (order == ORDER_ERROR && !ui->rows.errors && *args)
		return ui_say(
			ui, SEVERITY_ERROR, "order: nothing was measured; :compare does");
	if (order == ORDER_ERROR && !ui->rows.errors)
		order = ORDER_GRAPH;
	if (!rows_build(
		    &ui->rows, ui->outcome, ui->rows.scope, (enum row_order)order, &err))
		return ui_fail(ui, &err);
	ui->rows.folds = &ui->folds;
	if (!rows_filter(&ui->rows, ui->filter, ui->session->plan, ui->outcome, &err))
		return ui_fail(ui, &err);
	ui->visual = false;
	ui_keep_row(ui, code);
	return ui_say(ui, SEVERITY_NOTE, "order: %s", row_order_names[order]) | DID_MOVE;
}

static unsigned run_set(struct ui *ui, const char *args)
{
	return *args ? set_option(ui, args) : ui_show_text(ui, "settings", set_list(ui));
}

static unsigned run_help(struct ui *ui, const char *args)
{
	line_set(&ui->help_filter, args, false);
	ui_open_card(ui, CARD_HELP);
	return DID_REDRAW;
}

/* "14:03:12 "; scripts have no clock. */
static const char *word_time(const struct ui *ui, unsigned index, char out[16])
{
	time_t at = messages_time(&ui->messages, index);
	struct tm when;

	*out = '\0';
	if (ui->wait && localtime_r(&at, &when))
		strftime(out, 16, "%H:%M:%S ", &when);
	return out;
}

static unsigned run_messages(struct ui *ui, const char *args)
{
	size_t room = 64, at = 0;
	enum severity severity;
	char *text, when[16];

	(void)args;
	for (unsigned i = 0; i < ui->messages.count; i++)
		room += strlen(messages_at(&ui->messages, i, &severity)) + 24;
	text = malloc(room);
	if (text)
		at = (size_t)snprintf(text, room, "%s",
			ui->messages.count ? "" : "Nothing was said yet.\n");
	for (unsigned i = 0; text && i < ui->messages.count; i++) {
		const char *line = messages_at(&ui->messages, i, &severity);

		at += (size_t)snprintf(text + at, room - at, "%s%c %s\n",
			word_time(ui, i, when),
			severity == SEVERITY_ERROR     ? '!'
			: severity == SEVERITY_WARNING ? '?'
						       : ' ',
			line);
	}
	return ui_show_text(ui, "messages", text);
}

static unsigned run_say(struct ui *ui, const char *args)
{
	char text[600];

	(void)args;
	return ui_say(ui, SEVERITY_NOTE, "%s", announce_row(ui, text, sizeof(text)));
}

static unsigned run_redraw(struct ui *ui, const char *args)
{
	(void)ui;
	(void)args;
	return DID_CLEAR | DID_REDRAW;
}

static unsigned run_mouse(struct ui *ui, const char *args)
{
	(void)args;
	ui->mouse = !ui->mouse;
	return ui_say(ui, SEVERITY_NOTE,
		       ui->mouse ? "mouse on; hold Shift to select text" : "mouse off") |
	       DID_MOUSE;
}

static unsigned run_suspend(struct ui *ui, const char *args)
{
	(void)ui;
	(void)args;
	return DID_SUSPEND;
}

/* Keeps a text, owned or NULL; prompts get it with runs of blanks as one. */
static unsigned keep(struct ui *ui, char *owned, const char *what)
{
	size_t at = 0;

	if (!owned)
		return ui_say(ui, SEVERITY_ERROR, "out of memory for %s", what);
	free(ui->copied);
	ui->copied = owned;
	for (const char *c = owned; *c && at + 1 < sizeof(ui->yanked); c++) {
		bool blank = *c == ' ' || *c == '\n' || *c == '\t';

		if (!blank || (at && ui->yanked[at - 1] != ' '))
			ui->yanked[at++] = blank ? ' ' : *c;
	}
	ui->yanked[at] = '\0';
	if (!ui->settings.clipboard)
		return ui_say(ui, SEVERITY_NOTE,
			"%s kept; Ctrl-V in a prompt puts it in; :set clipboard copies "
			"outside too",
			what);
	return ui_say(ui, SEVERITY_NOTE, "%s copied to the clipboard", what) | DID_COPY;
}

static const char *no_entry(const struct ui *ui)
{
	tensor_id tensor = ui->target.tensor;

	return tensor != GRAPH_NONE && overrides_find(&ui->outcome->entries, tensor)
		       ? NULL
		       : "the tensor has no overrides entry";
}

static unsigned run_yank_entry(struct ui *ui, const char *args)
{
	size_t length;

	(void)args;
	return keep(ui,
		overrides_write_list(
			overrides_find(&ui->outcome->entries, ui->target.tensor),
			ui->outcome->graph, &length),
		"entry");
}

static unsigned run_yank(struct ui *ui, const char *args)
{
	const struct graph *graph = ui->outcome->graph;
	struct target t = ui->target;

	/* in pane 5 a row is an entry */
	if (ui->facts.focus == PANE_JSON && !no_entry(ui))
		return run_yank_entry(ui, args);
	if (!target_is(t))
		return ui_say(ui, SEVERITY_ERROR, "nothing is under the cursor");
	return keep(ui,
		strdup(t.tensor != GRAPH_NONE ? graph_tensor_name(graph, t.tensor)
					      : graph_node_label(graph, t.node)),
		"name");
}

static const struct ui_command table[] = {
	{"outline", "1", "", GROUP_VIEW, "Outline", "pane 1: all nodes", NULL,
		run_outline},
	{"graph", "2", "", GROUP_VIEW, "Graph", "pane 2: what is around the node", NULL,
		run_graph},
	{"bounds", "3", "", GROUP_VIEW, "Bounds", "pane 3: all conversions", NULL,
		run_bounds},
	{"tensor", "4", "", GROUP_VIEW, "Tensor", "pane 4: the tensor and its range",
		NULL, run_tensor},
	{"json", "5", "", GROUP_VIEW, "JSON", "pane 5: the overrides as written", NULL,
		run_json},
	{"why", "6 w", "", GROUP_VIEW, "Why", "pane 6: why the type is what it is", NULL,
		run_why},
	{"problems", "7", "", GROUP_VIEW, "Problems", "pane 7: what is wrong",
		no_problems, run_problems},
	{"next-pane", "<Tab>", "", GROUP_VIEW, "next pane", "next pane", NULL,
		run_next_pane},
	{"previous-pane", "<S-Tab>", "", GROUP_VIEW, "previous pane", "previous pane",
		NULL, run_previous_pane},
	{"maximise", "O", "", GROUP_VIEW, "maximise",
		"give the pane the whole screen, or take it back", NULL, run_maximise},
	{"flow", "=", "", GROUP_VIEW, "Draw or Flow",
		"switch the graph between picture and flow", NULL, run_flow},
	{"wider-graph", "+", "", GROUP_VIEW, "larger radius", "draw more of the graph",
		NULL, run_wider_graph},
	{"narrower-graph", "-", "", GROUP_VIEW, "smaller radius",
		"draw less of the graph", NULL, run_narrower_graph},
	{"narrower-outline", "<lt>", "", GROUP_VIEW, "narrower outline",
		"make the outline narrower", NULL, run_narrower},
	{"wider-outline", ">", "", GROUP_VIEW, "wider outline", "make the outline wider",
		NULL, run_wider},
	{"order", "s", "[ORDER]", GROUP_VIEW, "order",
		"order of the outline or of Bounds: the next one, or by name", NULL,
		run_order},
	{"set", "", "[OPTION]", GROUP_VIEW, "set an option",
		"set or show options of the quantizer and the editor", NULL, run_set},
	{"help", "? <F1>", "[WORD]", GROUP_OTHER, "help...", "all commands and keys...",
		NULL, run_help},
	{"messages", "", "", GROUP_OTHER, "messages...", "what was said so far...", NULL,
		run_messages},
	{"yank", "y", "", GROUP_OTHER, "keep the name",
		"keep the name of the tensor or node, in pane 5 its entry", NULL,
		run_yank},
	{"yank-entry", "Y", "", GROUP_OTHER, "keep the entry",
		"keep the tensor's overrides entry for prompts and the clipboard",
		no_entry, run_yank_entry},
	{"say", "gK", "", GROUP_OTHER, "details in a sentence",
		"say what is under the cursor in a sentence", NULL, run_say},
	{"redraw", "<C-l>", "", GROUP_OTHER, "redraw", "send the whole screen again",
		NULL, run_redraw},
	{"mouse", "M", "", GROUP_OTHER, "mouse on/off", "switch the mouse on or off",
		NULL, run_mouse},
	{"suspend", "<C-z>", "", GROUP_OTHER, "suspend", "back to the shell for a while",
		NULL, run_suspend},
};

const struct command_part commands_view = {table, sizeof(table) / sizeof(*table)};
