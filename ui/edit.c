/* How an edit is made: a named group, loaded entries in its way dropped, the outcome
 * compared with the one before, the effect said. */
#include "ui/edit.h"

#include "ui/edit_steps.h"

#include <stdio.h>

/* Remembers what changed, for the marks in the outline. */
static bool compare(struct ui *ui, struct error *err)
{
	outcome_diff_release(&ui->changed);
	return plan_take_changes(ui->session->plan, &ui->changed, err);
}

/* Choices of which none reaches anything that is quantized. */
static bool is_without_effect(const struct ui *ui, const struct seed *seeds, size_t count)
{
	const struct outcome *o = ui->outcome;

	for (size_t i = 0; i < count; i++) {
		const struct seed *seed = &seeds[i];
		bool takes = seed->tensor != GRAPH_NONE
				     ? o->tensors[seed->tensor].flags & STATE_QUANTIZED ||
					       graph_is_constant(o->graph, seed->tensor)
				     : o->nodes[seed->node].flags & STATE_QUANTIZED;

		if (takes)
			return false;
	}
	return count > 0;
}

unsigned edit_tell(struct ui *ui, const char *what, size_t seeds_before)
{
	const struct plan *plan = ui->session->plan;
	struct error err = ERROR_INIT;
	char text[512];
	bool worse;
	size_t made =
		plan->seeds.count > seeds_before ? plan->seeds.count - seeds_before : 0;
	const struct seed *seeds = made ? plan->seeds.items + seeds_before : NULL;
	bool done = ui_update(ui, &err) && compare(ui, &err) &&
		    outcome_sentence(ui->outcome, &ui->changed, what, seeds, made, text,
			    sizeof(text), &err);

	if (!done)
		return ui_fail(ui, &err) | DID_EDIT;
	if (is_without_effect(ui, seeds, made))
		return ui_say(ui, SEVERITY_WARNING,
			       "%s: no effect, what is around it is not quantized (:set "
			       "op-types). u undoes",
			       what) |
		       DID_EDIT;
	worse = ui->changed.conflicts > 0;
	ui_say(ui, worse ? SEVERITY_WARNING : SEVERITY_NOTE,
		worse ? "%s (]c goes there). u undoes" : "%s. u undoes", text);
	return DID_EDIT | DID_REDRAW;
}

bool edit_begin(struct edit *edit, struct ui *ui, const char *what)
{
	*edit = (struct edit){.ui = ui, .err = ERROR_INIT};
	snprintf(edit->what, sizeof(edit->what), "%s", what);
	edit->seeds_before = ui->session->plan->seeds.count;
	edit->position = plan_undo_position(ui->session->plan);
	plan_watch(ui->session->plan);
	if (plan_begin(ui->session->plan, what, &edit->err))
		return true;
	ui_fail(ui, &edit->err);
	return false;
}

unsigned edit_end(struct edit *edit, bool done)
{
	struct ui *ui = edit->ui;
	struct plan *plan = ui->session->plan;
	uint32_t yielded = 0;
	char names[160] = "";
	unsigned did;

	if (done)
		done = plan_yield_given(plan, &yielded, names, sizeof(names), &edit->err);
	if (!done) {
		plan_abort(plan);
		if (!ui_update(ui, &edit->err) || error_is_set(&edit->err))
			return ui_fail(ui, &edit->err);
		return ui_say(ui, SEVERITY_NOTE, "%s: nothing to change", edit->what);
	}
	plan_commit(plan);
	if (plan_undo_position(plan) == edit->position)
		return ui_say(ui, SEVERITY_NOTE, "%s: it is so already", edit->what);
	did = edit_tell(ui, edit->what, edit->seeds_before);
	if (yielded && !(did & DID_FAIL))
		ui_say(ui, SEVERITY_NOTE, "%s. Gave way: loaded %s. u undoes", edit->what,
			names);
	return did;
}

unsigned edit_set_readers(struct ui *ui, tensor_id tensor, const node_id *nodes,
	uint32_t count, enum qtype type)
{
	struct edit edit;
	char what[160], name[80];

	edit_name(ui, (struct target){tensor, GRAPH_NONE}, name, sizeof(name));
	snprintf(what, sizeof(what), "%s read as %s by %u", name, qtypes[type].brief,
		count);
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	return edit_end(&edit, plan_set_readers(ui->session->plan, tensor, nodes, count,
				       type, &edit.err));
}

unsigned edit_set_params(struct ui *ui, const struct param_edit *change)
{
	struct edit edit;
	char what[160], name[80];

	edit_name(ui, (struct target){change->tensor, GRAPH_NONE}, name, sizeof(name));
	snprintf(what, sizeof(what), "%s parameters", name);
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	return edit_end(&edit, plan_set_params(ui->session->plan, change, &edit.err));
}
