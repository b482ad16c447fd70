#include "ui/places.h"

#include <string.h>

void places_push(struct places *places, uint32_t here)
{
	places->count = places->at;
	if (places->count && places->jumps[places->count - 1] == here)
		return;
	if (places->count == PLACES) {
		memmove(places->jumps, places->jumps + 1,
			(PLACES - 1) * sizeof(*places->jumps));
		places->count--;
	}
	places->jumps[places->count++] = here;
	places->at = places->count;
}

bool places_back(struct places *places, uint32_t here, uint32_t *there)
{
	if (places->at && places->jumps[places->at - 1] == here)
		places->at--;
	if (!places->at)
		return false;
	if (places->at == places->count && places->count < PLACES)
		places->jumps[places->count++] = here;
	*there = places->jumps[--places->at];
	return true;
}

bool places_forward(struct places *places, uint32_t *there)
{
	if (places->at + 1 >= places->count)
		return false;
	*there = places->jumps[++places->at];
	return true;
}

void places_set_mark(struct places *places, char letter, uint32_t here)
{
	places->marks[letter - 'a'] = here;
	places->marked |= 1u << (letter - 'a');
}

bool places_mark(const struct places *places, char letter, uint32_t *there)
{
	if (letter < 'a' || letter > 'z' || !(places->marked >> (letter - 'a') & 1))
		return false;
	*there = places->marks[letter - 'a'];
	return true;
}
