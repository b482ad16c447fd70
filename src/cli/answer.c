#include "cli/answer.h"

#include "base/output.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

static FILE *stream;
static char *text;
static size_t length;
static const char *target;
static bool replace;

bool answer_begin(void)
{
	target = "-";
	replace = false;
	stream = open_memstream(&text, &length);
	return stream;
}

FILE *answer_stream(void)
{
	return stream;
}

void answer(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stream, format, args);
	va_end(args);
}

void answer_csv_text(const char *field)
{
	answer("\"");
	for (; *field; field++)
		answer(*field == '"' ? "\"\"" : "%c", *field);
	answer("\"");
}

void answer_csv_number(double value)
{
	char number[32];

	answer(",%s", isfinite(value) ? text_f64(number, value, false)
		      : isnan(value)  ? "nan"
		      : value > 0     ? "inf"
				      : "-inf");
}

void answer_send_to(const char *path, bool force)
{
	target = path;
	replace = force;
}

bool answer_end(bool keep, struct error *err)
{
	bool fine = !ferror(stream) && fclose(stream) == 0;

	if (!fine)
		error_set_memory(err, "answer");
	else if (keep && (length || target[0] != '-' || target[1]))
		fine = output_text(target, text, length, replace, err);
	stream = NULL;
	free(text);
	text = NULL;
	return fine;
}
