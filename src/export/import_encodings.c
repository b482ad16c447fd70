/* AIMET and QAIRT encodings: the files (export-formats.md 5). */
#include "export/encoding.h"

#include <stdio.h>
#include <string.h>

/* The generation of one member "activation_encodings" or "param_encodings". */
static bool is_list(const json_t *root, const char *key)
{
	return json_array_size(json_object_get(root, key)) > 0;
}

static bool is_map(const json_t *root, const char *key)
{
	return json_object_size(json_object_get(root, key)) > 0;
}

static bool has_version(const json_t *root, const char *begin)
{
	return !strncmp(import_text(root, "version"), begin, strlen(begin));
}

bool import_detect_encodings_2(const struct import_input *input)
{
	const json_t *list = json_object_get(input->root, "encodings");

	return json_is_array(list) ||
	       (json_is_object(list) && has_version(input->root, "2"));
}

bool import_detect_encodings_1(const struct import_input *input)
{
	const json_t *root = input->root;

	return is_list(root, "activation_encodings") ||
	       is_list(root, "param_encodings") ||
	       (has_version(root, "1") && json_object_get(root, "activation_encodings"));
}

bool import_detect_encodings_0(const struct import_input *input)
{
	const json_t *root = input->root;

	return is_map(root, "activation_encodings") || is_map(root, "param_encodings") ||
	       json_is_object(json_object_get(root, "activation_encodings"));
}

struct reading {
	struct importer *importer;
	struct encoding encoding;
	bool (*read)(struct encoding *encoding, const json_t *value, const char **why);
	uint32_t biases;
};

static void put(struct reading *r, const char *name, size_t length, const json_t *value)
{
	struct importer *m = r->importer;
	const char *why = "";
	tensor_id tensor;

	r->encoding.name = name;
	r->encoding.length = length;
	if (!r->read(&r->encoding, value, &why)) {
		unplaced_add(&m->unplaced, PROBLEM_NOWHERE, name, length, "", "%s", why);
		return;
	}
	tensor = graph_find_tensor(m->graph, name, length);
	r->biases += tensor != GRAPH_NONE && !r->encoding.is_float &&
		     import_is_bias(m->graph, tensor);
	encoding_place(m, &r->encoding);
}

/* Records with their name inside. */
static void read_list(struct reading *r, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *record = json_array_get(list, i);
		const json_t *name = json_object_get(record, "name");
		char place[48];

		if (json_is_string(name)) {
			put(r, json_string_value(name), json_string_length(name), record);
			continue;
		}
		snprintf(place, sizeof(place), "encodings[%zu]", i);
		import_fault(r->importer, place, "write {\"name\": ...}",
			"an encoding without a name");
		return;
	}
}

/* A member of the file: records by name, or a list of them; which says how they read. */
static void read_part(struct reading *r, const json_t *part)
{
	const char *key;
	size_t length;
	json_t *value;
	bool newest = r->read == encoding_read_2;

	if (json_is_array(part)) {
		r->read = newest ? encoding_read_2 : encoding_read_1;
		read_list(r, part);
		return;
	}
	r->read = newest ? encoding_read_2 : encoding_read_0;
	json_object_keylen_foreach((json_t *)part, key, length, value)
		put(r, key, length, value);
}

/* Nodes that the file leaves out. */
static void read_excluded(struct importer *m, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *name = json_array_get(list, i);

		if (json_is_string(name))
			import_exclude(
				m, json_string_value(name), json_string_length(name));
	}
}

/* The file's defaults where they are not those in force: for tensors that it does not
 * list. */
static void note_default(
	struct importer *m, const json_t *args, const char *key, enum qtype type)
{
	const json_t *bits = json_object_get(args, key);

	if (json_is_integer(bits) && json_integer_value(bits) != qtypes[type].bits)
		import_note(m, "its default %s is %d, here %d: see --%s-type", key,
			(int)json_integer_value(bits), qtypes[type].bits,
			*key == 'a' ? "activation" : "weight");
}

void import_read_encodings(struct importer *importer, const struct import_input *input)
{
	const json_t *root = input->root, *args = json_object_get(root, "quantizer_args");
	struct reading r = {.importer = importer};

	if (!json_is_object(root)) {
		import_fault(importer, "", "write {\"activation_encodings\": ...}",
			"this is no file of encodings");
		return;
	}
	if (json_object_get(root, "encodings")) {
		r.read = encoding_read_2;
		read_part(&r, json_object_get(root, "encodings"));
	} else {
		read_part(&r, json_object_get(root, "activation_encodings"));
		read_part(&r, json_object_get(root, "param_encodings"));
	}
	read_excluded(importer, json_object_get(root, "excluded_layers"));
	note_default(importer, args, "activation_bitwidth",
		importer->options->activation_type);
	note_default(importer, args, "param_bitwidth", importer->options->weight_type);
	if (r.biases)
		import_note(importer,
			"%u biases: ONNX Runtime makes them int32 with scales of its own",
			r.biases);
	import_name_ranges(importer, "");
	ARRAY_RELEASE(&r.encoding.scales);
	ARRAY_RELEASE(&r.encoding.zero_points);
}
