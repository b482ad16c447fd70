/* Private to src/job: importing what a quantized model says. */
#ifndef QDQEDIT_JOB_IMPORT_MODEL_H
#define QDQEDIT_JOB_IMPORT_MODEL_H

#include "job/import.h"

/* Reads the overrides and ranges of a quantized model for the model of the session, and
 * the options (initialized by the caller) that they are relative to. */
bool import_read_model(const struct session *session, const char *path,
	struct imported *got, struct quant_options *options, struct import_report *report,
	struct error *err);

#endif
