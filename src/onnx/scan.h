/* The walk over the wire format that leaves large payloads where they are. */
#ifndef QDQEDIT_ONNX_SCAN_H
#define QDQEDIT_ONNX_SCAN_H

#include "base/progress.h"
#include "onnx/source.h"

/* Nesting that is refused beyond these. */
enum { GRAPH_DEPTH_MAX = 64, TYPE_DEPTH_MAX = 32 };

/* More messages than this are no model but an attack on memory. */
enum { MESSAGES_MAX = 1 << 24 };

/* Payloads of at most this many bytes stay in their message. */
enum { PAYLOAD_INLINE_MAX = 256 };

/* A ModelProto without large payloads, with the private fields of data/onnx.proto. */
struct slim {
	unsigned char *bytes; /* malloc'ed */
	size_t size;
	size_t room;
};

/* Walks the whole source. On failure `slim` is empty; the caller frees slim->bytes. */
bool scan_model(struct model_source *source, struct slim *slim,
	const struct progress *progress, struct error *err);

#endif
