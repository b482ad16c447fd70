#include "onnx/write.h"

#include "base/output.h"
#include "base/text.h"
#include "onnx/copy.h"
#include "onnx/encode.h"
#include "onnx/place.h"
#include "onnx/source.h"
#include "onnx/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No reader takes a protobuf message of 2 GiB or more. */
static const uint64_t model_size_max = INT32_MAX;

/* All that is under way while a model is written. */
struct writing {
	const struct model *model;
	const char *path;
	char *side_path;       /* owned */
	const char *side_name; /* its part behind the last slash */
	const struct write_options *options;
	const struct progress *progress;
	struct placement placement;
	struct output out, side;
	bool side_existed;
	uint64_t size; /* of the model file */
	struct write_result *result;
	struct error *err;
};

static bool name_side_file(struct writing *w)
{
	size_t room = strlen(w->path) + sizeof(".data");
	const char *slash;

	w->side_path = malloc(room);
	if (!w->side_path)
		return error_set_memory(w->err, text_path(w->path));
	snprintf(w->side_path, room, "%s.data", w->path);
	slash = strrchr(w->side_path, '/');
	w->side_name = slash ? slash + 1 : w->side_path;
	return true;
}

static bool place(struct writing *w, bool with_side_file)
{
	place_release(&w->placement);
	if (!place_payloads(&w->placement, w->model, with_side_file ? w->side_name : NULL,
		    w->err))
		return false;
	w->size = encode_size(&w->placement.result->proto->base);
	return true;
}

/* The model as it was read may have one though nothing of it is left in the result. */
static bool input_has_side_files(const struct writing *w)
{
	const struct model *root = w->model;

	while (root->base)
		root = root->base;
	return w->placement.has_input_side_files || model_uses_side_files(root);
}

/* `auto` has a side file if the input had one, or if the model would be too large. */
static bool place_as_asked(struct writing *w)
{
	enum external_data external = w->options->external;

	if (!place(w, external == EXTERNAL_ALWAYS))
		return false;
	if (external == EXTERNAL_AUTO &&
		(w->size > model_size_max || input_has_side_files(w)))
		return place(w, true);
	return true;
}

static bool check_size(struct writing *w)
{
	if (w->size <= model_size_max)
		return true;
	return error_set(w->err, ERROR_REFUSED,
		"%s: the model would have %" PRIu64 " bytes, 2147483647 are possible; %s",
		text_path(w->path), w->size,
		w->options->external == EXTERNAL_NEVER
			? "use --external-data auto"
			: "its values are not in raw form: convert them");
}

/* A name that a reader of the model would refuse as location. */
static bool check_side_name(struct writing *w)
{
	const char *name = w->side_name;

	if (text_is_utf8(name, strlen(name)) && !strchr(name, '\\') && name[1] != ':')
		return true;
	return error_set(w->err, ERROR_REFUSED,
		"%s: cannot be named in a model; choose a plain file name",
		text_path(w->side_path));
}

static bool is_input(const struct placement *placement, const struct stat *file)
{
	for (size_t i = 0; i < placement->inputs.count; i++)
		if (placement->inputs.items[i].device == file->st_dev &&
			placement->inputs.items[i].inode == file->st_ino)
			return true;
	return false;
}

bool model_has_side_file(const struct model *model, const struct stat *file)
{
	struct placement placement = {0};
	struct error ignored = ERROR_INIT;
	bool found;

	place_payloads(&placement, model, NULL, &ignored);
	found = is_input(&placement, file);
	place_release(&placement);
	return found;
}

bool model_uses_side_files(const struct model *model)
{
	struct placement placement = {0};
	struct error ignored = ERROR_INIT;
	bool uses;

	place_payloads(&placement, model, NULL, &ignored);
	uses = placement.has_input_side_files;
	place_release(&placement);
	return uses;
}

/* Neither output may replace a side file of the input. */
static bool check_target(struct writing *w, const char *path, bool *exists)
{
	struct stat file;

	*exists = stat(path, &file) == 0;
	return !*exists || !is_input(&w->placement, &file) ||
	       error_set(w->err, ERROR_REFUSED,
		       "%s: holds weights of the input; write to another name",
		       text_path(path));
}

static bool open_outputs(struct writing *w)
{
	int input = w->model->source->fd;
	bool force = w->options->force, exists;

	if (!check_target(w, w->path, &exists) ||
		!output_open(&w->out, w->path, force, input, w->err))
		return false;
	if (w->placement.side.count == 0)
		return true;
	return check_side_name(w) && check_target(w, w->side_path, &w->side_existed) &&
	       output_open(&w->side, w->side_path, force, input, w->err);
}

static uint64_t side_length(const Onnx__TensorProto *tensor)
{
	return tensor->payload_kind == PAYLOAD_MESSAGE ? tensor->raw_data.len
						       : tensor->payload_length;
}

static bool write_side_file(struct writing *w)
{
	const struct tensor_list *tensors = &w->placement.side;
	struct encoder e;
	bool ok = encode_init(&e, w->placement.result, &w->side, w->progress,
		w->placement.side_size, w->err);

	for (size_t i = 0; ok && i < tensors->count; i++)
		ok = encode_payload(
			&e, tensors->items[i], side_length(tensors->items[i]));
	ok = ok && copy_run_makers(&e, w->options->threads);
	encode_release(&e);
	return ok;
}

static bool write_model_file(struct writing *w)
{
	struct encoder e;
	bool ok = encode_init(&e, w->placement.result, &w->out, w->progress, w->size,
			  w->err) &&
		  encode_message(&e, &w->placement.result->proto->base) &&
		  output_flush(&w->out, w->err) &&
		  copy_run_makers(&e, w->options->threads);

	encode_release(&e);
	if (ok && w->out.written != w->size)
		return error_set(w->err, ERROR_REFUSED,
			"%s: %" PRIu64 " bytes were written instead of %" PRIu64
			"; report this",
			text_path(w->path), w->out.written, w->size);
	return ok;
}

static bool commit_both(struct writing *w)
{
	bool has_side = w->placement.side.count > 0;

	if (has_side && !output_commit(&w->side, w->err))
		return false;
	if (output_commit(&w->out, w->err))
		return true;
	if (has_side && !w->side_existed)
		unlink(w->side_path);
	return false;
}

static bool commit(struct writing *w)
{
	bool ok;

	output_hold(true);
	ok = commit_both(w);
	output_hold(false);
	return ok;
}

static bool write_files(struct writing *w)
{
	return open_outputs(w) && write_side_file(w) && write_model_file(w) &&
	       model_check_unchanged(w->model, w->err) &&
	       (!w->out.temporary || verify_written(w->model, w->out.temporary, w->path,
					     w->progress, w->err));
}

bool model_write(const struct model *model, const char *path,
	const struct write_options *options, const struct progress *progress,
	struct write_result *result, struct error *err)
{
	struct write_result own = {0};
	struct writing w = {.model = model,
		.path = path,
		.options = options,
		.progress = progress,
		.out.fd = -1,
		.side.fd = -1,
		.result = result ? result : &own,
		.err = err};
	bool ok;

	*w.result = (struct write_result){0};
	ok = model_check_unchanged(model, err) &&
	     verify_structure(model, path, options, w.result, err) &&
	     name_side_file(&w) && place_as_asked(&w) && check_size(&w) &&
	     write_files(&w) && commit(&w);
	if (ok) {
		w.result->bytes = w.size;
		w.result->side_bytes = w.placement.side_size;
	}
	output_abort(&w.out);
	output_abort(&w.side);
	place_release(&w.placement);
	free(w.side_path);
	return ok;
}
