/* Another tool's file taken into an open session. */
#ifndef QDQEDIT_JOB_IMPORT_H
#define QDQEDIT_JOB_IMPORT_H

#include "export/import.h"
#include "job/session.h"

struct import_request {
	const char *path;                   /* "-": standard input */
	const struct import_format *format; /* NULL: what it looks like */
	enum score_order order;             /* of scores whose file does not tell it */
	/* Promote the worst of the scores: so many, or that share of them (0 to 1); 0 and
	 * 0: none. */
	uint32_t top;
	double top_share;
	bool accept_float; /* float tensors without a place are no loss */
};

/* What was taken. Freed by import_report_release. */
struct import_report {
	const struct import_format *format;
	struct problem_list problems; /* notes, and what could not be placed */
	uint32_t tensors;             /* with overrides */
	uint32_t ranges;
	uint32_t seeds;
	struct text_list excluded; /* nodes that stay float from now on */
	struct scores scores;
	char *options; /* that a quantized model was made with, as arguments, or NULL */
	struct loss_list losses; /* what could not be placed, less what may pass */
};

/* Reads the file and applies what it gives as one undo group: overrides in place of those
 * loaded, ranges in place of those of the same tensors, seeds and excluded nodes to what
 * is there. Nothing is changed on failure. */
bool session_import(struct session *session, const struct import_request *request,
	struct import_report *report, struct error *err);
void import_report_release(struct import_report *report);

/* Whether a file is a model, which is read as one. */
bool import_is_model(const char *path);

/* The report on a quantized model that is open itself. */
bool import_describe(const struct session *session, const char *path,
	struct import_report *report, struct error *err);

/* "10", "10%": how many of the scores to promote. False if the text is neither. */
bool import_parse_top(const char *text, struct import_request *request);

#endif
