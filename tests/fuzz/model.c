/* Fuzz target: bytes as a model, and all that is done with one. */
#include "fuzz.h"

#include "onnx/check.h"
#include "onnx/model.h"
#include "opset/opset.h"
#include "onnx/tensor.h"
#include "onnx/write.h"

static void ignore(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void read_tensor(const struct model *model, const Onnx__TensorProto *tensor)
{
	struct tensor_reader reader;
	struct error err = ERROR_INIT;
	float floats[64];
	int64_t integers[16];
	size_t count;

	if (tensor_open(&reader, model, tensor, &err) && reader.count >= 64)
		tensor_read_f32(&reader, reader.count - 64, 64, floats, &err);
	tensor_close(&reader);
	tensor_read_i64(model, tensor, integers, 16, &count, NULL);
}

static void read_tensors(const struct model *model, const Onnx__GraphProto *graph)
{
	for (size_t i = 0; i < graph->n_initializer; i++)
		read_tensor(model, graph->initializer[i]);
	for (size_t i = 0; i < graph->n_node; i++)
		for (size_t k = 0; k < graph->node[i]->n_attribute; k++)
			if (graph->node[i]->attribute[k]->t)
				read_tensor(model, graph->node[i]->attribute[k]->t);
}

static void write_it(const struct model *model, enum external_data external)
{
	struct write_options options = {
		.external = external, .tolerant = true, .force = true, .threads = 1};

	model_write(model, "/dev/null", &options, NULL, NULL, NULL);
}

static void raise_it(const struct model *model, bool mended)
{
	struct opset_rename_list renames = {0};
	struct model *raised = model_raise_opset(model, 21, mended, &renames, NULL);

	if (raised)
		write_it(raised, EXTERNAL_NEVER);
	model_free(raised);
	ARRAY_RELEASE(&renames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct model *model = model_open_memory(data, size, "fuzz", &err), *derived;

	if (!model)
		return 0;
	model_check(model, NULL, ignore, NULL, NULL);
	read_tensors(model, model->proto->graph);
	write_it(model, EXTERNAL_AUTO);
	derived = model_derive(model, &err);
	if (derived)
		model_check(derived, model, ignore, NULL, NULL);
	model_free(derived);
	raise_it(model, false);
	raise_it(model, true);
	model_free(model);
	return 0;
}
