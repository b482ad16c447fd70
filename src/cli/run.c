#include "cli/run.h"

#include "base/output.h"
#include "cli/print.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static bool is_interrupted(void *arg)
{
	(void)arg;
	return interrupted;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Amount, share and time left on a terminal; from 250 ms on, ten times a second. */
static void show_progress(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	static double started, shown;
	double now = seconds_now(), left;

	(void)arg;
	if (started == 0 || done == 0)
		started = now;
	if (now - started < 0.25 || now - shown < 0.1 || !whole)
		return;
	shown = now;
	left = done ? (now - started) * (double)(whole - done) / (double)done : 0;
	fprintf(stderr, "\r\033[K%s  %" PRIu64 " of %" PRIu64 "  %.0f %%  %.0f s left",
		what, done, whole, 100.0 * (double)done / (double)whole, left);
	if (done >= whole)
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

const struct progress *run_progress(void)
{
	static struct progress progress = {NULL, is_interrupted, NULL};
	struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (isatty(STDERR_FILENO) && !print_is_quiet())
		progress.report = show_progress;
	return &progress;
}

struct session *run_open(const struct args *args, const struct text_list *seeds,
	bool faults_allowed, int *code)
{
	struct error err = ERROR_INIT;
	struct session_request request = {
		.model = args->operands.items[0],
		.overrides = args->overrides,
		.seeds = seeds,
		.ranges = &args->ranges,
		.options = &args->quant,
		.strict_external_data = args->strict_external_data,
	};
	struct session *session =
		session_open(&request, faults_allowed, run_progress(), &err);

	if (!session)
		*code = cli_fail(&err);
	return session;
}
