/* What must not be an output. */
#ifndef QDQEDIT_JOB_TARGET_H
#define QDQEDIT_JOB_TARGET_H

#include "onnx/model.h"

/* Refuses as output: the file of the model, its side files (both also through links),
 * folders and, without force, files that exist. "-" is fine. */
bool target_check(
	const struct model *model, const char *path, bool force, struct error *err);

/* Refuses as output `path` another file that is read, also through a link; NULL is none.
 */
bool target_check_other(const char *path, const char *input, struct error *err);

#endif
