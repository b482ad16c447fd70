/* The Flow drawing: what feeds a node, the node, who reads it. Exact for any number of
 * readers; only what is visible is looked at. */
#include "base/text.h"
#include "onnx/schema.h"
#include "ui/panes.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

/* The node in the middle, and where the three parts stand. */
struct flow {
	struct ui *ui;
	const struct outcome *outcome;
	const struct graph *graph;
	const struct area *area;
	node_id node; /* GRAPH_NONE: a graph input */
	const struct schema *schema;
	int y;
	uint32_t skip; /* readers of the first output that were scrolled away */
};

static const char *slot_name(const struct flow *flow, uint32_t slot)
{
	const struct schema_input *input = schema_input_at(flow->schema, slot);

	return input ? input->name : "";
}

static int draw_node_word(const struct flow *flow, int x, int y, int width, node_id node)
{
	bool promoted = node_is_promoted(flow->outcome, node);
	enum role role = node_role(flow->outcome, node);
	const char *name = graph_node_label(flow->graph, node);

	x = area_text(flow->area, x, y, role, promoted ? "[" : " ");
	x = area_name(flow->area, x, y, width - 2, role, name);
	return area_text(flow->area, x, y, role, promoted ? "]" : " ");
}

/* "├⇄16▶ [Op4] MatMul u16 *" */
static void draw_reader(const struct flow *flow, int x, int y, tensor_id tensor,
	node_id node, const char *branch)
{
	const struct area *area = flow->area;
	enum qtype seen = outcome_seen(flow->outcome, tensor, node);
	bool converts = seen && seen != flow->outcome->tensors[tensor].stored;
	char mark[2] = {node_mark(flow->outcome, node)};
	int wide = area->r.w - x > 34 ? 16 : 10;

	x = area_text(area, x, y, ROLE_RULE, branch);
	area_text(area, x, y, ROLE_RULE, "───▶");
	if (converts)
		area_print(area, x, y, ROLE_BOUNDARY, "⇄%d", type_bits(seen));
	x += 4;
	draw_node_word(flow, x, y, wide, node);
	x += wide + 1;
	area_name(area, x, y, 9, ROLE_TEXT, graph_op_type(flow->graph, node));
	x += 10;
	x = area_text(area, x, y, node_role(flow->outcome, node),
		word_type(flow->outcome->nodes[node].seen));
	area_text(area, x + 1, y, node_role(flow->outcome, node), mark);
}

/* Readers of one tensor from line flow->y on; false when the pane is full. */
static bool draw_readers(struct flow *flow, int x, tensor_id tensor, int stop)
{
	uint32_t count, first = 0;
	const struct graph_reader *readers =
		graph_readers_of(flow->graph, tensor, &count);

	if (flow->skip && flow->skip < count) {
		area_print(flow->area, x, flow->y++, ROLE_MUTED, "├─ +%u above",
			flow->skip + 1);
		first = flow->skip + 1;
	}
	for (uint32_t i = first; i < count; i++) {
		bool last = i + 1 == count;

		if (i && readers[i - 1].node == readers[i].node)
			continue;
		if (flow->y + 1 >= stop && !last) {
			area_print(flow->area, x, flow->y++, ROLE_MUTED,
				"╰─ +%u reader%s", count - i, text_s(count - i));
			return false;
		}
		draw_reader(
			flow, x, flow->y++, tensor, readers[i].node, last ? "╰" : "├");
	}
	return flow->y < stop;
}

static uint32_t count_readers(const struct flow *flow)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < flow->graph->nodes[flow->node].output_count; i++) {
		tensor_id out = graph_output_of(flow->graph, flow->node, i);

		if (out != GRAPH_NONE)
			count += flow->graph->tensors[out].reader_count;
	}
	return count;
}

static void draw_tensor_line(struct flow *flow, int x, int y, int width, tensor_id tensor)
{
	const struct area *area = flow->area;
	int type = x + width - 4;

	area_name(area, x, y, width - 5, tensor_role(flow->outcome, tensor),
		graph_tensor_name(flow->graph, tensor));
	area_text(area, type, y, tensor_role(flow->outcome, tensor),
		word_tensor_type(flow->outcome, tensor));
}

