/* Private to src/export: a plan as AMD Quark has it, layer by layer. Quark gives a layer
 * one type for its inputs, one for the first of its constants and one for its outputs;
 * with EnableDualQuantNodePairs a tensor is converted where neighbours differ. */
#ifndef QDQEDIT_EXPORT_QUARK_H
#define QDQEDIT_EXPORT_QUARK_H

#include "export/writer.h"

struct quark_layer {
	enum qtype in, weight, out; /* QTYPE_NONE: none of them is quantized */
	bool in_symmetric, weight_symmetric, out_symmetric;
	bool mixed_in, mixed_out; /* it has several types there: the widest is taken */
};

/* True if Quark has the type. */
bool quark_has_type(enum qtype type);

/* The first constant that a node reads, or GRAPH_NONE: what Quark takes as weight. */
tensor_id quark_weight_of(const struct graph *graph, node_id node);

/* The layer of a node; false if it is not quantized. */
bool quark_layer_of(
	const struct export_source *source, node_id node, struct quark_layer *layer);

/* The layer of a node about which nothing was chosen, with the weight that one has. */
void quark_default_layer(
	const struct export_source *source, bool has_weight, struct quark_layer *layer);

/* True if a file says the same of both. */
bool quark_layers_equal(const struct quark_layer *a, const struct quark_layer *b);

/* Extra options that Quark has under the same name. */
struct quark_option {
	const char *name;
	bool list;
};
extern const struct quark_option quark_options[];
extern const size_t quark_option_count;

#endif
