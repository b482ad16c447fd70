/* Lists of 32-bit ids. */
#ifndef QDQEDIT_BASE_IDS_H
#define QDQEDIT_BASE_IDS_H

#include <stddef.h>
#include <stdint.h>

/* Sorts them ascending: by digits where there are many, which is several times faster
 * than comparing. Without memory for a copy it compares. */
void ids_sort(uint32_t *ids, size_t count);

#endif
