/* Folding the outline: kinds, opening and closing. */
#include "base/text.h"
#include "ui/extras.h"

#include <string.h>

static unsigned refold(struct ui *ui)
{
	struct error err = ERROR_INIT;

	return ui_refold(ui, &err) ? DID_MOVE | DID_REDRAW : ui_fail(ui, &err);
}

static unsigned fold_off(struct ui *ui)
{
	unsigned did;

	folds_release(&ui->folds);
	did = refold(ui);
	ui_say(ui, SEVERITY_NOTE, "nothing is folded");
	return did;
}

static unsigned fold_by(struct ui *ui, enum fold_kind kind)
{
	struct error err = ERROR_INIT;
	unsigned did;

	if (!folds_build(&ui->folds, ui->rows.graph, ui->rows.scope, kind, &err)) {
		refold(ui);
		return ui_fail(ui, &err);
	}
	did = refold(ui);
	ui_say(ui, SEVERITY_NOTE, "folded by %s: l opens, h closes, t shows all",
		kind == FOLD_OP ? "operator" : "path");
	return did;
}

static unsigned fold_each(struct ui *ui, bool closed)
{
	if (!ui->folds.kind)
		return ui_say(ui, SEVERITY_NOTE, "nothing is folded; t folds by path");
	folds_set_all(&ui->folds, closed);
	return refold(ui);
}

unsigned fold_run(struct ui *ui, const char *args)
{
	if (!strcmp(args, "off") || (!*args && ui->folds.kind))
		return fold_off(ui);
	if (!*args || !strcmp(args, "name"))
		return fold_by(ui, FOLD_NAME);
	if (!strcmp(args, "op"))
		return fold_by(ui, FOLD_OP);
	if (!strcmp(args, "all") || !strcmp(args, "none"))
		return fold_each(ui, !strcmp(args, "all"));
	return ui_say(ui, SEVERITY_ERROR, "fold: name, op, off, all or none");
}

static unsigned set_group(struct ui *ui, uint32_t group, bool closed)
{
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t apart = list->cursor - list->top;
	unsigned did;

	folds_set(&ui->folds, group, closed);
	did = refold(ui);
	if (!closed && apart < list->height) {
		list->top = list->cursor > apart ? list->cursor - apart : 0;
		list_move(list, 0);
	}
	return did;
}

unsigned fold_close(struct ui *ui)
{
	uint32_t code = ui_row_code(ui), group;
	const struct fold *folds = ui->folds.list.items;

	if (code == ROW_NONE || code & ROW_TENSOR || !ui->folds.kind)
		return DID_NOTHING;
	group = folds_cover(&ui->folds, code);
	group = group == FOLD_NONE ? folds_of(&ui->folds, code) : folds[group].parent;
	while (group != FOLD_NONE && folds[group].members < 2)
		group = folds[group].parent;
	return group == FOLD_NONE ? DID_NOTHING : set_group(ui, group, true);
}

unsigned fold_open(struct ui *ui)
{
	uint32_t group = rows_fold_at(&ui->rows, ui->lists[PANE_OUTLINE].cursor);

	return group == FOLD_NONE ? DID_NOTHING : set_group(ui, group, false);
}
