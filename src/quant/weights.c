/* The parameters of constants (qdq-semantics.md 1.5, 1.9, 1.10, 4.6). */
#include "quant/weights.h"

#include "base/text.h"
#include "onnx/tensor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct measuring {
	struct weight_list *list;
	const struct marks *marks;
	const struct quant_options *options;
	const struct overrides *overrides;
	struct error *err;
};

static bool refuse(const struct measuring *m, const struct weight *w, const char *cause,
	const char *remedy)
{
	return error_set(m->err, ERROR_REFUSED, "%s: %s; %s",
		text_quoted_z(marks_tensor_name(m->marks, w->tensor)), cause, remedy);
}

/* ---- shape */

static bool set_layout(const struct measuring *m, struct weight *w)
{
	if (!tensor_count(w->proto, &w->count, m->err))
		return false;
	w->outer = w->extent = w->inner = 1;
	for (size_t i = 0; i < w->proto->n_dims && w->axis >= 0; i++) {
		uint64_t dim = (uint64_t)w->proto->dims[i];

		if ((int64_t)i < w->axis)
			w->outer *= dim;
		else if ((int64_t)i > w->axis)
			w->inner *= dim;
		else
			w->extent = dim;
	}
	w->scale_count = w->axis < 0 ? 1 : w->extent;
	if (w->block) {
		uint64_t block = (uint64_t)w->block;

		w->scale_count = w->outer * w->inner *
				 (w->extent / block + (w->extent % block != 0));
	}
	return true;
}

static bool allocate(const struct measuring *m, struct weight *w)
{
	w->scales = arena_zalloc(&m->list->arena, w->scale_count, sizeof(*w->scales));
	w->zero_points =
		arena_zalloc(&m->list->arena, w->scale_count, sizeof(*w->zero_points));
	return (w->scales && w->zero_points) || error_set_memory(m->err, "scales");
}

/* ---- scales */

/* The entry whose rmin, rmax, scale and zero point channel i has (Q6). */
static const struct entry *entry_of_channel(
	const struct measuring *m, const struct entry_list *list, uint64_t i)
{
	static const struct entry none = {0};

	if (!list || !list->count)
		return &none;
	if (i < list->count)
		return &list->entries[i];
	return m->options->ort_compatible || list->count > 1 ? &none : &list->entries[0];
}

/* ONNX Runtime fails only when it quantizes with them, so not with AddQDQPairToWeight. */
static bool take_few(
	const struct measuring *m, struct weight *w, const struct entry_list *list)
{
	w->scale_count = list->count;
	if (!allocate(m, w))
		return false;
	for (uint64_t i = 0; i < w->scale_count; i++) {
		w->scales[i] =
			scale_round(w->element, (double)list->entries[i].own.scale);
		w->zero_points[i] = list->entries[i].own.zero_point;
	}
	return true;
}

/* Which of two types it must fit is known only now, with the mark. */
static bool check_zero_point(const struct measuring *m, struct weight *w, int32_t value)
{
	const struct qtype_info *type = &qtypes[w->type];

	return (value >= type->full[0] && value <= type->full[1]) ||
	       refuse(m, w, "has a zero point outside its type in the overrides",
		       "give one that the type holds, or a quant_type");
}

static bool take_given(
	const struct measuring *m, struct weight *w, const struct entry_list *list)
{
	if (m->options->ort_compatible && w->axis >= 0 && list->count != w->scale_count)
		return m->options->add_qdq_pair_to_weight
			       ? take_few(m, w, list)
			       : refuse(m, w,
					 "has one scale and zero point for several "
					 "channels, where "
					 "ONNX Runtime fails",
					 "give one entry for each channel, or leave out "
					 "--ort-compatible");
	for (uint64_t i = 0; i < w->scale_count; i++) {
		const struct entry_params *p = &entry_of_channel(m, list, i)->own;

		w->scales[i] = scale_round(w->element, (double)p->scale);
		w->zero_points[i] = p->zero_point;
		if (!check_zero_point(m, w, p->zero_point))
			return false;
	}
	return true;
}

