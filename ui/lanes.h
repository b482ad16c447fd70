/* Lanes of the outline (graph order): a lane is a live tensor. A window of rows is
 * reached from a copy of the state kept every LANE_STRIDE rows. */
#ifndef QDQEDIT_UI_LANES_H
#define QDQEDIT_UI_LANES_H

#include "ui/rows.h"

enum { LANES = 6, LANE_CELLS = 2 * LANES, LANE_STRIDE = 256 };

/* What runs between two rows. Tensors for which there was no lane are parked. */
struct lane_state {
	tensor_id tensor[LANES]; /* GRAPH_NONE: free */
	uint32_t used[LANES];    /* row that touched it last */
	uint32_t parked;         /* live tensors without a lane */
};

/* How one row looks: two cells for each lane. */
struct lane_row {
	const char *glyph[LANE_CELLS]; /* UTF-8 */
	tensor_id tensor[LANE_CELLS];  /* whose line the cell shows, GRAPH_NONE: none */
	int lane;                      /* where the node stands */
	uint32_t parked;               /* live tensors not shown behind this row */
	tensor_id parked_input;        /* an input that has no lane, or GRAPH_NONE */
};

struct lanes {
	const struct rows *rows; /* borrowed, in graph order, unfiltered */
	uint32_t *last;          /* last row that reads a tensor; by tensor */
	struct lane_state *kept; /* before row i * LANE_STRIDE */
	int limit;               /* lanes there may be, at most LANES */
	int most;                /* lanes in use at once */
};

/* Works out the lanes of all rows, with room for `limit` of them. */
bool lanes_build(
	struct lanes *lanes, const struct rows *rows, int limit, struct error *err);
void lanes_release(struct lanes *lanes);

/* The state before a row. */
void lanes_seek(const struct lanes *lanes, uint32_t row, struct lane_state *state);

/* Takes the row into the state; `out` may be NULL. */
void lanes_step(const struct lanes *lanes, uint32_t row, struct lane_state *state,
	struct lane_row *out);

#endif
