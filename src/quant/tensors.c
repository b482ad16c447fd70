/* The passes over the map M: ordinary tensors, then sharing ones (7.3, steps 4, 5). */
#include "base/text.h"
#include "quant/quantizer.h"

#include <stdlib.h>

enum { STEP = 1024 }; /* tensors between two reports */

static int32_t float_type_of(const struct quantizer *q, tensor_id tensor)
{
	return q->graph->tensors[tensor].element_type;
}

/* An activation with parameters of its own. */
static bool emit_own(struct quantizer *q, tensor_id tensor)
{
	const struct parameters *p = &q->parameters->of[tensor];
	text_id base = quantizer_text_of(q, tensor);
	struct pair first, second;

	if (!p->known)
		return quantizer_refuse(q, tensor,
			"is to be quantized but has no calibration range",
			"calibrate again, or give a range for it");
	if (!quantizer_add_pair(q, base, false, &p->original, &first))
		return false;
	if (p->converted.type == QTYPE_NONE)
		return quantizer_emit_activation(q, tensor, first);
	if (!quantizer_add_pair(q, base, true, &p->converted, &second))
		return false;
	if (p->original.element != float_type_of(q, tensor))
		return quantizer_refuse(q, tensor,
			"its scale is not of the tensor's float type, which a "
			"conversion asks for",
			"leave out the conversion, or --ort-compatible");
	return quantizer_emit_converted(q, tensor, first, second);
}

/* In ONNX Runtime an activation whose name a new initializer took is lost (Q10). */
static bool check_name(struct quantizer *q, tensor_id tensor)
{
	if (!quantizer_initializer(q, quantizer_text_of(q, tensor)))
		return true;
	return quantizer_refuse(q, tensor,
		"a new scale or zero point would have this tensor's name",
		"rename it, or leave out --ort-compatible");
}

static bool report(struct quantizer *q, uint32_t done)
{
	return done % STEP || progress_step(q->work.progress, "Placing Q and DQ", done,
				      q->marks->count, q->err);
}

static bool emit_ordinary(struct quantizer *q)
{
	for (uint32_t i = 0; i < q->marks->count; i++) {
		const struct mark *mark = &q->marks->marks[i];
		const struct weight *weight = weights_find(&q->weights, mark->tensor);

		if (!report(q, i))
			return false;
		if (mark->provider != GRAPH_NONE)
			continue;
		if (weight) {
			if (!quantizer_emit_weight(q, weight))
				return false;
		} else if (!check_name(q, mark->tensor) ||
			   (!q->marks->dequantized[mark->tensor] &&
				   !emit_own(q, mark->tensor))) {
			return false;
		}
	}
	return true;
}

/* ---- sharing */

static bool has_channels(const struct quantizer *q, tensor_id tensor)
{
	const struct weight *weight = weights_find(&q->weights, tensor);

	return weight && weight->scale_count > 1;
}

static bool emit_shared(struct quantizer *q, const struct mark *mark)
{
	const struct parameters *p = &q->parameters->of[mark->tensor];
	struct pair first = quantizer_pair_for(q, mark->provider, mark->provider_node);
	struct pair second;

	if (weights_find(&q->weights, mark->tensor) || !check_name(q, mark->tensor))
		return quantizer_refuse(q, mark->tensor,
			"is a constant that would share its provider's parameters",
			"exclude the node that makes it");
	if (q->marks->dequantized[mark->tensor])
		return quantizer_refuse(q, mark->tensor,
			"would share parameters, but a DequantizeLinear makes it",
			"exclude that node");
	if (!q->compatible && has_channels(q, mark->provider))
		return quantizer_refuse(q, mark->tensor,
			"would share the scales per channel of a constant",
			"give that constant one scale: an override without axis");
	if (!p->known || p->converted.type == QTYPE_NONE)
		return quantizer_emit_activation(q, mark->tensor, first);
	return quantizer_add_pair(q, quantizer_text_of(q, mark->tensor), true,
		       &p->converted, &second) &&
	       quantizer_emit_converted(q, mark->tensor, first, second);
}

