/* Opening models: what is decoded, and what is refused. */
#include "onnx/layout.h"
#include "onnx/model.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct model *open_bytes(struct bytes b, struct error *err)
{
	*err = (struct error)ERROR_INIT;
	return model_open_memory(b.data, b.size, "test", err);
}

static void refused(struct bytes b, const char *part)
{
	struct error err;
	struct model *model = open_bytes(b, &err);

	cr_assert_null(model, "accepted; expected: %s", part);
	cr_assert(strstr(err.text, part), "'%s' does not hold '%s'", err.text, part);
	cr_assert_null(strchr(err.text, '\n'));
}

Test(onnx_model, small)
{
	struct error err;
	struct model *model = open_bytes(make_small_model((struct bytes){0}), &err);
	const Onnx__NodeProto *node;

	cr_assert(model, "%s", err.text);
	cr_assert_eq(model->proto->graph->n_node, 1);
	node = model->proto->graph->node[0];
	cr_assert(bytes_equal(node->op_type, "Relu"));
	cr_assert(bytes_equal(node->input[0], "x"));
	cr_assert_eq(model_opset(model), 17);
	cr_assert_eq(model_domain_version(model, "ai.onnx"), 17);
	cr_assert_eq(model_domain_version(model, "com.microsoft"), 0);
	model_free(model);
}

/* src_offset and src_length are the body of the message in the file. */
Test(onnx_model, places)
{
	struct error err;
	struct bytes b = make_small_model((struct bytes){0});
	struct bytes node = make_node("Relu", "relu", "x", "y");
	struct model *model = open_bytes(b, &err);
	const Onnx__NodeProto *read = model->proto->graph->node[0];

	cr_assert_eq(read->src_length, node.size);
	cr_assert_eq(memcmp(b.data + read->src_offset, node.data, node.size), 0);
}

/* Every field of the descriptors stands in the scanner's table, as what it is. */
static void compare_layout(
	const ProtobufCMessageDescriptor *message, enum message_id id, unsigned *seen)
{
	const struct message_layout *layout = &message_layouts[id];

	if (*seen >> id & 1)
		return;
	*seen |= 1u << id;
	for (unsigned i = 0; i < message->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &message->fields[i];
		const struct field_layout *mine = &layout->fields[f->id];

		if (f->id >= PRIVATE_FIRST) {
			cr_assert(layout->placed, "%s", message->name);
			continue;
		}
		cr_assert_leq(f->id, layout->last, "%s.%s", message->name, f->name);
		if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
			cr_assert_eq(mine->kind, FIELD_MESSAGE, "%s.%s", message->name,
				f->name);
			compare_layout(f->descriptor, mine->child, seen);
		} else if (f->type == PROTOBUF_C_TYPE_BYTES) {
			cr_assert(mine->kind == FIELD_BYTES || mine->kind == FIELD_NAME ||
				  mine->kind == FIELD_RAW);
		} else {
			cr_assert_eq(mine->kind,
				f->type == PROTOBUF_C_TYPE_FLOAT    ? FIELD_FIXED32
				: f->type == PROTOBUF_C_TYPE_DOUBLE ? FIELD_FIXED64
								    : FIELD_VARINT,
				"%s.%s", message->name, f->name);
		}
		cr_assert_eq(mine->repeated, f->label == PROTOBUF_C_LABEL_REPEATED,
			"%s.%s", message->name, f->name);
	}
}

Test(onnx_model, layouts)
{
	unsigned seen = 0;

	compare_layout(&onnx__model_proto__descriptor, MESSAGE_MODEL, &seen);
	cr_assert_eq(seen, (1u << MESSAGE_COUNT) - 1);
}

/* Cut anywhere, a model is refused, unless what is left is a whole model. */
Test(onnx_model, cut_everywhere)
{
	struct bytes b = make_small_model((struct bytes){0});

	for (size_t size = 0; size < b.size; size++) {
		struct error err = ERROR_INIT;
		void *copy = malloc(size ? size : 1);

		memcpy(copy, b.data, size);
		cr_assert_null(model_open_memory(copy, size, "test", &err), "%zu", size);
		cr_assert_eq(err.kind, ERROR_REFUSED);
		free(copy);
	}
}

Test(onnx_model, not_a_model)
{
	struct bytes b = {0};

	refused(b, "is empty");
	put_raw(&b, "hello, world, this is no model", 30);
	refused(b, "damaged at byte");
}

Test(onnx_model, names)
{
	struct bytes graph = {0}, node = {0};

	put_data(&node, 1, "a\0b", 3);
	put_message(&graph, 1, node);
	refused(make_model(graph), "NUL");
	graph.size = node.size = 0;
	put_data(&node, 3, "a\xff", 2);
	put_message(&graph, 1, node);
	refused(make_model(graph), "UTF-8");
}

