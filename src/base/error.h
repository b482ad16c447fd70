/* The error record that every fallible function passes out. */
#ifndef QDQEDIT_BASE_ERROR_H
#define QDQEDIT_BASE_ERROR_H

#include <stdbool.h>

enum error_kind {
	ERROR_NONE,
	ERROR_REFUSED,   /* bad input or a refused request: exit code 1 */
	ERROR_USAGE,     /* wrong usage: exit code 2 */
	ERROR_IO,        /* the system said no: exit code 1 */
	ERROR_MEMORY,    /* out of memory: exit code 1 */
	ERROR_CANCELLED, /* interrupted on request: exit code 130 */
};

/* One error. `text` is one line, "PLACE: CAUSE; NEXT STEP", names from files
 * already escaped. `more` counts further errors that were set after the first. */
struct error {
	enum error_kind kind;
	unsigned more;
	char text[1024];
};

#define ERROR_INIT                                                                       \
	{                                                                                \
		ERROR_NONE, 0, ""                                                        \
	}

/* Fills `err` (which may be NULL) from a printf format unless it is already
 * set: the first error wins, later ones are counted in `more`. Text that does
 * not fit is cut. Always returns false, for `return error_set(...)`. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As error_set with kind ERROR_IO and ": ", the text of errno, "; " and what can be
 * done about that appended. */
bool error_set_errno(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "PLACE: exists; use --force to replace it". Returns false. */
bool error_set_exists(struct error *err, const char *place);
#define ERROR_STEP_FORCE "use --force to replace it"

/* Whether the text ends with a next step; *length is what stands in front of it, else of
 * all. */
bool error_has_step(const struct error *err, const char *step, int *length);

/* The error for memory that is gone; `what` says what it was for. Returns false. */
bool error_set_memory(struct error *err, const char *what);

/* What can be done about an errno of a file: "free some space ...". */
const char *error_remedy(int code);

/* Takes the error back, so that the record can be used again. */
void error_clear(struct error *err);

static inline bool error_is_set(const struct error *err)
{
	return err && err->kind != ERROR_NONE;
}

#endif
