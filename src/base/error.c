#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool claim(struct error *err, enum error_kind kind)
{
	if (!err)
		return false;
	if (err->kind != ERROR_NONE) {
		err->more++;
		return false;
	}
	err->kind = kind;
	return true;
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;

	if (!claim(err, kind))
		return false;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return false;
}

const char *error_remedy(int code)
{
	static const struct {
		int code;
		const char *text;
	} table[] = {
		{ENOENT, "check the name"},
		{ENOTDIR, "check the name"},
		{EACCES, "check its permissions"},
		{EPERM, "check its permissions"},
		{EISDIR, "give the name of a file"},
		{ENAMETOOLONG, "choose a shorter name"},
		{EEXIST, ERROR_STEP_FORCE},
		{ENOSPC, "free some space or write to another place"},
		{EDQUOT, "free some space or write to another place"},
		{EFBIG, "raise the file size limit or write to another place"},
		{EROFS, "choose a folder you may write to"},
		{EMFILE, "close other programs"},
		{ENFILE, "close other programs"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].code == code)
			return table[i].text;
	return "check the file";
}

bool error_set_errno(struct error *err, const char *format, ...)
{
	int saved = errno;
	va_list args;
	size_t used;

	if (!claim(err, ERROR_IO))
		return false;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s; %s", strerror(saved),
		error_remedy(saved));
	return false;
}

bool error_set_exists(struct error *err, const char *place)
{
	return error_set(err, ERROR_REFUSED, "%s: exists; " ERROR_STEP_FORCE, place);
}

bool error_has_step(const struct error *err, const char *step, int *length)
{
	size_t all = strlen(err->text), end = strlen(step);
	bool has = all >= end && !strcmp(err->text + all - end, step);

	*length = (int)(has ? all - end : all);
	return has;
}

bool error_set_memory(struct error *err, const char *what)
{
	return error_set(err, ERROR_MEMORY,
		"%s: out of memory; close other programs or use a smaller model", what);
}

void error_clear(struct error *err)
{
	if (err)
		*err = (struct error)ERROR_INIT;
}
