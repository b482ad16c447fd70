/* The recovery journal: every edit of a session in the user's state folder, under the
 * digest of its model, so that a killed editor loses nothing. */
#ifndef QDQEDIT_JOB_JOURNAL_H
#define QDQEDIT_JOB_JOURNAL_H

#include "job/session.h"
#include "plan/project.h"

#include <stdio.h>

enum journal_event { JOURNAL_EDIT, JOURNAL_UNDONE, JOURNAL_REDONE };

/* Zero-initialized records nothing. Freed by journal_release. */
struct journal {
	char *path; /* of the file, once it exists */
	int fd;     /* of it, locked */
	char *base; /* what the file begins with: the choices where it starts */
	size_t base_length;
	size_t base_position; /* groups that are in the base */
	size_t recorded;      /* groups that are in the file, undone ones too */
	size_t position;      /* those of them in force */
	bool is_base_safe;    /* it stands in another file, or says nothing */
	uint64_t generation;  /* of the plan that is in it */
	bool on;
};

/* From here on edits are to be recorded. The file appears with the first one. */
bool journal_start(
	struct journal *journal, const struct session *session, struct error *err);

/* Records what changed since the last call; `event` is what did it. Where all is undone
 * the file goes. A failure is told once, then nothing more is recorded. */
bool journal_follow(struct journal *journal, const struct session *session,
	enum journal_event event, struct error *err);

/* Everything so far is safe elsewhere: the file goes, and recording starts afresh. */
bool journal_restart(
	struct journal *journal, const struct session *session, struct error *err);

/* Ends; the file stays if `keep`. */
void journal_release(struct journal *journal, bool keep);

/* A journal of this model that nobody writes any more: its path in `out`. */
bool journal_find(const struct session *session, char *out, size_t room);

/* What is in it, for the question whether to take it up. */
bool journal_look(const char *path, struct journal_summary *out, struct error *err);

/* Carries out what is in it; the plan is then dirty. *groups: how many edits. What does
 * not fit is told in `problems`. */
bool journal_recover(struct session *session, const char *path,
	struct problem_list *problems, size_t *groups, struct error *err);

#endif
