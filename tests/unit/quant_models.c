#include "quant_models.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job job_of(Onnx__ModelProto *proto, const char *ranges)
{
	struct job job = {.proto = proto, .ranges = ranges};

	options_init(&job.options);
	job.options.ort_compatible = true;
	job.options.opset_policy = OPSET_KEEP;
	return job;
}

static char *json_of(const char *text)
{
	char *json = test_text("%s", text);

	for (char *c = json; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	return json;
}

struct made job_run(const struct job *job)
{
	struct made made = {0};
	struct overrides overrides = {0};
	struct ranges ranges = {0};
	struct problem_list problems = {0};
	struct model *model = prepare_model(
		proto_open(job->proto), &job->options, &made.notes, &made.err);
	char *json = json_of(job->ranges);

	cr_assert(model, "%s", made.err.text);
	made.graph = graph_build(model, &made.err);
	cr_assert(made.graph, "%s", made.err.text);
	cr_assert(ranges_read(
		&ranges, made.graph, json, strlen(json), "r", &problems, &made.err));
	json = json_of(job->overrides ? job->overrides : "{}");
	cr_assert(overrides_read(&overrides, made.graph, json, strlen(json), "o",
			  &problems, &made.err),
		"%s", problems.count ? problems.items[0].cause : made.err.text);
	made.model = quantize_model(made.graph, &job->options, &overrides, &ranges,
		&job->work, &made.result, &made.notes, &made.err);
	return made;
}

static const Onnx__TensorProto *find(const struct made *made, const char *name)
{
	const Onnx__GraphProto *graph;

	cr_assert(made->model, "%s", made->err.text);
	graph = made->model->proto->graph;
	for (size_t i = 0; i < graph->n_initializer; i++) {
		if (bytes_equal(graph->initializer[i]->name, name))
			return graph->initializer[i];
	}
	return NULL;
}

bool made_has(const struct made *made, const char *name)
{
	return find(made, name);
}

const Onnx__TensorProto *made_tensor(const struct made *made, const char *name)
{
	const Onnx__TensorProto *tensor = find(made, name);

	cr_assert(tensor, "no initializer %s", name);
	return tensor;
}

struct sink {
	unsigned char *bytes;
	size_t count;
};

static bool keep(void *arg, const void *bytes, size_t count, struct error *err)
{
	struct sink *sink = arg;

	(void)err;
	sink->bytes = realloc(sink->bytes, sink->count + count + 1);
	cr_assert(sink->bytes);
	memcpy(sink->bytes + sink->count, bytes, count);
	sink->count += count;
	return true;
}

const char *made_hex(const struct made *made, const char *name)
{
	const Onnx__TensorProto *tensor = made_tensor(made, name);
	struct sink sink = {tensor->raw_data.data, tensor->raw_data.len};
	struct error err = ERROR_INIT;
	char *text;

	if (tensor->payload_kind == PAYLOAD_MADE) {
		struct payload_maker *maker =
			&made->model->made.items[tensor->payload_offset];

		sink = (struct sink){NULL, 0};
		cr_assert(
			maker->make(maker->arg, keep, &sink, NULL, &err), "%s", err.text);
		cr_assert_eq(sink.count, maker->length);
	}
	text = calloc(sink.count + 1, 2);
	for (size_t i = 0; i < sink.count; i++)
		snprintf(text + 2 * i, 3, "%02x", sink.bytes[i]);
	return text;
}

float made_scale(const struct made *made, const char *name, size_t index)
{
	const Onnx__TensorProto *tensor = made_tensor(made, name);
	float value;

	if (tensor->data_type == ELEMENT_FLOAT16) {
		cr_assert_lt(index, tensor->n_int32_data);
		return half_to_float((uint16_t)tensor->int32_data[index]);
	}
	if (tensor->n_float_data) {
		cr_assert_lt(index, tensor->n_float_data);
		return tensor->float_data[index];
	}
	cr_assert_lt(index, tensor->raw_data.len / sizeof(value));
	memcpy(&value, tensor->raw_data.data + index * sizeof(value), sizeof(value));
	return value;
}

int32_t made_zero(const struct made *made, const char *name, size_t index)
{
	const Onnx__TensorProto *tensor = made_tensor(made, name);

	cr_assert_lt(index, tensor->n_int32_data);
	return tensor->int32_data[index];
}

int32_t made_bias(const struct made *made, size_t index)
{
	int32_t value;

	memcpy(&value, made_tensor(made, "b_quantized")->raw_data.data + 4 * index, 4);
	return value;
}

static char *text_of(ProtobufCBinaryData bytes)
{
	return test_text("%.*s", (int)bytes.len, (const char *)bytes.data);
}

static bool cut(char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	if (length <= tail || strcmp(name + length - tail, suffix) != 0)
		return false;
	name[length - tail] = '\0';
	return true;
}

const char *made_nodes(const struct made *made)
{
	char *all = test_text("%s", "");

	cr_assert(made->model, "%s", made->err.text);
	for (size_t i = 0; i < made->model->proto->graph->n_node; i++) {
		char *name = text_of(made->model->proto->graph->node[i]->name);
		const char *kind = cut(name, "_DequantizeLinear") ? "DQ "
				   : cut(name, "_QuantizeLinear") ? "Q "
								  : "";

		all = test_text("%s%s%s%s", all, *all ? "; " : "", kind, name);
	}
	return all;
}

const Onnx__NodeProto *made_node(const struct made *made, const char *name)
{
	const Onnx__GraphProto *graph;

	cr_assert(made->model, "%s", made->err.text);
	graph = made->model->proto->graph;
	for (size_t i = 0; i < graph->n_node; i++) {
		if (bytes_equal(graph->node[i]->name, name))
			return graph->node[i];
	}
	cr_assert(false, "no node %s", name);
	return NULL;
}

const char *made_input(const struct made *made, const char *node, size_t slot)
{
	const Onnx__NodeProto *proto = made_node(made, node);

	cr_assert_lt(slot, proto->n_input);
	return text_of(proto->input[slot]);
}

const char *made_output(const struct made *made, const char *node, size_t slot)
{
	const Onnx__NodeProto *proto = made_node(made, node);

	cr_assert_lt(slot, proto->n_output);
	return text_of(proto->output[slot]);
}

bool made_noted(const struct made *made, const char *id)
{
	for (size_t i = 0; i < made->notes.count; i++) {
		if (strcmp(made->notes.items[i].id, id) == 0)
			return true;
	}
	return false;
}

Onnx__ModelProto *proto_c1(int64_t opset)
{
	static const float w[] = {-1, -2, 1, 2, -0.5f, -1.5f, 0.5f, 1.5f};
	static const float b[] = {0.25f, -1};
	Onnx__ModelProto *model = proto_model(opset);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,1,3,3");
	proto_floats(model->graph, "w", "2,1,2,2", w);
	proto_floats(model->graph, "b", "2", b);
	proto_node(model->graph, "Conv", "conv", "x,w,b", "c");
	proto_node(model->graph, "Relu", "relu", "c", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2,2,2");
	return model;
}
