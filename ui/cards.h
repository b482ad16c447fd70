/* Cards: boxes over the screen that take all keys until they are closed. */
#ifndef QDQEDIT_UI_CARDS_H
#define QDQEDIT_UI_CARDS_H

#include "ui/ui.h"

struct card_ops {
	void (*draw)(struct ui *ui, const struct area *screen);
	unsigned (*key)(struct ui *ui, ui_key key);
};

extern const struct card_ops card_table[CARD_COUNT];

/* A box of this inner size in the middle of the screen, drawn; the area inside it. The
 * foot names keys, "Enter take  Tab next  Esc": a click on one acts as the key. */
struct area card_box(struct ui *ui, const struct area *screen, int w, int h,
	const char *title, const char *foot);

/* The foot of a box at column `x` of its last line, to be clicked. */
void card_foot_spots(struct ui *ui, const struct area *box, int x, const char *foot);

/* A key as hints write it ("Enter", "Ctrl-T", "x") and its word, `width` columns wide;
 * a click anywhere on it acts as the key. */
void card_key(struct ui *ui, const struct area *in, int x, int y, int width,
	const char *key, const char *word);

/* These lines of the area are rows of the top card's list, from its first visible one
 * on: a click chooses, a second one acts as `keys`. */
void card_rows(struct ui *ui, const struct area *in, int y, int count, const char *keys);

/* Draws the list of the top card, whose rows `draw` draws one by one from column 2 on:
 * Enter, or a second click, takes the one that is marked. */
void card_list(struct ui *ui, const struct area *in, uint32_t count,
	void (*draw)(struct ui *ui, const struct area *in, int y, uint32_t row));

/* True for the keys that leave a card. */
bool card_leaves(ui_key key);

/* Moves the list of the top card for the usual keys; false for other keys. */
bool card_move(struct ui *ui, ui_key key);

/* Fills the picker or the form for a tensor and opens its card. */
unsigned card_open_readers(struct ui *ui, tensor_id tensor);
unsigned card_open_form(struct ui *ui, tensor_id tensor);

void start_draw(struct ui *ui, const struct area *screen);
unsigned start_key(struct ui *ui, ui_key key);
void quit_draw(struct ui *ui, const struct area *screen);
unsigned quit_key(struct ui *ui, ui_key key);
void help_draw(struct ui *ui, const struct area *screen);
unsigned help_key(struct ui *ui, ui_key key);
void readers_draw(struct ui *ui, const struct area *screen);
unsigned readers_key(struct ui *ui, ui_key key);
void form_draw(struct ui *ui, const struct area *screen);
unsigned form_key(struct ui *ui, ui_key key);
void types_draw(struct ui *ui, const struct area *screen);
unsigned types_key(struct ui *ui, ui_key key);
void choice_draw(struct ui *ui, const struct area *screen);
unsigned choice_key(struct ui *ui, ui_key key);
void text_draw(struct ui *ui, const struct area *screen);
unsigned text_key(struct ui *ui, ui_key key);

void recent_draw(struct ui *ui, const struct area *screen);
unsigned recent_key(struct ui *ui, ui_key key);
void suggest_draw(struct ui *ui, const struct area *screen);
unsigned suggest_key(struct ui *ui, ui_key key);

void export_draw(struct ui *ui, const struct area *screen);
unsigned export_key(struct ui *ui, ui_key key);

void recover_draw(struct ui *ui, const struct area *screen);
unsigned recover_key(struct ui *ui, ui_key key);

/* A text of lines for a card: taken over (NULL: memory is gone). Its lines are wrapped
 * for the area and drawn from the first on; returns how many there are in all. */
bool text_card_take(struct text_card *card, char *owned_text);
uint32_t text_card_draw(struct text_card *card, const struct area *in);
void text_card_release(struct text_card *card);

void cards_release(struct ui *ui);

#endif
