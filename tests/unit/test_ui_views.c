/* What can be looked at otherwise: order of Bounds, copies, constants in the graph. */
#include "support.h"
#include "ui_fixture.h"

#include "ui/panes.h"

#include <stdio.h>
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

/* The status line counts what a filter leaves, and names the ends of a range. */
Test(ui_views, the_status_line_tells_of_filters_and_ranges)
{
	struct ui *ui = promoted();

	editor_keys(ui, "\\op:Cos<Enter>");
	SEES(ui, "filter: op:Cos  2 of 10");
	editor_keys(ui, "<Esc>gg V jj");
	SEES(ui, "VISUAL  3 rows  input_0..Op3");
	editor_keys(ui, "<Esc>3");
	SEES(ui, "row 1/3");
	/* the tensor of pane 3 is not the outline's row: no row is told there */
	editor_keys(ui, "4");
	cr_assert_null(strstr(editor_screen(ui), "row "), "%s", editor_screen(ui));
}

/* Long messages are read to their end. */
Test(ui_views, long_messages_take_the_lines_above)
{
	struct ui *ui = promoted();

	ui_resize(ui, 40, 10);
	ui_say(ui, SEVERITY_ERROR, "%s",
		"a fault that is told in more words than one line of this screen has");
	SEES(ui, "a fault that is told in more words");
	SEES(ui, "than one line of this screen has");
	editor_keys(ui, "j");
	SEES(ui, "NORMAL");
}

Test(ui_views, hints_are_rare_and_about_what_is_new)
{
	struct hints hints = {0};
	const char *first, *second;

	cr_assert_null(hints_next(&hints, 1000));
	cr_assert_null(hints_next(&hints, 100000));
	hints_note_command(&hints, "why");
	first = hints_next(&hints, 181000);
	cr_assert(first);
	cr_assert_null(strstr(first, "w says why"));
	cr_assert_null(hints_next(&hints, 182000));
	second = hints_next(&hints, 400000);
	cr_assert(second && second != first);
	for (int i = 0; i < 40; i++)
		hints_next(&hints, 1000000 + 200000 * (uint64_t)i);
	cr_assert_null(hints_next(&hints, UINT64_MAX));
}

static bool nobody_waits(struct ui *ui, int ms)
{
	(void)ui;
	(void)ms;
	return false;
}

Test(ui_views, a_hint_comes_between_keys_and_can_be_switched_off)
{
	struct ui *ui = promoted();

	ui->wait = nobody_waits;
	editor_keys(ui, "j");
	ui->now += 200000;
	editor_keys(ui, "j");
	SEES(ui, "w says why");
	editor_keys(ui, "j");
	cr_assert_null(strstr(editor_screen(ui), "w says why"));
	editor_keys(ui, ":set<Space>nohints<Enter>");
	ui->now += 200000;
	editor_keys(ui, "k");
	cr_assert_str_empty(ui->messages.line);
}

/* Measured ranges that are in no file are told of when overrides are saved, and asked
 * for when all else is saved. */
Test(ui_views, leaving_would_lose_measured_ranges)
{
	struct ui *ui = editor_on_demo("mixed8");
	const char *path = test_path("ranges.json"), *overrides = test_path("o.json");
	struct ranges ranges = {0};
	struct error err = ERROR_INIT;

	cr_assert(ranges_copy(
		&ranges, ui->session->plan->ranges, ui->session->graph, &err));
	ranges.measured = true;
	cr_assert(plan_set_ranges(ui->session->plan, &ranges, &err), "%s", err.text);
	ranges_release(&ranges);
	cr_assert(ui_update(ui, &err));
	ui->now += 1000;
	editor_keys(ui, "jjjjjpq");
	SEES(ui, "10 ranges were measured and are in no file yet");
	SEES(ui, "s   save overrides and quit");
	editor_keys(ui, "<Esc>");
	cr_assert_not(ui_command(ui, test_text("wq %s", overrides)) & DID_QUIT);
	SEES(ui, "ranges in no file");
	cr_assert_null(strstr(editor_screen(ui), "save overrides"));
	editor_keys(ui, "sr");
	SEES(ui, ":save-ranges ranges.json");
	editor_keys(ui, "<Esc>");
	ui_command(ui, test_text("w %s", overrides));
	cr_assert(strstr(ui->messages.line, "in no file yet: :save-ranges FILE"));
	ui_command(ui, test_text("save-ranges %s", path));
	cr_assert_eq(ui->messages.severity, SEVERITY_NOTE, "%s", ui->messages.line);
	cr_assert(ui_command(ui, "q") & DID_QUIT);
}

