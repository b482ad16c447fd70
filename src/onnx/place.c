#include "onnx/place.h"

#include "base/text.h"
#include "onnx/copy.h"
#include "onnx/external.h"
#include "onnx/tensor.h"
#include "onnx/typed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Kinds of tensors one pass looks at. */
enum { KIND_INITIALIZER = 1, KIND_ATTRIBUTE = 2, KIND_SPARSE = 4, KIND_ALL = 7 };

/* A message after placing: the same one, or a changed copy; NULL after an error. */
typedef void *place_fn(struct placement *p, void *message);

static void *out_of_memory(struct placement *p)
{
	error_set_memory(p->err, text_path(p->model->path));
	return NULL;
}

/* Places the messages of an array; a changed array is a copy, and *changed is set. */
static bool place_all(
	struct placement *p, void *array, size_t count, place_fn *place, bool *changed)
{
	void ***items = array, **copy = NULL;

	for (size_t i = 0; i < count; i++) {
		void *placed = place(p, (*items)[i]);

		if (!placed)
			return false;
		if (placed == (*items)[i])
			continue;
		if (!copy) {
			copy = arena_alloc(&p->result->arena, count * sizeof(*copy));
			if (!copy)
				return out_of_memory(p);
			memcpy(copy, *items, count * sizeof(*copy));
			*items = copy;
		}
		copy[i] = placed;
		*changed = true;
	}
	return true;
}

static bool place_one(struct placement *p, void *pointer, place_fn *place, bool *changed)
{
	void **message = pointer, *placed;

	if (!*message)
		return true;
	placed = place(p, *message);
	*changed = *changed || (placed && placed != *message);
	*message = placed;
	return placed;
}

static bool remember_file(struct placement *p, int fd)
{
	struct stat file;
	struct file_identity identity;

	if (fstat(fd, &file) < 0)
		return error_set_errno(p->err, "%s: a side file cannot be read",
			text_path(p->model->path));
	identity = (struct file_identity){file.st_dev, file.st_ino};
	for (size_t i = 0; i < p->inputs.count; i++)
		if (p->inputs.items[i].device == identity.device &&
			p->inputs.items[i].inode == identity.inode)
			return true;
	return ARRAY_PUSH(&p->inputs, identity) || out_of_memory(p);
}

/* A copy of a tensor in a side file of the input that holds its data itself. */
static Onnx__TensorProto *take_in(struct placement *p, const Onnx__TensorProto *tensor)
{
	Onnx__TensorProto *copy = model_edit_tensor(p->result, tensor);
	struct payload_maker maker;
	uint64_t bytes, offset;
	bool ok;
	int fd;

	if (!copy)
		return out_of_memory(p);
	copy->data_location = 0; /* said outright, as onnx's loader leaves it */
	copy->n_external_data = 0;
	if (!tensor_raw_size(tensor, &bytes, p->err) ||
		!external_open(p->model, tensor, bytes, &fd, &offset, p->err))
		return NULL;
	ok = remember_file(p, fd);
	close(fd);
	p->has_input_side_files = true;
	copy->has_data_location = !p->result->converted || bytes >= RELOADED_BYTES;
	ok = ok && copy_make_reader(p->result, p->model, tensor, bytes, &maker, p->err) &&
	     model_set_maker(p->result, copy, maker, p->err);
	return ok ? copy : NULL;
}

static bool raw_length(const Onnx__TensorProto *tensor, uint64_t *length)
{
	if (tensor->payload_kind == PAYLOAD_MESSAGE) {
		*length = tensor->raw_data.len;
		return tensor->has_raw_data;
	}
	*length = tensor->payload_length;
	return !tensor->has_payload_field || tensor->payload_field == VALUE_RAW;
}

