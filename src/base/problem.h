/* Findings about a model, overrides, ranges or options: all of them, not the first. */
#ifndef QDQEDIT_BASE_PROBLEM_H
#define QDQEDIT_BASE_PROBLEM_H

#include "base/arena.h"
#include "base/array.h"
#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

#define PROBLEM_NOWHERE UINT32_MAX

struct problem {
	enum severity severity;
	const char *id;    /* static: "T5", "Q10", "unknown-tensor", ... */
	uint32_t tensor;   /* tensor_id it is about, or PROBLEM_NOWHERE */
	uint32_t node;     /* node_id, or PROBLEM_NOWHERE */
	const char *place; /* escaped; file, line, field path */
	const char *cause;
	const char *remedy;
};

struct problem_list {
	struct problem *items;
	size_t count, room;
	struct arena arena; /* texts */
};

/* Adds one; each text is a printf-made string the list copies. NULL texts are "". False
 * when memory is gone. */
bool problem_add(struct problem_list *list, enum severity severity, const char *id,
	uint32_t tensor, uint32_t node, const char *place, const char *cause,
	const char *remedy);

/* The same about a place in a file ("" for none): `inner` is escaped, "" for the whole of
 * the file. The cause is formatted. */
bool problem_add_in(struct problem_list *list, enum severity severity, const char *id,
	uint32_t tensor, const char *file, const char *inner, const char *remedy,
	const char *format, va_list args) __attribute__((format(printf, 8, 0)));

/* The same as one of another list; as all there with the id (NULL: any). */
bool problem_add_copy(struct problem_list *list, const struct problem *problem);
bool problem_add_all(
	struct problem_list *list, const struct problem_list *from, const char *id);

size_t problem_count(const struct problem_list *list, enum severity at_least);

/* The first error of a list as an error, with the number of further ones; true if the
 * list has none. */
bool problem_check(const struct problem_list *list, struct error *err);

void problem_clear(struct problem_list *list);

#endif
