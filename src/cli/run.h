/* The batch commands: what each row of the table runs. */
#ifndef QDQEDIT_CLI_RUN_H
#define QDQEDIT_CLI_RUN_H

#include "cli/args.h"
#include "job/session.h"
#include "plan/scores.h"

int run_info(const struct args *args);
int run_promote(const struct args *args);
int run_bounds(const struct args *args);
int run_why(const struct args *args);
int run_check(const struct args *args);
int run_prepare(const struct args *args);
int run_calibrate(const struct args *args);
int run_quantize(const struct args *args);
int run_compare(const struct args *args);
int run_import(const struct args *args);
int run_suggest(const struct args *args);
int run_export(const struct args *args);
int run_help(const struct args *args);

/* `demo --list` and `demo NAME -o FOLDER`. */
int run_demo_files(const struct args *args);

/* What every command that plans starts with: the model, overrides, ranges, seeds and
 * options of the command line, open; or a project (.qdq), which brings all but seeds. On
 * failure says so and returns NULL, the exit code in *code. `faults_allowed` as in
 * session_open. */
struct session *run_open(const struct args *args, const struct text_list *seeds,
	bool faults_allowed, int *code);

/* Whether -o (if it is given) may be written: never over the model, its side files or
 * another input, over an existing file only with --force. */
bool run_check_target(
	const struct args *args, const struct model *model, struct error *err);

/* Usage of commands that write a model: -o is there and is no stream, the operand
 * neither. */
bool run_check_model_output(
	const struct args *args, const char *command, struct error *err);

/* Whether --data or --random was given. */
bool run_has_samples(const struct args *args);

/* What --higher says of scores. */
enum score_order run_score_order(const struct args *args);

/* The file of --scores if there is one; `otherwise` is the order if it tells none. What
 * could not be placed is told. */
bool run_load_scores(const struct args *args, const struct session *session,
	enum score_order otherwise, struct scores *scores, struct error *err);

/* Progress on a terminal, and interruption by Ctrl-C: at once, with temporary files
 * removed. The graceful one is for jobs that keep the best so far: they are told by
 * progress->cancelled, and ended by the second Ctrl-C. */
const struct progress *run_progress(void);
const struct progress *run_graceful_progress(void);

#endif
