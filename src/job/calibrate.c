#include "job/calibrate.h"

#include "base/text.h"
#include "job/demos.h"

#include <string.h>

size_t demo_sample_blobs(const char *name, struct sample_blob blobs[DEMO_SAMPLES_MAX])
{
	const struct demo *demo = name ? demo_find(name) : NULL;
	size_t count = demo ? demo->sample_count : 0;

	if (count > DEMO_SAMPLES_MAX)
		count = DEMO_SAMPLES_MAX;
	for (size_t i = 0; i < count; i++)
		blobs[i] = (struct sample_blob){demo->samples[i].name,
			demo->samples[i].bytes, demo->samples[i].size};
	return count;
}

/* With the samples listed: the runtime is looked for only now, since wrong samples are
 * the likelier fault. */
static bool calibrate(const struct session *session,
	const struct calibrate_request *request, struct calib_request *calib,
	struct ranges *out, struct calib_report *report, const struct progress *progress,
	struct error *err)
{
	bool done;

	calib->runtime = ort_runtime_open(request->ort_lib, NULL, err);
	if (!calib->runtime)
		return false;
	calib->graph = session->graph;
	calib->options = session->plan->options;
	calib->threads = request->threads;
	calib->bodies = request->bodies && !calib->options->ort_compatible;
	done = calib_run(calib, out, report, progress, err);
	ort_runtime_close(calib->runtime);
	return done;
}

/* Relu and Clip are often gone from a quantized model: the integers clip in their place,
 * which the float model that is measured does not. */
static bool note_quantized(
	const struct session *session, struct calib_report *report, struct error *err)
{
	return !session->quantized ||
	       problem_add(&report->notes, SEVERITY_WARNING, "quantized", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, text_path(session->input->path),
		       "is quantized already, and what its scales clip is measured "
		       "unclipped",
		       "calibrate the float model that it was made from") ||
	       error_set_memory(err, "the notes of a calibration");
}

bool session_calibrate(const struct session *session,
	const struct calibrate_request *request, struct ranges *out,
	struct calib_report *report, const struct progress *progress, struct error *err)
{
	struct sample_blob blobs[DEMO_SAMPLES_MAX];
	struct sample_request samples = request->samples;
	struct calib_request calib = {.method = METHOD_MINMAX};
	bool done;

	memset(report, 0, sizeof(*report));
	if (request->method && !calib_parse_method(request->method, &calib.method, err))
		return false;
	samples.blobs = blobs;
	samples.blob_count = demo_sample_blobs(request->demo, blobs);
	calib.samples = sample_set_open(session->graph, &samples, err);
	if (!calib.samples)
		return false;
	done = calibrate(session, request, &calib, out, report, progress, err) &&
	       note_quantized(session, report, err);
	sample_set_free(calib.samples);
	return done;
}
