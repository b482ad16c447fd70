/* What golden screens leave out. */
#ifndef QDQEDIT_TESTS_GOLDEN_H
#define QDQEDIT_TESTS_GOLDEN_H

/* The palette tells how many commands there are; a new one must change no golden. */
void golden_mask_totals(char *text);

#endif
