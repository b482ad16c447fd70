/* Hints: one quiet line every few minutes at most, about commands not used yet. */
#ifndef QDQEDIT_UI_HINTS_H
#define QDQEDIT_UI_HINTS_H

#include <stdint.h>

/* Zero-initialized has said nothing. */
struct hints {
	uint32_t known; /* a bit a hint: its command was used, or it was said */
	uint64_t next;  /* ms: not before; 0: the clock has not begun */
};

/* A command was run by a person. */
void hints_note_command(struct hints *hints, const char *name);

/* The hint that is due, or NULL. */
const char *hints_next(struct hints *hints, uint64_t now);

#endif
