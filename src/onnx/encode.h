/* Encoding a structure: untouched messages by their bytes in the input. */
#ifndef QDQEDIT_ONNX_ENCODE_H
#define QDQEDIT_ONNX_ENCODE_H

#include "base/output.h"
#include "base/progress.h"
#include "onnx/model.h"
#include "onnx/wire.h"

/* A payload to be made, and its place in the output file. */
struct made_place {
	const struct payload_maker *maker;
	uint64_t offset;
};

struct made_place_list ARRAY_OF(struct made_place);

struct encoder {
	const struct model *model;
	struct output *out;
	struct wire_reader in; /* copies from the input go through its window */
	struct made_place_list later;
	bool can_leap; /* the output is a file: made payloads are left out for later */
	const struct progress *progress;
	uint64_t whole; /* bytes to be written in all, for progress */
	struct error *err;
};

/* The exact number of bytes `message` takes when encoded. */
uint64_t encode_size(const ProtobufCMessage *message);

bool encode_init(struct encoder *e, const struct model *model, struct output *out,
	const struct progress *progress, uint64_t whole, struct error *err);
void encode_release(struct encoder *e);

/* Appends the message to the output. Payloads of PAYLOAD_MADE are left as holes and
 * put on the list `later` (made.h), unless the output cannot seek. */
bool encode_message(struct encoder *e, const ProtobufCMessage *message);

/* Appends the raw bytes of a tensor, wherever they lie. `length` is theirs. */
bool encode_payload(struct encoder *e, const Onnx__TensorProto *tensor, uint64_t length);

#endif
