#include "plan/unplaced.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SUGGESTED_MAX = 20 };

static void add(struct unplaced *unplaced, const char *id, uint32_t tensor,
	const char *name, size_t length, const char *cause, const char *remedy)
{
	char place[640], file[256];

	text_escape(file, sizeof(file), unplaced->file, strlen(unplaced->file));
	snprintf(place, sizeof(place), "%s%s%s", file, length ? ": " : "",
		length ? text_quoted(name, length) : "");
	if (!problem_add(unplaced->list, SEVERITY_WARNING, id, tensor, PROBLEM_NOWHERE,
		    place, cause, remedy))
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
	add(unplaced, UNPLACED, PROBLEM_NOWHERE, name, length,
		kind == 'n' ? "the model has no node of this name"
			    : "the model has no tensor of this name",
		remedy);
}

void unplaced_add(struct unplaced *unplaced, uint32_t tensor, const char *name,
	size_t length, const char *remedy, const char *format, ...)
{
	char cause[512];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	add(unplaced, UNPLACED, tensor, name, length, cause, remedy);
}

void unplaced_add_float(struct unplaced *unplaced, uint32_t tensor, const char *name,
	size_t length, const char *cause)
{
	add(unplaced, UNPLACED_FLOAT, tensor, name, length, cause,
		"exclude the nodes around it if it must be");
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
