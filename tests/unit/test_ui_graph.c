/* Rows, lanes and pictures of graphs. */
#include "plan_models.h"
#include "ui/lanes.h"
#include "ui/picture.h"
#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

static struct rows rows;
static struct lanes lanes;

static void list(struct fixture *f, enum row_order order)
{
	struct error err = ERROR_INIT;

	cr_assert(rows_build(&rows, fixture_outcome(f), 0, order, &err));
}

static const char *row_name(const struct fixture *f, uint32_t code)
{
	return code & ROW_TENSOR ? graph_tensor_name(f->graph, code & ~ROW_TENSOR)
				 : graph_node_label(f->graph, code);
}

/* Names and lanes of all rows as the guide sketches them. */
static char *draw(const struct fixture *f)
{
	static char text[8192];
	struct lane_state state;
	struct error err = ERROR_INIT;

	text[0] = '\0';
	cr_assert(lanes_build(&lanes, &rows, LANES, &err));
	lanes_seek(&lanes, 0, &state);
	for (uint32_t i = 0; i < rows.count; i++) {
		struct lane_row row;

		lanes_step(&lanes, i, &state, &row);
		for (int c = 0; c < 2 * lanes.most; c++)
			strcat(text, c == 2 * row.lane ? "*" : row.glyph[c]);
		strcat(text, row_name(f, rows.all[i]));
		strcat(text, "\n");
	}
	return text;
}

Test(ui_graph, outline_of_mixed8_is_as_sketched)
{
	struct fixture f = fixture_mixed8();

	list(&f, ORDER_GRAPH);
	cr_assert_str_eq(draw(&f), "*     input_0\n"
				   "*     Op1\n"
				   "*     Op3\n"
				   "│ *   input_1\n"
				   "│ *   Op2\n"
				   "│ ├─* Op4\n"
				   "╰─│─* Op5\n"
				   "  │ * Op6\n"
				   "  ├─* Op7\n"
				   "  *   Op8\n");
}

Test(ui_graph, residual_blocks_take_three_lanes)
{
	struct fixture f = fixture_make("A Relu x -> a\n"
					"B Relu a -> b\n"
					"C Add a,b -> c\n"
					"D Relu c -> d\n"
					"E Add c,d -> e\n"
					"F Relu e -> f\n"
					"G Add e,f -> g\n"
					"!g\n");

	list(&f, ORDER_GRAPH);
	cr_assert_str_eq(draw(&f), "*     x\n"
				   "*     A\n"
				   "├─*   B\n"
				   "╰─*   C\n"
				   "  ├─* D\n"
				   "  ╰─* E\n"
				   "  *─┤ F\n"
				   "  ╰─* G\n");
}

/* Every node once, behind what feeds it. */
static void check_order(const struct fixture *f)
{
	uint32_t nodes = 0;

	for (uint32_t i = 0; i < rows.count; i++) {
		uint32_t code = rows.all[i];

		if (code & ROW_TENSOR) {
			cr_assert_eq(rows_find_tensor(&rows, code & ~ROW_TENSOR), i);
			continue;
		}
		nodes++;
		cr_assert_eq(rows_find_node(&rows, code), i);
		for (uint32_t k = 0; k < f->graph->nodes[code].input_count; k++) {
			tensor_id in = graph_input_of(f->graph, code, k);
			node_id from = f->graph->tensors[in].producer;

			cr_assert(from == GRAPH_NONE || rows.of_node[from] < i);
		}
	}
	cr_assert_eq(nodes, f->graph->main_nodes);
}

Test(ui_graph, graph_order_is_topological)
{
	for (unsigned seed = 1; seed < 30; seed++) {
		struct fixture f = fixture_random(seed, 10 + seed * 7);

		list(&f, ORDER_GRAPH);
		check_order(&f);
		fixture_free(&f);
	}
}

Test(ui_graph, other_orders_hold_every_row)
{
	struct fixture f = fixture_random(3, 60);

	for (int order = ORDER_FILE; order < ORDER_COUNT; order++) {
		list(&f, (enum row_order)order);
		for (node_id node = 0; node < f.graph->main_nodes; node++)
			cr_assert_eq(rows.all[rows.of_node[node]], node);
	}
	list(&f, ORDER_NAME);
	for (uint32_t i = 1; i < rows.count; i++)
		cr_assert_leq(
			strcmp(row_name(&f, rows.all[i - 1]), row_name(&f, rows.all[i])),
			0);
}

