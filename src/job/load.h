/* Loading into a session what a command line names; private to src/job. */
#ifndef QDQEDIT_JOB_LOAD_H
#define QDQEDIT_JOB_LOAD_H

#include "job/session.h"

/* Overrides, ranges and seeds, in this order; those of a demo where none are named. With
 * `allowed` what is wrong with them goes to session->faults. */
bool load_all(struct session *session, const struct session_request *request,
	bool allowed, struct error *err);

/* An error that came without a problem list becomes a fault when those are allowed. */
bool load_keep_fault(struct session *session, bool allowed, struct error *err);

#endif
