/* Differences between the overrides as they would be written and a file. */
#include "base/output.h"
#include "base/text.h"
#include "ui/extras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 30 };

/* Overrides as canonical text, the lines of each tensor known. */
struct side {
	char *text;
	uint32_t *line_of; /* by tensor, from 1; 0: none */
	const char **lines;
	uint32_t line_count;
};

static bool make_side(struct side *side, const struct overrides *overrides,
	const struct graph *graph, struct error *err)
{
	size_t length = 0;
	uint32_t count = 1;

	side->line_of = calloc((size_t)graph->tensor_count + 1, sizeof(*side->line_of));
	side->text = side->line_of
			     ? overrides_write(overrides, graph, &length, side->line_of)
			     : NULL;
	for (size_t i = 0; side->text && i < length; i++)
		count += side->text[i] == '\n';
	side->lines = side->text ? malloc((size_t)count * sizeof(*side->lines)) : NULL;
	if (!side->lines)
		return error_set_memory(err, "the differences");
	for (char *at = side->text; at && *at;) {
		char *end = strchr(at, '\n');

		side->lines[side->line_count++] = at;
		if (end)
			*end++ = '\0';
		at = end;
	}
	return true;
}

static void release_side(struct side *side)
{
	free(side->text);
	free(side->line_of);
	free(side->lines);
}

/* A line of a tensor without the comma behind it; its length. */
static size_t bare_length(const char *line)
{
	size_t length = strlen(line);

	return length && line[length - 1] == ',' ? length - 1 : length;
}

/* The lines of the tensor of a list: from line_of to the next tensor's. */
static uint32_t end_of(
	const struct side *side, const struct overrides *overrides, uint32_t at)
{
	if (at + 1 < overrides->count)
		return side->line_of[overrides->lists[at + 1].tensor] - 1;
	return side->line_count - 1;
}

static bool same_lines(const struct side *a, uint32_t a_first, uint32_t a_end,
	const struct side *b, uint32_t b_first, uint32_t b_end)
{
	if (a_end - a_first != b_end - b_first)
		return false;
	for (; a_first < a_end; a_first++, b_first++) {
		size_t n = bare_length(a->lines[a_first]);

		if (n != bare_length(b->lines[b_first]) ||
			memcmp(a->lines[a_first], b->lines[b_first], n))
			return false;
	}
	return true;
}

static void put_lines(FILE *out, const char *mark, const struct side *side,
	uint32_t first, uint32_t end)
{
	for (; first < end; first++) {
		const char *line = side->lines[first] + strspn(side->lines[first], " ");

		fprintf(out, "%s  %.*s\n", mark, (int)bare_length(line), line);
	}
}

struct comparison {
	FILE *out;
	const struct overrides *now, *then;
	struct side a, b; /* now, then */
	unsigned added, changed, removed;
};

/* Where a tensor's list stands in overrides. */
static uint32_t position(const struct overrides *overrides, tensor_id tensor)
{
	return (uint32_t)(overrides_find(overrides, tensor) - overrides->lists);
}

static void compare_now(struct comparison *c)
{
	for (uint32_t i = 0; i < c->now->count; i++) {
		tensor_id tensor = c->now->lists[i].tensor;
		uint32_t first = c->a.line_of[tensor] - 1, end = end_of(&c->a, c->now, i);
		uint32_t b_first, b_end;

		if (!overrides_find(c->then, tensor)) {
			put_lines(c->out, TEXT_CHOSEN "+", &c->a, first, end);
			c->added++;
			continue;
		}
		b_first = c->b.line_of[tensor] - 1;
		b_end = end_of(&c->b, c->then, position(c->then, tensor));
		if (same_lines(&c->a, first, end, &c->b, b_first, b_end))
			continue;
		put_lines(c->out, TEXT_MUTED "-", &c->b, b_first, b_end);
		put_lines(c->out, TEXT_TITLE "~", &c->a, first, end);
		c->changed++;
	}
}

static void compare_then(struct comparison *c)
{
	for (uint32_t i = 0; i < c->then->count; i++) {
		tensor_id tensor = c->then->lists[i].tensor;

		if (overrides_find(c->now, tensor))
			continue;
		put_lines(c->out, TEXT_ERROR "-", &c->b, c->b.line_of[tensor] - 1,
			end_of(&c->b, c->then, i));
		c->removed++;
	}
}

static void put_problems(FILE *out, const struct problem_list *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		fprintf(out, TEXT_MUTED "? %s: %s\n", problems->items[i].place,
			problems->items[i].cause);
}

static bool write_comparison(FILE *out, const struct outcome *o,
	const struct overrides *then, const struct problem_list *problems,
	struct error *err)
{
	struct comparison c = {.out = out, .now = &o->entries, .then = then};
	bool done = make_side(&c.a, c.now, o->graph, err) &&
		    make_side(&c.b, then, o->graph, err);

	if (done) {
		compare_now(&c);
		compare_then(&c);
		put_problems(out, problems);
		if (!c.added && !c.changed && !c.removed)
			fprintf(out, "Nothing differs.\n");
		else
			fprintf(out,
				TEXT_MUTED "%u added +, %u changed ~, %u removed -\n",
				c.added, c.changed, c.removed);
	}
	release_side(&c.a);
	release_side(&c.b);
	return done;
}

/* Reads the file, if there is one; what in it does not fit is told. */
static bool read_then(const struct ui *ui, const char *path, struct overrides *then,
	struct problem_list *problems, struct error *err)
{
	size_t length;
	char *json;

	if (!path)
		return true;
	json = input_read(path, FILE_MOST, &length, err);
	if (!json)
		return false;
	if (!overrides_read(
		    then, ui->outcome->graph, json, length, path, problems, err) &&
		error_is_set(err) && !problems->count) {
		free(json);
		return false;
	}
	error_clear(err);
	free(json);
	return true;
}

unsigned diff_run(struct ui *ui, const char *args)
{
	const char *path = *args ? args : ui->session->overrides_path;
	struct overrides then = {0};
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;
	char *text = NULL, title[80], clean[60];
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool done = out && read_then(ui, path, &then, &problems, &err) &&
		    write_comparison(out, ui->outcome, &then, &problems, &err);

	if (out && fclose(out))
		done = false;
	overrides_release(&then);
	problem_clear(&problems);
	if (!done) {
		free(text);
		return error_is_set(&err) ? ui_fail(ui, &err)
					  : ui_show_text(ui, "", NULL);
	}
	if (path)
		snprintf(title, sizeof(title), "against %s",
			text_escape(clean, sizeof(clean), path, strlen(path)));
	return ui_show_text(ui, path ? title : "nothing is saved yet: all is new", text);
}
