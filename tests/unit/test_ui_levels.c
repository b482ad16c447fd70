/* Bodies of If and Loop as levels of the outline. */
#include "build.h"
#include "ui_fixture.h"

#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

/* An If whose branches read `a` of the main graph; in the else branch another If. */
static struct ui *branching(void)
{
	Onnx__ModelProto *m = proto_model(17);
	Onnx__GraphProto *then = proto_body(), *other = proto_body(),
			 *deep = proto_body();
	Onnx__NodeProto *node, *inner;

	proto_input(m->graph, "x", ELEMENT_FLOAT, "1,4");
	proto_input(m->graph, "c", ELEMENT_BOOL, "");
	proto_node(m->graph, "Relu", "first", "x", "a");
	proto_node(then, "Sin", "then1", "a", "t1");
	proto_node(then, "Cos", "then2", "t1", "t");
	proto_output(then, "t", ELEMENT_FLOAT, "1,4");
	proto_node(deep, "Tanh", "deep1", "a", "d");
	proto_output(deep, "d", ELEMENT_FLOAT, "1,4");
	inner = proto_node(other, "If", "inner", "c", "e");
	proto_graph(inner, "then_branch", deep);
	proto_graph(inner, "else_branch", deep);
	proto_output(other, "e", ELEMENT_FLOAT, "1,4");
	node = proto_node(m->graph, "If", "choice", "c", "y");
	proto_graph(node, "then_branch", then);
	proto_graph(node, "else_branch", other);
	proto_node(m->graph, "Relu", "last", "y", "z");
	proto_output(m->graph, "z", ELEMENT_FLOAT, "1,4");
	return editor_on(fixture_of(m), 100, 24);
}

static const char *here(const struct ui *ui)
{
	return graph_node_label(ui->rows.graph, ui->target.node);
}

Test(ui_levels, enter_goes_in_and_q_comes_back)
{
	struct ui *ui = branching();

	editor_keys(ui, ":go<Space>choice<Enter>");
	SEES(ui, "choice/");
	editor_keys(ui, "<Enter>");
	SEES(ui, "choice/then_branch");
	SEES(ui, "outer");
	SEES(ui, "then2");
	cr_assert_eq(ui->lists[PANE_OUTLINE].count, 3);
	editor_keys(ui, "gb");
	SEES(ui, "choice/else_branch");
	editor_keys(ui, "G<Enter>");
	SEES(ui, "─1 Outline ..ch/inner/then_branch");
	SEES(ui, "then_branch");
	SEES(ui, "deep1");
	editor_keys(ui, "q");
	cr_assert_str_eq(here(ui), "inner");
	editor_keys(ui, "<BS>");
	cr_assert_str_eq(here(ui), "choice");
	cr_assert_eq(ui->rows.scope, 0);
	cr_assert_eq(ui_press(ui, 'q') & DID_QUIT, DID_QUIT);
}

Test(ui_levels, jumps_cross_levels)
{
	struct ui *ui = branching();

	editor_keys(ui, ":go<Space>choice<Enter><Enter>G");
	cr_assert_str_eq(here(ui), "then2");
	editor_keys(ui, "ma <C-o>");
	cr_assert_str_eq(here(ui), "choice");
	/* the box after ' tells the marks */
	editor_keys(ui, "'");
	ui->now += 500;
	SEES(ui, "a      then2");
	editor_keys(ui, "a");
	cr_assert_str_eq(here(ui), "then2");
	cr_assert_neq(ui->rows.scope, 0);
	editor_keys(ui, "gd");
	cr_assert_str_eq(here(ui), "then1");
	editor_keys(ui, "gd");
	cr_assert_str_eq(here(ui), "first");
	cr_assert_eq(ui->rows.scope, 0);
	editor_keys(ui, "<C-p>deep1<Enter>");
	SEES(ui, "─1 Outline ..ch/inner/then_branch");
	cr_assert_str_eq(here(ui), "deep1");
	editor_keys(ui, "/sin<Enter><Esc>\\deep<Enter><Esc>sss");
	cr_assert_str_eq(here(ui), "deep1");
}

Test(ui_levels, bodies_are_not_edited_and_say_why)
{
	struct ui *ui = branching();

	editor_keys(ui, "<C-p>then2<Enter>p");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	SEES(ui, "subgraph");
	editor_keys(ui, "V k p");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	SEES(ui, "subgraph");
	/* what is captured is a tensor of the main graph */
	editor_keys(ui, "<Esc>ggp");
	cr_assert_eq(ui->session->plan->seeds.count, 1);
	editor_keys(ui, "u");
	editor_keys(ui, ":body<Space>nothing<Enter>");
	SEES(ui, "no body is named so");
	editor_keys(ui, "q :fold<Space>op<Enter>q");
	cr_assert_eq(ui->rows.scope, 0);
}
