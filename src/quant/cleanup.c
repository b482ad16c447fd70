/* Which initializers stay (qdq-semantics.md 7.4). */
#include "quant/cleanup.h"

#include <stdlib.h>

static bool note_captures(struct quantizer *q, node_id node, const struct names *requests)
{
	for (name_id id = 0; id < requests->count; id++) {
		text_id text = wiring_intern(
			&q->wiring, names_text(requests, id), names_length(requests, id));

		if (text == NO_TEXT ||
			!ARRAY_PUSH(&q->captures, (struct capture){node, text}))
			return quantizer_no_memory(q);
		q->wiring.texts[text].flags |= TEXT_CAPTURED;
	}
	return true;
}

static bool clean_node(struct quantizer *q, node_id n)
{
	Onnx__NodeProto *proto = (Onnx__NodeProto *)q->graph->nodes[n].proto;
	struct names requests = {0};
	bool ok;

	if (!node_has_graphs(proto))
		return true;
	ok = subgraph_clean_node(q, proto, &requests, &proto) &&
	     note_captures(q, n, &requests);
	names_clear(&requests);
	if (!ok)
		return false;
	if (!q->rebuilt)
		q->rebuilt = calloc((size_t)q->graph->main_nodes, sizeof(*q->rebuilt));
	if (!q->rebuilt)
		return quantizer_no_memory(q);
	q->rebuilt[n] = proto;
	return true;
}

static bool is_wanted(const struct quantizer *q, text_id name)
{
	const struct text_info *text = &q->wiring.texts[name];

	return (text->readers != NO_LINK ||
		       (text->flags & (TEXT_OUTPUT | TEXT_CAPTURED))) &&
	       text->writers == NO_LINK;
}

/* Of several with one name the first stays. */
static void drop_unwanted(struct quantizer *q)
{
	for (size_t i = 0; i < q->initializers.count; i++) {
		struct initializer *item = &q->initializers.items[i];
		uint32_t *flags = &q->wiring.texts[item->name].flags;

		if (item->removed)
			continue;
		item->removed = !is_wanted(q, item->name) || (*flags & TEXT_KEPT);
		*flags |= item->removed ? TEXT_DROPPED : TEXT_KEPT;
	}
}

bool quantizer_clean(struct quantizer *q)
{
	for (node_id n = 0; n < q->graph->main_nodes; n++) {
		if (!(q->marks->node_flags[n] & NODE_REMOVED) && !clean_node(q, n))
			return false;
	}
	if (!q->options->add_qdq_pair_to_weight)
		drop_unwanted(q);
	return true;
}
