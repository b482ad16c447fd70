/* Commands about sets of nodes, regions, and what will be in the files. */
#include "ui/command.h"
#include "ui/edit_steps.h"
#include "ui/extras.h"

static const char *no_node(const struct ui *ui)
{
	return ui->target.node != GRAPH_NONE ? NULL : "no node is under the cursor";
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
	{"in-file", "F", "", GROUP_VIEW, "as in the file...",
		"this node with its Q and DQ, and what becomes of it at run time...",
		no_node, in_file_run},
};

const struct command_part commands_extra = {table, sizeof(table) / sizeof(*table)};
