/* Folding of the outline by path and by operator. */
#include "ui_fixture.h"

#include <stdlib.h>
#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))
#define MISSES(ui, text)                                                                 \
	cr_assert_not(strstr(editor_screen(ui), text), "%s\n is in\n%s", text,           \
		editor_screen(ui))

/* Two layers of three nodes, the second with a group of two in it; all under /m. */
#define LAYERS                                                                           \
	"/m/l0/A Sin in -> a\n/m/l0/B Cos a -> b\n/m/l0/C Tanh b -> c\n"                 \
	"/m/l1/D Sin c -> d\n/m/l1/x/E Cos d -> e\n/m/l1/x/F Sin e -> f\n"               \
	"last Relu f -> out\n!out\n"

static struct ui *folded(void)
{
	struct ui *ui = editor_on(fixture_make(LAYERS), 80, 24);

	editor_keys(ui, "t");
	return ui;
}

static uint32_t row_count(const struct ui *ui)
{
	return ui->lists[PANE_OUTLINE].count;
}

Test(ui_folds, closes_by_path_with_counts)
{
	struct ui *ui = folded();

	/* the input, /m, the last node */
	cr_assert_eq(row_count(ui), 3);
	SEES(ui, "+  /m");
	SEES(ui, "6 nodes");
	editor_keys(ui, "j l");
	/* /m is open: its layers are closed in it */
	cr_assert_eq(row_count(ui), 4);
	SEES(ui, "/m/l0");
	SEES(ui, "3 nodes");
	editor_keys(ui, "j l");
	cr_assert_eq(row_count(ui), 5);
	SEES(ui, "/m/l1/D");
	SEES(ui, "+  /m/l1/x");
	editor_keys(ui, "h");
	cr_assert_eq(row_count(ui), 4);
	editor_keys(ui, "h");
	cr_assert_eq(row_count(ui), 3);
	editor_keys(ui, "t");
	cr_assert_eq(row_count(ui), 8);
	cr_assert_eq(ui->target.node,
		node_of(&(struct fixture){.graph = (struct graph *)ui->rows.graph},
			"/m/l0/A"));
}

Test(ui_folds, closed_groups_show_what_is_in_them)
{
	struct ui *ui = folded();

	editor_keys(
		ui, ":go<Space>/m/l1/x/E<Enter> :promote<Space>node<Space>u16<Enter>");
	cr_assert_eq(row_count(ui), 6);
	editor_keys(ui, "hh");
	SEES(ui, "3 1◆");
	SEES(ui, "mix");
	editor_keys(ui, "u");
	MISSES(ui, "mix");
	MISSES(ui, "1◆");
}

Test(ui_folds, commands_on_a_closed_group_are_about_all_of_it)
{
	struct ui *ui = folded();

	editor_keys(ui, "j l j p");
	cr_assert_eq(ui->session->plan->seeds.count, 3);
	SEES(ui, "3 3◆");
	editor_keys(ui, "d");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	editor_keys(ui, "<Space>");
	cr_assert_eq(ui->selected_count, 3);
	editor_keys(ui, "kk V j <Space>");
	cr_assert_eq(ui->selected_count, 6);
}

Test(ui_folds, a_search_opens_and_typing_does_not)
{
	struct ui *ui = folded();

	editor_keys(ui, "/'x/F");
	cr_assert_eq(row_count(ui), 3);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 1);
	editor_keys(ui, "<Enter>");
	SEES(ui, "/m/l1/x/F");
	SEES(ui, "1/1");
	cr_assert_eq(row_count(ui), 6);
	editor_keys(ui, "<Esc>");
	editor_keys(ui, "gg :fold<Space>all<Enter> :search<Space>op:Sin<Enter> n n");
	SEES(ui, "3/3");
}

Test(ui_folds, a_filter_counts_in_groups)
{
	struct ui *ui = folded();

	editor_keys(ui, "\\op:Sin<Enter>");
	cr_assert_eq(row_count(ui), 1);
	SEES(ui, "3/6");
	editor_keys(ui, "l");
	SEES(ui, "1/3");
	SEES(ui, "2/3");
	editor_keys(ui, "<Esc>");
	cr_assert_eq(row_count(ui), 4);
}

Test(ui_folds, by_operator_and_in_other_orders)
{
	struct ui *ui = folded();

	editor_keys(ui, ":fold<Space>op<Enter>");
	/* input, Sin, Cos, and Tanh and Relu that are alone */
	cr_assert_eq(row_count(ui), 5);
	SEES(ui, "+  Sin");
	editor_keys(ui, ":order<Space>name<Enter>");
	cr_assert_eq(row_count(ui), 5);
	editor_keys(ui, ":fold<Space>none<Enter>");
	cr_assert_eq(row_count(ui), 8);
	editor_keys(ui, ":fold<Space>all<Enter> :fold<Space>off<Enter>");
	cr_assert_eq(row_count(ui), 8);
}

Test(ui_folds, names_without_paths_cannot_be_folded)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "t");
	SEES(ui, "no name here has a path");
	cr_assert_eq(row_count(ui), 10);
	editor_keys(ui, "hl :fold<Space>all<Enter>");
	SEES(ui, "nothing is folded");
}

/* Whatever is opened and closed: each row is seen or stands behind one that is. */
Test(ui_folds, hides_and_shows_soundly)
{
	struct ui *ui = folded();

	srand(3);
	for (int i = 0; i < 2000; i++) {
		static const char *const keys[] = {"j", "k", "l", "h", "t", "G", "gg",
			":fold<Space>all<Enter>", ":fold<Space>op<Enter>", "s",
			"\\op:Sin<Enter>", "<Esc>", "p", "u", "<Space>", "V", "n", "]b",
			"<C-o>"};
		uint32_t sum = 0;

		editor_keys(ui, keys[(size_t)rand() % (sizeof(keys) / sizeof(*keys))]);
		for (uint32_t row = 0; row < row_count(ui); row++) {
			uint32_t fold = rows_fold_at(&ui->rows, row);

			sum += fold == FOLD_NONE ? 1 : ui->folds.list.items[fold].shown;
			cr_assert_eq(
				rows_shown(&ui->rows, rows_index(&ui->rows, row)), row);
		}
		for (uint32_t row = 0; row < ui->rows.count; row++)
			sum -= rows_keeps(&ui->rows, row);
		cr_assert_eq(sum, 0);
	}
}

/* Nodes that are not quantized do not make a group mixed. */
Test(ui_folds, a_group_has_the_type_of_what_is_quantized)
{
	struct fixture f = fixture_make(LAYERS);
	struct quant_options options;
	struct error err = ERROR_INIT;
	struct ui *ui;

	options_init(&options);
	options.all_op_types = false;
	cr_assert(text_list_add(&options.op_types, "Sin", &err));
	cr_assert(plan_set_options(f.plan, &options, &err), "%s", err.text);
	options_release(&options);
	ui = editor_on(f, 80, 24);
	editor_keys(ui, "t");
	SEES(ui, "6 nodes  u8");
	MISSES(ui, "mix");
}