Test(ui_graph, any_window_of_lanes_equals_the_walk_from_the_top)
{
	for (unsigned seed = 1; seed < 12; seed++) {
		struct fixture f = fixture_random(seed, 900);
		struct lane_state walk, sought;
		struct error err = ERROR_INIT;

		list(&f, ORDER_GRAPH);
		cr_assert(lanes_build(&lanes, &rows, 1 + (int)seed % LANES, &err));
		lanes_seek(&lanes, 0, &walk);
		for (uint32_t i = 0; i < rows.count; i++) {
			struct lane_row row;

			if (i % 37 == 0) {
				lanes_seek(&lanes, i, &sought);
				cr_assert_arr_eq(&walk, &sought, sizeof(walk));
			}
			lanes_step(&lanes, i, &walk, &row);
			cr_assert(row.lane >= 0 && row.lane < lanes.limit);
			cr_assert_leq(row.parked, f.graph->tensor_count);
		}
		for (int i = 0; i < LANES; i++)
			cr_assert_eq(walk.tensor[i], GRAPH_NONE, "seed %u", seed);
		cr_assert_eq(walk.parked, 0, "seed %u", seed);
		fixture_free(&f);
	}
}

static const struct picture_cell *cell(const struct picture *p, int x, int y)
{
	cr_assert(x >= 0 && y >= 0 && x < p->w && y < p->h);
	return &p->cells[y * p->w + x];
}

static void check_picture(const struct picture *p, unsigned seed)
{
	for (uint32_t i = 0; i < p->item_count; i++) {
		const struct picture_item *a = &p->items[i];

		cr_assert(a->x >= 0 && a->x + a->w <= p->w && a->y < p->h);
		for (uint32_t k = 0; k < i; k++) {
			const struct picture_item *b = &p->items[k];

			cr_assert(a->y != b->y || a->x >= b->x + b->w ||
					  b->x >= a->x + a->w,
				"seed %u: labels %u and %u overlap", seed, i, k);
		}
	}
	for (uint32_t i = 0; i < p->edge_count; i++) {
		const struct picture_item *from = &p->items[p->edges[i].from];
		const struct picture_item *to = &p->items[p->edges[i].to];

		cr_assert_eq(from->layer + 1, to->layer);
		if (p->across) {
			cr_assert(cell(p, to->x - 1, to->anchor)->sides & LINE_RIGHT);
			continue;
		}
		cr_assert(cell(p, from->anchor, from->y + 1)->sides & LINE_UP);
		cr_assert(cell(p, to->anchor, to->y - 1)->sides & LINE_DOWN);
	}
}

Test(ui_graph, pictures_hang_together)
{
	struct picture picture = {0};
	struct error err = ERROR_INIT;
	int across = 0;

	for (unsigned seed = 1; seed < 120; seed++) {
		struct fixture f = fixture_random(seed, 40);
		struct picture_wish wish = {fixture_outcome(&f), seed % 40,
			1 + (int)seed % 6, 30 + (int)seed, 20, seed & 1, seed & 2,
			seed % 8};

		picture_forget(&picture);
		cr_assert(picture_update(&picture, &wish, &err), "%s", err.text);
		cr_assert(picture_find(&picture, wish.root));
		check_picture(&picture, seed);
		across += picture.across;
		fixture_free(&f);
	}
	cr_assert(across > 10 && across < 110, "%d", across);
}

Test(ui_graph, a_picture_stays_while_the_cursor_is_in_it)
{
	struct fixture f = fixture_mixed8();
	struct picture picture = {0};
	struct picture_wish wish = {
		fixture_outcome(&f), node_of(&f, "Op4"), 2, 60, 20, false, false, 0};
	struct error err = ERROR_INIT;

	cr_assert(picture_update(&picture, &wish, &err));
	wish.root = node_of(&f, "Op6");
	cr_assert(picture_update(&picture, &wish, &err));
	cr_assert_eq(picture.root, node_of(&f, "Op4"));
	wish.root = node_of(&f, "Op1");
	cr_assert_null(picture_find(&picture, wish.root));
	cr_assert(picture_update(&picture, &wish, &err));
	cr_assert_eq(picture.root, node_of(&f, "Op1"));
}
