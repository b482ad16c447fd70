/* Commands that promote and demote: the row, the selection, every node of a kind. */
#include "config.h"

#include "base/text.h"
#include "ui/cards.h"
#include "ui/command.h"
#include "ui/edit_steps.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

static const char *no_target(const struct ui *ui)
{
	return target_is(ui->target) ? NULL : "nothing is under the cursor";
}

/* ---- The selection, the visual range, or the row. */

/* What is chosen, for the name of the edit. */
struct chosen {
	uint32_t count, nodes;
};

static bool count_one(struct ui *ui, uint32_t code, void *arg, struct error *err)
{
	struct chosen *chosen = arg;

	(void)ui;
	(void)err;
	chosen->count++;
	chosen->nodes += !(code & ROW_TENSOR);
	return true;
}

/* Fills `words` with "3 nodes" or "2 rows"; the number of rows. */
static uint32_t count_chosen(struct ui *ui, char words[48])
{
	struct chosen chosen = {0, 0};

	ui_each_chosen(ui, count_one, &chosen, NULL);
	snprintf(words, 48, "%u %s%s", chosen.count,
		chosen.nodes == chosen.count ? "node" : "row", text_s(chosen.count));
	return chosen.count;
}

static void leave_selection(struct ui *ui)
{
	if (ui->visual) {
		ui->last_first = ui->anchor;
		ui->last_last = ui->lists[PANE_OUTLINE].cursor;
	}
	ui->visual = false;
	ui_select_none(ui);
}

/* ---- Promote. */

enum what { WHAT_ANY, WHAT_TENSOR, WHAT_NODE, WHAT_READER };

struct wish {
	enum what what;
	enum qtype type;
	enum tristate symmetric;
};

/* Reads "[tensor|node|reader] [TYPE] [symmetric]". */
static bool read_wish(const char *args, struct wish *wish, struct error *err)
{
	static const char *const words[] = {"", "tensor", "node", "reader"};

	*wish = (struct wish){WHAT_ANY, QTYPE_NONE, UNSET};
	while (*args) {
		size_t n = strcspn(args, " ,");
		enum qtype type = qtype_parse(args, n);
		bool known = type != QTYPE_NONE;

		if (known)
			wish->type = type;
		for (int i = WHAT_TENSOR; i <= WHAT_READER; i++)
			if (strlen(words[i]) == n && !strncmp(words[i], args, n)) {
				wish->what = (enum what)i;
				known = true;
			}
		if (n == 9 && !strncmp(args, "symmetric", n)) {
			wish->symmetric = YES;
			known = true;
		}
		if (n && !known)
			return error_set(err, ERROR_REFUSED,
				"%s is neither a type (u16 s16 u8 s8) nor tensor, node, "
				"reader",
				text_quoted(args, n));
		args += n + strspn(args + n, " ,");
	}
	return true;
}

static bool promote_row(struct ui *ui, uint32_t code, void *arg, struct error *err)
{
	const struct wish *wish = arg;

	if (code & ROW_TENSOR)
		return plan_promote_tensor(ui->session->plan, code & ~ROW_TENSOR,
			wish->type, wish->symmetric, err);
	return plan_promote_node(
		ui->session->plan, code, wish->type, wish->symmetric, err);
}

/* A promoted region keeps one type: a row in one is promoted to that. */
static void take_region_type(const struct ui *ui, struct wish *wish)
{
	if (wish->type == QTYPE_NONE && !edit_no_region(ui))
		wish->type =
			ui->outcome->regions[ui->outcome->nodes[ui->target.node].region]
				.type;
	if (wish->type == QTYPE_NONE)
		wish->type = qtype_wider(ui->outcome->base);
}

static bool promote_target(struct ui *ui, const struct wish *wish, struct error *err)
{
	struct plan *plan = ui->session->plan;
	struct target t = ui->target;

	if (wish->what == WHAT_NODE || t.tensor == GRAPH_NONE) {
		if (t.node == GRAPH_NONE)
			return error_set(err, ERROR_REFUSED,
				"a graph input has no node; promote its tensor");
		return plan_promote_node(plan, t.node, wish->type, wish->symmetric, err);
	}
	return plan_promote_tensor(plan, t.tensor, wish->type, wish->symmetric, err);
}

/* The reader under the cursor sees its first float input converted. */
static bool promote_reader(struct ui *ui, const struct wish *wish, struct error *err)
{
	const struct graph *graph = ui->outcome->graph;
	node_id node = ui->target.node;

	if (node == GRAPH_NONE)
		return error_set(err, ERROR_REFUSED, "no node is under the cursor");
	for (uint32_t i = 0; i < graph->nodes[node].input_count; i++) {
		tensor_id in = graph_input_of(graph, node, i);

		if (in != GRAPH_NONE && !graph_is_constant(graph, in))
			return plan_promote_reader(ui->session->plan, in, node,
				wish->type, wish->symmetric, err);
	}
	return error_set(err, ERROR_REFUSED, "the node reads no tensor but constants");
}