/* The step of a type is that of the file: a reduced range is one of constants. */
Test(ui_views, a_reduced_range_leaves_the_steps_of_activations)
{
	struct ui *ui = editor_on_demo("mixed8");
	char step[80];

	editor_keys(ui, "jj4O");
	SEES(ui, "u8 step");
	sscanf(strstr(editor_screen(ui), "u8 step"), "%79[^\n]", step);
	editor_keys(ui, ":set<Space>reduce-range<Enter>");
	SEES(ui, step);
	editor_keys(ui, ":set<Space>ActivationSymmetric=true<Enter>");
	cr_assert_null(strstr(editor_screen(ui), step));
}

Test(ui_views, long_lines_of_the_json_move_sideways)
{
	struct ui *ui = promoted();

	editor_keys(ui, "5");
	cr_assert_null(
		strstr(editor_screen(ui), "\"quant_type\": \"QUInt8\", \"convert\""));
	editor_keys(ui, "l");
	SEES(ui, "\"Op2_out\": [{\"quant_type\": \"QUInt8\"");
	editor_keys(ui, "l");
	SEES(ui, "\"QUInt8\", \"convert\": {");
	editor_keys(ui, "hhh");
	cr_assert_eq(ui->sideways[PANE_JSON].left, 0);
}

/* The outline's too, as far as the longest goes; short ones stay where they are, and
 * groups still open and close. */
Test(ui_views, long_names_of_the_outline_move_sideways)
{
	struct ui *ui = editor_on_demo("attention");

	ui_resize(ui, 40, 10);
	editor_keys(ui, "j");
	SEES(ui, " att..ion_norm ");
	editor_keys(ui, "l");
	SEES(ui, " attention_nor ");
	editor_keys(ui, "lll");
	SEES(ui, " ttention_norm ");
	SEES(ui, " query_bias ");
	editor_keys(ui, "hh");
	SEES(ui, " att..ion_norm ");
	/* groups come first when they open, last when they close */
	ui_command(ui, "fold op");
	editor_keys(ui, "l");
	cr_assert_eq(ui->sideways[PANE_OUTLINE].left, 0);
	editor_keys(ui, "l h");
	cr_assert_eq(ui->folds.kind, FOLD_OP);
}

/* The makers and readers of the conversion under the cursor are bold in the outline. */
Test(ui_views, a_conversion_lights_its_nodes)
{
	struct ui *ui = promoted();
	int lit = 0;

	editor_keys(ui, "3");
	for (int y = 2; y < 12; y++)
		lit += (frame_cell(&ui->frame, 9, y)->marks & MARK_STRONG) != 0;
	/* Op2 makes it, Op4 reads it */
	cr_assert_eq(lit, 2);
	editor_keys(ui, "1");
	for (int y = 2; y < 12; y++)
		cr_assert_not(frame_cell(&ui->frame, 9, y)->marks & MARK_STRONG);
}

Test(ui_views, y_in_the_json_pane_keeps_the_entry)
{
	struct ui *ui = promoted();

	editor_keys(ui, "5 jj y");
	cr_assert(strstr(ui->copied, "\"recv_nodes\""), "%s", ui->copied);
	editor_keys(ui, "1 y");
	cr_assert_str_eq(ui->copied, "Op4_out");
}
