/* The full closure as oracle of the incremental one. */
#ifndef QDQEDIT_TESTS_PLAN_ORACLE_H
#define QDQEDIT_TESTS_PLAN_ORACLE_H

#include "plan/outcome.h"

/* Fails unless the outcome at hand equals that of a copy of the plan, which has none yet
 * and runs the full closure. */
void plan_oracle_check(struct plan *plan);

/* Fails unless what changed since plan_watch is what a look at everything finds. */
void plan_oracle_check_changes(struct plan *plan, const struct outcome *before);

#endif
