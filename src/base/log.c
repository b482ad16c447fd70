#include "base/log.h"

#include "base/text.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct {
	pthread_mutex_t lock;
	uint64_t newest;
	struct log_line lines[LOG_LINES]; /* line N at N % LOG_LINES */
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void log_add(enum log_level level, const char *format, ...)
{
	char text[2048];
	struct log_line *line;
	size_t length;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	length = strlen(text);
	while (length && text[length - 1] == '\n')
		length--;
	pthread_mutex_lock(&ring.lock);
	line = &ring.lines[++ring.newest % LOG_LINES];
	line->number = ring.newest;
	line->time = now();
	line->level = level;
	text_escape(line->text, sizeof(line->text), text, length);
	pthread_mutex_unlock(&ring.lock);
}

size_t log_read(uint64_t after, struct log_line *lines, size_t room)
{
	size_t count = 0;

	pthread_mutex_lock(&ring.lock);
	if (ring.newest > LOG_LINES && after < ring.newest - LOG_LINES)
		after = ring.newest - LOG_LINES;
	while (count < room && after < ring.newest)
		lines[count++] = ring.lines[++after % LOG_LINES];
	pthread_mutex_unlock(&ring.lock);
	return count;
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = {"debug", "info", "warning", "error"};

	return names[level];
}
