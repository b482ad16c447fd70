/* AIMET and QAIRT encodings, versions 0.6.1, 1.0.0 and 2.0.0 (export-formats.md 5): one
 * for each tensor, by its name. */
#include "base/text.h"
#include "export/encoding.h"
#include "export/writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BIAS_BITS = 32, HALF_BITS = 16, NAME_MOST = 400 };

/* How a version writes one tensor: everything between the braces. */
struct encodings {
	struct export_writer *w;
	void (*put)(struct encodings *e, tensor_id tensor, const struct export_tensor *t);
	bool by_name;  /* {"NAME": [...]}, else [{"name": "NAME", ...}] */
	bool any;      /* an encoding stands before the next one */
	bool has_axis; /* the version says which axis scales belong to */
	bool has_sign; /* the version says signed or unsigned */
};

static int bits_of(const struct export_tensor *t)
{
	return t->kind == NUMBERS_FLOAT  ? HALF_BITS
	       : t->kind == NUMBERS_BIAS ? BIAS_BITS
					 : qtypes[t->type].bits;
}

static bool is_signed(const struct export_tensor *t)
{
	return t->kind == NUMBERS_BIAS || qtypes[t->type].is_signed;
}

static int32_t zero_of(const struct export_tensor *t, uint64_t at)
{
	return t->zero_points ? t->zero_points[at] : 0;
}

/* Signed with zero points 0: the flag "symmetric" of versions 0 and 1 means both. */
static bool is_symmetric(const struct export_tensor *t)
{
	for (uint64_t i = 0; i < t->count; i++)
		if (zero_of(t, i))
			return false;
	return is_signed(t);
}

/* What is added to an unsigned integer of the same width: minus the zero point, less
 * half the grid when the stored type is signed (5.4). */
static int64_t offset_of(const struct export_tensor *t, uint64_t at)
{
	int64_t half = is_signed(t) ? INT64_C(1) << (bits_of(t) - 1) : 0;

	return -(zero_of(t, at) + half);
}

/* ---- 0.6.1: a record for each channel. */

static void put_channel(
	struct export_writer *w, const struct export_tensor *t, uint64_t at)
{
	double scale = t->scales[at], steps = ldexp(1, bits_of(t)) - 1;
	int64_t offset = offset_of(t, at);

	export_printf(w,
		"{\"bitwidth\": %d, \"dtype\": \"int\", \"is_symmetric\": \"%s\", ",
		bits_of(t), is_symmetric(t) ? "True" : "False");
	export_puts(w, "\"min\": ");
	export_put_f32(w, (double)offset * scale);
	export_puts(w, ", \"max\": ");
	export_put_f32(w, ((double)offset + steps) * scale);
	export_printf(w, ", \"offset\": %" PRId64 ", \"scale\": ", offset);
	export_put_f32(w, scale);
	export_puts(w, "}");
}

static void put_0(struct encodings *e, tensor_id tensor, const struct export_tensor *t)
{
	(void)tensor;
	if (t->kind == NUMBERS_FLOAT)
		export_puts(e->w, "{\"bitwidth\": 16, \"dtype\": \"float\"}");
	for (uint64_t i = 0; i < t->count; i++) {
		export_puts(e->w, i ? ", " : "");
		put_channel(e->w, t, i);
	}
}

/* ---- 1.0.0: one record with lists. */

/* Blocks of a matrix by its rows are written column by column, as AIMET has them. */
struct order {
	uint64_t rows, columns; /* 0: as they are */
};

static struct order order_of(
	const struct graph *g, tensor_id tensor, const struct export_tensor *t)
{
	struct order order = {0, 0};

	if (t->block > 0 && t->axis == 0 && g->tensors[tensor].rank == 2) {
		order.columns = (uint64_t)g->dims[g->tensors[tensor].first_dim + 1];
		order.rows = order.columns ? t->count / order.columns : 0;
	}
	return order;
}

static uint64_t place(struct order order, uint64_t at)
{
	return order.rows ? at % order.rows * order.columns + at / order.rows : at;
}

static const char *kind_of(const struct export_tensor *t)
{
	return t->block > 0 ? "PER_BLOCK" : t->axis >= 0 ? "PER_CHANNEL" : "PER_TENSOR";
}

static void put_1(struct encodings *e, tensor_id tensor, const struct export_tensor *t)
{
	struct export_writer *w = e->w;
	struct order order = order_of(w->source->graph, tensor, t);

	if (t->kind == NUMBERS_FLOAT) {
		export_puts(w,
			"\"enc_type\": \"PER_TENSOR\", \"dtype\": \"FLOAT\", \"bw\": 16");
		return;
	}
	export_printf(w, "\"enc_type\": \"%s\", \"dtype\": \"INT\", \"bw\": %d, ",
		kind_of(t), bits_of(t));
	export_printf(w, "\"is_sym\": %s, ", is_symmetric(t) ? "true" : "false");
	if (t->block > 0)
		export_printf(w, "\"block_size\": %" PRId64 ", ", t->block);
	export_puts(w, "\"scale\": [");
	for (uint64_t i = 0; i < t->count; i++) {
		export_puts(w, i ? ", " : "");
		export_put_f32(w, t->scales[place(order, i)]);
	}
	export_puts(w, "], \"offset\": [");
	for (uint64_t i = 0; i < t->count; i++)
		export_printf(
			w, "%s%" PRId64, i ? ", " : "", offset_of(t, place(order, i)));
	export_puts(w, "]");
}

