/* A loaded model; private to src/ort. */
#ifndef QDQEDIT_ORT_SESSION_H
#define QDQEDIT_ORT_SESSION_H

#include "ort/api.h"
#include "ort/ort.h"
#include "ort/tap.h"

struct ort_session {
	struct ort_runtime *runtime;
	struct ort_tap_domain *taps; /* NULL without */
	ort_object *session;
	char *name; /* for errors, escaped and quoted */
	struct ort_port *inputs, *outputs;
	size_t input_count, output_count;
	const char **output_names;
	ort_object **initializers; /* values that replace initializers */
	size_t initializer_count;
};

#endif
