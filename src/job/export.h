/* The export job: the plan of a session in a format of another tool, and the report of
 * what that could not carry. */
#ifndef QDQEDIT_JOB_EXPORT_H
#define QDQEDIT_JOB_EXPORT_H

#include "export/export.h"
#include "job/session.h"

/* What to make. Texts are borrowed for the call. */
struct export_request {
	const struct export_format *format;
	const char *path;   /* of the main file; further ones stand beside it. NULL or
			       "-": nothing is written, the text is in the result */
	const char *report; /* file for the report, JSON if its name ends with .json; or
			       NULL */
	const struct scores *scores; /* measured elsewhere, or NULL */
	bool force, accept_float;
};

struct export_done {
	struct export_result made;
	struct text_list paths; /* as written, in order of made.items */
};

/* Makes and writes all files or none. Never over the model or another file that was
 * read; a further file that already has its text is left as it is. Refuses while the
 * closure has conflicts, and what turns types into float without accept_float. Released
 * by export_done_release, also after failure. */
bool session_export(struct session *session, const struct export_request *request,
	struct export_done *done, struct error *err);
void export_done_release(struct export_done *done);

/* The next step of the last of these refusals. */
#define EXPORT_STEP_FLOAT "--accept-float if that is meant"

/* True if what is promoted would stay float there: only with accept_float. */
bool export_changes_meaning(
	const struct export_format *format, const struct loss_list *losses);

/* The report ahead of that, without the files: what the format cannot carry of the plan
 * as it is; false where the export would be refused. Of a model with many bytes of
 * constants these are not read: then the report is what is known without. Of the request
 * format and scores are looked at. */
bool session_foresee(struct session *session, const struct export_request *request,
	struct loss_list *losses, struct error *err);

/* The file name that is proposed for a format: the model's without its suffix, in the
 * folder one is in; malloc'ed. */
char *export_default_name(
	const struct session *session, const struct export_format *format);

#endif
