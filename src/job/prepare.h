/* The prepare job: a model made fit to be quantized. */
#ifndef QDQEDIT_JOB_PREPARE_H
#define QDQEDIT_JOB_PREPARE_H

#include "base/problem.h"
#include "onnx/write.h"
#include "rules/options.h"

/* What to do. Texts are borrowed for the call. */
struct prepare_request {
	const char *model;                /* path */
	const struct text_list *fix_dims; /* "NAME=N"; may be NULL */
	bool optimize;                    /* by ONNX Runtime, its basic level */
	const char *ort_lib;              /* its library, or NULL: search */
	bool strict_external_data;
	const char *overrides;          /* path; both are only checked against the */
	const struct text_list *ranges; /* prepared model; may be NULL */
	struct write_options write;
};

/* What was done. */
struct prepare_report {
	struct write_result written;
	struct problem_list notes;
	uint32_t constants, names,
		dims; /* that became initializers, got one, were fixed */
	size_t nodes_before, nodes_after;
	int64_t opset_before, opset_after;
	char runtime[32]; /* version, "" if there was no need of it */
};

/* Prepares and writes to `path`: dimensions are fixed; with `optimize` an opset below 11
 * is raised to 11 and ONNX Runtime optimizes at its basic level, which also leaves the
 * shapes it infers (as quant_pre_process does); Constant nodes become initializers,
 * nodes get names; the metadata say that it was done. Never over the input. */
bool prepare_write(const struct prepare_request *request, const char *path,
	const struct progress *progress, struct prepare_report *report,
	struct error *err);
void prepare_report_release(struct prepare_report *report);

#endif
