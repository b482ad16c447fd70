/* Calibrating an open model: samples and the runtime found, ranges out. */
#ifndef QDQEDIT_JOB_CALIBRATE_H
#define QDQEDIT_JOB_CALIBRATE_H

#include "calib/calib.h"
#include "job/session.h"

/* What to calibrate with. Texts are borrowed for the call. */
struct calibrate_request {
	struct sample_request samples; /* without data or random: those of the demo */
	const char *demo;              /* its name, or NULL */
	const char *method;            /* as --method has it; NULL: minmax */
	const char *ort_lib;           /* as --ort-lib; NULL: search */
	int64_t threads;               /* 0: the cores */
	bool bodies; /* also tensors inside bodies, for display; never in compatible mode
		      */
};

/* Measures the ranges of the session's graph under the plan's options. Safe on a worker
 * thread on a session nobody edits. The caller releases `out` and `report`;
 * plan_set_ranges puts the ranges into force. */
bool session_calibrate(const struct session *session,
	const struct calibrate_request *request, struct ranges *out,
	struct calib_report *report, const struct progress *progress, struct error *err);

/* What the samples of a demo are for sample_set_open: `blobs` has room for
 * DEMO_SAMPLES_MAX. Returns how many. */
enum { DEMO_SAMPLES_MAX = 64 };
size_t demo_sample_blobs(const char *demo, struct sample_blob blobs[DEMO_SAMPLES_MAX]);

#endif
