/* Private to src/export: one encoding of AIMET and QAIRT, whatever the file's version. */
#ifndef QDQEDIT_EXPORT_ENCODING_H
#define QDQEDIT_EXPORT_ENCODING_H

#include "export/importer.h"

struct encoding_numbers ARRAY_OF(double);

/* Zero points are ONNX's: real = scale * (q - zero point). */
struct encoding {
	const char *name; /* borrowed */
	size_t length;
	bool is_float;
	bool blocked; /* scales in blocks: `scales` is empty */
	bool is_signed;
	int bits;
	bool per_channel; /* said to be, though there may be but one scale */
	bool has_axis;
	int64_t axis;
	struct encoding_numbers scales, zero_points;
};

/* Reads one; what is wrong with its shape is told in `why` (a static text) and false
 * returned. The name is the caller's. The numbers are filled anew, their memory kept. */
bool encoding_read_0(struct encoding *encoding, const json_t *value, const char **why);
bool encoding_read_1(struct encoding *encoding, const json_t *value, const char **why);
bool encoding_read_2(struct encoding *encoding, const json_t *value, const char **why);

/* The axis that a list of `count` scales belongs to where the file does not say: that of
 * the output channels for the node that reads the constant, else the first that has as
 * many; -1: none. */
int32_t encoding_channel_axis(const struct graph *graph, tensor_id tensor, int64_t count);

/* Puts it into the overrides and ranges that are being imported. */
void encoding_place(struct importer *importer, const struct encoding *encoding);

#endif
