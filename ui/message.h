/* What was said to the user: the line at the bottom and the log behind :messages. */
#ifndef QDQEDIT_UI_MESSAGE_H
#define QDQEDIT_UI_MESSAGE_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { MESSAGE_ROOM = 1100, MESSAGES_KEPT = 200 };

/* Zero-initialized is empty. Freed by messages_release. Owns its texts. */
struct messages {
	char line[MESSAGE_ROOM]; /* shown now, "" if none */
	enum severity severity;
	char *kept[MESSAGES_KEPT]; /* a ring; oldest first from `start` */
	unsigned char kept_severity[MESSAGES_KEPT];
	time_t kept_at[MESSAGES_KEPT];
	unsigned start, count;
};

void messages_say(struct messages *messages, enum severity severity, const char *format,
	...) __attribute__((format(printf, 3, 4)));
/* A line that goes away as others do and is not kept. */
void messages_hint(struct messages *messages, const char *text);

/* Takes the newest message back, from the line and the log. */
void messages_take_back(struct messages *messages);
void messages_clear_line(struct messages *messages);
const char *messages_at(
	const struct messages *messages, unsigned index, enum severity *severity);
/* When it was said. */
time_t messages_time(const struct messages *messages, unsigned index);
void messages_release(struct messages *messages);

#endif
