/* Project files: a session written with everything a person chose, and opened again. */
#ifndef QDQEDIT_JOB_PROJECT_H
#define QDQEDIT_JOB_PROJECT_H

#include "job/session.h"
#include "plan/project.h"

/* True for names that end with .qdq. */
bool project_is_name(const char *path);

/* Ranges that were measured and are in no file go to "NAME.ranges.json" beside it.
 *
 * Writes session and marks (may be NULL; borrowed). Paths in it are relative when they
 * lie in the project's folder. */
bool project_save(struct session *session, const struct project_info *marks,
	const char *path, bool force, struct error *err);

/* A project has its own options, overrides and ranges: refuses others beside it. */
bool project_check_request(const struct session_request *request, struct error *err);

/* Opens the model that a project names, with its ranges and choices, as session_open
 * does; what does not fit any more is among session->faults. `info` gets the rest
 * (released by the caller in any case). */
struct session *project_open(const char *path, bool strict_external_data,
	const struct progress *progress, struct project_info *info, struct error *err);

#endif
