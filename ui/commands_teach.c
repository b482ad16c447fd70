/* Commands that explain, and what talks need. */
#include "ui/command.h"
#include "ui/explain.h"

#include <stdio.h>
#include <string.h>

static unsigned run_explain(struct ui *ui, const char *args)
{
	unsigned did = explain(ui, args);

	if (!(did & DID_FAIL))
		ui->teach.explained = true;
	return did;
}

static unsigned run_step(struct ui *ui, const char *args)
{
	return step_run(ui, args);
}

static unsigned run_tour(struct ui *ui, const char *args)
{
	if (*args && strcmp(args, "again"))
		return ui_say(
			ui, SEVERITY_ERROR, "tour: again starts from the first card");
	return tour_start(ui, *args);
}

static unsigned run_caption(struct ui *ui, const char *args)
{
	snprintf(ui->teach.caption, sizeof(ui->teach.caption), "%s", args);
	return DID_REDRAW;
}

static const struct ui_command table[] = {
	{"explain", "K", "[WORD]", GROUP_OTHER, "explain...",
		"what a word means, with the sums of this tensor; all words...", NULL,
		run_explain},
	{"step", ";", "[first|back|all|end]", GROUP_OTHER, "next rule",
		"the closure one rule at a time, in pane 6", NULL, run_step},
	{"tour", "", "[again]", GROUP_OTHER, "tour",
		"seven cards over the demo; goes on where it was left", tour_blocked,
		run_tour},
	{"caption", "", "[TEXT]", GROUP_OTHER, "caption",
		"show a text over the screen until the next one", NULL, run_caption},
};

const struct command_part commands_teach = {table, sizeof(table) / sizeof(*table)};
