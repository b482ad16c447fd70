/* That nothing is lost: the recovery journal, project files, files that change on disk.
 */
#ifndef QDQEDIT_UI_SAFETY_H
#define QDQEDIT_UI_SAFETY_H

#include "job/journal.h"
#include "job/project.h"

struct ui;
struct ui_options;

/* What a file was like when it was last read or written. */
struct file_state {
	int64_t seconds, nanoseconds;
	int64_t size;
	uint64_t inode;
	bool exists;
};

struct safety {
	struct journal journal;
	enum journal_event event;    /* of the key or command at hand */
	char left_over[4096];        /* journal of another time, "" if none */
	struct journal_summary left; /* what is in it */
	struct file_state own, model;
	uint64_t looked; /* ms, when the files were last looked at */
	bool told;       /* that one changed */
};

/* Opens the model, or the project, of the options; `info` as in project_open. */
struct session *safety_open(const struct ui_options *options,
	const struct progress *progress, struct project_info *info, struct error *err);

/* Sets the marks that a project had. */
void safety_take_marks(struct ui *ui, const struct project_info *info);

/* Begins to record, and offers what was left over. */
void safety_start(struct ui *ui);

/* Asks about edits of another time, one journal after the other; false if there are
 * none. */
bool safety_offer(struct ui *ui);

/* Records what the last key or command did; looks at the files now and then. */
void safety_follow(struct ui *ui);

/* The choices were saved, or the plan was replaced. */
void safety_restart(struct ui *ui);
void safety_note_files(struct ui *ui);

/* True if the file that :w writes has changed since it was read or written. */
bool safety_own_changed(const struct ui *ui);

void safety_end(struct ui *ui, bool keep);

/* Writes a project; the message tells. */
unsigned safety_save_project(struct ui *ui, const char *path, bool force);

#endif
