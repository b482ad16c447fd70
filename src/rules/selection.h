/* Which nodes are quantized (qdq-semantics.md 3.1 and 3.2). */
#ifndef QDQEDIT_RULES_SELECTION_H
#define QDQEDIT_RULES_SELECTION_H

#include "graph/graph.h"
#include "rules/options.h"
#include "rules/table.h"

/* What the options say about an operator type. */
struct op_choice {
	const struct op_rule *rule;
	bool listed;         /* among the types to quantize */
	bool without_output; /* OpTypesToExcludeOutputQuantization */
	bool has_axis;       /* QDQOpTypePerChannelSupportToAxis */
	int axis;
};

struct selection {
	struct op_choice *choices;
	uint32_t choice_count;
	uint32_t *choice_of; /* main_nodes long: index of choices */
	bool *selected;      /* main_nodes long */
};

/* Linear in the nodes. Freed by selection_release, also after failure. */
bool selection_make(struct selection *selection, const struct graph *graph,
	const struct quant_options *options, struct error *err);
void selection_release(struct selection *selection);

static inline const struct op_choice *selection_choice(
	const struct selection *selection, node_id node)
{
	return &selection->choices[selection->choice_of[node]];
}

#endif
