/* Samples on the command line. */
#ifndef QDQEDIT_CLI_CALIBRATE_H
#define QDQEDIT_CLI_CALIBRATE_H

#include "cli/args.h"
#include "job/calibrate.h"

/* Calibrates with them and puts the ranges into force. */
bool run_take_measured(const struct args *args, struct session *session,
	enum sample_share share, struct error *err);

/* What the command line says about samples, and these opened for a graph. */
struct sample_request run_sample_request(const struct args *args);
struct sample_set *run_open_samples(
	const struct args *args, const struct graph *graph, struct error *err);

/* The warning that goes with everything made from random samples. */
void run_note_random(const struct ranges *ranges);

#endif