Test(onnx_model, wire)
{
	struct bytes graph = {0}, node = {0};

	put_int(&node, 1, 3);
	put_message(&graph, 1, node);
	refused(make_model(graph), "field 1 of a node has the wrong kind");
	graph.size = 0;
	put_int(&graph, PRIVATE_SRC_OFFSET, 3);
	refused(make_model(graph), "reserved");
	graph.size = 0;
	put_raw(&graph, "\x0b\x0c", 2);
	refused(make_model(graph), "no such kind");
	graph.size = 0;
	put_raw(&graph, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
	refused(make_model(graph), "longer than what holds it");
	graph.size = 0;
	put_raw(&graph, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12);
	refused(make_model(graph), "too long");
}

static struct bytes nested_graph(int depth)
{
	struct bytes inner = {0};

	for (int i = 1; i < depth; i++) {
		struct bytes attribute = {0}, node = {0}, graph = {0};

		put_message(&attribute, 6, inner);
		put_message(&node, 5, attribute);
		put_message(&graph, 1, node);
		inner = graph;
	}
	return make_model(inner);
}

static struct bytes nested_type(int depth)
{
	struct bytes inner = {0}, value = {0}, graph = {0};

	for (int i = 1; i < depth; i++) {
		struct bytes sequence = {0}, typ = {0};

		put_message(&sequence, 1, inner);
		put_message(&typ, 4, sequence);
		inner = typ;
	}
	put_message(&value, 2, inner);
	put_message(&graph, 11, value);
	return make_model(graph);
}

Test(onnx_model, depth)
{
	struct error err;

	cr_assert(open_bytes(nested_graph(64), &err), "%s", err.text);
	refused(nested_graph(65), "graphs are nested too deeply");
	cr_assert(open_bytes(nested_type(32), &err), "%s", err.text);
	refused(nested_type(33), "types are nested too deeply");
}

/* Two `graph` fields mean one graph with what both hold. */
Test(onnx_model, merged)
{
	struct error err;
	struct bytes b = make_small_model((struct bytes){0}), graph = {0};
	struct bytes tail = {0};
	struct model *model;

	put_message(&graph, 1, make_node("Abs", "abs", "y", "z"));
	put_text(&graph, 2, "second");
	put_message(&tail, 7, graph);
	put_raw(&b, tail.data, tail.size);
	model = open_bytes(b, &err);
	cr_assert(model, "%s", err.text);
	cr_assert_eq(model->proto->graph->n_node, 2);
	cr_assert(bytes_equal(model->proto->graph->name, "second"));
	cr_assert_not(model->proto->graph->has_src_length);
	cr_assert(model->proto->graph->node[1]->has_src_length);
	cr_assert_eq(model_opset(model), 17);
}

Test(onnx_model, unknown_fields_kept)
{
	struct error err;
	struct bytes graph = {0}, node = make_node("Relu", "r", "x", "y");
	struct model *model;
	const ProtobufCMessage *read;

	put_text(&node, 77, "news");
	put_message(&graph, 1, node);
	model = open_bytes(make_model(graph), &err);
	read = &model->proto->graph->node[0]->base;
	cr_assert_eq(read->n_unknown_fields, 1);
	cr_assert_eq(read->unknown_fields[0].tag, 77);
}

Test(onnx_model, header)
{
	struct bytes b = {0}, graph = {0}, opset = {0};

	put_message(&b, 7, graph);
	refused(b, "no ir_version");
	put_int(&b, 1, 15);
	refused(b, "IR version 15");
	put_int(&b, 1, 2);
	refused(b, "IR version 2");
	put_int(&b, 1, 3);
	refused(b, "imports no opset");
	put_message(&b, 8, opset);
	put_int(&b, 1, 14);
	cr_assert(model_open_memory(b.data, b.size, "test", NULL));
}

Test(onnx_model, files)
{
	struct error err = ERROR_INIT;
	struct bytes b = make_small_model((struct bytes){0});
	struct model *model;
	const char *path = test_path("m.onnx");

	cr_assert_null(model_open(test_folder(), NULL, NULL, &err));
	cr_assert(strstr(err.text, "is a folder"), "%s", err.text);
	err = (struct error)ERROR_INIT;
	cr_assert_null(model_open(test_path("none.onnx"), NULL, NULL, &err));
	cr_assert_eq(err.kind, ERROR_IO);
	err = (struct error)ERROR_INIT;
	test_write_file(path, b.data, b.size);
	model = model_open(path, NULL, NULL, &err);
	cr_assert(model, "%s", err.text);
	cr_assert(model_check_unchanged(model, &err));
	cr_assert_eq(truncate(path, (off_t)b.size / 2), 0);
	cr_assert_not(model_check_unchanged(model, &err));
	cr_assert(strstr(err.text, "changed since"), "%s", err.text);
	model_free(model);
}

Test(onnx_model, derived)
{
	struct error err;
	struct model *base = open_bytes(make_small_model((struct bytes){0}), &err);
	struct model *model = model_derive(base, &err);
	Onnx__NodeProto *node;
	char digest[17], other[17];

	cr_assert(model);
	cr_assert_neq(model->proto->graph, base->proto->graph);
	cr_assert_eq(model->proto->graph->node, base->proto->graph->node);
	cr_assert_not(model->proto->graph->has_src_length);
	node = model_edit_node(model, base->proto->graph->node[0]);
	cr_assert(model_add_int_attribute(model, node, "axis", -1, &err));
	cr_assert_eq(node->n_attribute, 1);
	cr_assert_eq(base->proto->graph->node[0]->n_attribute, 0);
	model_digest(model, digest);
	model_digest(base, other);
	cr_assert_str_eq(digest, other);
	model_free(model);
	model_free(base);
}
