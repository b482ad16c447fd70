/* Two plans in the formats of other tools: the eight nodes and PP-OCR's recognizer. */
#ifndef QDQEDIT_TESTS_EXPORT_FIXTURE_H
#define QDQEDIT_TESTS_EXPORT_FIXTURE_H

#include "support.h"

#include "export/export.h"
#include "job/session.h"

#include <jansson.h>

struct exported {
	struct session *session;
	struct export_source source;
	struct export_result made;
	const char *text; /* of the first file */
	json_t *json;     /* the same; NULL if it is no JSON */
};

/* The eight nodes with a promoted Op4_out: three conversions, one region. */
struct exported export_eight(const char *format);

/* The recognizer with weights per channel, a range for every tensor, a region of its own
 * and one conversion for a single reader. Skips without the model. */
struct exported export_rec(const char *format);

/* Another format of the same plan. */
void export_again(struct exported *exported, const char *format);

/* A plan from other options and seeds (one a line) on a model. */
struct exported export_plan(const char *path, const char *demo, const char *ranges,
	const struct quant_options *options, const char *seeds, const char *format);

/* How many losses of a word ("convert") there are; with a `why` (not NULL) of that. */
size_t losses_of(const struct exported *exported, const char *word, const char *why);
const struct loss *loss_of(
	const struct exported *exported, const char *word, const char *subject);

/* The object of a list whose `key` is `value`, or NULL. */
const json_t *json_find(const json_t *list, const char *key, const char *value);
bool json_has(const json_t *list, const char *text);
const char *json_text(const json_t *object, const char *key);

/* Runs a script of the tests on the text with a Python, given as its standard input;
 * returns what it prints. */
const char *export_through(
	const struct exported *exported, const char *python, const char *program);

#endif