static bool set_entry(struct placement *p, Onnx__StringStringEntryProto *entry,
	const char *key, const char *value)
{
	onnx__string_string_entry_proto__init(entry);
	entry->has_key = entry->has_value = 1;
	entry->key = model_bytes(p->result, key, strlen(key));
	entry->value = model_bytes(p->result, value, strlen(value));
	return entry->key.data && entry->value.data;
}

static bool set_place(
	struct placement *p, Onnx__TensorProto *tensor, uint64_t offset, uint64_t length)
{
	enum { ENTRIES = 3 };
	struct arena *arena = &p->result->arena;
	Onnx__StringStringEntryProto *entries =
		arena_zalloc(arena, ENTRIES, sizeof(*entries));
	Onnx__StringStringEntryProto **list = arena_zalloc(arena, ENTRIES, sizeof(*list));
	char first[32], count[32];

	if (!entries || !list)
		return false;
	for (int i = 0; i < ENTRIES; i++)
		list[i] = &entries[i];
	snprintf(first, sizeof(first), "%" PRIu64, offset);
	snprintf(count, sizeof(count), "%" PRIu64, length);
	tensor->external_data = list;
	tensor->n_external_data = ENTRIES;
	tensor->has_data_location = 1;
	tensor->data_location = DATA_LOCATION_EXTERNAL;
	return set_entry(p, &entries[0], "location", p->location) &&
	       set_entry(p, &entries[1], "offset", first) &&
	       set_entry(p, &entries[2], "length", count);
}

/* Puts a payload on the list of the side file; a copy of the tensor that says so. */
static Onnx__TensorProto *move_out(
	struct placement *p, const Onnx__TensorProto *tensor, uint64_t length)
{
	Onnx__TensorProto *copy = model_edit_tensor(p->result, tensor);

	if (!copy || !ARRAY_PUSH(&p->side, tensor) ||
		!set_place(p, copy, p->side_size, length))
		return out_of_memory(p);
	copy->has_raw_data = 0;
	copy->raw_data = (ProtobufCBinaryData){0};
	copy->payload_kind = PAYLOAD_MESSAGE;
	p->side_size += length;
	return copy;
}

static void *place_tensor(struct placement *p, void *message)
{
	Onnx__TensorProto *tensor = message;
	bool external = tensor_is_external(tensor);
	uint64_t length;

	if (external)
		tensor = take_in(p, tensor);
	if (!tensor || !p->location || (p->only_external && !external))
		return tensor;
	if (!raw_length(tensor, &length) || length < SIDE_FILE_MIN)
		return tensor;
	return move_out(p, tensor, length);
}

static void *place_sparse(struct placement *p, void *message)
{
	Onnx__SparseTensorProto copy = *(Onnx__SparseTensorProto *)message, *result;
	bool changed = false;

	if (!place_one(p, &copy.values, place_tensor, &changed) ||
		!place_one(p, &copy.indices, place_tensor, &changed))
		return NULL;
	if (!changed)
		return message;
	result = model_edit_sparse(p->result, &copy);
	return result ? result : out_of_memory(p);
}

static place_fn place_graph;

static void *place_attribute(struct placement *p, void *message)
{
	Onnx__AttributeProto copy = *(Onnx__AttributeProto *)message, *result;
	bool changed = false, ok = true;

	if (p->kinds & KIND_ATTRIBUTE)
		ok = place_one(p, &copy.t, place_tensor, &changed) &&
		     place_all(p, &copy.tensors, copy.n_tensors, place_tensor, &changed);
	if (p->kinds & KIND_SPARSE)
		ok = ok && place_one(p, &copy.sparse_tensor, place_sparse, &changed) &&
		     place_all(p, &copy.sparse_tensors, copy.n_sparse_tensors,
			     place_sparse, &changed);
	ok = ok && place_one(p, &copy.g, place_graph, &changed) &&
	     place_all(p, &copy.graphs, copy.n_graphs, place_graph, &changed);
	if (!ok || !changed)
		return ok ? message : NULL;
	result = model_edit_attribute(p->result, &copy);
	return result ? result : out_of_memory(p);
}

