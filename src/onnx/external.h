/* Side files: which bytes of which file a tensor means, by the rules of
 * onnx-facts.md sections 5 and 6. */
#ifndef QDQEDIT_ONNX_EXTERNAL_H
#define QDQEDIT_ONNX_EXTERNAL_H

#include "onnx/model.h"

#define DATA_LOCATION_EXTERNAL 1

static inline bool tensor_is_external(const Onnx__TensorProto *tensor)
{
	return tensor->has_data_location &&
	       tensor->data_location == DATA_LOCATION_EXTERNAL;
}

/* True for an initializer that onnx puts into a side file when it saves a raised model. */
bool tensor_goes_aside(const Onnx__TensorProto *tensor);

/* The entries of external_data, checked. */
struct external_place {
	char *location; /* normalised relative path, malloc'ed */
	uint64_t offset;
	uint64_t length; /* valid if has_length */
	bool has_length;
	bool has_unknown_key; /* ignored, worth a warning */
};

/* Reads and checks the entries of an external tensor without touching a file.
 * external_place_release frees the place, after failure too. */
bool external_parse(const struct model *model, const Onnx__TensorProto *tensor,
	struct external_place *place, struct error *err);
void external_place_release(struct external_place *place);

/* Opens the side file of a tensor that needs `need` bytes and checks that it has
 * them. The caller closes *fd. */
bool external_open(const struct model *model, const Onnx__TensorProto *tensor,
	uint64_t need, int *fd, uint64_t *offset, struct error *err);

/* Opens `relative` below the folder without following any link out of it: no `..`,
 * no symbolic link at all. -1 with errno. */
int open_beneath(const char *folder, const char *relative);

#endif
