/* What the default mode does to a model before it is planned on. */
#ifndef QDQEDIT_QUANT_PREPARE_H
#define QDQEDIT_QUANT_PREPARE_H

#include "base/problem.h"
#include "onnx/model.h"
#include "rules/options.h"

/* The note of Q21. */
#define IR_RAISED_TO_4                                                                   \
	"IR version raised to 4, since new initializers are no graph inputs; the old "   \
	"ones are none either now"

/* Float Constant nodes of the main graph become initializers (Q28, unless
 * options->keep_constants); its nodes without a name or with one that an earlier node
 * has are named <op>_<index> (Q11). What was done is noted. The result is derived from
 * `model`, or is `model` itself when nothing is to be done, as with ort_compatible. */
struct model *prepare_model(struct model *model, const struct quant_options *options,
	struct problem_list *notes, struct error *err);

/* What prepare_fully did. */
struct prepare_counts {
	uint32_t constants, names;
};

/* The same for the `prepare` command, whatever the options: Constant nodes of every
 * element type (but sparse ones) become initializers, and nodes get names; the counts
 * tell instead of notes. */
struct model *prepare_fully(struct model *model, struct prepare_counts *counts,
	struct problem_list *notes, struct error *err);

#endif
