/* Python source, as several formats write it. */
#ifndef QDQEDIT_EXPORT_PYTHON_H
#define QDQEDIT_EXPORT_PYTHON_H

#include "export/writer.h"

/* The functions that python_put_overrides calls, those that are needed: f32 and f16 make
 * arrays of no dimensions, u8 ... of the types of zero points. */
void python_put_helpers(struct export_writer *writer);

/* "NAME = {...}" with a tensor a line: ONNX Runtime's dictionary. It calls QuantType T.
 */
void python_put_overrides(struct export_writer *writer, const char *name);

#endif
