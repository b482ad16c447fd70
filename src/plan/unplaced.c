#include "plan/unplaced.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SUGGESTED_MAX = 20 };

static void add(struct unplaced *unplaced, const char *id, uint32_t tensor,
	const char *name, size_t length, const char *remedy, const char *format,
	va_list args)
{
	if (!problem_add_in(unplaced->list, SEVERITY_WARNING, id, tensor, unplaced->file,
		    length ? text_quoted(name, length) : "", remedy, format, args))
		unplaced->lost = true;
}

void unplaced_name(struct unplaced *unplaced, char kind, const char *name, size_t length)
{
	char near[256] = "", remedy[320];

	if (unplaced->suggested < SUGGESTED_MAX) {
		unplaced->suggested++;
		graph_suggest(unplaced->graph, kind, name, length, near, sizeof(near));
		if (!*near && kind == 't')
			graph_suggest(
				unplaced->graph, 'n', name, length, near, sizeof(near));
	}
	snprintf(remedy, sizeof(remedy), "%s%s%s", *near ? "did you mean " : "", near,
		*near ? "?" : "give the model that it was made for");
	unplaced_add(unplaced, PROBLEM_NOWHERE, name, length, remedy,
		"the model has no %s of this name", kind == 'n' ? "node" : "tensor");
}

void unplaced_add(struct unplaced *unplaced, uint32_t tensor, const char *name,
	size_t length, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(unplaced, UNPLACED, tensor, name, length, remedy, format, args);
	va_end(args);
}

void unplaced_add_float(struct unplaced *unplaced, uint32_t tensor, const char *name,
	size_t length, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(unplaced, UNPLACED_FLOAT, tensor, name, length,
		"exclude the nodes around it if it must be", format, args);
	va_end(args);
}

bool unplaced_is(const struct problem *problem)
{
	return !strcmp(problem->id, UNPLACED) || !strcmp(problem->id, UNPLACED_FLOAT);
}

size_t unplaced_count(const struct problem_list *list, bool with_float)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += with_float ? unplaced_is(&list->items[i])
				    : !strcmp(list->items[i].id, UNPLACED);
	return count;
}
