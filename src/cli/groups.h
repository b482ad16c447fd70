/* What `info` says of the Q and DQ that a model holds. */
#ifndef QDQEDIT_CLI_GROUPS_H
#define QDQEDIT_CLI_GROUPS_H

#include "qdq/groups.h"

#include <jansson.h>

/* Lines for people; nothing for a model without Q and DQ. */
void groups_text(const struct qdq *qdq);

/* The same and every group as an object; NULL for a model without Q and DQ. */
json_t *groups_json(const struct qdq *qdq);

#endif
