/* Suggesting what to promote, and checking it on the real quantized model. */
#ifndef QDQEDIT_JOB_SUGGEST_H
#define QDQEDIT_JOB_SUGGEST_H

#include "eval/suggest.h"
#include "job/calibrate.h"
#include "job/session.h"

struct suggest_options {
	struct sample_request samples;
	const char *demo;    /* its name, for its samples; or NULL */
	const char *ort_lib; /* as --ort-lib */
	int64_t threads;
	bool has_goal, has_within;
	double goal, within;
	int64_t max_conversions;     /* -1: any number */
	double patience;             /* seconds for the ranking */
	const struct scores *scores; /* in place of it; or NULL */
};

/* A suggestion, and what was measured of the quantized file made from it; NaN when it
 * was interrupted or nothing is promoted. */
struct suggest_report {
	struct suggestion found;
	double real; /* its SQNR in dB on the held-out samples, or all without such */
	double float_ms, narrow_ms, chosen_ms; /* an inference: of the float model, all in
						  8 bits, the file; median */
	bool apart;  /* the samples are none of those that the ranges came from */
	bool random; /* samples */
	char note[256];
};

/* The session needs ranges. Safe on a worker thread on a session nobody edits; nothing
 * in it is changed. The caller releases the report, after failure too. */
bool session_suggest(const struct session *session, const struct suggest_options *options,
	struct suggest_report *report, const struct progress *progress,
	struct error *err);
void suggest_report_release(struct suggest_report *report);

#endif
