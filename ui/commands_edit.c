/* Commands that change the plan in other ways than promoting. */
#include "base/text.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/edit.h"
#include "ui/edit_steps.h"
#include "ui/extras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *no_tensor(const struct ui *ui)
{
	return ui->target.tensor != GRAPH_NONE ? NULL : "no tensor is under the cursor";
}

static const char *no_undo(const struct ui *ui)
{
	return plan_undo_position(ui->session->plan) ? NULL : "nothing to undo";
}

static const char *no_redo(const struct ui *ui)
{
	const struct plan *plan = ui->session->plan;

	return plan_undo_position(plan) < plan_group_count(plan) ? NULL
								 : "nothing to redo";
}

static const char *no_repeat(const struct ui *ui)
{
	return ui->repeat ? NULL : "no edit to repeat yet";
}

const char *edit_no_region(const struct ui *ui)
{
	node_id node = ui->target.node;

	return node != GRAPH_NONE &&
			       ui->outcome->nodes[node].region < ui->outcome->region_count
		       ? NULL
		       : "the cursor is in no region";
}

char *edit_name(const struct ui *ui, struct target target, char *out, size_t room)
{
	const struct graph *graph = ui->outcome->graph;
	const char *name =
		target.tensor != GRAPH_NONE ? graph_tensor_name(graph, target.tensor)
		: target.node != GRAPH_NONE ? graph_node_label(graph, target.node)
					    : "";

	return text_escape(out, room, name, strlen(name));
}

static unsigned run_readers(struct ui *ui, const char *args)
{
	(void)args;
	return card_open_readers(ui, ui->target.tensor);
}

static unsigned run_edit(struct ui *ui, const char *args)
{
	(void)args;
	return card_open_form(ui, ui->target.tensor);
}

static unsigned run_undo(struct ui *ui, const char *args)
{
	char what[240];
	const char *sentence;

	plan_watch(ui->session->plan);
	sentence = plan_undo(ui->session->plan);
	ui->safety.event = JOURNAL_UNDONE;
	(void)args;
	snprintf(what, sizeof(what), "Undone: %s", sentence ? sentence : "nothing");
	edit_tell(ui, what, SIZE_MAX);
	return ui_say(ui, SEVERITY_NOTE, "%s. Ctrl-R redoes", what) | DID_EDIT;
}

static unsigned run_redo(struct ui *ui, const char *args)
{
	char what[240];
	const char *sentence;

	plan_watch(ui->session->plan);
	sentence = plan_redo(ui->session->plan);
	ui->safety.event = JOURNAL_REDONE;
	(void)args;
	snprintf(what, sizeof(what), "%s", sentence ? sentence : "nothing");
	return edit_tell(ui, what, SIZE_MAX);
}

static unsigned run_repeat(struct ui *ui, const char *args)
{
	char line[PROMPT_ROOM + 32];

	(void)args;
	snprintf(line, sizeof(line), "%s %s", ui->repeat, ui->repeat_args);
	return ui_command(ui, line);
}

static unsigned run_reset(struct ui *ui, const char *args)
{
	struct edit edit;

	(void)args;
	if (!edit_begin(&edit, ui, "everything demoted"))
		return DID_FAIL;
	return edit_end(&edit, plan_clear(ui->session->plan, &edit.err));
}

static const char *none_loaded(const struct ui *ui)
{
	return ui->session->plan->given->count ? NULL : "no overrides were loaded";
}

