/* The arithmetic of scale and zero point on one tensor, step by step, as lines. */
#ifndef QDQEDIT_UI_ARITHMETIC_H
#define QDQEDIT_UI_ARITHMETIC_H

#include "ui/ui.h"

#include <stdio.h>

/* Writes it for the tensor, with the numbers that will stand in the file. False with
 * `err` when they cannot be computed. */
bool arithmetic_write(
	FILE *out, const struct ui *ui, tensor_id tensor, struct error *err);

#endif