/* When each sharing mark is emitted: the number of the pass over M in which its provider
 * is there. Passes count from 1; 0: not known yet. */
struct order {
	const struct quantizer *q;
	uint32_t *pass; /* by mark */
	uint32_t *path; /* marks whose provider is being followed */
	uint32_t last;
};

static const struct mark *pending_provider(const struct order *o, uint32_t i)
{
	const struct marks *m = o->q->marks;
	tensor_id provider = m->marks[i].provider;
	const struct mark *mark = marks_find(m, provider);

	return mark && mark->provider != GRAPH_NONE ? mark : NULL;
}

static bool never_comes(const struct quantizer *q, const struct mark *mark)
{
	return error_set(q->err, ERROR_REFUSED,
		"%s: is to share the parameters of %s, which is never quantized; exclude "
		"node %s",
		text_quoted_z(marks_tensor_name(q->marks, mark->tensor)),
		text_quoted_z(marks_tensor_name(q->marks, mark->provider)),
		text_quoted_z(graph_node_label(q->graph, mark->provider_node)));
}

/* Follows providers up to one whose pass is known, then back down. */
static bool find_pass(struct order *o, uint32_t start)
{
	const struct marks *m = o->q->marks;
	uint32_t depth = 0, at = start;

	while (!o->pass[at]) {
		const struct mark *provider = pending_provider(o, at);

		if (depth > m->count)
			return never_comes(o->q, &m->marks[start]);
		o->path[depth++] = at;
		if (!provider) {
			if (!o->q->values[m->marks[at].provider].done)
				return never_comes(o->q, &m->marks[at]);
			break;
		}
		at = (uint32_t)(provider - m->marks);
	}
	while (depth--) {
		const struct mark *provider = pending_provider(o, o->path[depth]);
		uint32_t before = provider ? (uint32_t)(provider - m->marks) : 0;

		o->pass[o->path[depth]] =
			!provider ? 1
				  : o->pass[before] + (before > o->path[depth] ? 1 : 0);
		if (o->pass[o->path[depth]] > o->last)
			o->last = o->pass[o->path[depth]];
	}
	return true;
}

/* All marks by (pass, index): buckets by counting. */
static bool emit_in_order(struct quantizer *q, struct order *o)
{
	const struct marks *m = q->marks;
	uint32_t *first = calloc((size_t)o->last + 3, sizeof(*first));
	bool ok = first || quantizer_no_memory(q);

	for (uint32_t i = 0; ok && i < m->count; i++)
		first[o->pass[i] + 1]++;
	for (uint32_t p = 1; ok && p <= o->last + 1; p++)
		first[p] += first[p - 1];
	for (uint32_t i = 0; ok && i < m->count; i++)
		o->path[first[o->pass[i]]++] = i;
	for (uint32_t k = 0; ok && k < m->count; k++) {
		const struct mark *mark = &m->marks[o->path[k]];

		if (mark->provider != GRAPH_NONE)
			ok = emit_shared(q, mark);
	}
	free(first);
	return ok;
}

static bool emit_sharing(struct quantizer *q)
{
	size_t room = (size_t)q->marks->count + 2;
	struct order o = {
		q, calloc(room, sizeof(*o.pass)), malloc(room * sizeof(*o.path)), 0};
	bool ok = (o.pass && o.path) || quantizer_no_memory(q);

	for (uint32_t i = 0; ok && i < q->marks->count; i++) {
		if (q->marks->marks[i].provider != GRAPH_NONE)
			ok = find_pass(&o, i);
	}
	ok = ok && emit_in_order(q, &o);
	free(o.pass);
	free(o.path);
	return ok;
}

bool quantizer_emit_tensors(struct quantizer *q)
{
	return emit_ordinary(q) && emit_sharing(q);
}
