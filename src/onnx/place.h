/* Where the payloads of a model to be written go: into it or into its side file. */
#ifndef QDQEDIT_ONNX_PLACE_H
#define QDQEDIT_ONNX_PLACE_H

#include "base/array.h"
#include "onnx/model.h"

#include <sys/types.h>

/* A tensor goes to the side file from this many bytes of raw_data on: ONNX Runtime
 * compares 1024 with the size of a Python object, which is 33 bytes larger. */
enum { SIDE_FILE_MIN = 991 };

struct file_identity {
	dev_t device;
	ino_t inode;
};

struct tensor_list ARRAY_OF(const Onnx__TensorProto *);
struct file_identity_list ARRAY_OF(struct file_identity);

struct placement {
	const struct model *model;
	struct model *result;      /* derived from it; tensors of side files changed */
	const char *location;      /* name of the side file, NULL: none is written */
	struct tensor_list side;   /* payloads of the side file, in order */
	uint64_t side_size;        /* bytes */
	bool has_input_side_files; /* the model had tensors in side files */
	struct file_identity_list inputs; /* those files */
	unsigned kinds;                   /* private */
	bool only_external;               /* private */
	struct error *err;
};

/* Decides for every tensor, in the order of onnx's Python helper: initializers of all
 * graphs, then attributes. Tensors that lie in side files of the input are copied. With
 * `location` raw payloads of SIDE_FILE_MIN bytes and more go to the side file. The
 * caller releases the placement, after failure too. */
bool place_payloads(struct placement *p, const struct model *model, const char *location,
	struct error *err);
void place_release(struct placement *p);

#endif
