/* Calibration: samples through the model, ranges out. */
#ifndef QDQEDIT_CALIB_CALIB_H
#define QDQEDIT_CALIB_CALIB_H

#include "base/problem.h"
#include "calib/sample.h"
#include "plan/ranges.h"

struct calib_request {
	const struct graph *graph;
	const struct quant_options *options; /* operator types and the Calib... options */
	enum calibration_method method;      /* minmax, entropy or percentile */
	struct sample_set *samples;
	struct ort_runtime *runtime;
	int64_t threads; /* 0: the cores */
	bool bodies; /* also tensors inside If, Loop and Scan, which are not quantized */
	bool without_taps; /* the way of a library that refuses them */
};

/* What is to be told about a calibration. Freed by calib_report_release. */
struct calib_report {
	struct problem_list notes;
	size_t samples;   /* that counted */
	uint32_t tensors; /* that have a range */
	struct {
		uint32_t bodies, tensors; /* those of them that float tensors are in */
		uint32_t reached, measured;
	} inside;
	unsigned threads;
	bool without_taps;
};

/* Measures the ranges of all tensors that ONNX Runtime's calibrators measure
 * (qdq-semantics.md 2.1), and equal to theirs at the same number of threads. `out` is
 * filled only on success; the caller releases both. */
bool calib_run(const struct calib_request *request, struct ranges *out,
	struct calib_report *report, const struct progress *progress, struct error *err);
void calib_report_release(struct calib_report *report);

/* "minmax", "percentile", "entropy" in any case; an unknown one is ERROR_USAGE. */
bool calib_parse_method(
	const char *text, enum calibration_method *method, struct error *err);

/* Sets wanted[tensor] for the tensors to calibrate; `wanted` is zeroed and
 * graph->tensor_count long. */
bool calib_select(const struct graph *graph, const struct quant_options *options,
	bool bodies, bool *wanted, struct error *err);

/* Whether a tensor is a float one that a node inside a body computes. */
bool calib_is_inside(const struct graph *graph, tensor_id tensor);

#endif
