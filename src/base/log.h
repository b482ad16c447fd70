/* The last messages of the program and of the runtime, for whoever wants to read. */
#ifndef QDQEDIT_BASE_LOG_H
#define QDQEDIT_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum { LOG_LINES = 512, LOG_TEXT = 240 };

struct log_line {
	uint64_t number; /* counts from 1 over the whole run */
	int64_t time;    /* milliseconds since 1970 */
	enum log_level level;
	char text[LOG_TEXT]; /* one line, escaped, cut to fit */
};

/* Adds a line made by printf to the program's one log; the oldest of LOG_LINES goes.
 * Control bytes are escaped, a newline at the end is dropped. Safe from any thread,
 * not from signal handlers. */
void log_add(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Copies up to `room` lines with numbers above `after`, oldest first; returns how
 * many. Lines that fell out of the ring are missing from the numbers. */
size_t log_read(uint64_t after, struct log_line *lines, size_t room);

const char *log_level_name(enum log_level level);

#endif
