#include "ort/session.h"

#include "base/text.h"
#include "ort/stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Configuration keys; the library accepts unknown ones in silence. */
#define KEY_EXACT "session.disable_quant_qdq"
#define KEY_NO_SPINNING "session.intra_op.allow_spinning"
#define KEY_DATA_FOLDER "session.model_external_initializers_file_folder_path"

static bool add_entry(const struct ort_session *session, ort_object *options,
	const char *key, const char *value, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;

	return ort_api_check(
		api, api->AddSessionConfigEntry(options, key, value), session->name, err);
}

/* Spinning is always off: idle workers would burn the cores of other sessions. The
 * pattern of memory is off because sample shapes differ. */
static bool set_options(const struct ort_session *session, ort_object *options,
	const struct ort_session_options *wanted, const struct ort_source *source,
	struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	int threads = wanted->threads > 1 ? (int)wanted->threads : 1;

	return ort_api_check(api,
		       api->SetSessionGraphOptimizationLevel(options, wanted->level),
		       session->name, err) &&
	       ort_api_check(api, api->SetIntraOpNumThreads(options, threads),
		       session->name, err) &&
	       ort_api_check(
		       api, api->SetInterOpNumThreads(options, 1), session->name, err) &&
	       ort_api_check(api, api->DisableMemPattern(options), session->name, err) &&
	       add_entry(session, options, KEY_NO_SPINNING, "0", err) &&
	       (!wanted->exact || add_entry(session, options, KEY_EXACT, "1", err)) &&
	       (!source->folder || source->path ||
		       add_entry(
			       session, options, KEY_DATA_FOLDER, source->folder, err)) &&
	       (!wanted->optimized ||
		       ort_api_check(api,
			       api->SetOptimizedModelFilePath(options, wanted->optimized),
			       session->name, err));
}

static bool add_initializer(struct ort_session *session, ort_object *options,
	const struct ort_initializer *wanted, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	const struct ort_tensor *value = &wanted->value;
	ort_object **held = &session->initializers[session->initializer_count];

	if (!ort_api_check(api,
		    api->CreateTensorWithDataAsOrtValue(session->runtime->memory,
			    (void *)value->data, value->bytes, value->dims, value->rank,
			    value->type, held),
		    session->name, err))
		return false;
	session->initializer_count++;
	return ort_api_check(api, api->AddInitializer(options, wanted->name, *held),
		session->name, err);
}

static bool add_initializers(struct ort_session *session, ort_object *options,
	const struct ort_session_options *wanted, struct error *err)
{
	if (!wanted->initializer_count)
		return true;
	session->initializers =
		calloc(wanted->initializer_count, sizeof(*session->initializers));
	if (!session->initializers)
		return error_set_memory(err, "initializers");
	for (size_t i = 0; i < wanted->initializer_count; i++)
		if (!add_initializer(session, options, &wanted->initializers[i], err))
			return false;
	return true;
}

static bool load_now(struct ort_session *session, ort_object *options,
	const struct ort_source *source, struct ort_stop *stop, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	const ort_object *environment = session->runtime->environment;
	struct ort_stoppable call = {.api = api, .loading = options};
	ort_status status;

	ort_stop_enter(stop, &call);
	status = source->path ? api->CreateSession(environment, source->path, options,
					&session->session)
			      : api->CreateSessionFromArray(environment, source->bytes,
					source->size, options, &session->session);
	ort_stop_leave(stop, &call);
	if (ort_stop_raised(stop)) {
		ort_api_succeeded(api, status);
		return ort_stop_error(err);
	}
	return ort_api_check(api, status, session->name, err);
}

static bool load(struct ort_session *session, const struct ort_source *source,
	const struct ort_session_options *wanted, struct ort_stop *stop,
	struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	ort_object *options = NULL;
	bool loaded = false;

	if (!ort_api_check(api, api->CreateSessionOptions(&options), session->name, err))
		return false;
	if (wanted->taps)
		session->taps =
			ort_tap_domain_new(session->runtime, wanted->taps, options, err);
	if (!wanted->taps || session->taps)
		loaded = set_options(session, options, wanted, source, err) &&
			 add_initializers(session, options, wanted, err) &&
			 load_now(session, options, source, stop, err);
	api->ReleaseSessionOptions(options);
	return loaded;
}

