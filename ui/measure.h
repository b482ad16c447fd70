/* What the editor measures with samples: the accuracy of the plan after each edit, and
 * the long jobs calibrate, compare and suggest. Each runs on a thread of its own, on
 * snapshots of the plan; only the graph is shared, which nobody changes. */
#ifndef QDQEDIT_UI_MEASURE_H
#define QDQEDIT_UI_MEASURE_H

#include "eval/live.h"
#include "job/calibrate.h"
#include "ui/measure_task.h"
#include "ui/options.h"

#include <stdio.h>

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
};

struct measure {
	struct ui_samples source; /* texts are the command line's */
	bool asked; /* a person set it: faults are told at once */
	struct text_list own;     /* samples named in the editor; `source` points here */
	struct live_state live;
};

/* Takes what the command line says about samples. */
void measure_take_source(struct ui *ui, const struct ui_options *options);

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

/* Tries again what could not be measured, and tells why it cannot be. */
void measure_retry(struct ui *ui);

/* The accuracy for the title line, "" without one: "31.4 dB +2.1", with an ellipsis
 * behind it while it is that of an older plan (*stale). */
void measure_word(const struct ui *ui, char *out, size_t room, bool *stale);

#endif
