/* Cards: boxes over the screen that take all keys until they are closed. */
#ifndef QDQEDIT_UI_CARDS_H
#define QDQEDIT_UI_CARDS_H

#include "ui/ui.h"

struct card_ops {
	void (*draw)(struct ui *ui, const struct area *screen);
	unsigned (*key)(struct ui *ui, ui_key key);
};

extern const struct card_ops card_table[CARD_COUNT];

/* A box of this inner size in the middle of the screen, drawn; the area inside it. */
struct area card_box(
	const struct area *screen, int w, int h, const char *title, const char *foot);

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

void suggest_draw(struct ui *ui, const struct area *screen);
unsigned suggest_key(struct ui *ui, ui_key key);

void recover_draw(struct ui *ui, const struct area *screen);
unsigned recover_key(struct ui *ui, ui_key key);
void text_card_release(struct text_card *card);

void cards_release(struct ui *ui);

#endif
