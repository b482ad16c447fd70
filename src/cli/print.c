#include "config.h" /* vasprintf */

#include "cli/print.h"

#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "plan/unplaced.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool quiet_set, verbose_set;

void print_verbosity(bool quiet, bool verbose)
{
	quiet_set = quiet;
	verbose_set = verbose;
}

bool print_is_quiet(void)
{
	return quiet_set;
}

static bool progress_shown;

void print_progress(const char *text)
{
	fprintf(stderr, "\r\033[K%s", text);
	fflush(stderr);
	progress_shown = true;
}

void print_progress_end(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

void print_error(const struct error *err)
{
	print_progress_end();
	fprintf(stderr, "qdqedit: %s", err->text);
	if (err->more)
		fprintf(stderr, " (and %u more: qdqedit check)", err->more);
	fputc('\n', stderr);
}

static FILE *notes;
static char *notes_text;
static size_t notes_length;

/* Where notes are gathered, NULL if they are not wanted or memory is gone. */
static FILE *notes_stream(void)
{
	if (!quiet_set && !notes)
		notes = open_memstream(&notes_text, &notes_length);
	return quiet_set ? NULL : notes;
}

void print_lines(const char *text)
{
	if (notes_stream())
		fputs(text, notes);
}

void print_note(const char *format, ...)
{
	va_list args;

	if (!notes_stream())
		return;
	fputs("qdqedit: note: ", notes);
	va_start(args, format);
	vfprintf(notes, format, args);
	va_end(args);
	fputc('\n', notes);
}

void print_notes_end(bool keep)
{
	if (!notes)
		return;
	if (fclose(notes) == 0 && keep)
		fwrite(notes_text, 1, notes_length, stderr);
	free(notes_text);
	notes = NULL;
}

static void print_problem(const struct problem *p)
{
	print_note("%s%s%s%s%s", p->place, *p->place ? ": " : "", p->cause,
		*p->remedy ? "; " : "", p->remedy);
}

void print_notes(const struct problem_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		print_problem(&list->items[i]);
}

/* What could not be placed is told so often. */
enum { UNPLACED_TOLD = 10 };

void print_foreign(const struct problem_list *list, const char *hint)
{
	size_t unplaced = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!unplaced_is(&list->items[i]) || unplaced++ < UNPLACED_TOLD)
			print_problem(&list->items[i]);
	if (unplaced > UNPLACED_TOLD)
		print_note("%zu more have no place in this model%s",
			unplaced - UNPLACED_TOLD, hint);
}

void print_log(void)
{
	struct log_line lines[64];
	uint64_t last = 0;
	size_t count;

	if (!verbose_set)
		return;
	while ((count = log_read(last, lines, 64))) {
		for (size_t i = 0; i < count; i++)
			fprintf(stderr, "qdqedit: %s: %s\n",
				log_level_name(lines[i].level), lines[i].text);
		last = lines[count - 1].number;
	}
}

bool print_cell(struct print_table *table, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return false;
	if (!array_reserve((void **)&table->cells, &table->room, table->count + 1,
		    sizeof(*table->cells))) {
		free(text);
		return false;
	}
	table->cells[table->count++] = text;
	return true;
}

static void print_row(const char *const *cells, size_t columns, const size_t *widths)
{
	for (size_t i = 0; i < columns; i++) {
		size_t width = text_width(cells[i]);

		fputs(cells[i], answer_stream());
		if (i + 1 < columns)
			answer("%*s", (int)(widths[i] - width + 2), "");
	}
	answer("\n");
}

void print_table(struct print_table *table)
{
	size_t widths[16] = {0};
	size_t columns = table->columns;

	for (size_t i = 0; i < columns; i++)
		widths[i] = text_width(table->heads[i]);
	for (size_t i = 0; i < table->count; i++) {
		size_t width = text_width(table->cells[i]);

		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
	if (table->count)
		print_row(table->heads, columns, widths);
	for (size_t i = 0; i + columns <= table->count; i += columns)
		print_row((const char *const *)table->cells + i, columns, widths);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	table->cells = NULL;
	table->count = table->room = 0;
}

json_t *print_json_text(const char *bytes, size_t length)
{
	json_t *text = json_stringn(bytes, length);
	char escaped[1024];

	return text ? text
		    : json_string(text_escape(escaped, sizeof(escaped), bytes, length));
}

json_t *print_json_problems(const struct problem_list *list)
{
	static const char *const words[] = {"note", "warning", "error"};
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct problem *p = &list->items[i];

		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:s, s:s}", "severity",
				       words[p->severity], "id", p->id, "place", p->place,
				       "cause", p->cause, "remedy", p->remedy));
	}
	return array;
}

json_t *print_json_losses(const struct loss_list *losses)
{
	size_t length;
	char *text = loss_json(losses, &length);
	json_t *list = text ? json_loadb(text, length, 0, NULL) : NULL;

	free(text);
	return list;
}

int print_json(json_t *owned)
{
	char *text =
		owned ? json_dumps(owned, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;

	json_decref(owned);
	if (!text) {
		fputs("qdqedit: answer: out of memory; close other programs\n", stderr);
		return EXIT_REFUSED;
	}
	answer("%s\n", text);
	free(text);
	return EXIT_DONE;
}
