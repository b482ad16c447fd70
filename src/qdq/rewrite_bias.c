/* Biases follow the scales of what their node reads. */
#include "qdq/rewrite_parts.h"

#include "base/text.h"
#include "rules/scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A bias, and the scales beside it before and after. */
struct bias {
	uint32_t group;
	node_id node;         /* of the view */
	double before, after; /* scale of the input */
	uint32_t weight;      /* group */
	struct qdq_numbers file_weight;
	uint64_t count; /* scales of the weight */
};

static uint32_t group_at(const struct rewriting *r, tensor_id tensor)
{
	return tensor < r->view->graph->main_tensors ? r->view->group_of[tensor] : 0;
}

/* The scale of the node's input; false if it reads it past its group. */
static bool find_input(const struct rewriting *r, tensor_id input, struct bias *b)
{
	uint32_t at = group_at(r, input);
	node_id file_node = r->view->file_node[b->node];
	const struct qdq_group *group;
	enum qdq_side side;

	if (!at || file_node == GRAPH_NONE)
		return false;
	group = rewriting_group(r, at - 1);
	side = view_slot_side(r->view, file_node, 0);
	if (group->kind == QDQ_BIAS || !view_side_is_quantized(side) ||
		!r->wishes[at - 1].own.count)
		return false;
	b->before = side == SIDE_CONVERTED ? group->converted.value : group->own.value;
	b->after = rewriting_converts(r, at - 1, b->node)
			   ? r->wishes[at - 1].converted.scales[0]
			   : r->wishes[at - 1].own.scales[0];
	return true;
}

/* True if the stored scale is the product of the two, as int32 biases have it. */
static bool is_product(const struct rewriting *r, const struct bias *b)
{
	double stored = rewriting_group(r, b->group)->own.value;
	double product = b->before * rewriting_group(r, b->weight)->own.value;

	return fabs(stored - product) <= 1e-3 * stored;
}

/* Whether the bias is to be quantized anew. */
static bool follows(struct rewriting *r, const struct bias_mark *mark, struct bias *b)
{
	uint32_t weight = group_at(r, mark->weight);

	b->node = mark->node;
	if (mark->weight == GRAPH_NONE || mark->input == GRAPH_NONE || !weight ||
		!find_input(r, mark->input, b))
		return false;
	b->weight = weight - 1;
	return (b->before != b->after || r->wishes[b->weight].weight) && is_product(r, b);
}

static double weight_scale(const struct rewriting *r, const struct bias *b, uint64_t i)
{
	const struct weight *w = r->wishes[b->weight].weight;

	return w ? w->scales[i] : (double)b->file_weight.scales[i];
}

static bool set_scales(struct rewriting *r, struct bias *b)
{
	const struct qdq_params *own = &rewriting_group(r, b->group)->own;
	double *scales = arena_zalloc(&r->model->arena, own->count + 1, sizeof(*scales));
	int32_t *zeros = arena_zalloc(&r->model->arena, own->count + 1, sizeof(*zeros));

	if (!scales || !zeros)
		return rewriting_no_memory(r);
	for (uint64_t i = 0; i < own->count; i++)
		scales[i] =
			scale_round(own->scale_element, b->after * weight_scale(r, b, i));
	r->wishes[b->group].own = (struct numbers){
		QTYPE_NONE, own->scale_element, own->count, scales, zeros};
	r->wishes[b->group].own_changed = true;
	return true;
}

static bool note(struct rewriting *r, uint32_t group, const char *cause)
{
	return problem_add(r->notes, SEVERITY_WARNING, "bias", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, text_quoted_z(rewriting_group(r, group)->name),
		       cause, "") ||
	       rewriting_no_memory(r);
}

static bool requantize(struct rewriting *r, struct bias *b)
{
	const struct qdq_group *group = rewriting_group(r, b->group);
	struct wish *wish = &r->wishes[b->group];
	double *values, *kept;
	uint64_t count;
	bool fine;

	if (rewriting_group(r, b->weight)->own.count != group->own.count)
		return note(r, b->group,
			"keeps its scale: it has not as many scales as the weight");
	if (!set_scales(r, b) ||
		!qdq_read_values(r->file, group, &values, &count, r->err))
		return false;
	kept = arena_zalloc(&r->model->arena, count + 1, sizeof(*kept));
	fine = kept || rewriting_no_memory(r);
	if (fine && count)
		memcpy(kept, values, count * sizeof(*kept));
	free(values);
	wish->values = kept;
	wish->value_count = count;
	return fine;
}

static bool wish_bias(struct rewriting *r, uint32_t index)
{
	tensor_id tensor = r->view->tensor_of[index];
	const struct bias_mark *mark =
		tensor == GRAPH_NONE ? NULL : marks_find_bias(r->view->marks, tensor);
	struct bias b = {.group = index};
	bool fine;

	if (!mark || !follows(r, mark, &b))
		return true;
	fine = qdq_numbers_read(r->file, &rewriting_group(r, b.weight)->own,
		       &b.file_weight, r->err) &&
	       requantize(r, &b);
	qdq_numbers_release(&b.file_weight);
	return fine;
}

bool rewriting_wish_biases(struct rewriting *r)
{
	for (uint32_t i = 0; i < r->qdq->groups.count; i++)
		if (rewriting_group(r, i)->kind == QDQ_BIAS && !wish_bias(r, i))
			return false;
	return true;
}