static bool compute_one(const struct measuring *m, struct weight *w,
	const struct entry_list *list, uint64_t i)
{
	const struct entry_params *p = &entry_of_channel(m, list, i)->own;
	struct scale_rule rule = {.type = w->type,
		.element = w->element,
		.symmetric = w->symmetric,
		.reduced = w->reduced,
		.has_minimum = m->options->has_minimum_real_range,
		.minimum = m->options->minimum_real_range};
	struct scale scale = {.value = 1.0};
	bool nan = w->extremes.nan[i], ok;
	double low = nan ? NAN : w->extremes.low[i];
	double high = nan ? NAN : w->extremes.high[i];

	if (!w->block && (p->has & ENTRY_RMIN))
		low = scale_round(w->element, (double)p->rmin);
	if (!w->block && (p->has & ENTRY_RMAX))
		high = scale_round(w->element, (double)p->rmax);
	if (i == 0) {
		w->low = low;
		w->high = high;
	}
	if (w->block)
		ok = scale_from_block(&rule, low, high, &scale);
	else
		ok = w->count == 0 || scale_from_range(&rule, low, high, &scale);
	w->scales[i] = scale.value;
	w->zero_points[i] = scale.zero_point;
	return ok || refuse(m, w, "holds values that are not numbers (NaN)",
			     "exclude its nodes, or mend the weights");
}

/* ---- what the entry and the mark say */

static bool is_given(const struct entry_list *list)
{
	const unsigned both = ENTRY_SCALE | ENTRY_ZERO_POINT;

	return list && list->count && (list->entries[0].own.has & both) == both;
}

static bool choose_axis(const struct measuring *m, struct weight *w,
	const struct mark *mark, const struct entry_params *p)
{
	int64_t rank = (int64_t)w->proto->n_dims;
	bool given = p->has & ENTRY_AXIS;
	int64_t axis = given ? p->axis : mark->axis;

	w->axis = -1;
	if (!given && axis < 0)
		return true;
	if (axis < -rank || axis >= rank)
		return refuse(m, w, "has a per-channel axis outside of its rank",
			"correct `axis`");
	w->axis = (int32_t)(axis < 0 ? axis + rank : axis);
	return true;
}

static bool choose_block(
	const struct measuring *m, struct weight *w, const struct mark *mark)
{
	if (mark->kind != MARK_WEIGHT || m->options->block_size <= 0)
		return true;
	if (w->proto->n_dims != 2)
		return refuse(m, w, "BlockSize is for weights of rank 2, this one is not",
			"exclude its nodes, or leave out BlockSize");
	w->block = m->options->block_size;
	w->axis = w->axis < 0 ? 0 : w->axis;
	return true;
}

static void choose_type(const struct measuring *m, struct weight *w,
	const struct mark *mark, const struct entry_params *p)
{
	const struct quant_options *o = m->options;
	bool is_weight = mark->kind == MARK_WEIGHT;

	w->type = is_weight ? o->weight_type : o->activation_type;
	if (p->has & ENTRY_TYPE)
		w->type = p->type;
	w->symmetric = w->axis >= 0 || (is_weight ? scale_weight_symmetric(o, w->type)
						  : o->activation_symmetric);
	if (p->has & ENTRY_SYMMETRIC)
		w->symmetric = p->symmetric;
	w->reduced = p->has & ENTRY_REDUCE_RANGE ? p->reduce_range : o->reduce_range;
}

/* What ONNX Runtime fails on. */
static bool check_compatible(
	const struct measuring *m, const struct weight *w, const struct entry_list *list)
{
	if (!m->options->ort_compatible)
		return true;
	if (list && !list->count)
		return refuse(m, w,
			"has an empty list of overrides, where ONNX Runtime fails",
			"take it out of the overrides");
	if (w->axis >= 0 && !w->block && !w->extent)
		return refuse(m, w, "has no channels, where ONNX Runtime fails",
			"exclude its nodes, or leave out --ort-compatible");
	return true;
}

/* The one entry there is counts for every channel (Q6). */
static bool is_spread(
	const struct measuring *m, const struct weight *w, const struct entry_list *list)
{
	const unsigned keys = ENTRY_RMIN | ENTRY_RMAX | ENTRY_SCALE;

	return !m->options->ort_compatible && w->axis >= 0 && !w->block &&
	       w->scale_count > 1 && list && list->count == 1 &&
	       (list->entries[0].own.has & keys);
}

/* The overrides of a constant; a copy of a bias has none. */
static const struct entry_list *given_entries(const struct measuring *m, tensor_id tensor)
{
	return tensor < m->marks->graph->tensor_count
		       ? overrides_find(m->overrides, tensor)
		       : NULL;
}

