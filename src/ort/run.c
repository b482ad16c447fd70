#include "ort/session.h"

#include "ort/stop.h"

#include <stdlib.h>
#include <string.h>

/* Values of one run: inputs that borrow, outputs that the library allocates. */
struct values {
	const char **names; /* of the inputs */
	ort_object **inputs;
	ort_object **outputs;
	const char *const *wanted;
	size_t input_count, output_count;
};

/* What ort_results holds on to. */
struct held {
	ort_object **values;
	int64_t (*rooms)[ORT_RANK_LIMIT];
};

/* Bits of one element by ONNX's type number; 0: not carried (strings). */
static size_t type_bits(int32_t type)
{
	static const unsigned char bits[] = {0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64,
		32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2};

	return type > 0 && (size_t)type < sizeof(bits) ? bits[type] : 0;
}

static bool make_inputs(struct ort_session *session, const struct ort_request *request,
	struct values *values, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;

	for (size_t i = 0; i < request->input_count; i++) {
		const struct ort_tensor *value = &request->inputs[i].value;

		values->names[i] = request->inputs[i].name;
		if (!ort_api_check(api,
			    api->CreateTensorWithDataAsOrtValue(session->runtime->memory,
				    (void *)value->data, value->bytes, value->dims,
				    value->rank, value->type, &values->inputs[i]),
			    session->name, err))
			return false;
	}
	return true;
}

static bool make_values(struct ort_session *session, const struct ort_request *request,
	struct values *values, struct error *err)
{
	memset(values, 0, sizeof(*values));
	values->input_count = request->input_count;
	values->wanted = request->outputs ? request->outputs : session->output_names;
	values->output_count =
		request->outputs ? request->output_count : session->output_count;
	values->names = calloc(values->input_count + 1, sizeof(*values->names));
	values->inputs = calloc(values->input_count + 1, sizeof(*values->inputs));
	values->outputs = calloc(values->output_count + 1, sizeof(*values->outputs));
	if (!values->names || !values->inputs || !values->outputs)
		return error_set_memory(err, "a run");
	return make_inputs(session, request, values, err);
}

static void release_all(const struct ort_api *api, ort_object **values, size_t count)
{
	for (size_t i = 0; values && i < count; i++)
		api->ReleaseValue(values[i]);
	free(values);
}

static void free_values(const struct ort_api *api, struct values *values)
{
	release_all(api, values->inputs, values->input_count);
	release_all(api, values->outputs, values->output_count);
	free(values->names);
}

/* The error of a failed run: an interruption, what a tap said, or the library's. */
static bool run_error(const struct ort_session *session,
	const struct ort_request *request, const struct ort_tap_run *taps,
	ort_status status, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;

	if (ort_stop_raised(request->stop)) {
		ort_api_succeeded(api, status);
		return ort_stop_error(err);
	}
	if (taps->error.kind) {
		ort_api_succeeded(api, status);
		return error_set(err, taps->error.kind, "%s", taps->error.text);
	}
	return ort_api_check(api, status, session->name, err);
}

static bool run_values(struct ort_session *session, const struct ort_request *request,
	struct values *values, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	struct ort_tap_run taps = {.arg = request->tap_arg, .error = ERROR_INIT};
	struct ort_stoppable call = {.api = api};
	ort_status status;

	if (!ort_api_check(api, api->CreateRunOptions(&call.running), session->name, err))
		return false;
	ort_stop_enter(request->stop, &call);
	ort_tap_set_run(&taps);
	status = api->Run(session->session, call.running, values->names,
		(const ort_object *const *)values->inputs, values->input_count,
		values->wanted, values->output_count, values->outputs);
	ort_tap_set_run(NULL);
	ort_stop_leave(request->stop, &call);
	api->ReleaseRunOptions(call.running);
	return !status || run_error(session, request, &taps, status, err);
}

/* An empty optional has no type to ask for. */
static bool view_output(const struct ort_session *session, const ort_object *value,
	struct ort_tensor *view, int64_t *room, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	int has = 0, tensor = 0;

	if (!ort_api_check(api, api->HasValue(value, &has), session->name, err))
		return false;
	if (has && !ort_api_check(api, api->IsTensor(value, &tensor), session->name, err))
		return false;
	if (!tensor)
		return true;
	if (!ort_value_view(api, value, view, room, err))
		return false;
	view->bytes = (view->count * type_bits(view->type) + 7) / 8;
	if (!view->bytes && view->count)
		view->type = 0;
	return true;
}

static bool view_outputs(struct ort_session *session, struct values *values,
	struct ort_results *results, struct error *err)
{
	struct held *held = calloc(1, sizeof(*held));

	if (!held)
		return error_set_memory(err, "results");
	results->held = held;
	results->count = values->output_count;
	held->values = values->outputs;
	values->outputs = NULL;
	held->rooms = calloc(results->count + 1, sizeof(*held->rooms));
	results->tensors = calloc(results->count + 1, sizeof(*results->tensors));
	if (!held->rooms || !results->tensors)
		return error_set_memory(err, "results");
	for (size_t i = 0; i < results->count; i++)
		if (!view_output(session, held->values[i], &results->tensors[i],
			    held->rooms[i], err))
			return false;
	return true;
}

bool ort_run(struct ort_session *session, const struct ort_request *request,
	struct ort_results *results, struct error *err)
{
	struct values values;
	bool done;

	if (results)
		memset(results, 0, sizeof(*results));
	done = make_values(session, request, &values, err) &&
	       run_values(session, request, &values, err) &&
	       (!results || view_outputs(session, &values, results, err));
	free_values(&session->runtime->api, &values);
	if (!done && results)
		ort_results_release(session, results);
	return done;
}

void ort_results_release(struct ort_session *session, struct ort_results *results)
{
	struct held *held = results->held;

	if (held) {
		release_all(&session->runtime->api, held->values, results->count);
		free(held->rooms);
		free(held);
	}
	free(results->tensors);
	memset(results, 0, sizeof(*results));
}
