/* Reading the files of one sample. */
#include "calib/sample_set.h"

#include "base/output.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define FILE_LIMIT ((size_t)1 << 40)

static const char *input_name(const struct sample_set *set, uint32_t input)
{
	return graph_tensor_name(set->graph, set->inputs.items[input]);
}

static void reverse_bytes(unsigned char *data, size_t bytes, size_t width)
{
	for (size_t i = 0; i + width <= bytes; i += width)
		for (size_t a = i, b = i + width - 1; a < b; a++, b--) {
			unsigned char byte = data[a];

			data[a] = data[b];
			data[b] = byte;
		}
}

/* Elements to row-major, little-endian, in memory of their own. */
static bool take_elements(const struct npy_header *header, const unsigned char *elements,
	struct loaded *value, struct error *err)
{
	size_t width = element_type_bits(header->type) / 8;

	value->data = malloc(value->bytes + 1);
	if (!value->data)
		return error_set_memory(err, "a sample");
	if (header->fortran && header->rank > 1 && value->bytes)
		npy_to_row_major(header, width, elements, value->data);
	else
		memcpy(value->data, elements, value->bytes);
	if (header->swapped)
		reverse_bytes(value->data, value->bytes, width);
	return true;
}

static bool parse_npy(const unsigned char *bytes, size_t size, struct loaded *value,
	const char *place, struct error *err)
{
	struct npy_header header;

	if (!npy_read_header(&header, bytes, size, place, err))
		return false;
	value->type = header.type;
	value->rank = header.rank;
	memcpy(value->dims, header.dims, sizeof(header.dims));
	memcpy(value->descr, header.descr, sizeof(header.descr));
	if (!header.type) /* refused by sample_fit, which knows what is wanted */
		return true;
	if (!sample_bytes(header.type, header.dims, header.rank, &value->bytes) ||
		value->bytes > size - header.length)
		return error_set(err, ERROR_REFUSED,
			"%s: the .npy data are cut short; write the file anew", place);
	return take_elements(&header, bytes + header.length, value, err);
}

static bool read_npy(const char *path, struct loaded *value, struct error *err)
{
	size_t size;
	char *bytes = input_read(path, FILE_LIMIT, &size, err);
	bool read = bytes && parse_npy((unsigned char *)bytes, size, value,
				     text_quoted_z(path), err);

	free(bytes);
	return read;
}

/* ---- .npz */

static bool zip_failed(const char *place, const char *cause, struct error *err)
{
	return error_set(err, ERROR_REFUSED,
		"%s: %s; write the archive anew with numpy.savez", place, cause);
}

static bool read_entry(zip_t *zip, zip_uint64_t index, const zip_stat_t *status,
	const char *place, unsigned char **bytes, struct error *err)
{
	zip_file_t *file = zip_fopen_index(zip, index, 0);
	zip_uint64_t done = 0;
	zip_int64_t got = 0;

	*bytes = status->size < FILE_LIMIT ? malloc(status->size + 1) : NULL;
	if (!file || !*bytes) {
		if (file)
			zip_fclose(file);
		return file ? error_set_memory(err, "an archive")
			    : zip_failed(place, zip_strerror(zip), err);
	}
	while (done < status->size &&
		(got = zip_fread(file, *bytes + done, status->size - done)) > 0)
		done += (zip_uint64_t)got;
	if (zip_fclose(file) || done < status->size)
		return zip_failed(place, "an array is damaged", err);
	return true;
}

/* Entries for names that are no input are passed over, as the runtime's tools do with
 * further keys; a missing input is told by the caller. */
static bool read_npz_entry(struct sample_set *set, zip_t *zip, zip_uint64_t index,
	struct loaded *values, const char *archive, struct error *err)
{
	unsigned char *bytes = NULL;
	char place[320];
	zip_stat_t status;
	uint32_t input;
	size_t length;
	bool read;

	if (zip_stat_index(zip, index, 0, &status) || !(status.valid & ZIP_STAT_SIZE))
		return zip_failed(archive, "its list is damaged", err);
	length = strlen(status.name);
	if (length > 4 && !strcmp(status.name + length - 4, ".npy"))
		length -= 4;
	input = sample_find_input(set, status.name, length);
	if (input == UINT32_MAX || values[input].type)
		return true;
	snprintf(place, sizeof(place), "%s: %s", archive,
		text_quoted(status.name, length));
	read = read_entry(zip, index, &status, archive, &bytes, err) &&
	       parse_npy(bytes, status.size, &values[input], place, err);
	free(bytes);
	return read;
}

static zip_t *open_zip(
	const struct sample_part *part, const char *place, struct error *err)
{
	zip_source_t *source;
	zip_error_t error;
	zip_t *zip = NULL;

	zip_error_init(&error);
	source = part->blob ? zip_source_buffer_create(
				      part->blob->bytes, part->blob->size, 0, &error)
			    : zip_source_file_create(part->path, 0, -1, &error);
	if (source)
		zip = zip_open_from_source(source, ZIP_RDONLY, &error);
	if (source && !zip)
		zip_source_free(source);
	if (!zip)
		zip_failed(place, zip_error_strerror(&error), err);
	zip_error_fini(&error);
	return zip;
}

static bool read_npz(struct sample_set *set, const struct sample_part *part,
	struct loaded *values, const char *place, struct error *err)
{
	zip_t *zip = open_zip(part, place, err);
	zip_int64_t entries;
	bool read = zip != NULL;

