#include "ui/prompt.h"

#include <stdlib.h>
#include <string.h>

void line_set(struct line_edit *line, const char *text, bool fresh)
{
	line->length = strlen(text);
	if (line->length > PROMPT_ROOM - 1)
		line->length = PROMPT_ROOM - 1;
	memcpy(line->text, text, line->length);
	line->text[line->length] = '\0';
	line->at = line->length;
	line->fresh = fresh && line->length;
}

static bool is_inside(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t before(const struct line_edit *line, size_t at)
{
	while (at && is_inside(line->text[--at]))
		;
	return at;
}

static size_t behind(const struct line_edit *line, size_t at)
{
	while (at < line->length && is_inside(line->text[++at]))
		;
	return at < line->length ? at : line->length;
}

static void cut(struct line_edit *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, line->length - to + 1);
	line->length -= to - from;
	line->at = from;
}

static bool insert_bytes(struct line_edit *line, const char *bytes, size_t n)
{
	if (line->fresh)
		cut(line, 0, line->length);
	line->fresh = false;
	if (line->length + n > PROMPT_ROOM - 1)
		return false;
	memmove(line->text + line->at + n, line->text + line->at,
		line->length - line->at + 1);
	memcpy(line->text + line->at, bytes, n);
	line->length += n;
	line->at += n;
	return true;
}

static bool insert(struct line_edit *line, ui_key key)
{
	char bytes[16];

	keys_name(key, bytes);
	if (key == '<' || key == UK_SPACE)
		bytes[0] = (char)key, bytes[1] = '\0';
	return insert_bytes(line, bytes, strlen(bytes));
}

void line_insert(struct line_edit *line, const char *text)
{
	insert_bytes(line, text, strlen(text));
}

static size_t word_start(const struct line_edit *line)
{
	size_t at = line->at;

	while (at && line->text[at - 1] == ' ')
		at--;
	while (at && line->text[at - 1] != ' ')
		at--;
	return at;
}

/* What one key takes away: from..to, equal if nothing. */
static bool cut_key(const struct line_edit *line, ui_key key, size_t *from, size_t *to)
{
	*from = *to = line->at;
	if (key == UK_BACKSPACE || key == UK_CTRL('h'))
		*from = line->fresh ? 0 : before(line, line->at);
	else if (key == UK_DELETE)
		*to = behind(line, line->at);
	else if (key == UK_CTRL('u'))
		*from = 0;
	else if (key == UK_CTRL('k'))
		*to = line->length;
	else if (key == UK_CTRL('w'))
		*from = word_start(line);
	else
		return false;
	return true;
}

static bool move_key(struct line_edit *line, ui_key key)
{
	if (key == UK_LEFT || key == UK_CTRL('b'))
		line->at = before(line, line->at);
	else if (key == UK_RIGHT || key == UK_CTRL('f'))
		line->at = behind(line, line->at);
	else if (key == UK_HOME || key == UK_CTRL('a'))
		line->at = 0;
	else if (key == UK_END || key == UK_CTRL('e'))
		line->at = line->length;
	else
		return false;
	line->fresh = false;
	return true;
}

bool line_key(struct line_edit *line, ui_key key, bool *changed)
{
	size_t from, to;

	*changed = false;
	if (cut_key(line, key, &from, &to)) {
		*changed = from != to;
		if (*changed)
			cut(line, from, to);
		line->fresh = false;
		return true;
	}
	if (move_key(line, key))
		return true;
	if (key < 32 || key > 0x10ffff || (key >= 0x7f && key < 0xa0))
		return false;
	*changed = insert(line, key);
	line->fresh = false;
	return true;
}

void prompt_remember(struct prompt *prompt, const char *text)
{
	char *copy;

	if (!*text || (prompt->history_count &&
			      !strcmp(prompt->history[prompt->history_count - 1], text)))
		return;
	copy = strdup(text);
	if (!copy)
		return;
	if (prompt->history_count == PROMPT_HISTORY) {
		free(prompt->history[0]);
		memmove(prompt->history, prompt->history + 1,
			(PROMPT_HISTORY - 1) * sizeof(char *));
		prompt->history_count--;
	}
	prompt->history[prompt->history_count++] = copy;
}

void prompt_release(struct prompt *prompt)
{
	for (unsigned i = 0; i < prompt->history_count; i++)
		free(prompt->history[i]);
	memset(prompt, 0, sizeof(*prompt));
}
