#include "job/prepare.h"

#include "base/output.h"
#include "base/text.h"
#include "job/fix_dims.h"
#include "job/infer.h"
#include "job/metadata.h"
#include "job/session.h"
#include "job/target.h"
#include "opset/opset.h"
#include "ort/ort.h"
#include "quant/prepare.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The models on the way, each derived from the one before (or the one before itself),
 * apart from the optimized one, which ONNX Runtime wrote into memory. */
struct preparing {
	const struct prepare_request *request;
	struct prepare_report *report;
	const struct progress *progress;
	struct ort_runtime *runtime; /* with `optimize` */
	struct model *input, *fixed, *raised, *optimized, *inferred, *done;
	void *image; /* bytes of the optimized model */
	size_t image_size;
	struct error *err;
};

static void release(struct preparing *p)
{
	struct model *models[] = {
		p->done, p->inferred, p->optimized, p->raised, p->fixed, p->input, NULL};

	for (size_t i = 0; i + 1 < sizeof(models) / sizeof(models[0]); i++) {
		if (models[i] != models[i + 1])
			model_free(models[i]);
	}
	if (p->image)
		munmap(p->image, p->image_size);
	ort_runtime_close(p->runtime);
}

/* What has no graph (cycles, names made twice) is not worth preparing. */
static bool check_graph(struct preparing *p)
{
	struct graph *graph = graph_build(p->input, p->err);

	graph_free(graph);
	return graph;
}

static bool fix(struct preparing *p)
{
	const struct text_list *dims = p->request->fix_dims;

	p->fixed = p->input;
	if (!dims || !dims->count)
		return true;
	p->fixed = fix_dims(p->input, dims, &p->report->dims, p->err);
	return p->fixed;
}

/* ONNX Runtime's tool optimizes nothing below opset 11. */
static bool raise(struct preparing *p)
{
	int64_t opset = model_opset(p->fixed);

	p->raised = p->fixed;
	if (!p->request->optimize || opset == 0 || opset > 10)
		return true;
	p->raised = model_raise_opset(p->fixed, 11, true, NULL, p->err);
	return p->raised;
}

static bool open_runtime(struct preparing *p)
{
	if (!p->request->optimize)
		return true;
	p->runtime = ort_runtime_open(p->request->ort_lib, NULL, p->err);
	if (!p->runtime)
		return false;
	snprintf(p->report->runtime, sizeof(p->report->runtime), "%s",
		ort_runtime_version(p->runtime));
	return true;
}

/* Loads the model, which makes ONNX Runtime write the optimized one to `file`. */
static bool run_optimizer(struct preparing *p, const char *file)
{
	struct model_image image = {0};
	struct ort_source source = {.name = p->request->model};
	struct ort_session_options options = {.level = 1, .optimized = file};
	struct ort_session *session;

	if (!model_encode(p->raised, &image, p->progress, p->err))
		return false;
	source.bytes = image.bytes;
	source.size = image.size;
	source.folder = model_folder(p->raised);
	session = ort_session_open(p->runtime, &source, &options, NULL, p->err);
	ort_session_free(session);
	model_image_release(&image);
	return session;
}

static bool map_optimized(struct preparing *p, int fd)
{
	struct stat file;
	void *bytes;

	if (fstat(fd, &file) != 0 || file.st_size == 0)
		return error_set(p->err, ERROR_REFUSED,
			"%s: ONNX Runtime wrote no optimized model; leave out --optimize",
			text_path(p->request->model));
	bytes = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return error_set_memory(p->err, text_path(p->request->model));
	p->image = bytes;
	p->image_size = (size_t)file.st_size;
	p->optimized = model_open_image(bytes, p->image_size, p->input, p->err);
	return p->optimized;
}

static bool optimize(struct preparing *p)
{
	struct output memory;
	char file[64];
	bool ok;

	p->optimized = p->raised;
	if (!p->request->optimize)
		return true;
	p->optimized = NULL;
	if (!output_memory(&memory, p->request->model, p->err))
		return false;
	snprintf(file, sizeof(file), "/proc/self/fd/%d", memory.fd);
	ok = run_optimizer(p, file) && map_optimized(p, memory.fd);
	output_abort(&memory);
	return ok;
}

static bool infer(struct preparing *p)
{
	p->inferred = p->optimized;
	if (!p->request->optimize)
		return true;
	p->inferred = infer_shapes(p->optimized, p->runtime, p->progress, p->err);
	return p->inferred;
}

/* Constants, names and metadata, in a model of its own. */
static bool finish(struct preparing *p)
{
	struct prepare_counts counts;
	struct model *made =
		prepare_fully(p->inferred, &counts, &p->report->notes, p->err);

	if (!made)
		return false;
	p->report->constants = counts.constants;
	p->report->names = counts.names;
	p->done = made == p->inferred ? model_derive(p->inferred, p->err) : made;
	return p->done && metadata_set(p->done, "onnx.quant.pre_process",
				  "onnxruntime.quant", p->err);
}

/* Overrides and ranges that were given must fit the prepared model. */
static bool check_given(struct preparing *p)
{
	const struct prepare_request *r = p->request;
	struct session session = {0};
	struct problem_list faults = {0};
	bool ok;

	if (!r->overrides && (!r->ranges || !r->ranges->count))
		return true;
	session.graph = graph_build(p->done, p->err);
	session.plan = session.graph ? plan_new(session.graph, p->err) : NULL;
	ok = session.plan && (!r->overrides || session_load_overrides(&session,
						       r->overrides, &faults, p->err));
	for (size_t i = 0; ok && r->ranges && i < r->ranges->count; i++)
		ok = session_load_ranges(
			&session, r->ranges->items[i], false, &faults, p->err);
	if (session.plan && !error_is_set(p->err))
		ok = problem_check(&faults, p->err);
	problem_clear(&faults);
	plan_free(session.plan);
	graph_free(session.graph);
	return ok;
}

/* A side file is wanted if there was one, even where ONNX Runtime folded its weights. */
static bool write_it(struct preparing *p, const char *path)
{
	struct write_options options = p->request->write;

	options.reshaped = p->report->dims > 0;
	if (options.external == EXTERNAL_AUTO && model_uses_side_files(p->input))
		options.external = EXTERNAL_ALWAYS;
	return model_check_unchanged(p->input, p->err) &&
	       model_write(
		       p->done, path, &options, p->progress, &p->report->written, p->err);
}

bool prepare_write(const struct prepare_request *request, const char *path,
	const struct progress *progress, struct prepare_report *report, struct error *err)
{
	struct model_options options = {request->strict_external_data};
	struct preparing p = {
		.request = request, .report = report, .progress = progress, .err = err};
	bool ok;

	*report = (struct prepare_report){0};
	p.input = model_open(request->model, &options, progress, err);
	ok = p.input && target_check(p.input, path, request->write.force, err) &&
	     check_graph(&p) && open_runtime(&p) && fix(&p) && raise(&p) &&
	     optimize(&p) && infer(&p) && finish(&p) && check_given(&p) &&
	     write_it(&p, path);
	if (ok) {
		report->opset_before = model_opset(p.input);
		report->opset_after = model_opset(p.done);
		report->nodes_before = p.input->proto->graph->n_node;
		report->nodes_after = p.done->proto->graph->n_node;
	}
	release(&p);
	return ok;
}

void prepare_report_release(struct prepare_report *report)
{
	problem_clear(&report->notes);
}