/* ---- 2.0.0: the inputs of QuantizeLinear. */

/* Lists in lists, as the scales of blocks lie: the tensor's extents, with the number of
 * blocks at the axis. */
struct nest {
	const struct graph *g;
	const struct graph_tensor *tensor;
	const struct export_tensor *t;
	bool zeros;
	uint64_t at;
};

static uint64_t extent_of(const struct nest *n, int32_t axis)
{
	int64_t extent = n->g->dims[n->tensor->first_dim + (uint32_t)axis];

	if (axis == n->t->axis)
		extent = (extent + n->t->block - 1) / n->t->block;
	return extent > 0 ? (uint64_t)extent : 0;
}

static void put_one(struct export_writer *w, const struct nest *n)
{
	if (n->zeros)
		export_printf(w, "%" PRId32, zero_of(n->t, n->at));
	else
		export_put_f32(w, n->t->scales[n->at]);
}

static void put_nested(struct export_writer *w, struct nest *n, int32_t axis)
{
	uint64_t extent;

	if (axis >= n->tensor->rank) {
		if (n->at < n->t->count)
			put_one(w, n);
		n->at++;
		return;
	}
	extent = extent_of(n, axis);
	export_puts(w, "[");
	for (uint64_t i = 0; i < extent; i++) {
		export_puts(w, i ? ", " : "");
		put_nested(w, n, axis + 1);
	}
	export_puts(w, "]");
}

/* All scales, or all zero points: a number, a list, or lists in lists. */
static void put_values(struct export_writer *w, tensor_id tensor,
	const struct export_tensor *t, bool zeros)
{
	const struct graph *g = w->source->graph;
	struct nest n = {g, &g->tensors[tensor], t, zeros, 0};

	if (t->block > 0) {
		put_nested(w, &n, 0);
		return;
	}
	export_puts(w, t->axis >= 0 ? "[" : "");
	for (; n.at < t->count; n.at++) {
		export_puts(w, n.at ? ", " : "");
		put_one(w, &n);
	}
	export_puts(w, t->axis >= 0 ? "]" : "");
}

static void put_2(struct encodings *e, tensor_id tensor, const struct export_tensor *t)
{
	struct export_writer *w = e->w;

	export_printf(w, "\"output_dtype\": \"%sint%d\", ", is_signed(t) ? "" : "u",
		bits_of(t));
	export_puts(w, "\"y_scale\": ");
	put_values(w, tensor, t, false);
	if (!is_symmetric(t)) {
		export_puts(w, ", \"y_zero_point\": ");
		put_values(w, tensor, t, true);
	}
	if (t->axis >= 0)
		export_printf(w, ", \"axis\": %" PRId32, t->axis);
	if (t->block > 0)
		export_printf(w, ", \"block_size\": %" PRId64, t->block);
}

/* ---- What the tensors at hand lose. */

static void tell(struct encodings *e, enum loss_kind kind, enum export_part part,
	const char *word, tensor_id tensor, const char *detail, const char *why)
{
	const char *name = graph_tensor_name(e->w->source->graph, tensor);
	char subject[NAME_MOST];
	const struct loss loss = {kind, part, word,
		text_escape(subject, sizeof(subject), name, strlen(name)), detail, why,
		true};

	e->w->out.failed = !loss_add(&e->w->result->losses, &loss) || e->w->out.failed;
}

/* An activation that is signed and has a zero point. */
static void tell_sign(
	struct encodings *e, tensor_id tensor, const struct export_tensor *t)
{
	if (!e->has_sign && is_signed(t) && !is_symmetric(t))
		tell(e, LOSS_MEANING, PART_TYPES, "type", tensor, qtypes[t->type].brief,
			"written unsigned, with the same real values: signed means "
			"symmetric there");
}

/* Scales that belong to another axis than a reader would take. */
static void tell_axis(
	struct encodings *e, tensor_id tensor, const struct export_tensor *t)
{
	char detail[24];

	if (e->has_axis || t->axis < 0 || t->block > 0 || t->kind == NUMBERS_BIAS ||
		encoding_channel_axis(e->w->source->graph, tensor, (int64_t)t->count) ==
			t->axis)
		return;
	snprintf(detail, sizeof(detail), "axis %" PRId32, t->axis);
	tell(e, LOSS_LOST, PART_CHANNELS, "axis", tensor, detail,
		"the file does not say which axis the scales belong to");
}

