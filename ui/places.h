/* Where one has been: the jump list and the marks a to z. */
#ifndef QDQEDIT_UI_PLACES_H
#define QDQEDIT_UI_PLACES_H

#include <stdbool.h>
#include <stdint.h>

enum { PLACES = 100, PLACE_NONE = -1 };

/* Places are row codes (ui/rows.h). Zero-initialized is empty. */
struct places {
	uint32_t jumps[PLACES];
	int count, at; /* at == count: not going back */
	uint32_t marks[26];
	uint32_t marked; /* bit for each mark that is set */
};

/* Remembers a place that is left by a jump; what lay ahead is forgotten. */
void places_push(struct places *places, uint32_t here);

/* The place to go to from `here`, back or forward; false at the end. */
bool places_back(struct places *places, uint32_t here, uint32_t *there);
bool places_forward(struct places *places, uint32_t *there);

void places_set_mark(struct places *places, char letter, uint32_t here);
bool places_mark(const struct places *places, char letter, uint32_t *there);

#endif