static void *place_node(struct placement *p, void *message)
{
	Onnx__NodeProto copy = *(Onnx__NodeProto *)message, *result;
	bool changed = false;

	if (!place_all(p, &copy.attribute, copy.n_attribute, place_attribute, &changed))
		return NULL;
	if (!changed)
		return message;
	result = model_edit_node(p->result, &copy);
	return result ? result : out_of_memory(p);
}

static void *place_graph(struct placement *p, void *message)
{
	Onnx__GraphProto copy = *(Onnx__GraphProto *)message, *result;
	bool changed = false, ok = true;

	if (p->kinds & KIND_INITIALIZER)
		ok = place_all(
			p, &copy.initializer, copy.n_initializer, place_tensor, &changed);
	if (p->kinds & KIND_SPARSE)
		ok = ok && place_all(p, &copy.sparse_initializer,
				   copy.n_sparse_initializer, place_sparse, &changed);
	ok = ok && place_all(p, &copy.node, copy.n_node, place_node, &changed);
	if (!ok || !changed)
		return ok ? message : NULL;
	result = model_edit_graph(p->result, &copy);
	return result ? result : out_of_memory(p);
}

static void *place_function(struct placement *p, void *message)
{
	Onnx__FunctionProto copy = *(Onnx__FunctionProto *)message, *result;
	bool changed = false;
	bool ok = place_all(p, &copy.node, copy.n_node, place_node, &changed);

	if (p->only_external) {
		p->kinds = KIND_ALL;
		ok = ok && place_all(p, &copy.attribute_proto, copy.n_attribute_proto,
				   place_attribute, &changed);
		p->kinds = KIND_INITIALIZER | KIND_SPARSE;
	}
	if (!ok || !changed)
		return ok ? message : NULL;
	result = model_edit_function(p->result, &copy);
	return result ? result : out_of_memory(p);
}

static void *place_training(struct placement *p, void *message)
{
	Onnx__TrainingInfoProto copy = *(Onnx__TrainingInfoProto *)message, *result;
	bool changed = false;

	if (!place_one(p, &copy.initialization, place_graph, &changed) ||
		!place_one(p, &copy.algorithm, place_graph, &changed))
		return NULL;
	if (!changed)
		return message;
	result = model_edit_training_info(p->result, &copy);
	return result ? result : out_of_memory(p);
}

/* One pass over what Python's helper looks at, or over what it forgets. */
static bool place_pass(struct placement *p, unsigned kinds, bool functions)
{
	Onnx__ModelProto *proto = p->result->proto;
	bool changed = false;

	p->kinds = kinds;
	return place_one(p, &proto->graph, place_graph, &changed) &&
	       (!functions || place_all(p, &proto->functions, proto->n_functions,
				      place_function, &changed));
}

static bool place_rest(struct placement *p)
{
	Onnx__ModelProto *proto = p->result->proto;
	bool changed = false;

	p->only_external = true;
	if (!place_pass(p, KIND_SPARSE, false))
		return false;
	p->kinds = KIND_INITIALIZER | KIND_SPARSE;
	if (!place_all(
		    p, &proto->functions, proto->n_functions, place_function, &changed))
		return false;
	p->kinds = KIND_ALL;
	return place_all(p, &proto->training_info, proto->n_training_info, place_training,
		&changed);
}

bool place_payloads(struct placement *p, const struct model *model, const char *location,
	struct error *err)
{
	*p = (struct placement){.model = model, .location = location, .err = err};
	p->result = model_derive(model, err);
	return p->result && place_pass(p, KIND_INITIALIZER, false) &&
	       place_pass(p, KIND_ATTRIBUTE, true) && place_rest(p);
}

void place_release(struct placement *p)
{
	model_free(p->result);
	ARRAY_RELEASE(&p->side);
	ARRAY_RELEASE(&p->inputs);
	*p = (struct placement){0};
}
