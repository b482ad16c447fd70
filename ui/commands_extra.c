/* Commands about sets of nodes, regions, and what will be in the files. */
#include "ui/command.h"
#include "ui/edit_steps.h"
#include "ui/extras.h"
#include "ui/user_config.h"

static const char *no_node(const struct ui *ui)
{
	return ui->target.node != GRAPH_NONE ? NULL : "no node is under the cursor";
}

static unsigned run_level_up(struct ui *ui, const char *args)
{
	(void)args;
	return level_up(ui);
}

static const struct ui_command table[] = {
	{"preset", "", "[NAME [TYPE]]", GROUP_EDIT, "preset...",
		"promote a set: first-last, softmax, matmul, prefix PATTERN ...", NULL,
		preset_run},
	{"region", "", "[name|note TEXT]", GROUP_EDIT, "regions...",
		"name the region here, note something on it; list all...", NULL,
		region_run},
	{"diff", "D", "[FILE]", GROUP_VIEW, "differences...",
		"what differs from the saved overrides, or from FILE...", NULL, diff_run},
	{"fold", "t", "[name|op|off|all|none]", GROUP_VIEW, "fold",
		"fold rows by path or operator; h and l close and open one", NULL,
		fold_run},
	{"body", "gb", "[NAME]", GROUP_MOVE, "next body",
		"into the body of an If, Loop or Scan, or the next one", level_no_body,
		level_run},
	{"level-up", "<BS>", "", GROUP_MOVE, "out of the body",
		"out of the body, to the node that owns it", level_is_main, run_level_up},
	{"in-file", "F", "", GROUP_VIEW, "as in the file...",
		"this node with its Q and DQ, and what becomes of it at run time...",
		no_node, in_file_run},
	{"map", "", "[KEYS [COMMAND]]", GROUP_OTHER, "map keys...",
		"give keys a command of your own; list what is mapped...", NULL,
		config_map},
	{"unmap", "", "KEYS", GROUP_OTHER, "unmap keys",
		"take an own meaning of keys away, or their usual one", NULL,
		config_unmap},
};

const struct command_part commands_extra = {table, sizeof(table) / sizeof(*table)};
