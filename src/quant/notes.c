/* What the default mode did other than ONNX Runtime (command-line.md 7): one note for
 * each mending that changed something, with the first place. */
#include "base/text.h"
#include "quant/cleanup.h"
#include "quant/quantizer.h"

#include <stdio.h>
#include <stdlib.h>

/* How often a mending changed something, and where first. */
struct tally {
	uint32_t count;
	const char *place; /* escaped, quoted */
	char text[160];
};

static void add(struct tally *t, const char *name)
{
	if (t->count++)
		return;
	snprintf(t->text, sizeof(t->text), "%s", text_quoted_z(name));
	t->place = t->text;
}

/* `what` has one %u, for the count. */
static bool tell(struct quantizer *q, const char *id, const struct tally *t,
	const char *one, const char *many)
{
	char cause[256];

	if (!t->count)
		return true;
	snprintf(cause, sizeof(cause), "%u %s%s", t->count, many,
		t->place && *t->place ? ", this the first" : "");
	return quantizer_note(q, id, PROBLEM_NOWHERE, PROBLEM_NOWHERE, t->place,
		t->count == 1 ? one : cause);
}

static bool note_weights(struct quantizer *q)
{
	struct tally spread = {0}, in_double = {0};

	for (size_t i = 0; i < q->weights.count; i++) {
		const struct weight *w = &q->weights.items[i];
		const char *name = marks_tensor_name(q->marks, w->tensor);

		if (w->spread)
			add(&spread, name);
		if (w->in_double)
			add(&in_double, name);
	}
	return tell(q, "Q6", &spread, "its one override applies to all channels",
		       "weights have one override, which applies to all channels") &&
	       tell(q, "Q34", &in_double,
		       "its scale was raised for the bias in double precision",
		       "weights had scales raised for a bias in double precision");
}

static bool note_kept(struct quantizer *q)
{
	struct tally by_range = {0}, by_capture = {0};

	for (node_id n = 0; n < q->graph->main_nodes; n++) {
		tensor_id x = graph_input_of(q->graph, n, 0);

		if (!(q->marks->node_flags[n] & NODE_KEPT))
			continue;
		add(q->graph->tensors[x].flags & TENSOR_CAPTURED ? &by_capture
								 : &by_range,
			graph_node_label(q->graph, n));
	}
	return tell(q, "Q8", &by_range,
		       "kept, since its quantized range does not clip so",
		       "Relu or Clip nodes are kept, since their quantized range does "
		       "not clip so") &&
	       tell(q, "Q9", &by_capture, "kept, since a subgraph reads its input",
		       "Relu or Clip nodes are kept, since a subgraph reads their input");
}

/* ONNX Runtime would rebuild the node without domain and texts, attributes by name. */
static bool is_kept_whole(const Onnx__NodeProto *node)
{
	if (!node_has_graphs(node))
		return false;
	for (size_t i = 1; i < node->n_attribute; i++) {
		if (attribute_by_name(&node->attribute[i - 1], &node->attribute[i]) > 0)
			return true;
	}
	return node->domain.len || node->doc_string.len || node->n_metadata_props;
}

static bool note_domains(struct quantizer *q)
{
	struct tally kept = {0};

	for (node_id n = 0;
		n < q->graph->main_nodes && !q->options->add_qdq_pair_to_weight; n++) {
		if (is_kept_whole(q->graph->nodes[n].proto))
			add(&kept, graph_node_label(q->graph, n));
	}
	return tell(q, "Q27", &kept,
		"owns a subgraph and keeps its domain, texts and order of attributes",
		"nodes own subgraphs and keep domain, texts and order of attributes");
}

/* Biases left alone that ONNX Runtime would copy, adjust weights for, or take the factor
 * from. */
static bool note_spared(struct quantizer *q)
{
	struct tally spared = {0};
	bool *seen = calloc((size_t)q->graph->tensor_count + 1, sizeof(*seen));
	bool ok = seen || quantizer_no_memory(q);

	for (uint32_t i = 0; ok && i < q->marks->spared_count; i++) {
		const struct bias_mark *mark = &q->marks->spared[i];
		bool would;

		ok = quantizer_would_adjust(q, mark, &would);
		if (ok && (would || seen[mark->bias] || mark->beta != 1.0f))
			add(&spared, graph_tensor_name(q->graph, mark->bias));
		if (ok)
			seen[mark->bias] = true;
	}
	free(seen);
	return ok &&
	       tell(q, "Q22", &spared,
		       "stays float: nothing was copied or adjusted for it",
		       "biases stay float: nothing was copied or adjusted for them");
}

static bool note_betas(struct quantizer *q)
{
	struct tally kept = {0};

	for (node_id n = 0; n < q->graph->main_nodes; n++) {
		if (q->marks->node_flags[n] & NODE_BETA_KEPT)
			add(&kept, graph_node_label(q->graph, n));
	}
	return tell(q, "Q3", &kept, "keeps its beta, since its bias is not int32",
		"nodes keep their beta, since their biases are not int32");
}

static bool note_types(struct quantizer *q)
{
	struct tally own = {.count = q->parameters->own_types, .place = ""};
	struct tally bare = {.count = q->parameters->bare_ranges, .place = ""};

	return tell(q, "Q14", &own, "1 scale is in its tensor's own type",
		       "scales are in their tensors' own type") &&
	       tell(q, "Q37", &bare, "1 range without a type is taken in its tensor's",
		       "ranges without a type are taken in their tensors'");
}

static bool note_collisions(struct quantizer *q)
{
	struct tally taken = {.count = q->wiring.collisions};

	if (taken.count)
		taken.place = text_quoted_z(
			wiring_text(&q->wiring, q->wiring.first_collision, NULL));
	return tell(q, "Q10", &taken, "made because the usual new name was taken",
		"new names have a number behind them, the usual ones were taken");
}

bool quantizer_note_mendings(struct quantizer *q)
{
	return note_weights(q) && note_kept(q) && note_domains(q) && note_spared(q) &&
	       note_betas(q) && note_types(q) && note_collisions(q);
}
