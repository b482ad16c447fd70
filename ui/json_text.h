/* The overrides file as it will be written, as lines; and what of it is not yet so in
 * the file. */
#ifndef QDQEDIT_UI_JSON_TEXT_H
#define QDQEDIT_UI_JSON_TEXT_H

#include "plan/outcome.h"

/* A tensor's lines as they stand in the file: digests of its name and of its text. */
struct json_digest {
	uint64_t name, text;
};

/* Zero-initialized is empty. Freed by json_text_release. */
struct json_text {
	char *text;         /* lines end with NUL, not with a newline */
	uint32_t *lines;    /* where each begins */
	tensor_id *tensors; /* of each line, GRAPH_NONE for the braces */
	uint32_t line_count;
	const struct graph *graph; /* what it was made from */
	uint64_t generation;
	struct json_digest *saved; /* sorted by name */
	uint32_t saved_count;
};

/* Makes the lines anew if the outcome is another one. */
bool json_text_update(
	struct json_text *json, const struct outcome *outcome, struct error *err);

/* Takes the present lines as what is in the file. */
bool json_text_saved(struct json_text *json, struct error *err);

/* '+' new, '~' changed, ' ' as in the file. */
char json_text_mark(const struct json_text *json, uint32_t line);

/* The first line of a tensor, or the line count if it has none. */
uint32_t json_text_find(const struct json_text *json, tensor_id tensor);

void json_text_release(struct json_text *json);

#endif
