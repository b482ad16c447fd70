/* Project files (.qdq) and the recovery journal: everything a person chose, one line
 * each, in a text that diffs well. Lines are "KEY ... JSON"; unknown keys are told and
 * passed over, so that newer files can be read.
 *
 *   qdqedit project 1
 *   model {"file": "net.onnx", "size": 1234, "digest": "0123456789abcdef"}
 *   ranges "calib.json"
 *   option activation-type "QUInt8"
 *   given {"file": "overrides.json"}
 *   entry {"Op2_out": [{"quant_type": "QUInt8"}]}
 *   seed {"tensor": "Op4_out", "type": "QUInt16", "region": "heart"}
 *   param {"side": "own", "entries": {"Op4_out": [{"rmin": 0.0, "rmax": 1.0}]}}
 *   mark a {"node": "Op4"}
 *
 * A journal begins with such lines; behind them every group of edits is one piece:
 *
 *   @ "Op4_out u16"
 *   insert seed 0 {...}
 *   .
 *   undo
 *   redo
 *
 * A piece that was cut off is left out. */
#ifndef QDQEDIT_PLAN_PROJECT_H
#define QDQEDIT_PLAN_PROJECT_H

#include "plan/plan.h"

struct project_mark {
	char letter;
	bool node;  /* a node's name, not a tensor's */
	char *name; /* owned */
};

/* What stands in a project beside the plan. Freed by project_info_release. */
struct project_info {
	char *model; /* file name as given, or NULL */
	uint64_t model_size;
	char digest[17];         /* of model_digest, "" if unknown */
	struct text_list ranges; /* paths, in order */
	char *overrides;         /* path of the loaded overrides, or NULL */
	struct project_mark *marks;
	size_t mark_count, mark_room;
};

void project_info_release(struct project_info *info);
bool project_add_mark(
	struct project_info *info, char letter, bool node, const char *name);

/* The text of a project; malloc'ed, NULL when memory is gone. A journal begins with the
 * same. */
char *project_write(
	const struct plan *plan, const struct project_info *info, size_t *length);

/* Only what stands beside the plan: which model and ranges to open first. */
bool project_read_info(const char *text, size_t length, const char *name,
	struct project_info *info, struct error *err);

/* Lays the choices over the plan as one group. What does not match the graph is told in
 * `problems` (warnings, with the nearest names) and left out. A text that is no project
 * or of a newer version is refused. */
bool project_read(const char *text, size_t length, const char *name, struct plan *plan,
	struct problem_list *problems, struct error *err);

/* The piece of a journal for one group of the history; malloc'ed. */
char *journal_group(const struct plan *plan, size_t group, size_t *length);
/* A piece that puts the ranges in force in place: for a journal that begins with ranges
 * that are in no file. */
char *journal_ranges(const struct plan *plan, size_t *length);

enum { JOURNAL_SENTENCE = 120, JOURNAL_LAST = 3 };

/* What a journal is about: the model's name, how many edits are in force at its end, and
 * the names of the last of them, the newest first ("" where there are fewer). */
struct journal_summary {
	char model[1024];
	size_t edits;
	char last[JOURNAL_LAST][JOURNAL_SENTENCE];
};

bool journal_summarize(const char *text, size_t length, const char *name,
	struct journal_summary *out, struct error *err);

#define JOURNAL_UNDO "undo\n"
#define JOURNAL_REDO "redo\n"

/* Brings the plan to the end of a journal, its undo history included. *groups (may be
 * NULL) gets how many pieces were replayed. */
bool journal_replay(const char *text, size_t length, const char *name, struct plan *plan,
	struct problem_list *problems, size_t *groups, struct error *err);

#endif
