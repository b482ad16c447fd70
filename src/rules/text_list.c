/* Lists of names from options: comma-separated, or one a line from a file. */
#include "base/array.h"
#include "base/output.h"
#include "base/text.h"
#include "rules/options.h"

#include <stdlib.h>
#include <string.h>

#define LIST_FILE_LIMIT ((size_t)256 << 20)

bool text_list_push(
	struct text_list *list, const char *text, size_t length, struct error *err)
{
	char *copy = malloc(length + 1);

	if (!copy || !array_reserve((void **)&list->items, &list->room, list->count + 1,
			     sizeof(*list->items))) {
		free(copy);
		return error_set_memory(err, "list of names");
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	list->items[list->count++] = copy;
	return true;
}

static bool push_pieces(struct text_list *list, const char *text, size_t length,
	char divider, struct error *err)
{
	const char *end = text + length;

	while (text < end) {
		const char *stop = memchr(text, divider, (size_t)(end - text));
		size_t piece = (size_t)((stop ? stop : end) - text);

		if (divider == '\n' && piece && text[piece - 1] == '\r')
			piece--;
		if (piece && !text_list_push(list, text, piece, err))
			return false;
		text = stop ? stop + 1 : end;
	}
	return true;
}

static bool push_file(struct text_list *list, const char *path, struct error *err)
{
	size_t length;
	char *text = input_read(path, LIST_FILE_LIMIT, &length, err);
	bool ok;

	if (!text)
		return false;
	if (memchr(text, '\0', length)) {
		free(text);
		return error_set(err, ERROR_REFUSED,
			"%s: not a text file, it holds a NUL; give one name a line",
			text_path(path));
	}
	ok = push_pieces(list, text, length, '\n', err);
	free(text);
	return ok;
}

bool text_list_add(struct text_list *list, const char *texts, struct error *err)
{
	if (texts[0] == '@')
		return push_file(list, texts + 1, err);
	return push_pieces(list, texts, strlen(texts), ',', err);
}

bool text_list_has(const struct text_list *list, const char *text, size_t length)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strlen(list->items[i]) == length &&
			memcmp(list->items[i], text, length) == 0)
			return true;
	}
	return false;
}

void text_list_release(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	array_release((void **)&list->items, &list->count, &list->room);
}
