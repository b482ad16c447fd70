/* Taking graphs in for conversion, and putting the result together. */
#ifndef QDQEDIT_OPSET_RAISE_GRAPH_H
#define QDQEDIT_OPSET_RAISE_GRAPH_H

#include "opset/raise.h"

/* Numbers the values of a graph and of those in its nodes as the converter does. NULL
 * with an error; raise->graphs holds it for release. */
struct raise_graph *raise_take_graph(
	struct raise *r, struct raise_graph *parent, const Onnx__GraphProto *base);
void raise_release_graph(struct raise_graph *graph);

/* The converted graph, a copy in the model's arena; NULL if memory is gone. */
Onnx__GraphProto *raise_put_graph(struct raise_graph *graph);

#endif
