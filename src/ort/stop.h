/* What a raised stop has to reach; private to src/ort. */
#ifndef QDQEDIT_ORT_STOP_H
#define QDQEDIT_ORT_STOP_H

#include "ort/api.h"
#include "ort/ort.h"

/* A load (options) or a run (run options) in progress; lives on the caller's stack. */
struct ort_stoppable {
	struct ort_stoppable *next;
	const struct ort_api *api;
	ort_object *loading; /* session options, or NULL */
	ort_object *running; /* run options, or NULL */
};

/* Enters a call into the stop (which may be NULL); it is ended at once if the stop is
 * already raised. */
void ort_stop_enter(struct ort_stop *stop, struct ort_stoppable *call);
void ort_stop_leave(struct ort_stop *stop, struct ort_stoppable *call);

/* The error of a call that was ended; returns false. */
bool ort_stop_error(struct error *err);

#endif
