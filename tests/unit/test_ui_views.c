/* What can be looked at otherwise: order of Bounds, copies, constants in the graph. */
#include "ui_fixture.h"

#include "ui/panes.h"

#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

static const char *bounds_row(const struct ui *ui, uint32_t row)
{
	return graph_tensor_name(ui->rows.graph, bounds_target(ui, row).tensor);
}

static struct ui *promoted(void)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	/* Op2_out is then converted for one, Op3_out for one, Op5_out for one */
	editor_keys(ui, "jjjjj p");
	cr_assert_eq(ui->outcome->boundary_count, 3);
	return ui;
}

Test(ui_views, conversions_are_sorted)
{
	struct ui *ui = promoted();

	editor_keys(ui, "3");
	cr_assert_str_eq(bounds_row(ui, 0), "Op2_out");
	cr_assert_str_eq(bounds_row(ui, 1), "Op5_out");
	editor_keys(ui, "s");
	SEES(ui, "conversions by tensor");
	cr_assert_str_eq(bounds_row(ui, 1), "Op3_out");
	cr_assert_str_eq(bounds_row(ui, 2), "Op5_out");
	editor_keys(ui, "s");
	SEES(ui, "bytes");
	SEES(ui, "18 B");
	/* an edit sorts anew, and rows stay within what there is */
	editor_keys(ui, "G u");
	cr_assert_eq(ui->lists[PANE_BOUNDS].count, 0);
	editor_keys(ui, "<C-r> 3 :order<Space>readers<Enter>");
	SEES(ui, "conversions by readers");
	editor_keys(ui, ":order<Space>name<Enter>");
	SEES(ui, "file, tensor, bytes or readers");
	cr_assert_eq(ui->rows.order, ORDER_GRAPH);
}

Test(ui_views, more_readers_come_first)
{
	struct ui *ui = editor_on(fixture_make("A Sin x -> a\nB Cos a -> b\n"
					       "C Cos x -> c\nD Sin c -> d\n"
					       "E Sin c -> e\n!b\n!d\n!e\n"),
		80, 24);

	editor_keys(ui, ":promote-op<Space>Cos<Enter>3");
	editor_keys(ui, ":order<Space>readers<Enter>");
	for (uint32_t i = 0; i + 1 < ui->outcome->boundary_count; i++)
		cr_assert_geq(outcome_boundary(ui->outcome, bounds_target(ui, i).tensor)
				      ->reader_count,
			outcome_boundary(ui->outcome, bounds_target(ui, i + 1).tensor)
				->reader_count);
	cr_assert_gt(ui->outcome->boundary_count, 1);
}

Test(ui_views, names_and_entries_are_copied)
{
	struct ui *ui = promoted();

	editor_keys(ui, "y");
	cr_assert_str_eq(ui->copied, "Op4_out");
	SEES(ui, "name kept");
	editor_keys(ui, "/<C-v>");
	SEES(ui, "/Op4_out");
	editor_keys(ui, "<Esc>Y");
	SEES(ui, "entry kept");
	cr_assert(strstr(ui->copied, "\"quant_type\": \"QUInt16\""));
	cr_assert(strstr(ui->yanked, "QUInt16"));
	cr_assert_not(strchr(ui->yanked, '\n'));
	editor_keys(ui, ":set<Space>clipboard<Enter>");
	cr_assert(ui_press(ui, 'y') & DID_COPY);
	SEES(ui, "clipboard");
	editor_keys(ui, "gg");
	cr_assert_not(ui_press(ui, 'Y') & DID_COPY);
	SEES(ui, "no overrides entry");
}

Test(ui_views, constants_are_drawn_when_asked_for)
{
	struct ui *ui = editor_on(
		fixture_make("A MatMul x,KERNEL[3,3] -> a\nB Relu a -> b\n!b\n"), 80, 24);

	editor_keys(ui, "j");
	cr_assert_not(strstr(editor_screen(ui), "KERNEL"));
	editor_keys(ui, ":set<Space>consts<Enter>");
	cr_assert_neq(picture_find(&ui->picture, 0), NULL);
	SEES(ui, "KERNEL");
}

Test(ui_views, lines_carry_names_shapes_and_types)
{
	struct ui *ui = promoted();

	ui_resize(ui, 250, 70);
	editor_keys(ui, ":set<Space>edge=name,shape,type<Enter>");
	SEES(ui, "Op5_out 1x2x3 u16");
	SEES(ui, "input_0 1x2x3 u8");
	editor_keys(ui, ":set<Space>edge=type<Enter>");
	cr_assert_null(strstr(editor_screen(ui), "1x2x3 u16"));
	SEES(ui, "│ u16");
	editor_keys(ui, ":set<Space>edge=colour<Enter>");
	SEES(ui, "none of name, shape, type");
	editor_keys(ui, ":set<Space>edge=none<Enter>");
	cr_assert_eq(ui->settings.edges, 0);
}

Test(ui_views, the_best_match_comes_first_while_a_filter_is_typed)
{
	struct ui *ui = editor_on(fixture_make("x_relu_add Sin x -> a\n"
					       "relu Cos a -> b\n"
					       "rel_u Cos b -> c\n!c\n"),
		80, 24);
	const struct graph *graph = ui->outcome->graph;

	editor_keys(ui, "\\relu");
	cr_assert_eq(rows_visible(&ui->rows), 3);
	cr_assert_str_eq(graph_node_label(graph, rows_at(&ui->rows, 0)), "relu");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 0);
	/* in list order when it is taken, the cursor on what was best */
	editor_keys(ui, "<Enter>");
	cr_assert_str_eq(graph_node_label(graph, rows_at(&ui->rows, 0)), "x_relu_add");
	cr_assert_str_eq(graph_node_label(graph, ui->target.node), "relu");
	/* given up, the cursor is where it was */
	editor_keys(ui, "<Esc>gg\\rel_u<Esc>");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 0);
}

Test(ui_views, a_word_that_is_no_name_may_be_an_operator)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "\\sigmo");
	SEES(ui, "No match for \"sigmo\".");
	SEES(ui, "Tab: op types (2 there).");
	editor_keys(ui, "<Tab>");
	cr_assert_eq(rows_visible(&ui->rows), 2);
	editor_keys(ui, "<Esc>/sigmo");
	SEES(ui, "no match; Tab: op types (2)");
	editor_keys(ui, "<Tab><Enter>");
	SEES(ui, "1/2");
}

Test(ui_views, the_legend_tells_what_this_graph_shows)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	cr_assert_null(strstr(editor_screen(ui), "Enter opens"));
	editor_keys(ui, ":fold<Space>op<Enter>");
	SEES(ui, "+ in front: closed, Enter opens");
}
