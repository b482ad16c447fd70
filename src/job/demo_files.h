/* What can be done with a built-in demo besides opening it. */
#ifndef QDQEDIT_JOB_DEMO_FILES_H
#define QDQEDIT_JOB_DEMO_FILES_H

#include "base/error.h"
#include "job/demos.h"
#include "rules/options.h"

/* Lays the demo's options over `options`. */
bool demo_set_options(
	const struct demo *demo, struct quant_options *options, struct error *err);

/* Writes NAME.onnx, ranges.json, seeds.txt, options.txt and the samples into a folder,
 * made if it is not there. Existing files only with `force`. */
bool demo_write_files(
	const struct demo *demo, const char *folder, bool force, struct error *err);

#endif
