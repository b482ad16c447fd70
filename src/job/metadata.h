/* What the program records in the models it writes. */
#ifndef QDQEDIT_JOB_METADATA_H
#define QDQEDIT_JOB_METADATA_H

#include "plan/overrides.h"

/* Appends "qdqedit.version" and "qdqedit.overrides" (16 hex digits, FNV-1a of the
 * overrides JSON) to the metadata_props of a derived model; keys that are there get the
 * new value. */
bool metadata_add(struct model *model, const struct overrides *overrides,
	const struct graph *graph, struct error *err);

/* Sets one entry of the metadata_props of a derived model. */
bool metadata_set(
	struct model *model, const char *key, const char *value, struct error *err);

#endif
