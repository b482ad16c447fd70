/* A quantized model as the float model it stands for, and what was chosen for it: the
 * same nodes without the groups, under the float names, with the overrides, ranges and
 * options that make the quantized one of it. */
#ifndef QDQEDIT_QDQ_VIEW_H
#define QDQEDIT_QDQ_VIEW_H

#include "plan/overrides.h"
#include "plan/ranges.h"
#include "qdq/groups.h"
#include "rules/marks.h"

struct qdq_view {
	const struct model *input; /* the quantized model; borrowed */
	struct graph *file;        /* its graph */
	struct qdq *qdq;           /* its groups; ids are those of `file` */
	struct model *model;  /* the float model: nodes in the same order, constants made
				 of the integers when they are read */
	struct model *named;  /* the same with names for nodes without (prepare_model) */
	struct graph *graph;  /* of `named` */
	tensor_id *tensor_of; /* by group: its tensor of `graph` */
	uint32_t *group_of;   /* by tensor of `graph`: index of its group plus one */
	node_id *node_of;     /* by main node of `file`: that of `graph`, or GRAPH_NONE */
	node_id *file_node;   /* by main node of `graph`: that of `file`, or GRAPH_NONE */
	struct marks *marks;  /* what is quantized in the file */
	struct quant_options options; /* as they must have been */
	struct overrides overrides;   /* where the file differs from these options */
	struct ranges ranges;         /* that give the scales of the file */
	struct problem_list notes;    /* what is in no group, and why */
};

/* True if the main graph holds a Q: worth a qdq_view_open. */
bool qdq_is_quantized(const struct model *model);

/* Opens the view, freed by qdq_view_free. `options` (may be NULL: the defaults) say what
 * does not show in a file; ort_compatible is off and keep_constants on in any case. *view
 * is NULL, without an error, for a model without any group. */
bool qdq_view_open(struct qdq_view **view, struct model *input,
	const struct quant_options *options, struct error *err);
void qdq_view_free(struct qdq_view *view);

/* The options as arguments for the command line: "--activation-type u8 ...";
 * malloc'ed, NULL when memory is gone. */
char *qdq_options_text(const struct qdq_view *view);

/* Gives the tensors of the float model that the file was made of ranges that the file
 * does not hold: those before a Relu or Clip that is gone (qdq-semantics.md 2.9). */
bool qdq_complete_ranges(
	struct ranges *ranges, const struct graph *float_graph, struct error *err);

/* Gives tensors of `graph`, the file's own or the view's, that have no range that of
 * another name of the same group: of the float tensor, of what a Q reads or a DQ gives. */
bool qdq_fill_ranges(struct ranges *ranges, const struct graph *graph,
	const struct qdq *qdq, struct error *err);

#endif
