#include "onnx/model.h"

#include "base/text.h"
#include "onnx/scan.h"
#include "onnx/slim.h"
#include "onnx/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IR_MIN = 3, IR_MAX = 14, IMPORTS_MAX = 100, FUNCTIONS_MAX = 10000 };

/* Memory for protobuf-c, which does not say why it gives up. */
struct pool {
	struct arena *arena;
	bool gone;
};

static void *allocate(void *arg, size_t size)
{
	struct pool *pool = arg;
	void *memory = arena_alloc(pool->arena, size);

	pool->gone = pool->gone || !memory;
	return memory;
}

static void keep(void *arg, void *memory)
{
	(void)arg;
	(void)memory;
}

static bool unpack(struct model *model, const struct slim *slim, struct error *err)
{
	struct pool pool = {&model->arena, false};
	ProtobufCAllocator allocator = {allocate, keep, &pool};

	model->proto = onnx__model_proto__unpack(&allocator, slim->size, slim->bytes);
	if (model->proto)
		return true;
	if (pool.gone)
		return error_set_memory(err, text_path(model->path));
	return error_set(err, ERROR_REFUSED,
		"%s: cannot be decoded (a list of numbers is damaged); export it again",
		text_path(model->path));
}

/* What every reader of ONNX asks for before it looks at the graph. */
static bool check_header(const struct model *model, struct error *err)
{
	const Onnx__ModelProto *proto = model->proto;
	const char *path = text_path(model->path);

	if (!proto->graph || !proto->has_ir_version)
		return error_set(err, ERROR_REFUSED,
			"%s: not an ONNX model, or cut short (no %s); export it again",
			path, proto->graph ? "ir_version" : "graph");
	if (proto->ir_version < IR_MIN || proto->ir_version > IR_MAX)
		return error_set(err, ERROR_REFUSED,
			"%s: IR version %" PRId64
			" is not one of %d to %d; convert the model",
			path, proto->ir_version, IR_MIN, IR_MAX);
	if (proto->n_opset_import == 0)
		return error_set(err, ERROR_REFUSED,
			"%s: imports no opset, or cut short; export it again", path);
	if (proto->n_opset_import > IMPORTS_MAX || proto->n_functions > FUNCTIONS_MAX)
		return error_set(err, ERROR_REFUSED,
			"%s: %zu opset imports and %zu functions; %d and %d are possible",
			path, proto->n_opset_import, proto->n_functions, IMPORTS_MAX,
			FUNCTIONS_MAX);
	return true;
}

static bool read_structure(
	struct model *model, const struct progress *progress, struct error *err)
{
	struct slim slim = {0};
	bool ok;

	if (model->source->size == 0)
		return error_set(err, ERROR_REFUSED, "%s: is empty; name an ONNX model",
			text_path(model->path));
	ok = scan_model(model->source, &slim, progress, err) &&
	     unpack(model, &slim, err) && check_header(model, err);
	if (ok)
		model->source->digest = slim_digest(&slim, model->source->size);
	free(slim.bytes);
	return ok;
}

/* A model over `source`, which is taken over (also on failure; NULL is allowed). */
static struct model *model_new(struct model_source *owned, struct error *err)
{
	struct model *model = owned ? calloc(1, sizeof(*model)) : NULL;

	if (!model) {
		if (owned)
			error_set_memory(err, text_path(owned->path));
		source_release(owned);
		return NULL;
	}
	model->source = owned;
	model->path = owned->path;
	return model;
}

static struct model *model_read(
	struct model_source *owned, const struct progress *progress, struct error *err)
{
	struct model *model = model_new(owned, err);

	if (model && !read_structure(model, progress, err)) {
		model_free(model);
		return NULL;
	}
	return model;
}

struct model *model_open(const char *path, const struct model_options *options,
	const struct progress *progress, struct error *err)
{
	struct model_source *source = source_open(path, err);

	if (source)
		source->strict = options && options->strict_external_data;
	return model_read(source, progress, err);
}

struct model *model_open_memory(
	const void *bytes, size_t size, const char *name, struct error *err)
{
	return model_read(source_wrap(bytes, size, name, err), NULL, err);
}

struct model *model_open_image(
	const void *bytes, size_t size, const struct model *origin, struct error *err)
{
	struct model_source *source = source_wrap(bytes, size, origin->path, err);

	if (source && !source_place_beside(source, origin->source, err)) {
		source_release(source);
		return NULL;
	}
	return model_read(source, NULL, err);
}

static bool take_makers(struct model *model, const struct model *base)
{
	if (!ARRAY_ROOM(&model->made, base->made.count))
		return false;
	if (base->made.count)
		memcpy(model->made.items, base->made.items,
			base->made.count * sizeof(*base->made.items));
	model->made.count = base->made.count;
	return true;
}

struct model *model_derive(const struct model *base, struct error *err)
{
	struct model *model = model_new(source_retain(base->source), err);

	if (!model)
		return NULL;
	model->base = base;
	model->converted = base->converted;
	model->proto = arena_alloc(&model->arena, sizeof(*model->proto));
	if (model->proto) {
		*model->proto = *base->proto;
		model->proto->graph = model_edit_graph(model, base->proto->graph);
	}
	if (!model->proto || !model->proto->graph || !take_makers(model, base)) {
		model_free(model);
		error_set_memory(err, text_path(base->path));
		return NULL;
	}
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	source_release(model->source);
	ARRAY_RELEASE(&model->made);
	arena_clear(&model->arena);
	free(model);
}

int64_t model_opset(const struct model *model)
{
	return model_domain_version(model, "");
}

static bool is_default(ProtobufCBinaryData domain)
{
	return domain.len == 0 || bytes_equal(domain, "ai.onnx");
}

int64_t model_domain_version(const struct model *model, const char *domain)
{
	bool wants_default = is_default(
		(ProtobufCBinaryData){strlen(domain), (uint8_t *)(uintptr_t)domain});

	for (size_t i = 0; i < model->proto->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *import = model->proto->opset_import[i];

		if (wants_default ? is_default(import->domain)
				  : bytes_equal(import->domain, domain))
			return import->version;
	}
	return 0;
}

int model_input_fd(const struct model *model)
{
	return model->source->fd;
}

bool model_check_unchanged(const struct model *model, struct error *err)
{
	return source_check_unchanged(model->source, err);
}

uint64_t model_file_size(const struct model *model)
{
	return model->source->size;
}

void model_digest(const struct model *model, char text[17])
{
	snprintf(text, 17, "%016" PRIx64, model->source->digest);
}
