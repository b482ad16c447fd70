/* Copying bytes of the input, and running the makers of payloads. */
#ifndef QDQEDIT_ONNX_COPY_H
#define QDQEDIT_ONNX_COPY_H

#include "onnx/encode.h"

/* Appends a piece of the input to the output, in blocks. */
bool copy_from_source(struct encoder *e, uint64_t offset, uint64_t length);

/* Runs the makers that encode_message left for later, on several threads, each
 * writing its bytes to their place in the file. */
bool copy_run_makers(struct encoder *e, unsigned threads);

/* Runs one of them. Safe for several threads at a time. */
bool copy_run_maker(const struct output *out, const struct made_place *place,
	const struct progress *progress, struct error *err);

/* Makes a maker that yields the raw bytes of a tensor of `model` that lies in a side
 * file. The result is in the arena of `into`. */
bool copy_make_reader(struct model *into, const struct model *model,
	const Onnx__TensorProto *tensor, uint64_t length, struct payload_maker *maker,
	struct error *err);

#endif
