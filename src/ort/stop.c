#include "ort/stop.h"

#include <pthread.h>
#include <stdlib.h>

struct ort_stop {
	pthread_mutex_t lock;
	bool raised;
	struct ort_stoppable *calls;
};

struct ort_stop *ort_stop_new(struct error *err)
{
	struct ort_stop *stop = calloc(1, sizeof(*stop));

	if (!stop) {
		error_set_memory(err, "a stop");
		return NULL;
	}
	pthread_mutex_init(&stop->lock, NULL);
	return stop;
}

void ort_stop_free(struct ort_stop *stop)
{
	if (!stop)
		return;
	pthread_mutex_destroy(&stop->lock);
	free(stop);
}

/* Loads can be ended from release 1.22 on; earlier ones go to their end. */
static void end_call(const struct ort_stoppable *call)
{
	const struct ort_api *api = call->api;

	if (call->running)
		ort_api_succeeded(api, api->RunOptionsSetTerminate(call->running));
	if (call->loading && api->SessionOptionsSetLoadCancellationFlag)
		ort_api_succeeded(api,
			api->SessionOptionsSetLoadCancellationFlag(call->loading, true));
}

void ort_stop_raise(struct ort_stop *stop)
{
	pthread_mutex_lock(&stop->lock);
	stop->raised = true;
	for (struct ort_stoppable *call = stop->calls; call; call = call->next)
		end_call(call);
	pthread_mutex_unlock(&stop->lock);
}

bool ort_stop_raised(struct ort_stop *stop)
{
	bool raised;

	if (!stop)
		return false;
	pthread_mutex_lock(&stop->lock);
	raised = stop->raised;
	pthread_mutex_unlock(&stop->lock);
	return raised;
}

void ort_stop_enter(struct ort_stop *stop, struct ort_stoppable *call)
{
	if (!stop)
		return;
	pthread_mutex_lock(&stop->lock);
	call->next = stop->calls;
	stop->calls = call;
	if (stop->raised)
		end_call(call);
	pthread_mutex_unlock(&stop->lock);
}

void ort_stop_leave(struct ort_stop *stop, struct ort_stoppable *call)
{
	struct ort_stoppable **at;

	if (!stop)
		return;
	pthread_mutex_lock(&stop->lock);
	for (at = &stop->calls; *at != call; at = &(*at)->next)
		;
	*at = call->next;
	pthread_mutex_unlock(&stop->lock);
}

bool ort_stop_error(struct error *err)
{
	return error_set(err, ERROR_CANCELLED, "interrupted");
}
