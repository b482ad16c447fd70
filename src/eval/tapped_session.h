/* A session over a graph with taps, loaded while the caller watches. */
#ifndef QDQEDIT_EVAL_TAPPED_SESSION_H
#define QDQEDIT_EVAL_TAPPED_SESSION_H

#include "graph/graph.h"
#include "ort/ort.h"

struct tapped_session {
	struct ort_runtime *runtime;
	const struct graph *graph;
	const bool *wanted;  /* by tensor of the graph: which get a tap */
	struct model *model; /* NULL: taps are put in; else it has them already */
	bool changing;       /* taps change values */
	const struct ort_taps *taps;
	unsigned threads;                           /* inside a node */
	const struct ort_initializer *initializers; /* to replace */
	size_t initializer_count;
};

/* Taps do not stand behind constants. NULL on failure. */
struct ort_session *tapped_session_open(const struct tapped_session *wanted,
	const struct progress *progress, struct error *err);

#endif
