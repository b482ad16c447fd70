/* What a model imports, as ONNX Runtime's quantizer wants it. */
#ifndef QDQEDIT_ONNX_IMPORTS_H
#define QDQEDIT_ONNX_IMPORTS_H

#include "onnx/model.h"

/* True if the default domain is imported once, by either name. */
bool model_check_default_import(const struct model *model, struct error *err);

/* True if the domains of all nodes of the main graph are imported: onnx's inference, with
 * which the peer's tools begin, refuses other models. */
bool model_check_domains(const struct model *model, struct error *err);

#endif
