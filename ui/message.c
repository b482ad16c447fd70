#include "ui/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep(struct messages *messages)
{
	char *copy = strdup(messages->line);
	unsigned slot = (messages->start + messages->count) % MESSAGES_KEPT;

	if (!copy)
		return;
	if (messages->count == MESSAGES_KEPT) {
		free(messages->kept[slot]);
		messages->start = (messages->start + 1) % MESSAGES_KEPT;
		messages->count--;
	}
	messages->kept[slot] = copy;
	messages->kept_severity[slot] = (unsigned char)messages->severity;
	messages->kept_at[slot] = time(NULL);
	messages->count++;
}

void messages_say(
	struct messages *messages, enum severity severity, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(messages->line, sizeof(messages->line), format, args);
	va_end(args);
	messages->severity = severity;
	keep(messages);
}

void messages_hint(struct messages *messages, const char *text)
{
	snprintf(messages->line, sizeof(messages->line), "%s", text);
	messages->severity = SEVERITY_NOTE;
}

void messages_take_back(struct messages *messages)
{
	messages->line[0] = '\0';
	if (!messages->count)
		return;
	messages->count--;
	unsigned at = (messages->start + messages->count) % MESSAGES_KEPT;
	free(messages->kept[at]);
	messages->kept[at] = NULL;
}

void messages_clear_line(struct messages *messages)
{
	messages->line[0] = '\0';
}

const char *messages_at(
	const struct messages *messages, unsigned index, enum severity *severity)
{
	unsigned slot = (messages->start + index) % MESSAGES_KEPT;

	*severity = (enum severity)messages->kept_severity[slot];
	return messages->kept[slot];
}

time_t messages_time(const struct messages *messages, unsigned index)
{
	return messages->kept_at[(messages->start + index) % MESSAGES_KEPT];
}

void messages_release(struct messages *messages)
{
	for (unsigned i = 0; i < messages->count; i++)
		free(messages->kept[(messages->start + i) % MESSAGES_KEPT]);
	*messages = (struct messages){.start = 0};
}
