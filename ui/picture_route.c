/* The lines of a picture: in each gap between layers the edges of one tensor share a
 * track; tracks that do not meet share a row. All is thought from top to bottom; a
 * picture that runs across is the same with its axes exchanged. */
#include "ui/picture.h"

#include "base/array.h"
#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS_MOST = 1 << 21 };

/* All edges of a tensor from one item to the next layer. */
struct net {
	int from;
	tensor_id tensor;
	int low, high; /* columns */
	int track;     /* row among the tracks, -1: straight */
	bool placed;
};

/* One gap while its lines are laid. */
struct gap {
	struct picture *p;
	struct net *nets;
	int count, layer, tracks;
	bool mark_above, mark_below;
	int label; /* columns of the longest text on its lines */
	int head;  /* rows (columns, if across) above the tracks */
};

static int column(const struct picture *p, int item)
{
	return p->items[item].anchor;
}

static bool is_of(const struct picture_edge *edge, const struct net *net)
{
	return edge->from == net->from && edge->tensor == net->tensor;
}

static struct net *find_net(struct gap *gap, const struct picture_edge *edge)
{
	for (int i = 0; i < gap->count; i++)
		if (is_of(edge, &gap->nets[i]))
			return &gap->nets[i];
	return NULL;
}

static int edges_into(const struct picture *p, int item)
{
	int count = 0;

	for (uint32_t i = 0; i < p->edge_count; i++)
		count += p->edges[i].to == item;
	return count;
}

static int edges_out(const struct picture *p, const struct picture_edge *edge)
{
	int count = 0;

	for (uint32_t i = 0; i < p->edge_count; i++)
		count += p->edges[i].from == edge->from &&
			 p->edges[i].tensor == edge->tensor;
	return count;
}

static void gather(struct gap *gap)
{
	struct picture *p = gap->p;

	for (uint32_t i = 0; i < p->edge_count; i++) {
		struct picture_edge *edge = &p->edges[i];
		struct net *net;
		int to;

		if (p->items[edge->from].layer != gap->layer)
			continue;
		to = column(p, edge->to);
		if (p->items[edge->from].label > gap->label)
			gap->label = p->items[edge->from].label;
		net = find_net(gap, edge);
		if (!net) {
			net = &gap->nets[gap->count++];
			*net = (struct net){edge->from, edge->tensor,
				column(p, edge->from), column(p, edge->from), -1, false};
		}
		net->low = to < net->low ? to : net->low;
		net->high = to > net->high ? to : net->high;
		if (!edge->mark)
			continue;
		edge->mark_above = edges_into(p, edge->to) > 1 && edges_out(p, edge) == 1;
		gap->mark_above |= edge->mark_above;
		gap->mark_below |= !edge->mark_above;
	}
}

/* Must `a` lie above `b`? So if b comes down where a starts. */
static bool is_above(const struct gap *gap, const struct net *a, const struct net *b)
{
	const struct picture *p = gap->p;

	for (uint32_t i = 0; i < p->edge_count; i++)
		if (is_of(&p->edges[i], b) &&
			column(p, p->edges[i].to) == column(p, a->from))
			return true;
	return false;
}

/* Do the two nets end in one column? Then their lines may meet there. */
static bool meet_at(const struct gap *gap, const struct net *net, int at)
{
	const struct picture *p = gap->p;

	for (uint32_t i = 0; i < p->edge_count; i++)
		if (is_of(&p->edges[i], net) && column(p, p->edges[i].to) == at)
			return true;
	return false;
}

static bool collide(const struct gap *gap, const struct net *a, const struct net *b)
{
	if (a->high + 1 < b->low || b->high + 1 < a->low)
		return false;
	if (a->high == b->low && meet_at(gap, a, a->high) && meet_at(gap, b, a->high))
		return false;
	if (b->high == a->low && meet_at(gap, a, a->low) && meet_at(gap, b, a->low))
		return false;
	return true;
}

