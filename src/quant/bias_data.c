#include "base/text.h"
#include "onnx/tensor.h"
#include "quant/bias.h"

#include <stdlib.h>

static const Onnx__TensorProto *proto_of(const struct quantizer *q, tensor_id tensor)
{
	return graph_constant(q->graph, marks_original(q->marks, tensor));
}

static bool read_all(const struct quantizer *q, struct bias *bias)
{
	struct tensor_reader reader;
	float *narrow;
	bool ok;

	if (!tensor_count(bias->proto, &bias->count, q->err))
		return false;
	bias->data = malloc((size_t)bias->count * sizeof(double) + 1);
	narrow = malloc((size_t)bias->count * sizeof(float) + 1);
	if (!bias->data || !narrow) {
		free(narrow);
		return quantizer_no_memory(q);
	}
	ok = tensor_open(&reader, q->graph->model, bias->proto, q->err) &&
	     tensor_read_f32(&reader, 0, bias->count, narrow, q->err);
	tensor_close(&reader);
	for (uint64_t i = 0; ok && i < bias->count; i++)
		bias->data[i] = (double)narrow[i];
	free(narrow);
	return ok;
}

bool bias_read(const struct quantizer *q, const struct bias_mark *mark, struct bias *bias)
{
	*bias = (struct bias){.proto = proto_of(q, mark->bias), .beta = mark->beta};
	bias->element = bias->proto->data_type;
	if (!read_all(q, bias))
		return false;
	if (q->compatible || mark->beta == 1.0f)
		return true;
	for (uint64_t i = 0; i < bias->count; i++)
		bias->data[i] *= (double)mark->beta;
	bias->beta = 1.0f;
	return true;
}

void bias_release(struct bias *bias)
{
	free(bias->data);
	bias->data = NULL;
}