	if (!zip)
		return false;
	entries = zip_get_num_entries(zip, 0);
	for (zip_int64_t i = 0; read && i < entries; i++)
		read = read_npz_entry(set, zip, (zip_uint64_t)i, values, place, err);
	zip_discard(zip);
	return read;
}

/* ---- .pb */

/* The name in the file, where it is an input's, wins over the number in its name. */
static uint32_t pb_target(const struct sample_set *set, const Onnx__TensorProto *tensor,
	const struct loaded *values, uint32_t otherwise)
{
	uint32_t named = UINT32_MAX;

	if (tensor->has_name && tensor->name.len)
		named = sample_find_input(
			set, (const char *)tensor->name.data, tensor->name.len);
	return named != UINT32_MAX && !values[named].type ? named : otherwise;
}

/* A stand-in for the model that a tensor is part of: none is read from. */
static bool pb_elements(const struct model *holder, const Onnx__TensorProto *tensor,
	struct loaded *value, const char *place, struct error *err)
{
	struct tensor_reader reader;
	uint64_t bytes;
	bool read;

	if (!tensor_raw_size(tensor, &bytes, err))
		return false;
	if (tensor->n_dims > NPY_RANK || tensor->data_location == 1 ||
		!element_type_bits(tensor->data_type))
		return error_set(err, ERROR_REFUSED,
			"%s: the tensor cannot be read; save it as .npy", place);
	if (!tensor_open(&reader, holder, tensor, err))
		return false;
	value->bytes = bytes;
	value->data = malloc(bytes + 1);
	read = value->data ? tensor_read_raw(&reader, 0, reader.count, value->data, err)
			   : error_set_memory(err, "a sample");
	tensor_close(&reader);
	return read;
}

static bool take_pb(struct sample_set *set, const Onnx__TensorProto *tensor,
	uint32_t input, struct loaded *values, const char *place, struct error *err)
{
	struct loaded *value = &values[pb_target(set, tensor, values, input)];

	value->type = tensor->data_type;
	value->rank = tensor->n_dims;
	for (size_t i = 0; i < tensor->n_dims && i < NPY_RANK; i++)
		value->dims[i] = tensor->dims[i];
	return pb_elements(set->graph->model, tensor, value, place, err);
}

static bool read_pb(struct sample_set *set, const struct sample_part *part,
	struct loaded *values, struct error *err)
{
	const char *place = text_quoted_z(part->path);
	size_t size;
	char *bytes = input_read(part->path, FILE_LIMIT, &size, err);
	Onnx__TensorProto *tensor;
	bool read;

	if (!bytes)
		return false;
	tensor = onnx__tensor_proto__unpack(NULL, size, (uint8_t *)bytes);
	free(bytes);
	if (!tensor || !tensor->has_data_type || tensor->has_payload_kind) {
		if (tensor)
			onnx__tensor_proto__free_unpacked(tensor, NULL);
		return error_set(err, ERROR_REFUSED,
			"%s: not a TensorProto; save the value as .npy", place);
	}
	read = take_pb(set, tensor, part->input, values, place, err);
	onnx__tensor_proto__free_unpacked(tensor, NULL);
	return read;
}

/* ---- .bin */

static bool read_bin(struct sample_set *set, const struct sample_part *part,
	struct loaded *value, struct error *err)
{
	const int64_t *shape = set->shapes ? set->shapes[part->input] : NULL;
	tensor_id tensor = set->inputs.items[part->input];
	size_t size, wanted;

	if (!shape)
		return error_set(err, ERROR_REFUSED,
			"%s: raw data have no shape; give it with --shape",
			text_quoted_z(part->path));
	value->type = set->graph->tensors[tensor].element_type;
	value->rank = set->ranks[part->input];
	memcpy(value->dims, shape, value->rank * sizeof(*shape));
	if (!sample_bytes(value->type, shape, value->rank, &wanted))
		return error_set(err, ERROR_REFUSED,
			"--shape: %s of type %s is no size; write extents, as in "
			"1,3,224,224",
			text_quoted_z(input_name(set, part->input)),
			element_type_name(value->type));
	value->data = (unsigned char *)input_read(part->path, FILE_LIMIT, &size, err);
	if (!value->data)
		return false;
	value->bytes = size;
	return size == wanted ||
	       error_set(err, ERROR_REFUSED,
		       "%s: input %s: %zu bytes wanted for the shape given, %zu found; "
		       "mend --shape",
		       text_quoted_z(part->path),
		       text_quoted_z(input_name(set, part->input)), wanted, size);
}

/* `place` is the item's: an archive is an item of its own. */
static bool read_part(struct sample_set *set, const struct sample_part *part,
	struct loaded *values, const char *place, struct error *err)
{
	switch (part->kind) {
	case PART_NPZ:
		return read_npz(set, part, values, place, err);
	case PART_NPY:
		return read_npy(part->path, &values[part->input], err);
	case PART_PB:
		return read_pb(set, part, values, err);
	default:
		return read_bin(set, part, &values[part->input], err);
	}
}

bool sample_read_parts(struct sample_set *set, const struct sample_item *item,
	struct loaded *values, char *place, size_t room, struct error *err)
{
	const struct sample_part *parts = set->parts.items + item->first;

	snprintf(place, room, "%s",
		text_quoted_z(parts->blob ? parts->blob->name : parts->path));
	for (size_t i = 0; i < item->count; i++)
		if (!read_part(set, &parts[i], values, place, err))
			return false;
	return true;
}
