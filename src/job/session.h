/* A model that is open for work: what the editor and the batch commands share. */
#ifndef QDQEDIT_JOB_SESSION_H
#define QDQEDIT_JOB_SESSION_H

#include "base/problem.h"
#include "base/progress.h"
#include "graph/graph.h"
#include "onnx/write.h"
#include "plan/plan.h"
#include "plan/ranges.h"
#include "qdq/view.h"
#include "quant/quantize.h"

/* What to open. Texts are borrowed for the call. */
struct session_request {
	const char *model; /* path; NULL with `demo` */
	const char *demo;  /* name of a built-in demo: brings its ranges and options */
	const char *overrides;          /* path, "-" for standard input, or NULL */
	const struct text_list *seeds;  /* seed texts, "@FILE" included; may be NULL */
	const struct text_list *ranges; /* paths; may be NULL */
	const struct quant_options *options; /* NULL: the defaults (or the demo's) */
	bool strict_external_data;
	bool literal; /* take a quantized model as it stands, as ort_compatible does */
};

/* An open model. `input` is the file as it is; `model` is what is planned on: the same,
 * or derived with Constant outputs as initializers and unnamed nodes named (default
 * mode). Of a model that is quantized already it is the float model it stands for, and
 * the plan begins with what its Q and DQ say; with ort_compatible or when it is taken
 * literally it is a model like any other. The plan's undo history starts after everything
 * that was loaded. */
struct session {
	struct model *input;
	struct model *model;
	struct graph *graph;
	struct plan *plan;          /* holds the options and ranges in force */
	struct qdq_view *quantized; /* of a quantized model, else NULL */
	struct problem_list notes;  /* mendings made on opening, to be told */
	struct problem_list faults; /* all faults of overrides, ranges and seeds */
	char *title;                /* file name or demo name, escaped */
	char *overrides_path;       /* where :w goes, or NULL */
	char *project_path;         /* where :w goes first, or NULL */
	bool strict_external_data;
	bool literal;
};

/* Opens everything. With `faults_allowed` (the editor, check) faults in overrides,
 * ranges and seeds stay in session->faults and what is sound is loaded; without it the
 * first is the error. NULL on failure. Freed by session_free. */
struct session *session_open(const struct session_request *request, bool faults_allowed,
	const struct progress *progress, struct error *err);
void session_free(struct session *session);

/* Takes new options. A change of ort_compatible or keep_constants makes the planned
 * model anew (session->graph and ->plan are replaced; seeds and entries follow by name,
 * undo starts afresh). */
bool session_set_options(
	struct session *session, const struct quant_options *options, struct error *err);

/* Loads into an open session (one undo group each); all faults go to `problems`.
 * Ranges are merged with those in force, or take their place (`instead`). */
bool session_load_overrides(struct session *session, const char *path,
	struct problem_list *problems, struct error *err);
bool session_load_ranges(struct session *session, const char *path, bool instead,
	struct problem_list *problems, struct error *err);

/* Adds the seeds that one text means. */
bool session_add_seeds(struct session *session, const char *text, struct error *err);

/* Writes the overrides JSON ("-": standard output). Never over the model. */
bool session_save_overrides(
	struct session *session, const char *path, bool force, struct error *err);

/* What a quantization did. */
struct quantize_report {
	struct write_result written;
	struct problem_list notes; /* mendings and warnings, to be told */
	struct quantize_result done;
	int64_t opset_before, opset_after;
	struct ranges carried; /* of tensors that the opset raise made, by name; filled by
				  session_list_mendings */
};

void quantize_report_release(struct quantize_report *report);

/* The finished model of the plan at hand: raises the opset as the options say, quantizes,
 * checks and writes. Refuses while the outcome has errors, with the first and the number
 * of further ones. Safe to run on a worker thread on a session nobody edits. */
bool session_quantize(const struct session *session, const char *path,
	const struct write_options *options, const struct progress *progress,
	struct quantize_report *report, struct error *err);

/* What the default mode would mend in that, without writing: the notes of the report and
 * the ranges that were carried over, none while there are no ranges or the outcome has
 * errors. */
bool session_list_mendings(
	const struct session *session, struct quantize_report *report, struct error *err);

/* Adds what the input fails of the checks of onnx/check.h to `problems`, as warnings.
 * Then quantizes without writing, when there are ranges and the outcome has no errors,
 * and adds what is refused or fails a check of the result. */
bool session_try_quantize(
	const struct session *session, struct problem_list *problems, struct error *err);

#endif
