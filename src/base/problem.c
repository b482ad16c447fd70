#include "base/problem.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char *copy(struct problem_list *list, const char *text)
{
	return text ? arena_strndup(&list->arena, text, strlen(text)) : "";
}

bool problem_add(struct problem_list *list, enum severity severity, const char *id,
	uint32_t tensor, uint32_t node, const char *place, const char *cause,
	const char *remedy)
{
	struct problem problem = {severity, id, tensor, node, copy(list, place),
		copy(list, cause), copy(list, remedy)};

	return problem.place && problem.cause && problem.remedy &&
	       ARRAY_PUSH(list, problem);
}

bool problem_add_in(struct problem_list *list, enum severity severity, const char *id,
	uint32_t tensor, const char *file, const char *inner, const char *remedy,
	const char *format, va_list args)
{
	char place[1024], cause[768], escaped[256];

	text_escape(escaped, sizeof(escaped), file, strlen(file));
	snprintf(place, sizeof(place), "%s%s%s", escaped, *escaped && *inner ? ": " : "",
		inner);
	vsnprintf(cause, sizeof(cause), format, args);
	return problem_add(
		list, severity, id, tensor, PROBLEM_NOWHERE, place, cause, remedy);
}

bool problem_add_copy(struct problem_list *list, const struct problem *p)
{
	return problem_add(list, p->severity, p->id, p->tensor, p->node, p->place,
		p->cause, p->remedy);
}

bool problem_add_all(
	struct problem_list *list, const struct problem_list *from, const char *id)
{
	for (size_t i = 0; i < from->count; i++)
		if ((!id || !strcmp(from->items[i].id, id)) &&
			!problem_add_copy(list, &from->items[i]))
			return false;
	return true;
}

size_t problem_count(const struct problem_list *list, enum severity at_least)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += list->items[i].severity >= at_least;
	return count;
}

void problem_clear(struct problem_list *list)
{
	ARRAY_RELEASE(list);
	arena_clear(&list->arena);
}

bool problem_check(const struct problem_list *list, struct error *err)
{
	size_t errors = problem_count(list, SEVERITY_ERROR);
	const struct problem *p = list->items;

	if (!errors)
		return true;
	while (p->severity != SEVERITY_ERROR)
		p++;
	error_set(err, ERROR_REFUSED, "%s%s%s%s%s", p->place, *p->place ? ": " : "",
		p->cause, *p->remedy ? "; " : "", p->remedy);
	if (err)
		err->more = (unsigned)(errors - 1);
	return false;
}
