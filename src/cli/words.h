/* Words and JSON for what follows from a plan, common to the reports. */
#ifndef QDQEDIT_CLI_WORDS_H
#define QDQEDIT_CLI_WORDS_H

#include "onnx/write.h"
#include "plan/outcome.h"

#include <jansson.h>
#include <stdio.h>

/* "Op7, Op8" of node labels, escaped, "-" for none; malloc'ed, NULL out of memory. */
char *words_nodes(const struct graph *graph, const node_id *nodes, uint32_t count);

/* An escaped tensor or node name in one of eight static buffers. */
const char *words_tensor(const struct graph *graph, tensor_id tensor);
const char *words_node(const struct graph *graph, node_id node);

/* "3 DQ->Q conversions, 2 of 8 nodes in 16 bit, ..." with a newline. */
void print_cost(FILE *out, const struct cost *cost);

/* "out.onnx: 3772 bytes, opset 21 (was 13)" without a newline. */
void answer_written(const char *path, const struct write_result *written, int64_t before,
	int64_t after);

/* The conflicts of the closure as an error: what promote and bounds refuse. Missing
 * ranges do not count. */
bool check_closure(const struct outcome *outcome, struct error *err);

json_t *json_overrides(const struct outcome *outcome);
json_t *json_boundaries(const struct outcome *outcome);
json_t *json_cost(const struct cost *cost);
json_t *json_tensor_name(const struct graph *graph, tensor_id tensor);
json_t *json_node_name(const struct graph *graph, node_id node);
json_t *json_nodes(const struct graph *graph, const node_id *nodes, uint32_t count);

#endif