static bool may_place(const struct gap *gap, const struct net *net, int *least)
{
	*least = 0;
	for (int i = 0; i < gap->count; i++) {
		const struct net *other = &gap->nets[i];

		if (other == net || other->low == other->high ||
			!is_above(gap, other, net))
			continue;
		if (!other->placed)
			return false;
		if (other->track >= *least)
			*least = other->track + 1;
	}
	return true;
}

static void place_net(struct gap *gap, struct net *net, int track)
{
	for (int i = 0; i < gap->count; i++) {
		const struct net *other = &gap->nets[i];

		if (other == net || !other->placed || other->track != track ||
			!collide(gap, net, other))
			continue;
		track++;
		i = -1;
	}
	net->track = track;
	net->placed = true;
	if (track >= gap->tracks)
		gap->tracks = track + 1;
}

/* Nets that others wait for come first; a ring of them is cut anywhere. */
static void assign_tracks(struct gap *gap)
{
	bool moved = true;
	int least;

	while (moved) {
		struct net *waiting = NULL;

		moved = false;
		for (int i = 0; i < gap->count; i++) {
			struct net *net = &gap->nets[i];

			if (net->placed || net->low == net->high)
				continue;
			if (may_place(gap, net, &least)) {
				place_net(gap, net, least);
				moved = true;
			} else {
				waiting = net;
			}
		}
		if (!moved && waiting) {
			place_net(gap, waiting, 0);
			moved = true;
		}
	}
}

/* The sides as they are when rows and columns are exchanged. */
static unsigned exchanged(unsigned sides)
{
	return (sides & LINE_UP ? LINE_LEFT : 0u) |
	       (sides & LINE_DOWN ? LINE_RIGHT : 0u) |
	       (sides & LINE_LEFT ? LINE_UP : 0u) | (sides & LINE_RIGHT ? LINE_DOWN : 0u);
}

static void put(struct picture *p, int x, int y, unsigned sides, tensor_id tensor)
{
	int column_at = p->across ? y : x, row = p->across ? x : y;
	struct picture_cell *cell =
		&p->cells[(size_t)row * (size_t)p->w + (size_t)column_at];
	unsigned was = p->across ? exchanged(cell->sides) : cell->sides;

	if (!was || cell->tensor == tensor || (was & LINE_DOWN && sides & LINE_DOWN))
		was |= sides;
	else if (sides & (LINE_UP | LINE_DOWN))
		/* crossing lines of different tensors: the track is broken */
		was = sides;
	else
		return;
	cell->sides = (uint8_t)(p->across ? exchanged(was) : was);
	cell->tensor = tensor;
}

/* Rows that a conversion mark takes; across it is as long as its text. */
static int mark_size(const struct picture *p)
{
	return p->across ? 4 : 1;
}

static void put_vertical(struct picture *p, int x, int from, int to, tensor_id tensor)
{
	for (int y = from; y <= to; y++)
		put(p, x, y, LINE_UP | LINE_DOWN, tensor);
}

static void paint_net(struct gap *gap, const struct net *net, int top, int bottom)
{
	struct picture *p = gap->p;
	int at = column(p, net->from);
	int row = top + gap->head + net->track;

	if (net->track < 0) {
		put_vertical(p, at, top, bottom, net->tensor);
		return;
	}
	for (int x = net->low; x <= net->high; x++)
		put(p, x, row,
			(x > net->low ? LINE_LEFT : 0u) |
				(x < net->high ? LINE_RIGHT : 0u) |
				(x == at ? LINE_UP : 0u) |
				(meet_at(gap, net, x) ? LINE_DOWN : 0u),
			net->tensor);
	put_vertical(p, at, top, row - 1, net->tensor);
	for (uint32_t i = 0; i < p->edge_count; i++)
		if (is_of(&p->edges[i], net))
			put_vertical(p, column(p, p->edges[i].to), row + 1, bottom,
				net->tensor);
}

