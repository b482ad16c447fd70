/* Teaching: the tour, captions, the last keys, and the closure rule by rule. */
#ifndef QDQEDIT_UI_TEACH_H
#define QDQEDIT_UI_TEACH_H

#include "ui/keys.h"

#include <stdbool.h>
#include <stdint.h>

struct ui;
struct area;

enum { TOUR_CARDS = 7, CAPTION_ROOM = 400, KEYS_SHOWN = 8 };

struct teaching {
	bool touring;
	int card;       /* 0 to TOUR_CARDS; that many: the farewell */
	bool held;      /* the effect was there when the card came up */
	bool half;      /* the first half of an effect has happened */
	bool explained; /* :explain was run since the card came up */
	uint32_t step;  /* rules of the closure that are shown; 0: no stepping */
	uint64_t step_generation;
	char caption[CAPTION_ROOM]; /* "" if none */
	ui_key keys[KEYS_SHOWN];    /* last pressed, oldest first */
	int key_count;
};

/* A box that hides as little as can be: title, text and foot. */
void teach_box(struct ui *ui, const struct area *all, const char *title, const char *text,
	const char *foot);

/* The caption or the card of the tour, and the keys. */
void teach_draw(struct ui *ui, const struct area *all);

/* Remembers a key for :set showkeys. */
void teach_note_key(struct ui *ui, ui_key key);

/* Starts or resumes the tour; why it cannot run here, or NULL. */
unsigned tour_start(struct ui *ui, bool anew);
const char *tour_blocked(const struct ui *ui);

/* Takes the tour's own keys on the base screen; false for others. */
bool tour_key(struct ui *ui, ui_key key);
void tour_leave(struct ui *ui);

/* Goes on if what the card asks for has happened. */
void tour_follow(struct ui *ui);
void tour_draw(struct ui *ui, const struct area *all);

/* ":step", "back", "all", "end": moves through the closure. */
unsigned step_run(struct ui *ui, const char *args);
void step_leave(struct ui *ui);

#endif
