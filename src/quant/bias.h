/* Private to src/quant: the data of biases. */
#ifndef QDQEDIT_QUANT_BIAS_H
#define QDQEDIT_QUANT_BIAS_H

#include "quant/quantizer.h"

/* A bias as it is quantized. By default the factor beta of a Gemm is in the data (Q3). */
struct bias {
	const Onnx__TensorProto *proto;
	int32_t element; /* ELEMENT_FLOAT or ELEMENT_FLOAT16 */
	double *data;
	uint64_t count;
	float beta; /* what the scale is multiplied by */
};

/* Reads; freed by bias_release, also after failure. */
bool bias_read(
	const struct quantizer *q, const struct bias_mark *mark, struct bias *bias);
void bias_release(struct bias *bias);

#endif
