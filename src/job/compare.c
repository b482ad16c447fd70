#include "job/compare.h"

#include "base/output.h"

#include <math.h>
#include <stdlib.h>

static bool compare_file(const struct session *session, const char *path,
	const struct compare_request *wish, struct comparison *out,
	const struct progress *progress, struct error *err)
{
	struct compare_request request = *wish;
	struct model *model = model_open(path, NULL, progress, err);
	struct graph *graph = model ? graph_build(model, err) : NULL;
	bool done;

	request.real = session->graph;
	request.quantized = graph;
	done = graph && compare_models(&request, out, progress, err);
	graph_free(graph);
	model_free(model);
	return done;
}

bool session_compare_plan(const struct session *session, struct plan *plan,
	const struct compare_request *request, struct comparison *out,
	const struct progress *progress, struct error *err)
{
	struct session with_plan = *session;
	struct quantize_report quantized = {0};
	struct write_options options = {.tolerant = true};
	struct output_folder folder;
	bool done;

	with_plan.plan = plan;
	if (!output_folder_make(&folder, "model.onnx", err))
		return false;
	done = session_quantize(
		       &with_plan, folder.file, &options, progress, &quantized, err) &&
	       compare_file(session, folder.file, request, out, progress, err);
	quantize_report_release(&quantized);
	output_folder_remove(&folder);
	return done;
}

bool session_compare(const struct session *session,
	const struct calibrate_request *request, struct comparison *out,
	const struct progress *progress, struct error *err)
{
	struct sample_blob blobs[DEMO_SAMPLES_MAX];
	struct sample_request samples = request->samples;
	struct compare_request compare = {.threads = request->threads};
	bool done;

	samples.blobs = blobs;
	samples.blob_count = demo_sample_blobs(request->demo, blobs);
	compare.samples = sample_set_open(session->graph, &samples, err);
	compare.runtime =
		compare.samples ? ort_runtime_open(request->ort_lib, NULL, err) : NULL;
	done = compare.runtime &&
	       session_compare_plan(session, session->plan, &compare, out, progress, err);
	ort_runtime_close(compare.runtime);
	sample_set_free(compare.samples);
	return done;
}

double comparison_pooled(const struct comparison *comparison, bool outputs)
{
	double noise = 0;
	size_t count = 0;

	for (size_t i = 0; i < comparison->count; i++) {
		const struct compare_row *row = &comparison->rows[i];

		if (row->match.converted || !row->seen || (outputs && !row->match.output))
			continue;
		noise += row->after.noise / row->after.signal;
		count++;
	}
	return count ? -10 * log10(noise / (double)count) : NAN;
}
