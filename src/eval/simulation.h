/* Accuracy without quantized models: one session whose taps round, by a table of ours. */
#ifndef QDQEDIT_EVAL_SIMULATION_H
#define QDQEDIT_EVAL_SIMULATION_H

#include "calib/sample.h"
#include "eval/dequantize.h"
#include "eval/rounding.h"
#include "eval/sim_model.h"

/* Samples in memory, and what the float model makes of them. */
struct sim_reference {
	struct sample *samples;
	size_t sample_count;
	float **values; /* by sample and measured tensor */
	size_t *counts; /* their elements */
	size_t measured_count;
};

struct simulation {
	const struct graph *graph;
	struct sim_model model; /* the model itself is gone once it is loaded */
	struct ort_session *session;
	const char **outputs; /* names of the measured tensors */
	size_t output_count;
	unsigned workers;
};

struct simulation_request {
	const struct graph *graph;
	struct ort_runtime *runtime;
	const struct outcome *outcome; /* of a plan with the options at hand; NULL:
					  nothing can be rounded, for the reference */
	const tensor_id *measured;
	size_t measured_count;
	const struct dequantized *weights; /* NULL: as they are; must outlive it */
	unsigned threads;
};

/* One tap's work: two roundings in a row, each may be off. */
struct sim_rounding {
	struct rounding first, second;
};

/* A plan to be measured: a rounding for each tap. */
struct sim_trial {
	const struct sim_rounding *table; /* NULL: nothing is rounded */
	const uint32_t *place; /* by tensor; NULL: all of the table counts. Else only
				  tensors with a place in [first, first + count) round */
	uint32_t first, count;
	double sqnr; /* out: in dB; several outputs are weighed by their signals */
};

/* The tensors to measure: outputs of the graph that are float; of those that a Softmax
 * makes (perhaps through Reshape, Transpose or Flatten) its input. Malloc'ed, the number
 * in *count; *inner says whether an input stands for an output. */
tensor_id *simulation_targets(
	const struct graph *graph, size_t *count, bool *inner, struct error *err);

bool simulation_open(struct simulation *sim, const struct simulation_request *request,
	const struct progress *progress, struct error *err);
void simulation_release(struct simulation *sim);

/* Loads the samples of the set (at most `most`) and runs them unrounded. */
bool sim_reference_make(struct sim_reference *reference, struct simulation *sim,
	struct sample_set *samples, size_t most, const struct progress *progress,
	struct error *err);
void sim_reference_release(struct sim_reference *reference);

/* Sees each tensor that has a tap, before its own rounding and behind it. */
struct sim_watch {
	bool (*see)(void *arg, tensor_id tensor, const struct ort_tensor *value,
		bool rounded, struct error *err);
	void *arg;
};

/* Runs one sample under a table (NULL: nothing is rounded) and shows what passes. */
bool simulation_watch(struct simulation *sim, const struct sample *sample,
	const struct sim_rounding *table, const struct sim_watch *watch,
	struct ort_stop *stop, struct error *err);

/* Measures every trial on `count` samples from `first` on. */
bool simulation_measure(struct simulation *sim, const struct sim_reference *reference,
	size_t first, size_t count, struct sim_trial *trials, size_t trial_count,
	const char *what, const struct progress *progress, struct error *err);

#endif