/* Of a quantized model's file: unless the type or an entry asks for other numbers. */
static void take_stored(
	struct weight *w, const struct mark *mark, const struct entry_params *p)
{
	const unsigned other =
		ENTRY_SYMMETRIC | ENTRY_REDUCE_RANGE | ENTRY_RMIN | ENTRY_RMAX;
	const struct stored_numbers *stored = mark->stored;

	if (w->given || !stored || stored->type != w->type || (p->has & other) ||
		stored->count != w->scale_count)
		return;
	w->given = w->stored = true;
	for (uint64_t i = 0; i < w->scale_count; i++) {
		w->scales[i] = stored->scales[i];
		w->zero_points[i] = stored->zero_points[i];
	}
}

/* Everything but scales that come from the data. */
static bool choose(const struct measuring *m, struct weight *w, const struct mark *mark)
{
	static const struct entry none = {0};
	const struct entry_list *list = given_entries(m, mark->tensor);
	const struct entry_params *p =
		list && list->count ? &list->entries[0].own : &none.own;

	w->proto =
		graph_constant(m->marks->graph, marks_original(m->marks, mark->tensor));
	w->tensor = mark->tensor;
	w->element = w->proto->data_type;
	w->given = is_given(list);
	if (!choose_axis(m, w, mark, p))
		return false;
	choose_type(m, w, mark, p);
	if (!w->given && !choose_block(m, w, mark))
		return false;
	if (!set_layout(m, w) || !allocate(m, w) || !check_compatible(m, w, list))
		return false;
	w->spread = is_spread(m, w, list);
	if (w->given)
		return take_given(m, w, list);
	take_stored(w, mark, p);
	return true;
}

static bool compute(const struct measuring *m, struct weight *w)
{
	const struct entry_list *list = given_entries(m, w->tensor);

	for (uint64_t i = 0; !w->given && i < w->scale_count; i++) {
		if (!compute_one(m, w, list, i))
			return false;
	}
	return true;
}

static bool is_constant(const struct marks *marks, tensor_id tensor)
{
	const struct graph *g = marks->graph;

	return (g->tensors[marks_original(marks, tensor)].flags &
		       (TENSOR_INITIALIZER | TENSOR_SPARSE)) == TENSOR_INITIALIZER;
}

static bool choose_one(const struct measuring *m, const struct mark *mark)
{
	struct weight weight = {0};

	if (!is_constant(m->marks, mark->tensor))
		return true;
	if (!choose(m, &weight, mark))
		return false;
	if (!ARRAY_PUSH(m->list, weight))
		return error_set_memory(m->err, "weights");
	m->list->of[mark->tensor] = (uint32_t)m->list->count;
	return true;
}

/* All constants in M, or one of them. */
static bool measure_some(struct weight_list *list, const struct marks *marks,
	const struct quant_options *options, const struct overrides *overrides,
	const struct mark *only, const struct quant_work *work, struct error *err)
{
	struct measuring m = {list, marks, options, overrides, err};
	bool ok;

	list->of = calloc((size_t)marks->tensor_count + 1, sizeof(*list->of));
	ok = list->of || error_set_memory(err, "weights");
	for (uint32_t i = 0; ok && !only && i < marks->count; i++)
		ok = choose_one(&m, &marks->marks[i]);
	if (ok && only)
		ok = choose_one(&m, only);
	ok = ok && weights_read_extremes(list, marks->graph->model, work, err);
	for (size_t i = 0; ok && i < list->count; i++)
		ok = compute(&m, &list->items[i]);
	return ok;
}

bool weights_measure(struct weight_list *list, const struct marks *marks,
	const struct quant_options *options, const struct overrides *overrides,
	const struct quant_work *work, struct error *err)
{
	return measure_some(list, marks, options, overrides, NULL, work, err);
}

bool weights_measure_one(struct weight_list *list, const struct marks *marks,
	const struct quant_options *options, const struct overrides *overrides,
	tensor_id tensor, struct error *err)
{
	const struct mark *mark = marks_find(marks, tensor);
	static const struct mark none = {.tensor = GRAPH_NONE};
	static const struct quant_work unseen = {0, NULL};

	return measure_some(
		list, marks, options, overrides, mark ? mark : &none, &unseen, err);
}

void weights_release(struct weight_list *list)
{
	ARRAY_RELEASE(list);
	free(list->of);
	arena_clear(&list->arena);
	*list = (struct weight_list){0};
}