/* One input: its name and type; with `slot_word` where it comes from, and that word
 * at the right. */
static void draw_input(
	struct flow *flow, int y, uint32_t slot, int width, const char *slot_word)
{
	tensor_id tensor = graph_input_of(flow->graph, flow->node, slot);
	const struct area *area = flow->area;
	enum qtype seen;
	char text[64];

	if (tensor == GRAPH_NONE) {
		area_text(area, 1, y, ROLE_MUTED, "(absent)");
		return;
	}
	draw_tensor_line(flow, 1, y, width, tensor);
	seen = outcome_seen(flow->outcome, tensor, flow->node);
	if (slot_word) {
		int stop = area->r.w - 1 - text_columns(area->frame, slot_word);

		area_field(area, width + 3, y, stop - width - 4, ROLE_MUTED,
			word_origin(flow->graph, tensor, text, sizeof(text)));
		area_text(area, stop, y, ROLE_MUTED, slot_word);
	}
	if (seen && seen != flow->outcome->tensors[tensor].stored &&
		!graph_is_constant(flow->graph, tensor))
		area_print(area, width - 1, y, ROLE_BOUNDARY, "⇄%d", type_bits(seen));
}

static void draw_heading(
	const struct area *area, int x, int y, const char *word, uint32_t count)
{
	x = area_text(area, x, y, ROLE_MUTED, word);
	if (count)
		area_print(area, x, y, ROLE_MUTED, " %u", count);
}

/* Inputs above, the node, readers below: for narrow places. */
static void draw_upright(struct flow *flow)
{
	const struct area *area = flow->area;
	const struct graph_node *node = &flow->graph->nodes[flow->node];
	uint32_t inputs = node->input_count;
	uint32_t room = area->r.h > 8 ? (uint32_t)area->r.h / 2 - 2 : 1;
	int width = area->r.w > 48 ? 25 : area->r.w > 44 ? 23 : area->r.w - 19;

	draw_heading(area, 1, flow->y++, "FED BY", 0);
	for (uint32_t i = 0; i < inputs && i < room; i++)
		draw_input(flow, flow->y++, i, width, slot_name(flow, i));
	if (inputs > room)
		area_print(area, 2, flow->y++, ROLE_MUTED, "+%u input%s", inputs - room,
			text_s(inputs - room));
	flow->y += area->r.h > 10;
	draw_node_word(flow, 1, flow->y, 24, flow->node);
	area_name(area, 26, flow->y, area->r.w - 26 - 5, ROLE_TEXT,
		graph_op_type(flow->graph, flow->node));
	area_right(area, area->r.w - 1, flow->y, node_role(flow->outcome, flow->node),
		word_type(flow->outcome->nodes[flow->node].seen));
	area_mark(area, 1, flow->y++, area->r.w - 1, MARK_STRONG);
	for (uint32_t i = 0; i < node->output_count && flow->y < area->r.h; i++) {
		tensor_id out = graph_output_of(flow->graph, flow->node, i);

		if (out == GRAPH_NONE)
			continue;
		draw_tensor_line(flow, 2, flow->y, width, out);
		if (flow->graph->tensors[out].flags & TENSOR_OUTPUT)
			area_text(area, width + 3, flow->y, ROLE_MUTED, "graph output");
		flow->y++;
		if (!draw_readers(flow, 3, out, area->r.h))
			break;
	}
}

/* The box of the node between its inputs and its readers. */
static void draw_box(struct flow *flow, int x, int width, int height)
{
	const struct graph_node *node = &flow->graph->nodes[flow->node];
	struct area box = area_part(flow->area, x, 1, width, height + 2);
	char title[64], type[256];

	text_escape(type, sizeof(type), graph_node_label(flow->graph, flow->node),
		strlen(graph_node_label(flow->graph, flow->node)));
	snprintf(title, sizeof(title), "%.24s · %s", type,
		word_type(flow->outcome->nodes[flow->node].seen));
	area_box(&box, title, NULL);
	area_right(&box, width - 2, height, ROLE_MUTED,
		graph_op_type(flow->graph, flow->node));
	for (uint32_t i = 0; i < node->input_count && (int)i < height; i++) {
		area_print(
			&box, 2, 1 + (int)i, ROLE_MUTED, "%u %s", i, slot_name(flow, i));
		area_text(&box, 0, 1 + (int)i, ROLE_CARD, "┤");
	}
	area_mark(flow->area, x + 1, 1, width - 2, MARK_STRONG);
}