static bool load_quietly(struct ort_session *session, const struct ort_source *source,
	const struct ort_session_options *wanted, struct ort_stop *stop,
	struct error *err)
{
	sigset_t all, before;
	bool loaded;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	loaded = load(session, source, wanted, stop, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return loaded;
}

static bool read_symbols(struct ort_session *session, const ort_object *info,
	struct ort_port *port, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	const char **names = calloc(port->rank + 1, sizeof(*names));
	bool ok;

	port->symbols = calloc(port->rank + 1, sizeof(*port->symbols));
	ok = (names && port->symbols) || error_set_memory(err, "a shape");
	ok = ok && ort_api_check(api, api->GetSymbolicDimensions(info, names, port->rank),
			   session->name, err);
	for (size_t i = 0; ok && i < port->rank; i++) {
		port->symbols[i] = strdup(names[i] ? names[i] : "");
		ok = port->symbols[i] || error_set_memory(err, "a shape");
	}
	free(names);
	return ok;
}

static bool read_dims(struct ort_session *session, const ort_object *info,
	struct ort_port *port, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	int type = 0;

	if (!ort_api_check(
		    api, api->GetTensorElementType(info, &type), session->name, err) ||
		!ort_api_check(api, api->GetDimensionsCount(info, &port->rank),
			session->name, err))
		return false;
	port->type = ort_api_type(type);
	port->dims = calloc(port->rank + 1, sizeof(*port->dims));
	if (!port->dims)
		return error_set_memory(err, "a shape");
	return ort_api_check(api, api->GetDimensions(info, port->dims, port->rank),
		       session->name, err) &&
	       read_symbols(session, info, port, err);
}

static bool read_port(struct ort_session *session, bool output, size_t index,
	struct ort_port *port, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	ort_object *allocator = session->runtime->allocator;
	const ort_object *tensor = NULL;
	ort_object *type = NULL;
	char *name = NULL;
	bool read;

	if (!ort_api_check(api,
		    (output ? api->SessionGetOutputName : api->SessionGetInputName)(
			    session->session, index, allocator, &name),
		    session->name, err))
		return false;
	port->name = strdup(name);
	ort_api_succeeded(api, api->AllocatorFree(allocator, name));
	if (!port->name)
		return error_set_memory(err, "a name");
	read = ort_api_check(api,
		       (output ? api->SessionGetOutputTypeInfo
			       : api->SessionGetInputTypeInfo)(
			       session->session, index, &type),
		       session->name, err) &&
	       ort_api_check(api, api->CastTypeInfoToTensorInfo(type, &tensor),
		       session->name, err) &&
	       (!tensor || read_dims(session, tensor, port, err));
	api->ReleaseTypeInfo(type);
	return read;
}

static bool read_ports(struct ort_session *session, bool output, struct ort_port **ports,
	size_t *count, struct error *err)
{
	const struct ort_api *api = &session->runtime->api;
	size_t found = 0;

	if (!ort_api_check(api,
		    (output ? api->SessionGetOutputCount : api->SessionGetInputCount)(
			    session->session, &found),
		    session->name, err))
		return false;
	*ports = calloc(found + 1, sizeof(**ports));
	if (!*ports)
		return error_set_memory(err, "inputs and outputs");
	*count = found;
	for (size_t i = 0; i < found; i++)
		if (!read_port(session, output, i, &(*ports)[i], err))
			return false;
	return true;
}

static bool name_outputs(struct ort_session *session, struct error *err)
{
	session->output_names =
		calloc(session->output_count + 1, sizeof(*session->output_names));
	if (!session->output_names)
		return error_set_memory(err, "outputs");
	for (size_t i = 0; i < session->output_count; i++)
		session->output_names[i] = session->outputs[i].name;
	return true;
}

struct ort_session *ort_session_open(struct ort_runtime *runtime,
	const struct ort_source *source, const struct ort_session_options *options,
	struct ort_stop *stop, struct error *err)
{
	struct ort_session *session = calloc(1, sizeof(*session));

	if (session)
		session->name = strdup(text_path(source->name));
	if (!session || !session->name) {
		free(session);
		error_set_memory(err, "a session");
		return NULL;
	}
	session->runtime = runtime;
	if (load_quietly(session, source, options, stop, err) &&
		read_ports(
			session, false, &session->inputs, &session->input_count, err) &&
		read_ports(
			session, true, &session->outputs, &session->output_count, err) &&
		name_outputs(session, err))
		return session;
	ort_session_free(session);
	return NULL;
}

static void free_ports(struct ort_port *ports, size_t count)
{
	for (size_t i = 0; ports && i < count; i++) {
		free(ports[i].name);
		for (size_t k = 0; ports[i].symbols && k < ports[i].rank; k++)
			free(ports[i].symbols[k]);
		free(ports[i].symbols);
		free(ports[i].dims);
	}
	free(ports);
}

void ort_session_free(struct ort_session *session)
{
	if (!session)
		return;
	session->runtime->api.ReleaseSession(session->session);
	for (size_t i = 0; i < session->initializer_count; i++)
		session->runtime->api.ReleaseValue(session->initializers[i]);
	ort_tap_domain_free(session->taps);
	free_ports(session->inputs, session->input_count);
	free_ports(session->outputs, session->output_count);
	free(session->initializers);
	free(session->output_names);
	free(session->name);
	free(session);
}

const struct ort_port *ort_session_inputs(
	const struct ort_session *session, size_t *count)
{
	*count = session->input_count;
	return session->inputs;
}

const struct ort_port *ort_session_outputs(
	const struct ort_session *session, size_t *count)
{
	*count = session->output_count;
	return session->outputs;
}
