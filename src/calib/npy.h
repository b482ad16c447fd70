/* The header of NumPy's .npy files (format versions 1 to 3). */
#ifndef QDQEDIT_CALIB_NPY_H
#define QDQEDIT_CALIB_NPY_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { NPY_RANK = 32 };

struct npy_header {
	int32_t type;   /* enum element_type; 0: none of ONNX's, see `descr` */
	bool swapped;   /* big-endian */
	bool fortran;   /* column-major */
	char descr[32]; /* NumPy's word for the type */
	int64_t dims[NPY_RANK];
	size_t rank;
	size_t length; /* of the header: where the elements start */
};

/* Reads a header at the start of `bytes`; `place` (escaped) stands in errors. */
bool npy_read_header(struct npy_header *header, const unsigned char *bytes, size_t size,
	const char *place, struct error *err);

/* Copies column-major elements of `width` bytes into row-major order. */
void npy_to_row_major(const struct npy_header *header, size_t width,
	const unsigned char *from, unsigned char *to);

#endif
