/* What the editor measures with samples: the accuracy of the plan after each edit, and
 * the long jobs calibrate, compare and suggest. Each runs on a thread of its own, on
 * snapshots of the plan; only the graph is shared, which nobody changes. */
#ifndef QDQEDIT_UI_MEASURE_H
#define QDQEDIT_UI_MEASURE_H

#include "eval/live.h"
#include "eval/profile.h"
#include "job/calibrate.h"
#include "plan/scores.h"
#include "ui/options.h"
#include "ui/task.h"

#include <stdio.h>

struct suggest_report;
struct ui;
struct area;

/* The accuracy of the plan in force. `runtime`, `live` and `base` are the thread's while
 * the task is busy. */
struct live_state {
	struct task task;
	struct ort_runtime *runtime;
	struct live *live;
	struct plan *base; /* snapshot that `live` was opened with */
	struct plan *plan; /* snapshot that is being measured */
	const struct graph *graph;
	double measured;     /* by the thread, dB */
	double sqnr, before; /* the last result, and the one before it */
	uint64_t generation; /* of the plan that `sqnr` is of */
	uint64_t failed;     /* generation that could not be measured, 0: none */
	bool has, has_before;
	bool given_up; /* could not be opened: said once, not tried again */
	/* The values of single tensors, looked at when the accuracy is known. */
	struct profile profile;    /* of == NULL: none */
	struct plan *profile_plan; /* whose options and ranges it is of */
	struct profile looked;     /* by the thread */
	bool looking;              /* that is what the task does */
	bool blind;                /* it failed: not tried again */
};

/* A long job. What `arg` points to is the thread's until `finish`, which frees it, says
 * what came of it and is called exactly once: on the editor's thread, with done false
 * and `err` when it failed, was cancelled or could not begin. */
struct measure_job {
	struct task task;
	const char *what; /* "calibrating"; static */
	bool (*work)(void *arg, const struct progress *progress, struct error *err);
	unsigned (*finish)(struct ui *ui, void *arg, bool done, struct error *err);
	void *arg;
	uint64_t begun; /* ms */
};

/* Of one tensor in the quantized model against the float model; SQNR in dB. Of scores
 * from a file that are no decibels `sqnr` is the place in their order, 0 the worst. */
struct tensor_error {
	bool seen, has_before, has_converted;
	double sqnr;      /* as its readers see it */
	double before;    /* ahead of its own rounding: what it inherits */
	double converted; /* as the readers of its conversion see it */
	double largest;   /* absolute error */
};

struct measured_errors {
	struct tensor_error *of; /* by tensor; NULL: nothing was compared */
	uint64_t generation;     /* of the plan they are of */
	tensor_id worst;
	struct score_source {
		bool imported; /* from a file: of no plan */
		struct scores scores;
		size_t *place; /* by tensor: index in them plus one */
		char name[64]; /* of the file, escaped */
	} source;
};

struct measure {
	struct ui_samples source; /* texts are the command line's */
	bool asked;               /* a person set it: faults are told at once */
	struct text_list own;     /* samples named in the editor; `source` points here */
	struct live_state live;
	struct measure_job job;
	struct measured_errors errors;
	struct suggest_report *suggested; /* NULL: nothing was */
	uint64_t suggested_generation;    /* of the plan it started from */
};

/* Takes what the command line says about samples. */
void measure_take_source(struct ui *ui, const struct ui_options *options);

/* The library of the settings in place of the one in use. */
void measure_take_library(struct ui *ui);

/* The samples of the built-in model that is open, a project's too; none otherwise. */
void measure_take_demo(struct ui *ui);

/* Whether there are samples to measure with. */
bool measure_has_samples(const struct ui *ui);

/* Starts, ends and repeats what is to be measured as the plan and the settings are now;
 * never waits with a terminal, does without one. DID_REDRAW when a result came. */
unsigned measure_follow(struct ui *ui);

/* ms until measure_follow is worth calling again, -1 if nothing goes on. */
int measure_patience(const struct ui *ui);

/* Ends everything and forgets it: before the graph goes. */
void measure_stop(struct ui *ui);
void measure_release(struct ui *ui);

/* What was seen of the tensors' values under the options and ranges in force, or NULL. */
const struct profile *measure_profile(const struct ui *ui);

/* Ends a measurement of the accuracy that is under way; it is made again later. */
void measure_pause(struct ui *ui);

/* Tries again what could not be measured; `asked`: and tells why it cannot be. */
void measure_retry(struct ui *ui, bool asked);

/* The accuracy for the title line, "" without one: "31.4 dB +2.1", with an ellipsis
 * behind it while it is that of an older plan (*stale). */
void measure_word(const struct ui *ui, char *out, size_t room, bool *stale);

/* ---- Long jobs (measure_job.c). */

/* Begins a job (what, work, finish, arg of `wish`). Without a terminal it is waited for.
 * Only when measure_job_blocked is NULL. */
unsigned measure_job_start(struct ui *ui, const struct measure_job *wish);

/* Why no job can begin now. */
const char *measure_job_blocked(const struct ui *ui);

static inline bool measure_job_is_busy(const struct measure *measure)
{
	return measure->job.task.busy;
}

/* Takes the result of a job that has ended. */
unsigned measure_job_follow(struct ui *ui);

/* Says why a job came to nothing. */
unsigned measure_job_fail(struct ui *ui, const struct error *err);

/* Asks the job to end: false if there is none; and ends it for certain. */
bool measure_job_cancel(struct ui *ui);
void measure_job_stop(struct ui *ui);

/* Fills the session of a job, with a snapshot of the plan that the job frees, and what it
 * measures with. */
bool measure_job_take(struct ui *ui, struct session *session,
	struct calibrate_request *request, struct error *err);

/* "calibrating 40 %, 12 s left"; "" without a job. */
void measure_job_word(const struct ui *ui, char *out, size_t room);

/* ---- The comparison (measure_compare.c). */

enum { ERROR_COLUMNS = 7 };

unsigned measure_compare_run(struct ui *ui, const char *args);
void measure_forget_errors(struct ui *ui);

/* What was measured of a tensor, or NULL. */
const struct tensor_error *measure_error_of(const struct ui *ui, tensor_id tensor);

/* Decibels and a bar, ERROR_COLUMNS wide. */
void measure_draw_error(
	const struct ui *ui, const struct area *area, int x, int y, tensor_id tensor);

/* ---- Scores from a file in their place (measure_scores.c). */

/* Takes the scores, which have an order, over (left empty). */
bool measure_take_scores(
	struct ui *ui, struct scores *owned, const char *file, struct error *err);

/* Of a tensor, or NULL; and its share of the order, 0 the worst. */
const struct tensor_score *measure_score_of(
	const struct ui *ui, tensor_id tensor, double *share);

/* What an export can tell: imported scores, or the errors measured of the plan as it is;
 * none else. `scores` (empty) is released by the caller. */
bool measure_scores(const struct ui *ui, struct scores *scores, struct error *err);

/* The score as short text. */
void measure_score_word(double value, char *out, size_t room);

/* ---- The suggestion (measure_suggest.c). */

/* "[DB]": the goal; finds what to promote and opens the card. */
unsigned measure_suggest_run(struct ui *ui, const char *args);

/* Opens the card of the last suggestion, which must be there. */
unsigned measure_suggest_show(struct ui *ui);
void measure_forget_suggestion(struct ui *ui);

/* "31.4 dB", "exact", "lost", "not finite". */
void measure_decibels(double value, char *out, size_t room);

#endif
