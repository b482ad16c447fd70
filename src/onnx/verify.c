#include "onnx/verify.h"

#include "base/names.h"
#include "base/text.h"
#include "onnx/check.h"
#include "onnx/layout.h"
#include "onnx/scan.h"
#include "onnx/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Failed checks of the result, and those that the input has as well. */
struct findings {
	struct names result, input;
	bool memory_gone;
};

static void take_text(struct findings *f, struct names *texts, const char *text)
{
	if (names_add(texts, text, strlen(text)) == NAME_NONE)
		f->memory_gone = true;
}

static void take_of_result(void *arg, const char *text)
{
	take_text(arg, &((struct findings *)arg)->result, text);
}

static void take_of_input(void *arg, const char *text)
{
	take_text(arg, &((struct findings *)arg)->input, text);
}

/* The first finding that the input does not have, or NAME_NONE; *count of them. */
static name_id first_new(const struct findings *f, unsigned *count)
{
	name_id first = NAME_NONE;

	*count = 0;
	for (name_id i = 0; i < f->result.count; i++) {
		if (names_find(&f->input, names_text(&f->result, i),
			    names_length(&f->result, i)) != NAME_NONE)
			continue;
		if ((*count)++ == 0)
			first = i;
	}
	return first;
}

const char *verify_remedy(const char *finding)
{
	return strstr(finding, " opset ") ? "raise the opset of the model first, or use "
					    "--set UseQDQContribOps=True"
					  : "mend the input";
}

static bool judge(const struct findings *f, const char *path, bool tolerant,
	struct write_result *result, struct error *err)
{
	unsigned count;
	name_id first = first_new(f, &count);

	if (f->result.count == 0)
		return true;
	result->warnings = f->result.count;
	snprintf(result->warning, sizeof(result->warning), "%s",
		names_text(&f->result, first == NAME_NONE ? 0 : first));
	if (first == NAME_NONE || tolerant)
		return true;
	error_set(err, ERROR_REFUSED, "%s: not written: %s; %s", text_path(path),
		result->warning, verify_remedy(result->warning));
	if (err)
		err->more += count - 1;
	return false;
}

bool verify_structure(const struct model *model, const char *path,
	const struct write_options *options, struct write_result *result,
	struct error *err)
{
	const struct model *root = model->base;
	struct findings f = {0};
	bool ok;

	while (root && root->base)
		root = root->base;
	ok = model_check(model, options->reshaped ? NULL : root, take_of_result, &f, err);
	if (ok && f.result.count && root)
		ok = model_check(root, NULL, take_of_input, &f, err);
	if (ok && f.memory_gone)
		ok = error_set_memory(err, text_path(path));
	ok = ok && judge(&f, path, options->tolerant, result, err);
	names_clear(&f.result);
	names_clear(&f.input);
	return ok;
}

/* Numbers of fields that a model and its graph have. */
enum { FIELDS = 32, FIELD_GRAPH = 7 };

struct counts {
	size_t model[FIELDS];
	size_t graph[FIELDS];
};

static bool count_fields(
	struct wire_reader *r, uint64_t end, size_t *counts, size_t *inner)
{
	struct wire_field field;

	while (r->at < end) {
		if (!wire_read_field(r, end, &field))
			return false;
		if (field.number < FIELDS)
			counts[field.number]++;
		if (field.wire != WIRE_BYTES)
			continue;
		if (!inner || field.number != FIELD_GRAPH)
			r->at += field.length;
		else if (!count_fields(r, r->at + field.length, inner, NULL))
			return false;
	}
	return true;
}

/* Walks a whole file as model_open does, and counts. */
static bool count_file(const char *path, const struct progress *progress,
	struct counts *counts, struct error *err)
{
	struct model_source *file = source_open(path, err), *memory = NULL;
	struct slim slim = {0};
	struct wire_reader reader = {0};
	bool ok = file && scan_model(file, &slim, progress, err) &&
		  (memory = source_wrap(slim.bytes, slim.size, path, err)) &&
		  wire_init(&reader, memory, NULL, err) &&
		  count_fields(&reader, slim.size, counts->model, counts->graph);

	wire_release(&reader);
	source_release(memory);
	source_release(file);
	free(slim.bytes);
	return ok;
}

static bool same_counts(const struct counts *counts, const Onnx__ModelProto *proto)
{
	const Onnx__GraphProto *graph = proto->graph;

	return counts->model[FIELD_GRAPH] == 1 &&
	       counts->model[8] == proto->n_opset_import &&
	       counts->model[14] == proto->n_metadata_props &&
	       counts->model[25] == proto->n_functions &&
	       counts->graph[1] == graph->n_node &&
	       counts->graph[5] == graph->n_initializer &&
	       counts->graph[11] == graph->n_input &&
	       counts->graph[12] == graph->n_output &&
	       counts->graph[13] == graph->n_value_info;
}

bool verify_written(const struct model *model, const char *file, const char *path,
	const struct progress *progress, struct error *err)
{
	struct counts counts = {0};

	return count_file(file, progress, &counts, err) &&
	       (same_counts(&counts, model->proto) ||
		       error_set(err, ERROR_REFUSED,
			       "%s: what was written is not what was meant; report this",
			       text_path(path)));
}
