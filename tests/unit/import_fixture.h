/* Reading a text as a file of another tool, for the tests of src/export/import.h. */
#ifndef QDQEDIT_TESTS_IMPORT_FIXTURE_H
#define QDQEDIT_TESTS_IMPORT_FIXTURE_H

#include "export/import.h"
#include "plan/unplaced.h"
#include "plan_models.h"

/* What importing a text for a graph gives; ended by import_end. */
struct reading {
	struct fixture f;
	struct imported got;
	struct problem_list problems;
	bool done;
};

/* As a format (NULL: what it looks like); takes the fixture over. */
struct reading import_bytes(
	struct fixture f, const char *format, const char *text, size_t length);

/* The same on mixed8. */
struct reading import_mixed8(const char *text);
void import_end(struct reading *reading);

/* The cause of the newest problem, "" if there is none. */
const char *import_last_cause(const struct reading *reading);

/* Expectations: the overrides as JSON, a range, and for a whole text on mixed8 its format
 * and overrides, with nothing unplaced. */
void import_has_overrides(const struct reading *reading, const char *json);
void import_has_range(
	const struct reading *reading, const char *tensor, double low, double high);
void import_gives(const char *text, const char *format, const char *json);

#endif
