/* :explain: every term, with what it means for what is under the cursor. */
#ifndef QDQEDIT_UI_EXPLAIN_H
#define QDQEDIT_UI_EXPLAIN_H

#include "ui/ui.h"

/* What a topic shows beside its text. */
enum topic_view {
	VIEW_NONE,
	VIEW_NUMBERS,  /* the arithmetic of the tensor under the cursor */
	VIEW_BOUNDARY, /* its conversion, who reads what */
	VIEW_REASONS,  /* the chain of reasons */
	VIEW_REGIONS,
	VIEW_OPSET,
	VIEW_COST,
};

struct topic {
	const char *word;
	const char *also; /* other words for it, separated by blanks */
	const char *brief;
	const char *text; /* lines */
	enum topic_view view;
	const char *see; /* words of other topics */
};

extern const struct topic topics[];
extern const unsigned topic_count;

/* By word or other word, any case, blanks and hyphens alike; NULL if there is none. */
const struct topic *topic_find(const char *word);

/* Opens the card of a word; of "" the list of all. */
unsigned explain(struct ui *ui, const char *word);

#endif
