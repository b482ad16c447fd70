/* A model: its slim structure, and where its payloads lie.
 *
 * model_open walks the wire format once. Payloads of tensors (raw_data and the
 * typed fields) larger than a few hundred bytes stay in the file: the TensorProto
 * then carries payload_* fields in place of the data (onnx/tensor.h reads both
 * forms alike). All messages live in the model's arena and are treated as
 * immutable once the model is made.
 *
 * A model that is to differ from another is *derived*: a new ModelProto whose
 * unchanged messages are shared by pointer with the base, and whose changed ones
 * are copies made by model_edit_*. A message with src_length set is written by
 * copying its bytes from the input; a copy has no src_length and is encoded. The
 * base must outlive what is derived from it, and so must its file. */
#ifndef QDQEDIT_ONNX_MODEL_H
#define QDQEDIT_ONNX_MODEL_H

#include "base/arena.h"
#include "base/array.h"
#include "base/error.h"
#include "base/progress.h"
#include "onnx/onnx.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the payload of a tensor lies when it is not in its message. */
enum payload_kind {
	PAYLOAD_MESSAGE = 0, /* in the TensorProto itself */
	PAYLOAD_FILE = 1,    /* at payload_offset in the model's input file */
	PAYLOAD_MADE = 2,    /* made when it is written: payload_offset is an index of
				model->made, payload_length its bytes of raw_data */
};

/* Produces the raw_data bytes of a tensor at writing time, in order, in blocks: calls
 * emit(sink, bytes, count) until `length` bytes went out. `arg` is the maker's. Makers
 * of several tensors run at the same time, each on a thread of its own; they read the
 * model freely, but must not change it or take from its arena. */
struct payload_maker {
	bool (*make)(void *arg,
		bool (*emit)(
			void *sink, const void *bytes, size_t count, struct error *err),
		void *sink, const struct progress *progress, struct error *err);
	void *arg; /* lives in the model's arena */
	uint64_t length;
};

struct payload_maker_list ARRAY_OF(struct payload_maker);

/* The bytes a model was read from: a file kept open, or memory (demos, tests). */
struct model_source;

/* Initializers of this many bytes on pass through a side file in onnx's hands after a
 * raise (its threshold of 1024 counts the Python object around the bytes). */
enum { RELOADED_BYTES = 991 };

struct model_options {
	bool strict_external_data; /* onnx-facts.md section 6, strict form */
};

struct model {
	struct arena arena;
	Onnx__ModelProto *proto;     /* in the arena (or shared with the base) */
	struct model_source *source; /* shared by all models derived from one another */
	const struct model *base;    /* what this was derived from, or NULL */
	struct payload_maker_list made; /* begins with the base's */
	const char *path;               /* as given by the user; "demo:NAME" for memory */
	bool converted; /* by the raise as onnx does it, which forgets a tensor's
			   data_location */
};

/* Opens, walks and decodes a model. Refuses (with place, cause and next step) what is
 * truncated, not a model, absurdly deep or long. External data files are looked up
 * only when a tensor is read. The result is freed by model_free. */
struct model *model_open(const char *path, const struct model_options *options,
	const struct progress *progress, struct error *err);

/* The same from memory, which must outlive the model; `name` stands for the path. */
struct model *model_open_memory(
	const void *bytes, size_t size, const char *name, struct error *err);

/* The same for what another program made of a model: its side files are looked for
 * beside `origin`, and its path is that of `origin`. */
struct model *model_open_image(
	const void *bytes, size_t size, const struct model *origin, struct error *err);

/* Starts a model derived from `base`: an own, shallow copy of ModelProto and
 * GraphProto (edit them freely, their repeated arrays still point to the base's:
 * replace an array, never write into it). */
struct model *model_derive(const struct model *base, struct error *err);

/* Frees a model; NULL is allowed. The source goes with the last model using it. */
void model_free(struct model *model);

/* Writable shallow copies in the model's arena, without src_length, of a message that
 * is to be changed (arrays still shared: replace them). NULL when memory is gone. */
Onnx__NodeProto *model_edit_node(struct model *model, const Onnx__NodeProto *node);
Onnx__TensorProto *model_edit_tensor(struct model *model, const Onnx__TensorProto *t);
Onnx__AttributeProto *model_edit_attribute(
	struct model *model, const Onnx__AttributeProto *attribute);
Onnx__GraphProto *model_edit_graph(struct model *model, const Onnx__GraphProto *graph);
Onnx__ValueInfoProto *model_edit_value_info(
	struct model *model, const Onnx__ValueInfoProto *value);
Onnx__FunctionProto *model_edit_function(
	struct model *model, const Onnx__FunctionProto *function);
Onnx__SparseTensorProto *model_edit_sparse(
	struct model *model, const Onnx__SparseTensorProto *tensor);
Onnx__TrainingInfoProto *model_edit_training_info(
	struct model *model, const Onnx__TrainingInfoProto *info);

/* A new node with empty fields; inputs and outputs have room for the counts. The
 * texts are copied. NULL when memory is gone. */
Onnx__NodeProto *model_new_node(struct model *model, const char *op_type,
	const char *name, size_t inputs, size_t outputs);

/* A new tensor header without payload; dims are copied. */
Onnx__TensorProto *model_new_tensor(struct model *model, const char *name,
	size_t name_length, int32_t data_type, const int64_t *dims, size_t rank);

/* Gives a tensor of model_new_tensor or model_edit_tensor a payload that is made when
 * the model is written; maker.arg lives as long as the model. */
bool model_set_maker(struct model *model, Onnx__TensorProto *tensor,
	struct payload_maker maker, struct error *err);

/* Appends an INT attribute to a node made by model_new_node or model_edit_node. */
bool model_add_int_attribute(struct model *model, Onnx__NodeProto *node, const char *name,
	int64_t value, struct error *err);

/* Raises the IR version of a derived model. Before version 4 initializers of the main
 * graph are constants that have to be graph inputs too; from then on such inputs would
 * be defaults that a run may replace, so they are taken out. */
bool model_raise_ir(struct model *model, int64_t version, struct error *err);

/* Bytes in the model's arena. `data` is NULL when memory is gone. */
ProtobufCBinaryData model_bytes(struct model *model, const char *bytes, size_t length);

/* True if both have the same bytes. `text` is NUL-terminated. */
bool bytes_equal(ProtobufCBinaryData bytes, const char *text);

/* The attribute of a node by its name, or NULL. */
const Onnx__AttributeProto *node_attribute(const Onnx__NodeProto *node, const char *name);

/* The version of the default domain ("" or "ai.onnx"), 0 if it is not imported, and of
 * any other domain. */
int64_t model_opset(const struct model *model);
int64_t model_domain_version(const struct model *model, const char *domain);

/* The descriptor of the input file (borrowed), -1 for a model in memory: what an output
 * must not replace. */
int model_input_fd(const struct model *model);

/* ERROR_IO if the input file was cut short or replaced since it was opened. */
bool model_check_unchanged(const struct model *model, struct error *err);

/* Size in bytes and SHA-256-free digest of the structure (64-bit FNV of the slim bytes
 * plus file size), as 16 hex digits and NUL: identifies a model in project files. */
uint64_t model_file_size(const struct model *model);
void model_digest(const struct model *model, char text[17]);

#endif