static unsigned run_adopt(struct ui *ui, const char *args)
{
	const struct plan *plan = ui->session->plan;
	enum adopted how = ADOPTED_NOTHING;
	struct edit edit;
	unsigned did;
	bool done;

	(void)args;
	if (plan->params.count || plan->dropped.count)
		return ui_say(ui, SEVERITY_ERROR,
			"entries were changed by hand since they were loaded; u takes "
			"that "
			"back, p and d work on each as it is");
	if (!edit_begin(&edit, ui, "loaded overrides made choices"))
		return DID_FAIL;
	done = plan_adopt_given(ui->session->plan, &how, &edit.err);
	if (done && !how)
		done = error_set(&edit.err, ERROR_REFUSED,
			"the loaded entries do not follow from some of them, as a few "
			"choices would write them; they stay, p and d work on each");
	did = edit_end(&edit, done);
	if (how == ADOPTED_REORDERED && !(did & DID_FAIL))
		ui_say(ui, SEVERITY_NOTE,
			"%zu choices in place of the loaded entries, which now stand in "
			"another order in the file (5). u undoes",
			plan->seeds.count);
	return did;
}

static unsigned run_seed(struct ui *ui, const char *args)
{
	struct edit edit;
	struct seed_list seeds = {0};
	char what[200], name[120];
	bool done;

	if (!*args)
		return ui_say(
			ui, SEVERITY_ERROR, "seed: NAME=TYPE, as on the command line");
	snprintf(what, sizeof(what), "seed %s",
		text_escape(name, sizeof(name), args, strlen(args)));
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	done = seed_parse(ui->session->graph, args, &seeds, &edit.err);
	for (size_t i = 0; done && i < seeds.count; i++)
		done = plan_add_seed(ui->session->plan, &seeds.items[i], &edit.err);
	ARRAY_RELEASE(&seeds);
	return edit_end(&edit, done);
}

static unsigned run_name_region(struct ui *ui, const char *args)
{
	return region_set(ui, args, NULL);
}

static unsigned run_undolist(struct ui *ui, const char *args)
{
	const struct plan *plan = ui->session->plan;
	size_t count = plan_group_count(plan), room = 64, at = 0;
	char *text;

	(void)args;
	for (size_t i = 0; i < count; i++)
		room += strlen(plan_group_at(plan, i).sentence) + 32;
	text = malloc(room);
	if (text && !count)
		snprintf(text, room, "No edits yet.\n");
	for (size_t i = 0; text && i < count; i++)
		at += (size_t)snprintf(text + at, room - at, "%c %3zu  %s\n",
			i < plan_undo_position(plan) ? ' ' : 'r', i + 1,
			plan_group_at(plan, i).sentence);
	return ui_show_text(ui, "edits, oldest first; r: undone", text);
}

static const struct ui_command table[] = {
	{"readers", "c", "", GROUP_EDIT, "readers...",
		"choose which readers see the tensor converted...", no_tensor,
		run_readers},
	{"edit", "e", "", GROUP_EDIT, "edit...",
		"edit type, scale, zero point and range of the tensor...", no_tensor,
		run_edit},
	{"undo", "u", "", GROUP_EDIT, "undo", "take back the last edit", no_undo,
		run_undo},
	{"redo", "<C-r>", "", GROUP_EDIT, "redo", "make the undone edit again", no_redo,
		run_redo},
	{"repeat", ".", "", GROUP_EDIT, "repeat", "the last promotion or demotion, here",
		no_repeat, run_repeat},
	{"undolist", "", "", GROUP_EDIT, "list of edits", "show all edits by name...",
		NULL, run_undolist},
	{"seed", "", "SEED", GROUP_EDIT, "add a seed",
		"NAME=TYPE, node:N=TYPE, T>N=TYPE, op:OP=TYPE or a pattern", NULL,
		run_seed},
	{"adopt", "", "", GROUP_EDIT, "loaded to choices",
		"make choices of loaded overrides, where they follow from some",
		none_loaded, run_adopt},
	{"name", "", "TEXT", GROUP_EDIT, "name the region",
		"give the region under the cursor a name", edit_no_region,
		run_name_region},
	{"reset", "", "", GROUP_EDIT, "demote everything",
		"forget all choices; loaded overrides stay", NULL, run_reset},
};

const struct command_part commands_edit = {table, sizeof(table) / sizeof(*table)};
