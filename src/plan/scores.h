/* How much each tensor suffers from quantization, as measured elsewhere: what a ranking
 * can be taken from in place of a measurement. */
#ifndef QDQEDIT_PLAN_SCORES_H
#define QDQEDIT_PLAN_SCORES_H

#include "base/problem.h"
#include "graph/graph.h"

/* Which scores tell of the tensors that suffer most. */
enum score_order {
	SCORES_UNORDERED, /* the file does not say */
	SCORES_LOW_FIRST, /* low ones: SQNR, accuracy, cosine */
	SCORES_HIGH_FIRST /* high ones: errors, divergences, losses */
};

struct tensor_score {
	tensor_id tensor; /* float, of the main graph; constants too */
	double value;     /* as in the file; may be infinite or NaN */
};

/* Zero-initialized is empty; freed by scores_release. */
struct scores {
	struct tensor_score *items;
	size_t count, room;
	enum score_order order; /* with one: worst first, each tensor once; without: as
				   they came, a tensor perhaps several times */
	bool decibels;          /* the values are signal to noise in dB */
	char measure[64];       /* what they are, as the file calls it (escaped), or "" */
};

void scores_release(struct scores *scores);

/* Reads scores in any form: CSV (also that of `compare --csv`) and JSON of tensor and
 * number, ONNX Runtime's qdq_loss_debug results, AIMET's accuracy_list, pareto_list,
 * per-layer and ranked sensitivities, Quark's sensitivity cache. Names of nodes mean
 * their float outputs. `scores` is filled anew. Faults go to `problems` as errors, what
 * the model does not have as warnings with the id of plan/unplaced.h; false if there was
 * an error, or no score of this model at all, or memory is gone (then `err` is set). */
bool scores_read(struct scores *scores, const struct graph *graph, const char *text,
	size_t length, const char *name, struct problem_list *problems,
	struct error *err);

/* Sorts, the worst first, keeping the worst score of each tensor. NaN is worst of all;
 * equal scores stay in the order of the file. */
bool scores_sort(struct scores *scores, const struct graph *graph, enum score_order order,
	struct error *err);

/* Reads a file ("-": standard input) and sorts by what it says or else by `otherwise`;
 * refuses when neither tells the order. What could not be placed is in `problems`. */
bool scores_load(struct scores *scores, const struct graph *graph, const char *path,
	enum score_order otherwise, struct problem_list *problems, struct error *err);

/* The error for a file that does not tell the order; returns false. */
bool scores_need_order(const char *path, struct error *err);

/* The largest file of scores that is read. */
enum { SCORES_BYTES_MAX = 1 << 28 };

#endif
