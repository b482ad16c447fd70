/* Which initializers stay (qdq-semantics.md 7.4). */
#include "quant/cleanup.h"

#include <stdlib.h>
#include <string.h>

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

/* Wherever they lie in the file. */
static bool is_same(const Onnx__TensorProto *a, const Onnx__TensorProto *b, bool *same)
{
	Onnx__TensorProto copies[2] = {*a, *b};
	uint8_t *bytes[2] = {NULL, NULL};
	size_t size;

	for (int i = 0; i < 2; i++)
		copies[i].has_src_offset = copies[i].has_src_length = 0;
	size = onnx__tensor_proto__get_packed_size(&copies[0]);
	*same = a == b;
	if (*same || size != onnx__tensor_proto__get_packed_size(&copies[1]))
		return true;
	bytes[0] = malloc(size + 1);
	bytes[1] = malloc(size + 1);
	if (bytes[0] && bytes[1]) {
		onnx__tensor_proto__pack(&copies[0], bytes[0]);
		onnx__tensor_proto__pack(&copies[1], bytes[1]);
		*same = memcmp(bytes[0], bytes[1], size) == 0;
	}
	free(bytes[0]);
	free(bytes[1]);
	return bytes[0] && bytes[1];
}

/* Of several with one name the first stays; but ONNX Runtime takes out the first one that
 * equals the one it means, so of equal ones the last. */
static bool drop_again(struct quantizer *q, struct initializer *item)
{
	struct initializer *kept = item - 1;
	bool same;

	while (kept->name != item->name || kept->removed)
		kept--;
	if (!is_same(kept->proto, item->proto, &same))
		return quantizer_no_memory(q);
	(same ? kept : item)->removed = true;
	return true;
}

/* A graph input of the name goes with the initializer, and ONNX Runtime fails where it
 * would go twice. */
static bool check_input(const struct quantizer *q, text_id name)
{
	tensor_id t = q->graph->repeated;

	return t == GRAPH_NONE || q->graph->tensors[t].name != name ||
	       !(q->graph->tensors[t].flags & TENSOR_INPUT) ||
	       quantizer_refuse(q, t,
		       "is an input and defined by two initializers, where ONNX Runtime "
		       "fails",
		       "give one of them another name");
}

static bool drop_unwanted(struct quantizer *q)
{
	for (size_t i = 0; i < q->initializers.count; i++) {
		struct initializer *item = &q->initializers.items[i];
		uint32_t *flags = &q->wiring.texts[item->name].flags;
		bool again = *flags & TEXT_KEPT;

		if (item->removed) { /* a bias, and the input of its name */
			*flags |= TEXT_GONE;
			continue;
		}
		item->removed = !again && !is_wanted(q, item->name);
		if ((item->removed || again) &&
			(*flags & (TEXT_DROPPED | TEXT_GONE)) == TEXT_DROPPED &&
			!check_input(q, item->name))
			return false;
		if (again && !drop_again(q, item))
			return false;
		*flags |= item->removed || again ? TEXT_DROPPED : TEXT_KEPT;
	}
	return true;
}

bool quantizer_clean(struct quantizer *q)
{
	for (node_id n = 0; n < q->graph->main_nodes; n++) {
		if (!(q->marks->node_flags[n] & NODE_REMOVED) && !clean_node(q, n))
			return false;
	}
	return q->options->add_qdq_pair_to_weight || drop_unwanted(q);
}
