/* The overrides file as it will be written, by lines; and what of it is not yet so in the
 * file. Only the text of one tensor is held at a time. */
#ifndef QDQEDIT_UI_JSON_TEXT_H
#define QDQEDIT_UI_JSON_TEXT_H

#include "plan/outcome.h"

/* A tensor's lines as they stand in the file: digests of its name and of its text. */
struct json_digest {
	uint64_t name, text;
};

/* Zero-initialized is empty. Freed by json_text_release. */
struct json_text {
	uint32_t *first;           /* line of each list of entries, counted from 0 */
	tensor_id *tensors;        /* of each list */
	uint32_t list_count;       /* lists */
	uint32_t line_count;       /* with those of the braces */
	const struct graph *graph; /* what it was made from */
	uint64_t generation;
	char *text; /* of list `at`: lines end with NUL */
	size_t text_length;
	uint32_t at;               /* list_count or more: none */
	struct json_digest *saved; /* sorted by name */
	uint32_t saved_count;
	uint32_t removed; /* tensors of the file that have no lines now */
};

/* Counts the lines anew if the outcome is another one. */
bool json_text_update(
	struct json_text *json, const struct outcome *outcome, struct error *err);

/* Takes the present lines as what is in the file. */
bool json_text_saved(
	struct json_text *json, const struct outcome *outcome, struct error *err);

/* The tensor that a line belongs to, GRAPH_NONE for the braces. */
tensor_id json_text_tensor(const struct json_text *json, uint32_t line);

/* A line of the outcome it was last updated for, "" when memory is gone; valid until the
 * next call. `mark`: '+' new, '~' changed, ' ' as in the file. */
const char *json_text_line(
	struct json_text *json, const struct outcome *outcome, uint32_t line, char *mark);

void json_text_release(struct json_text *json);

#endif
