/* Private to src/quant: what subgraphs ask for, and their own clean-up. */
#ifndef QDQEDIT_QUANT_CLEANUP_H
#define QDQEDIT_QUANT_CLEANUP_H

#include "quant/quantizer.h"

/* Cleans a subgraph: unused initializers go; in compatible mode nodes that own further
 * subgraphs are rebuilt as ONNX Runtime does (domain lost, attributes sorted). The
 * names that it takes from outside are added to `requests`. *out is `graph` itself if
 * nothing changed. */
bool subgraph_clean(struct quantizer *q, Onnx__GraphProto *graph, struct names *requests,
	Onnx__GraphProto **out);

/* The same for a node: *out is `node` itself if nothing changed. */
bool subgraph_clean_node(struct quantizer *q, Onnx__NodeProto *node,
	struct names *requests, Onnx__NodeProto **out);

/* Orders pointers to attributes by name, for qsort. */
int attribute_by_name(const void *a, const void *b);

static inline bool node_has_graphs(const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_attribute; i++) {
		if (node->attribute[i]->g || node->attribute[i]->n_graphs)
			return true;
	}
	return false;
}

#endif
