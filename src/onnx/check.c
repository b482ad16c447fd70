#include "onnx/check.h"

#include "base/names.h"
#include "onnx/check_state.h"
#include "onnx/tensor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check_report(struct check *c, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	c->found(c->arg, text);
}

static bool same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

/* Onnx's inference completes what is open, and finds the values of names. */
static bool completes_dim(const Onnx__TensorShapeProto__Dimension *now,
	const Onnx__TensorShapeProto__Dimension *before)
{
	if (before->has_dim_value)
		return now->has_dim_value && now->dim_value == before->dim_value;
	return !before->has_dim_param || now->has_dim_value ||
	       same_bytes(now->dim_param, before->dim_param);
}

static bool completes_shape(
	const Onnx__TensorShapeProto *now, const Onnx__TensorShapeProto *before)
{
	if (now == before || !before)
		return true;
	if (!now || now->n_dim != before->n_dim)
		return false;
	for (size_t i = 0; i < now->n_dim; i++)
		if (!completes_dim(now->dim[i], before->dim[i]))
			return false;
	return true;
}

static bool completes_type(const Onnx__TypeProto *now, const Onnx__TypeProto *before)
{
	if (now == before || !before)
		return true;
	if (!now || !before->tensor_type || !now->tensor_type)
		return now && !before->tensor_type;
	return (!before->tensor_type->elem_type ||
		       now->tensor_type->elem_type == before->tensor_type->elem_type) &&
	       completes_shape(now->tensor_type->shape, before->tensor_type->shape);
}

/* Inputs (or outputs) keep names, order, types and shapes. What the base did not know may
 * have become known. */
static void compare_values(struct check *c, const char *what, Onnx__ValueInfoProto **now,
	size_t count, Onnx__ValueInfoProto **before, size_t count_before)
{
	if (count != count_before)
		check_report(c, "model: has %zu %ss instead of %zu", count, what,
			count_before);
	for (size_t i = 0; i < count && i < count_before; i++) {
		if (!same_bytes(now[i]->name, before[i]->name))
			check_report(c, "%s %zu: is %s instead of %s", what, i,
				quoted(now[i]->name), quoted(before[i]->name));
		else if (!completes_type(now[i]->type, before[i]->type))
			check_report(c, "%s %s: changed its type or shape", what,
				quoted(now[i]->name));
	}
}

/* The inputs that are not initializers of the base: those that name one go with it. */
static size_t real_inputs(const Onnx__GraphProto *graph, const struct names *initializers,
	Onnx__ValueInfoProto **out)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->n_input; i++) {
		ProtobufCBinaryData name = graph->input[i]->name;

		if (names_find(initializers, (const char *)name.data, name.len) ==
			NAME_NONE)
			out[count++] = graph->input[i];
	}
	return count;
}

static bool compare_inputs(
	struct check *c, const Onnx__GraphProto *now, const Onnx__GraphProto *before)
{
	struct names initializers = {0};
	Onnx__ValueInfoProto **lists[2] = {malloc((now->n_input + 1) * sizeof(**lists)),
		malloc((before->n_input + 1) * sizeof(**lists))};
	bool ok = lists[0] && lists[1];
	size_t counts[2];

	for (size_t i = 0; ok && i < before->n_initializer; i++) {
		ProtobufCBinaryData name = before->initializer[i]->name;

		ok = names_add(&initializers, (const char *)name.data, name.len) !=
		     NAME_NONE;
	}
	if (ok) {
		counts[0] = real_inputs(now, &initializers, lists[0]);
		counts[1] = real_inputs(before, &initializers, lists[1]);
		compare_values(c, "input", lists[0], counts[0], lists[1], counts[1]);
	}
	names_clear(&initializers);
	free(lists[0]);
	free(lists[1]);
	return ok;
}

static bool compare_ends(struct check *c, const struct model *base)
{
	const Onnx__GraphProto *now = c->model->proto->graph;
	const Onnx__GraphProto *before = base->proto->graph;

	compare_values(c, "output", now->output, now->n_output, before->output,
		before->n_output);
	return compare_inputs(c, now, before);
}

/* The first IR version that has an element type. */
static int64_t type_ir(int32_t type)
{
	static const struct {
		int32_t first, last, ir;
	} table[] = {
		{ELEMENT_BFLOAT16, ELEMENT_BFLOAT16, 4},
		{ELEMENT_FLOAT8E4M3FN, ELEMENT_FLOAT8E5M2FNUZ, 9},
		{ELEMENT_UINT4, ELEMENT_INT4, 10},
		{ELEMENT_FLOAT4E2M1, ELEMENT_FLOAT4E2M1, 11},
		{ELEMENT_FLOAT8E8M0, ELEMENT_FLOAT8E8M0, 12},
		{ELEMENT_UINT2, ELEMENT_INT2, 13},
		{ELEMENT_FLOAT6E2M3, ELEMENT_FLOAT6E3M2, 14},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (type >= table[i].first && type <= table[i].last)
			return table[i].ir;
	return 0;
}

static void check_ir(struct check *c)
{
	const Onnx__GraphProto *graph = c->model->proto->graph;
	int64_t ir = c->model->proto->ir_version;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *tensor = graph->initializer[i];

		if (type_ir(tensor->data_type) > ir)
			check_report(c,
				"initializer %s: type %s needs IR version %" PRId64
				", the model has %" PRId64,
				quoted(tensor->name),
				element_type_name(tensor->data_type),
				type_ir(tensor->data_type), ir);
	}
}

bool model_check(const struct model *model, const struct model *base,
	void (*found)(void *arg, const char *text), void *arg, struct error *err)
{
	struct check c = {.model = model,
		.found = found,
		.arg = arg,
		.imports = model->proto->opset_import,
		.import_count = model->proto->n_opset_import};
	bool ok = !base || compare_ends(&c, base);

	check_ir(&c);
	ok = check_names(&c) && ok;
	names_clear(&c.names);
	names_clear(&c.function_domains);
	ARRAY_RELEASE(&c.values);
	ARRAY_RELEASE(&c.defined);
	return ok || error_set_memory(err, text_path(model->path));
}