static void tell_float(struct encodings *e, tensor_id tensor)
{
	const struct export_source *s = e->w->source;

	if (s->graph->tensors[tensor].known_type == ELEMENT_FLOAT)
		tell(e, LOSS_MEANING, PART_FLOAT, "float", tensor, "float32",
			"stays float, as half precision: the only float of the format");
}

/* ---- Files. */

/* 0.6.1 has a record for each channel, and none for blocks. */
static bool can_write(
	struct encodings *e, tensor_id tensor, const struct export_tensor *t)
{
	if (!e->by_name || t->block <= 0)
		return true;
	tell(e, LOSS_LOST, PART_CHANNELS, "blocks", tensor, qtypes[t->type].brief,
		"the format has no scales for blocks");
	return false;
}

static void put_tensor(struct encodings *e, tensor_id tensor)
{
	const struct export_tensor *t = &e->w->source->tensors[tensor];

	if (!can_write(e, tensor, t))
		return;
	export_puts(e->w, e->any ? ",\n    " : "\n    ");
	e->any = true;
	export_puts(e->w, e->by_name ? "" : "{\"name\": ");
	export_put_tensor(e->w, tensor);
	export_puts(e->w, e->by_name ? ": [" : ", ");
	e->put(e, tensor, t);
	export_puts(e->w, e->by_name ? "]" : "}");
	if (t->kind == NUMBERS_FLOAT) {
		tell_float(e, tensor);
		return;
	}
	tell_sign(e, tensor, t);
	tell_axis(e, tensor, t);
}

static bool is_param(const struct export_source *s, tensor_id tensor)
{
	return s->outcome->tensors[tensor].flags & (STATE_CONSTANT | STATE_BIAS) ||
	       graph_is_constant(s->graph, tensor);
}

static void put_part(struct encodings *e, const char *name, bool params)
{
	const struct export_source *s = e->w->source;

	e->any = false;
	export_printf(e->w, "  \"%s\": %s", name, e->by_name ? "{" : "[");
	for (tensor_id i = 0; i < s->graph->main_tensors; i++)
		if (export_is_row(s, i) && is_param(s, i) == params)
			put_tensor(e, i);
	export_puts(e->w, e->any ? "\n  " : "");
	export_puts(e->w, e->by_name ? "},\n" : "],\n");
}

/* Nodes that a person wants float, by name. */
static void put_excluded(struct export_writer *w)
{
	const struct export_source *s = w->source;
	bool any = false;

	export_puts(w, "  \"excluded_layers\": [");
	for (size_t i = 0; i < s->items.count; i++) {
		const struct export_item *item = &s->items.items[i];

		if (strcmp(item->word, "exclude") || item->node == GRAPH_NONE)
			continue;
		export_puts(w, any ? ", " : "");
		export_put_node(w, item->node);
		any = true;
	}
	export_puts(w, "],\n");
}

/* 0.6.1 has truth values as text. */
static const char *truth(const struct encodings *e, bool value)
{
	return e->by_name ? (value ? "\"True\"" : "\"False\"")
			  : (value ? "true" : "false");
}

/* The defaults. */
static void put_args(struct encodings *e)
{
	const struct quant_options *o = e->w->source->options;

	export_printf(e->w,
		"  \"quantizer_args\": {\"activation_bitwidth\": %d, "
		"\"param_bitwidth\": %d, \"dtype\": \"int\", \"is_symmetric\": %s, "
		"\"per_channel_quantization\": %s, \"quant_scheme\": \"min_max\"}\n",
		qtypes[o->activation_type].bits, qtypes[o->weight_type].bits,
		truth(e, scale_weight_symmetric(o, o->weight_type)),
		truth(e, o->per_channel));
}

static bool write_old(struct encodings *e, const char *version)
{
	export_printf(e->w, "{\n  \"version\": \"%s\",\n", version);
	put_part(e, "activation_encodings", false);
	put_part(e, "param_encodings", true);
	if (!e->by_name)
		put_excluded(e->w);
	put_args(e);
	export_puts(e->w, "}\n");
	return true;
}

bool export_write_encodings_0(struct export_writer *w)
{
	struct encodings e = {.w = w, .put = put_0, .by_name = true};

	return write_old(&e, "0.6.1");
}

bool export_write_encodings_1(struct export_writer *w)
{
	struct encodings e = {.w = w, .put = put_1};

	return write_old(&e, "1.0.0");
}

bool export_write_encodings_2(struct export_writer *w)
{
	struct encodings e = {.w = w, .put = put_2, .has_axis = true, .has_sign = true};
	const struct export_source *s = w->source;

	export_puts(w, "{\n  \"version\": \"2.0.0\",\n  \"encodings\": [");
	for (tensor_id i = 0; i < s->graph->main_tensors; i++)
		if (export_is_row(s, i) && s->tensors[i].kind != NUMBERS_FLOAT)
			put_tensor(&e, i);
	export_puts(w, e.any ? "\n  ]\n}\n" : "]\n}\n");
	return true;
}