static bool resize(struct picture *p)
{
	size_t cells;

	p->w = p->h = 1;
	for (uint32_t i = 0; i < p->item_count; i++) {
		const struct picture_item *item = &p->items[i];

		int right = item->x + item->w;

		if (item->label && !p->across &&
			item->anchor + LABEL_BEHIND_MARK + item->label > right)
			right = item->anchor + LABEL_BEHIND_MARK + item->label;
		p->w = right > p->w ? right : p->w;
		p->h = item->y >= p->h ? item->y + 1 : p->h;
	}
	cells = (size_t)p->w * (size_t)p->h;
	if (cells > CELLS_MOST || !array_reserve((void **)&p->cells, &p->cell_room, cells,
					  sizeof(*p->cells)))
		return false;
	memset(p->cells, 0, cells * sizeof(*p->cells));
	return true;
}

/* Rows of a layer: one, or across as many columns as its longest name. */
static int layer_size(const struct picture *p, int layer)
{
	int most = 1;

	for (int i = p->first[layer]; p->across && i < p->first[layer + 1]; i++)
		if (p->items[p->order[i]].w > most)
			most = p->items[p->order[i]].w;
	return most;
}

static void set_layer(struct picture *p, int layer, int at)
{
	for (int i = p->first[layer]; i < p->first[layer + 1]; i++)
		*(p->across ? &p->items[p->order[i]].x : &p->items[p->order[i]].y) = at;
}

static int head_size(const struct gap *gap)
{
	int label = gap->label ? gap->label + LABEL_AT : 0;

	if (gap->p->across)
		return gap->mark_above * mark_size(gap->p) + label;
	return gap->mark_above || label;
}

static int gap_size(const struct gap *gap)
{
	int size = gap->tracks + gap->head + gap->mark_below * mark_size(gap->p);

	/* across there is a line before and an arrow behind */
	return gap->p->across ? size + 2 : size ? size : 1;
}

/* Across, a short name is followed by a line to the end of its layer. */
static void fill_layer(struct picture *p, int layer, int at, int size)
{
	for (int i = p->first[layer]; p->across && i < p->first[layer + 1]; i++) {
		const struct picture_item *item = &p->items[p->order[i]];
		int count;
		const int *below = picture_near(p, p->order[i], false, &count);
		int from = item->kind == ITEM_BEND ? at : at + item->w;

		if (count && below)
			put_vertical(p, item->anchor, from, at + size - 1,
				picture_tensor(p, p->order[i]));
	}
}

static void paint_bends(struct picture *p)
{
	for (uint32_t i = 0; i < p->item_count && !p->across; i++)
		if (p->items[i].kind == ITEM_BEND)
			put(p, p->items[i].anchor, p->items[i].y, LINE_UP | LINE_DOWN,
				p->items[i].id);
}

/* Two walks over the gaps: the first finds their sizes, the second paints. */
static void walk(struct picture *p, struct net *nets, bool paint)
{
	int at = 0;

	for (int layer = 0; layer < p->layers; layer++) {
		struct gap gap = {.p = p, .nets = nets, .layer = layer};
		int size = layer_size(p, layer), rows;

		set_layer(p, layer, at);
		if (layer + 1 == p->layers)
			break;
		gather(&gap);
		assign_tracks(&gap);
		gap.head = head_size(&gap);
		rows = gap_size(&gap);
		for (int i = 0; paint && i < gap.count; i++)
			paint_net(&gap, &nets[i], at + size, at + size + rows - 1);
		if (paint)
			fill_layer(p, layer, at, size);
		at += size + rows;
	}
}

bool picture_route(struct picture *p, struct error *err)
{
	struct net *nets = malloc((p->edge_count + 1) * sizeof(*nets));
	bool done = nets != NULL;

	if (done) {
		walk(p, nets, false);
		done = resize(p);
	}
	if (done) {
		walk(p, nets, true);
		paint_bends(p);
	}
	free(nets);
	return done || error_set_memory(err, "the picture");
}
