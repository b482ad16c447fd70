/* An encoding as an entry of overrides, and as a range. */
#include "export/encoding.h"

#include "rules/scale.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* What is said of the encoding at hand. */
struct placing {
	struct importer *importer;
	const struct encoding *encoding;
	tensor_id tensor;
	enum qtype type;
	int32_t axis; /* -1: one scale */
};

#define TELL(p, remedy, ...)                                                             \
	unplaced_add(&(p)->importer->unplaced, (p)->tensor, (p)->encoding->name,         \
		(p)->encoding->length, remedy, __VA_ARGS__)

/* ---- the axis, which older versions do not write */

static int64_t extent(const struct graph *g, tensor_id tensor, int32_t axis)
{
	return g->dims[g->tensors[tensor].first_dim + (uint32_t)axis];
}

/* The axis of the output channels for the node that reads a weight; -1: not told. */
static int32_t axis_of_reader(const struct graph *g, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *reader = graph_readers_of(g, tensor, &count);
	int32_t rank = g->tensors[tensor].rank;
	const char *type = count ? graph_op_type(g, reader->node) : "";

	if (!strcmp(type, "Conv"))
		return 0;
	if (!strcmp(type, "ConvTranspose"))
		return rank > 1 ? 1 : -1;
	if (!strcmp(type, "Gemm"))
		return graph_int_attribute(g, reader->node, "transB", 0) ? 0 : rank - 1;
	return strcmp(type, "MatMul") ? -1 : rank - 1;
}

int32_t encoding_channel_axis(const struct graph *g, tensor_id tensor, int64_t count)
{
	int32_t rank = g->tensors[tensor].rank, axis = axis_of_reader(g, tensor);

	if (axis >= 0 && axis < rank && extent(g, tensor, axis) == count)
		return axis;
	for (int32_t i = 0; i < rank; i++)
		if (extent(g, tensor, i) == count)
			return i;
	return -1;
}

/* The axis that the encoding says, or else that has as many channels; -1: none. */
static int32_t axis_of(const struct placing *p)
{
	const struct graph *g = p->importer->graph;
	const struct encoding *e = p->encoding;
	int32_t rank = g->tensors[p->tensor].rank;
	int64_t count = (int64_t)e->scales.count,
		axis = e->axis < 0 ? e->axis + rank : e->axis;

	if (!e->has_axis)
		return encoding_channel_axis(g, p->tensor, count);
	return axis >= 0 && axis < rank && extent(g, p->tensor, (int32_t)axis) == count
		       ? (int32_t)axis
		       : -1;
}

/* One scale needs no axis; it gets one when it is said to be a channel's. */
static bool find_axis(struct placing *p)
{
	size_t count = p->encoding->scales.count;
	bool constant = graph_is_constant(p->importer->graph, p->tensor);

	if (constant && (count > 1 || p->encoding->per_channel))
		p->axis = axis_of(p);
	if (count == 1 || p->axis >= 0)
		return true;
	if (constant)
		TELL(p, "", "%zu scales fit none of its axes: only the type is taken",
			count);
	else
		TELL(p, "",
			"%zu scales: only constants have one for each channel; only the "
			"type "
			"is taken",
			count);
	return false;
}

/* ---- entries */

static bool fits(const struct placing *p, size_t at)
{
	double scale = p->encoding->scales.items[at],
	       zero = p->encoding->zero_points.items[at];

	return scale > 0 && scale <= FLT_MAX && (float)scale > 0 && zero == rint(zero) &&
	       zero >= qtypes[p->type].full[0] && zero <= qtypes[p->type].full[1];
}

/* True if every scale and zero point can be written. */
static bool all_fit(struct placing *p)
{
	const struct encoding *e = p->encoding;

	for (size_t i = 0; i < e->scales.count; i++) {
		if (fits(p, i))
			continue;
		TELL(p, "",
			"scale %g with zero point %g is none of %s: only the type is "
			"taken",
			e->scales.items[i], e->zero_points.items[i],
			qtypes[p->type].name);
		return false;
	}
	return true;
}

static void set_channel(const struct placing *p, struct entry_params *params, size_t at)
{
	params->has = ENTRY_TYPE | ENTRY_SCALE | ENTRY_ZERO_POINT;
	params->type = p->type;
	params->scale = (float)p->encoding->scales.items[at];
	params->zero_point = (int32_t)p->encoding->zero_points.items[at];
	if (p->axis >= 0 && !at) {
		params->has |= ENTRY_AXIS;
		params->axis = p->axis;
	}
}

/* The entries, `count` of them; with 0: the type alone. */
static void put_entries(struct placing *p, size_t count)
{
	struct overrides *overrides = &p->importer->out->overrides;
	struct entry_list *list = overrides_add(overrides, p->importer->graph, p->tensor);

	if (!list ||
		!entry_list_set_count(overrides, list, count ? (uint32_t)count : 1)) {
		import_lose(p->importer);
		return;
	}
	list->entries[0].own = (struct entry_params){.has = ENTRY_TYPE, .type = p->type};
	for (size_t i = 0; i < count; i++)
		set_channel(p, &list->entries[i].own, i);
}

/* The ends of the grid, for tensors that are no constants. */
static void put_range(struct placing *p)
{
	const struct importer *m = p->importer;
	double scale = (float)p->encoding->scales.items[0],
	       zero = p->encoding->zero_points.items[0];
	int32_t type = m->graph->tensors[p->tensor].known_type == ELEMENT_FLOAT16
			       ? ELEMENT_FLOAT16
			       : ELEMENT_FLOAT;
	double low = scale_round(type, (qtypes[p->type].full[0] - zero) * scale),
	       high = scale_round(type, (qtypes[p->type].full[1] - zero) * scale);

	if (graph_is_constant(m->graph, p->tensor) || !isfinite(low) || !isfinite(high))
		return;
	if (!ranges_set(&m->out->ranges, m->graph, p->tensor, low, high, type, NULL))
		import_lose(p->importer);
}

/* What is not an integer type of this program. */
static bool is_placeable(struct placing *p)
{
	const struct graph *g = p->importer->graph;
	const struct encoding *e = p->encoding;

	if (overrides_find(&p->importer->out->overrides, p->tensor)) {
		TELL(p, "keep one of them", "a second encoding of the same tensor");
		return false;
	}
	if (import_is_bias(g, p->tensor))
		return false; /* told once */
	p->type = qtype_of_bits(e->bits, e->is_signed);
	if (p->type)
		return true;
	TELL(p, "", "%s%d is no quantization type here", e->is_signed ? "int" : "uint",
		e->bits);
	return false;
}

void encoding_place(struct importer *importer, const struct encoding *e)
{
	struct placing p = {
		importer, e, import_tensor(importer, e->name, e->length), QTYPE_NONE, -1};

	if (p.tensor == GRAPH_NONE)
		return;
	if (e->is_float) {
		import_stay_float(importer, p.tensor);
		return;
	}
	if (!is_placeable(&p))
		return;
	if (e->blocked) {
		TELL(&p, "",
			"its scales in blocks have no place: only the type is taken");
		put_entries(&p, 0);
		return;
	}
	if (!find_axis(&p) || !all_fit(&p)) {
		put_entries(&p, 0);
		return;
	}
	put_entries(&p, e->scales.count);
	if (p.axis < 0)
		put_range(&p);
}
