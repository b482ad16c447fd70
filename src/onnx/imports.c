#include "onnx/imports.h"

#include "base/text.h"

#include <string.h>

bool model_check_default_import(const struct model *model, struct error *err)
{
	unsigned found = 0;

	for (size_t i = 0; i < model->proto->n_opset_import; i++) {
		ProtobufCBinaryData domain = model->proto->opset_import[i]->domain;

		found += domain.len == 0 || bytes_equal(domain, "ai.onnx");
	}
	if (found == 1)
		return true;
	return error_set(err, ERROR_REFUSED,
		"%s: imports the default operator domain %u times; write it once, as the "
		"standard asks",
		text_path(model->path), found);
}

/* For onnx's inference an import of "ai.onnx" serves nodes without a domain, and not the
 * other way round. */
static bool is_imported(const Onnx__ModelProto *model, ProtobufCBinaryData domain)
{
	for (size_t i = 0; i < model->n_opset_import; i++) {
		ProtobufCBinaryData import = model->opset_import[i]->domain;

		if ((import.len == domain.len &&
			    (!domain.len ||
				    !memcmp(import.data, domain.data, domain.len))) ||
			(!domain.len && bytes_equal(import, "ai.onnx")))
			return true;
	}
	return false;
}

bool model_check_domains(const struct model *model, struct error *err)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	for (size_t i = 0; i < graph->n_node; i++) {
		const Onnx__NodeProto *node = graph->node[i];

		if (is_imported(model->proto, node->domain))
			continue;
		return error_set(err, ERROR_REFUSED,
			"%s: the domain %s of node %s is not imported; add it to the "
			"model's opset imports, or leave out --ort-compatible",
			text_path(model->path),
			text_quoted((const char *)node->domain.data, node->domain.len),
			text_quoted((const char *)node->name.data, node->name.len));
	}
	return true;
}
