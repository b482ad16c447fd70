/* An allocator that fails on request. The test program is linked so that malloc, calloc
 * and realloc of everything in it come here (not those inside of shared libraries). */
#ifndef QDQEDIT_TESTS_CHAOS_H
#define QDQEDIT_TESTS_CHAOS_H

#include <stdbool.h>

/* From now on the allocation after `successes` more fails, and all that follow do if
 * `for_good`. */
void chaos_start(unsigned long successes, bool for_good);

/* Ends it; true if an allocation failed. */
bool chaos_stop(void);

#endif
