/* Ranges as programs write them, read without a tree: some ten times faster and in no
 * memory. Whatever is not of that kind, and all that is wrong, is left to the general
 * reader (ranges_read.c), which alone has messages. For the files of plan/ only. */
#ifndef QDQEDIT_PLAN_RANGES_PLAIN_H
#define QDQEDIT_PLAN_RANGES_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The members of the object of tensors in a text. */
struct plain_ranges {
	const char *at, *end; /* what is left of them */
	size_t from, to;      /* where they stand in the text */
	bool in_data;         /* it is the member "data" of the whole */
};

/* One member: [low, high], or a record of two numpy arrays of one number each. The ends
 * are as written, finite. */
struct plain_range {
	const char *key; /* in the text: ASCII, without escapes */
	size_t key_length;
	double low, high;
	int32_t low_type, high_type; /* ELEMENT_FLOAT or ELEMENT_FLOAT16; 0 in a pair */
};

/* Finds the members; false if the text has another form. */
bool plain_ranges_find(const char *json, size_t length, struct plain_ranges *ranges);

/* The next one: 1, at the end 0, -1 if the text is not plain there. */
int plain_ranges_next(struct plain_ranges *ranges, struct plain_range *range);

#endif
