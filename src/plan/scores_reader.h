/* Reading scores: what the readers of JSON and CSV share; for src/plan/scores*.c only. */
#ifndef QDQEDIT_PLAN_SCORES_READER_H
#define QDQEDIT_PLAN_SCORES_READER_H

#include "plan/scores.h"
#include "plan/unplaced.h"

#include <jansson.h>

/* A word that says what a number is. */
struct score_word {
	const char *word; /* small letters, _ between words */
	enum score_order order;
	bool decibels;
};

struct scores_reader {
	struct scores *out;
	const struct graph *graph;
	struct problem_list *problems;
	struct unplaced unplaced;
	const struct score_word *word; /* that the scores are known by, or NULL */
	bool failed;
};

/* The rank of a word among those that name a score, or -1: the lowest is taken. The
 * table is score_words. */
extern const struct score_word score_words[];
int score_word_rank(const char *text, size_t length);

/* True for words that name the column or member of names. */
bool score_is_name_word(const char *text, size_t length);

/* One fault, at a place in the file ("" or "line 3"). Returns false. */
bool scores_fault(struct scores_reader *reader, const char *place, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A score of a tensor or of a node's float outputs. */
void scores_put(
	struct scores_reader *reader, const char *name, size_t length, double value);

/* A score that a node's float outputs get. */
void scores_put_node(
	struct scores_reader *reader, const char *name, size_t length, double value);

void scores_read_csv(struct scores_reader *reader, const char *text, size_t length);
void scores_read_json(struct scores_reader *reader, const json_t *root);

/* AIMET's accuracy_list and pareto_list: the group (a list of [kind, name]) of a row, its
 * candidate text and its score; false if the row is none. */
struct amp_row {
	const json_t *group, *candidate;
	double score;
	bool has_score;
};
bool amp_row_read(const json_t *row, struct amp_row *out);

/* The name in an element of a group, or NULL; *kind is "activation", "weight" or "". */
const json_t *amp_member_name(const json_t *member, const char **kind);

#endif