static void draw_outputs(struct flow *flow, int x, int width)
{
	const struct graph_node *node = &flow->graph->nodes[flow->node];

	flow->y = 2;
	for (uint32_t i = 0; i < node->output_count && flow->y < flow->area->r.h; i++) {
		tensor_id out = graph_output_of(flow->graph, flow->node, i);

		if (out == GRAPH_NONE)
			continue;
		draw_tensor_line(flow, x, flow->y, width, out);
		if (flow->graph->tensors[out].flags & TENSOR_OUTPUT)
			area_text(flow->area, x + width, flow->y, ROLE_MUTED, "output");
		flow->y++;
		if (!draw_readers(flow, x + 1, out, flow->area->r.h))
			break;
	}
}

/* Side by side, as the guide sketches it: for 76 columns and more. */
static void draw_across(struct flow *flow)
{
	const struct graph_node *node = &flow->graph->nodes[flow->node];
	const struct area *area = flow->area;
	uint32_t room = area->r.h > 4 ? (uint32_t)area->r.h - 4 : 1;
	uint32_t inputs = node->input_count < room ? node->input_count : room;
	int width = area->r.w / 3, box = 24, x = width + 4;

	draw_heading(area, 1, 0, "FED BY", 0);
	draw_heading(area, x + 2, 0, "NODE", 0);
	draw_heading(area, x + box + 2, 0, "READ BY", count_readers(flow));
	draw_box(flow, x, box, inputs < 2 ? 2 : (int)inputs);
	for (uint32_t i = 0; i < inputs; i++) {
		draw_input(flow, 2 + (int)i, i, width - 1, NULL);
		area_text(area, width + 2, 2 + (int)i, ROLE_RULE, "─▶");
	}
	if (inputs < node->input_count)
		area_print(area, 1, 3 + (int)inputs, ROLE_MUTED, "+%u input%s",
			node->input_count - inputs, text_s(node->input_count - inputs));
	draw_outputs(flow, x + box + 2, 20);
}

static void draw_graph_input(struct flow *flow, tensor_id tensor)
{
	char text[64];

	draw_tensor_line(flow, 1, flow->y, 26, tensor);
	area_text(flow->area, 28, flow->y++, ROLE_MUTED,
		word_origin(flow->graph, tensor, text, sizeof(text)));
	draw_readers(flow, 2, tensor, flow->area->r.h);
}

/* How many readers of what is shown lie above: at most so many that some are seen. */
static uint32_t skipped(const struct flow *flow, int rows)
{
	tensor_id tensor = flow->node == GRAPH_NONE
				   ? flow->ui->shown.tensor
				   : graph_output_of(flow->graph, flow->node, 0);
	uint32_t count =
		tensor == GRAPH_NONE ? 0 : flow->graph->tensors[tensor].reader_count;
	uint32_t most = count > (uint32_t)rows / 2 ? count - (uint32_t)rows / 2 : 0;

	if ((uint32_t)flow->ui->flow_top > most)
		flow->ui->flow_top = (int)most;
	return (uint32_t)flow->ui->flow_top;
}

void flow_draw(struct ui *ui, const struct area *area, bool focused)
{
	struct flow flow = {
		ui, ui->outcome, ui->outcome->graph, area, ui->shown.node, NULL, 0, 0};
	if (graph_pane_is_held(ui))
		flow.skip = skipped(&flow, area->r.h);

	if (focused)
		area_cursor(area, 0, 0);
	if (flow.node == GRAPH_NONE) {
		if (ui->shown.tensor != GRAPH_NONE)
			draw_graph_input(&flow, ui->shown.tensor);
		else
			area_text(area, 1, 0, ROLE_MUTED, "Nothing under the cursor.");
		return;
	}
	flow.schema = schema_find(
		graph_op_type(flow.graph, flow.node), model_opset(flow.graph->model));
	if (area->r.w >= 76)
		draw_across(&flow);
	else
		draw_upright(&flow);
}