static unsigned run_promote(struct ui *ui, const char *args)
{
	struct edit edit;
	struct wish wish;
	char what[200], name[100], words[48];
	uint32_t count = count_chosen(ui, words);
	struct error err = ERROR_INIT;
	bool done;

	if (!read_wish(args, &wish, &err))
		return ui_fail(ui, &err);
	if (count)
		wish.type = wish.type ? wish.type : qtype_wider(ui->outcome->base);
	else
		take_region_type(ui, &wish);
	edit_name(ui,
		wish.what == WHAT_NODE || wish.what == WHAT_READER
			? (struct target){GRAPH_NONE, ui->target.node}
			: ui->target,
		name, sizeof(name));
	if (count)
		snprintf(what, sizeof(what), "%s %s", words, qtypes[wish.type].brief);
	else
		snprintf(what, sizeof(what), "%s %s", name, qtypes[wish.type].brief);
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	if (count)
		done = ui_each_chosen(ui, promote_row, &wish, &edit.err);
	else if (wish.what == WHAT_READER)
		done = promote_reader(ui, &wish, &edit.err);
	else
		done = promote_target(ui, &wish, &edit.err);
	if (done)
		leave_selection(ui);
	ui->repeat = "promote";
	snprintf(ui->repeat_args, sizeof(ui->repeat_args), "%s", args);
	return edit_end(&edit, done);
}

static unsigned run_promote_as(struct ui *ui, const char *args)
{
	(void)args;
	ui_open_card(ui, CARD_TYPES);
	list_set_count(&ui->card_list, QTYPE_COUNT - 1);
	list_go(&ui->card_list, (uint32_t)qtype_wider(ui->outcome->base) - 1);
	return DID_REDRAW;
}

static unsigned run_promote_op(struct ui *ui, const char *args)
{
	struct edit edit;
	struct wish wish;
	const struct graph *graph = ui->outcome->graph;
	size_t n = strcspn(args, " ");
	char what[200];
	struct error err = ERROR_INIT;
	uint32_t count = 0;
	bool done = true;

	if (!n || !read_wish(args + n + strspn(args + n, " "), &wish, &err))
		return n ? ui_fail(ui, &err)
			 : ui_say(ui, SEVERITY_ERROR, "promote-op: which operator?");
	wish.type = wish.type ? wish.type : qtype_wider(ui->outcome->base);
	snprintf(what, sizeof(what), "every %.*s %s", (int)(n < 60 ? n : 60), args,
		qtypes[wish.type].brief);
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	for (node_id i = 0; done && i < graph->main_nodes; i++) {
		const char *op = graph_op_type(graph, i);

		if (strlen(op) != n || strncasecmp(op, args, n))
			continue;
		done = plan_promote_node(
			ui->session->plan, i, wish.type, wish.symmetric, &edit.err);
		count++;
	}
	if (!count)
		done = error_set(&edit.err, ERROR_REFUSED, "no node is a %s",
			text_quoted(args, n));
	return edit_end(&edit, done);
}

/* ---- Demote. */

/* The chosen rows, to be demoted at once. */
struct demotion {
	struct tensor_list tensors;
	struct tensor_list nodes; /* node ids */
};

static bool gather_row(struct ui *ui, uint32_t code, void *arg, struct error *err)
{
	struct demotion *d = arg;

	(void)ui;
	if (code & ROW_TENSOR ? !ARRAY_PUSH(&d->tensors, code & ~ROW_TENSOR)
			      : !ARRAY_PUSH(&d->nodes, code))
		return error_set_memory(err, "selection");
	return true;
}

static bool demote_chosen(struct ui *ui, struct error *err)
{
	struct demotion d = {0};
	bool done = ui_each_chosen(ui, gather_row, &d, err) &&
		    plan_demote_rows(ui->session->plan, d.tensors.items,
			    (uint32_t)d.tensors.count, d.nodes.items,
			    (uint32_t)d.nodes.count, err);

	ARRAY_RELEASE(&d.tensors);
	ARRAY_RELEASE(&d.nodes);
	return done;
}

static bool demote_target(struct ui *ui, struct error *err)
{
	struct plan *plan = ui->session->plan;
	struct target t = ui->target;

	if (t.tensor != GRAPH_NONE && plan_demote_tensor(plan, t.tensor, err))
		return true;
	if (error_is_set(err) || t.node == GRAPH_NONE)
		return false;
	return plan_demote_node(plan, t.node, err);
}

static unsigned run_demote(struct ui *ui, const char *args)
{
	struct edit edit;
	char what[200], name[100], words[48];
	uint32_t count = count_chosen(ui, words);
	bool done;

	(void)args;
	if (count)
		snprintf(what, sizeof(what), "demoted %s", words);
	else
		snprintf(what, sizeof(what), "demoted %s",
			edit_name(ui, ui->target, name, sizeof(name)));
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	if (count)
		done = demote_chosen(ui, &edit.err);
	else
		done = demote_target(ui, &edit.err);
	if (done)
		leave_selection(ui);
	ui->repeat = "demote";
	ui->repeat_args[0] = '\0';
	return edit_end(&edit, done);
}

static const struct ui_command table[] = {
	{"promote", "p", "[tensor|node|reader] [TYPE]", GROUP_EDIT, "promote",
		"give the row's tensor, or the selected nodes, 16 bit or TYPE", no_target,
		run_promote},
	{"promote-as", "P", "", GROUP_EDIT, "promote to...", "choose the type first...",
		no_target, run_promote_as},
	{"promote-op", "", "OP [TYPE]", GROUP_EDIT, "promote every OP",
		"promote every node of an operator type", NULL, run_promote_op},
	{"demote", "d", "", GROUP_EDIT, "demote",
		"take back the choices on the row or the selection", no_target,
		run_demote},
};

const struct command_part commands_promote = {table, sizeof(table) / sizeof(*table)};
