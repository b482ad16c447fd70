/* Comparing an open model with what its plan makes of it. */
#ifndef QDQEDIT_JOB_COMPARE_H
#define QDQEDIT_JOB_COMPARE_H

#include "eval/compare.h"
#include "job/calibrate.h"
#include "job/session.h"

/* Writes the quantized model of a plan over the session's graph into a temporary folder,
 * compares it with the float model and removes it. Of `request` the two graphs are set
 * here. In the rows match.real counts; the other ids are of a graph that is gone. The
 * caller releases `out`, after failure too. Safe on a worker thread on a plan that
 * nobody edits. */
bool session_compare_plan(const struct session *session, struct plan *plan,
	const struct compare_request *request, struct comparison *out,
	const struct progress *progress, struct error *err);

/* The same for session->plan with all that is to be found first: samples, runtime. */
bool session_compare(const struct session *session,
	const struct calibrate_request *request, struct comparison *out,
	const struct progress *progress, struct error *err);

/* The SQNR in dB of the mean relative error of all rows that are no conversions, or of
 * the graph's outputs among them; NaN without any. */
double comparison_pooled(const struct comparison *comparison, bool outputs);

#endif
