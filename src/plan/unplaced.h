/* What a foreign file says that could not be placed in the model: told as warnings, so
 * that the rest can be taken. */
#ifndef QDQEDIT_PLAN_UNPLACED_H
#define QDQEDIT_PLAN_UNPLACED_H

#include "base/problem.h"
#include "graph/graph.h"

/* The id of all that could not be placed, among other problems; and of what the file has
 * in float and the quantizer would not. */
#define UNPLACED "unplaced"
#define UNPLACED_FLOAT "unplaced-float"

/* One file being read. `list` is borrowed. */
struct unplaced {
	struct problem_list *list;
	const struct graph *graph;
	const char *file;
	unsigned suggested; /* names that nearest ones were looked for */
	bool lost;          /* memory is gone */
};

/* A name that the model does not have, with the nearest ones (for the first few: looking
 * for them takes time). `kind` as in graph_suggest; 't' may be a node's as well. */
void unplaced_name(struct unplaced *unplaced, char kind, const char *name, size_t length);

/* Something about a name ("" for the whole file) that has no place: `remedy` may be "".
 */
void unplaced_add(struct unplaced *unplaced, uint32_t tensor, const char *name,
	size_t length, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The same for what is float in the file. */
void unplaced_add_float(struct unplaced *unplaced, uint32_t tensor, const char *name,
	size_t length, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* True for both ids. */
bool unplaced_is(const struct problem *problem);

/* How many are in a list, with or without those that are about float. */
size_t unplaced_count(const struct problem_list *list, bool with_float);

#endif
