/* Calibration ranges. */
#ifndef QDQEDIT_PLAN_RANGES_H
#define QDQEDIT_PLAN_RANGES_H

#include "base/problem.h"
#include "graph/graph.h"

enum calibration_method {
	METHOD_MINMAX,
	METHOD_ENTROPY,
	METHOD_PERCENTILE,
	METHOD_DISTRIBUTION,
	METHOD_PLAIN, /* {"tensor": [low, high]} */
};

/* ONNX Runtime's name of a method, "MinMax"; that of METHOD_PLAIN too. */
const char *ranges_method_name(enum calibration_method method);

/* How an end of a range stands in ONNX Runtime's files: as an array of one element, as an
 * array without axes, as a bare number. */
enum range_form { RANGE_LIST, RANGE_SCALAR, RANGE_BARE };

/* How the values lie, as a calibrator leaves it: for display and for the file. */
struct range_histogram {
	uint32_t bins;
	const uint64_t *counts; /* by bin */
	const float *edges;     /* bins + 1 ends of the bins; NULL: unknown, `counts` are
				   the two numbers of a Percentile file */
};

/* One range; `type` is ELEMENT_FLOAT or ELEMENT_FLOAT16, low and high are values of it.
 * The histogram lies in the ranges' arena; NULL if there is none. */
struct range {
	double low, high;
	int32_t type; /* 0: this tensor has no range */
	bool bare;    /* was a bare number: float32 for ONNX Runtime (quirk Q37); low and
			high are then float32 whatever `type` is */
	uint8_t low_form, high_form; /* enum range_form, unless `bare` */
	const struct range_histogram *histogram;
};

/* A range of a tensor that is not in the graph: of the model after an opset raise. */
struct foreign_range {
	double low, high;
	int32_t type; /* 0: that of the tensor */
	bool bare;
};

/* By tensor of one graph. Zero-initialized is empty; freed by ranges_release. */
struct ranges {
	struct range *of;           /* graph->tensor_count long, NULL when empty */
	uint32_t count;             /* tensors that have one */
	tensor_id *order;           /* those, in the order they came */
	size_t room;                /* of `order` */
	struct names foreign_names; /* the id of a name is the index of its range */
	struct foreign_range *foreign;
	size_t foreign_room;
	enum calibration_method method;
	bool random;      /* made from random samples: every output says so */
	bool measured;    /* here, and in no file yet */
	bool literal;     /* asks ranges_read to take what ONNX Runtime takes: ends in any
			     order, NaN, too large ones as infinite */
	char source[256]; /* "calib.json", "calib.json, 2 files" */
	char **files;     /* that they were read from; owned */
	size_t file_count, file_room;
	struct arena arena;
};

void ranges_release(struct ranges *ranges);
bool ranges_add_file(struct ranges *ranges, const char *path, struct error *err);
bool ranges_copy(struct ranges *to, const struct ranges *from, const struct graph *graph,
	struct error *err);
const struct range *ranges_find(const struct ranges *ranges, tensor_id tensor);
bool ranges_set(struct ranges *ranges, const struct graph *graph, tensor_id tensor,
	double low, double high, int32_t type, struct error *err);

/* Gives a range to all tensors of a name inside bodies: a file tells them apart no more.
 * *given: whether there is one. */
bool ranges_set_inside(struct ranges *ranges, const struct graph *graph, const char *name,
	size_t length, const struct range *range, bool *given, struct error *err);

/* Whether a file has the range already, by another tensor of the same name in a body. */
bool ranges_is_repeated(
	const struct ranges *ranges, const struct graph *graph, tensor_id tensor);

/* Copies a histogram to a tensor that has a range. */
bool ranges_set_histogram(struct ranges *ranges, tensor_id tensor,
	const struct range_histogram *histogram, struct error *err);

/* Keeps or replaces the range of a tensor that the graph does not have. */
bool ranges_set_foreign(struct ranges *ranges, const char *name, size_t length,
	const struct foreign_range *range, struct error *err);

/* The same ranges by name on another graph (after an opset raise), with those of the
 * foreign tensors that are in it. */
bool ranges_rebind(struct ranges *to, const struct ranges *from,
	const struct graph *old_graph, const struct graph *new_graph, struct error *err);

/* Whether ranges can be merged with others: those of histograms cannot. */
bool ranges_can_merge(const struct ranges *ranges);

/* Widens by the ranges of another source of the same kind. */
bool ranges_merge(struct ranges *into, const struct ranges *from,
	const struct graph *graph, struct error *err);

/* Takes the ranges of another source in place of those of the same tensors, with their
 * histograms. */
bool ranges_replace(struct ranges *into, const struct ranges *from,
	const struct graph *graph, struct error *err);

/* Reads JSON of any form of command-line.md 4 into `ranges`; a second MinMax file
 * merges (minimum of lows, maximum of highs), other methods refuse. Faults (NaN, low
 * above high, infinite, unknown tensor as a note) go to `problems`. */
bool ranges_read(struct ranges *ranges, const struct graph *graph, const char *json,
	size_t length, const char *name, struct problem_list *problems,
	struct error *err);

/* Marks a file whose ranges come from random samples; ONNX Runtime passes it over. */
#define RANGES_RANDOM_KEY "qdqedit.random"

/* ONNX Runtime's form to the byte (as save_tensors_data writes it), foreign ranges
 * behind the others; malloc'ed. */
char *ranges_write(
	const struct ranges *ranges, const struct graph *graph, size_t *length);

#endif
