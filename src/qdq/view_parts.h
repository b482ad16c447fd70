/* Private to src/qdq: the steps of opening a view. */
#ifndef QDQEDIT_QDQ_VIEW_PARTS_H
#define QDQEDIT_QDQ_VIEW_PARTS_H

#include "qdq/view.h"

/* The group of a tensor of view->graph, or NULL. */
static inline const struct qdq_group *view_group(
	const struct qdq_view *view, tensor_id tensor)
{
	return tensor < view->graph->main_tensors && view->group_of[tensor]
		       ? &view->qdq->groups.items[view->group_of[tensor] - 1]
		       : NULL;
}

/* How a slot of a node of the file sees its tensor: enum qdq_side. */
static inline enum qdq_side view_slot_side(
	const struct qdq_view *view, node_id file_node, uint32_t slot)
{
	tensor_id tensor = graph_input_of(view->file, file_node, slot);

	return tensor == GRAPH_NONE ? SIDE_NONE
				    : (enum qdq_side)view->qdq->of_tensor[tensor].side;
}

static inline bool view_side_is_quantized(enum qdq_side side)
{
	return side == SIDE_OWN || side == SIDE_CONVERTED;
}

/* True if a node of view->graph reads behind a DQ or writes before a Q. */
bool view_is_quantized(const struct qdq_view *view, node_id node);

/* The zero point of a type's symmetric range. */
int32_t view_symmetric_zero(enum qtype type);

/* view->options (infer.c); the marks of the rules under them in *rules, which are NULL
 * when the graph cannot be marked. */
bool view_infer_options(struct qdq_view *view, const struct quant_options *options,
	struct marks **rules, struct error *err);

/* view->marks (view_marks.c). */
bool view_make_marks(struct qdq_view *view, const struct marks *rules, struct error *err);

/* view->ranges and view->overrides (view_ranges.c, view_overrides.c). */
bool view_make_ranges(struct qdq_view *view, struct error *err);
bool view_make_overrides(
	struct qdq_view *view, const struct marks *rules, struct error *err);

#endif
