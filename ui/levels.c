/* Levels: the outline shows one scope, the main graph or the body of an If, Loop or
 * Scan; bodies are seen, never edited. */
#include "base/text.h"
#include "ui/extras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void level_path(const struct graph *graph, scope_id scope, char *out, size_t room)
{
	const struct graph_scope *s = &graph->scopes[scope];
	char clean[40];
	size_t at;

	*out = '\0';
	if (s->owner == GRAPH_NONE)
		return;
	level_path(graph, graph->nodes[s->owner].scope, out, room);
	at = strlen(out);
	text_escape(clean, sizeof(clean), graph_node_label(graph, s->owner),
		strlen(graph_node_label(graph, s->owner)));
	snprintf(out + at, room - at, "%s%s/%s", at ? "/" : "", clean, s->attribute);
}

/* The lists of a scope; what was filtered, folded or searched belongs to the other. */
bool ui_enter(struct ui *ui, scope_id scope, struct error *err)
{
	query_free(ui->filter);
	ui->filter = NULL;
	free(ui->found);
	ui->found = NULL;
	ui->visual = false;
	folds_release(&ui->folds);
	picture_forget(&ui->picture);
	if (!rows_build(&ui->rows, ui->outcome, scope, ui->rows.order, err) ||
		!lanes_build(&ui->lanes, &ui->rows, ui->settings.lanes, err))
		return false;
	ui->rows.folds = &ui->folds;
	list_set_count(&ui->lists[PANE_OUTLINE], rows_visible(&ui->rows));
	list_go(&ui->lists[PANE_OUTLINE], 0);
	return true;
}

static unsigned show(struct ui *ui, scope_id scope)
{
	const struct graph *graph = ui->rows.graph;
	const struct graph_scope *s = &graph->scopes[scope];
	uint32_t before = ui_row_code(ui);
	struct error err = ERROR_INIT;
	char path[160];

	if (!ui_enter(ui, scope, &err))
		return ui_fail(ui, &err);
	if (before != ROW_NONE)
		places_push(&ui->places, before);
	ui->target = (struct target){GRAPH_NONE, GRAPH_NONE};
	ui_focus(ui, PANE_OUTLINE);
	level_path(graph, scope, path, sizeof(path));
	if (!s->node_count)
		return ui_say(ui, SEVERITY_NOTE, "%s has no nodes; q goes back", path) |
		       DID_MOVE;
	ui_say(ui, SEVERITY_NOTE, "%s: not quantized, so only to look at; q goes back%s",
		path,
		graph->nodes[s->owner].body_count > 1 ? ", gb shows the next body" : "");
	return DID_MOVE | DID_REDRAW;
}

unsigned level_open(struct ui *ui)
{
	node_id node = ui->target.node;

	return show(ui, ui->rows.graph->nodes[node].first_body);
}

unsigned level_up(struct ui *ui)
{
	node_id owner = ui->rows.graph->scopes[ui->rows.scope].owner;
	struct target target = {GRAPH_NONE, owner};

	if (owner == GRAPH_NONE)
		return ui_say(ui, SEVERITY_NOTE, "this is the main graph");
	target.tensor = graph_output_of(ui->rows.graph, owner, 0);
	ui_go(ui, target);
	ui_focus(ui, PANE_OUTLINE);
	return DID_MOVE | DID_REDRAW;
}

/* The node whose bodies are meant: under the cursor, else around this level. */
static node_id owner_of(const struct ui *ui)
{
	const struct graph *graph = ui->rows.graph;
	node_id node = ui->target.node;

	if (node != GRAPH_NONE && graph->nodes[node].body_count)
		return node;
	return graph->scopes[ui->rows.scope].owner;
}

const char *level_no_body(const struct ui *ui)
{
	return owner_of(ui) != GRAPH_NONE ? NULL : "the node has no body";
}

const char *level_is_main(const struct ui *ui)
{
	return ui->rows.scope ? NULL : "this is the main graph";
}

unsigned level_run(struct ui *ui, const char *args)
{
	const struct graph *graph = ui->rows.graph;
	const struct graph_node *owner = &graph->nodes[owner_of(ui)];
	scope_id scope = owner->first_body, end = scope + owner->body_count;

	if (*args)
		while (scope < end && strcmp(graph->scopes[scope].attribute, args))
			scope++;
	else if (ui->rows.scope >= scope && ui->rows.scope + 1 < end)
		scope = ui->rows.scope + 1;
	if (scope == end)
		return ui_say(ui, SEVERITY_ERROR, "no body is named so; the first is %s",
			graph->scopes[owner->first_body].attribute);
	return show(ui, scope);
}
