/* Private to src/export: what the readers of formats work with. */
#ifndef QDQEDIT_EXPORT_IMPORTER_H
#define QDQEDIT_EXPORT_IMPORTER_H

#include "export/import.h"
#include "plan/json.h"
#include "plan/unplaced.h"

struct import_input {
	const char *text;
	size_t length;
	const json_t *root; /* NULL: it is no JSON */
};

struct importer {
	struct imported *out;
	const struct graph *graph;
	const struct quant_options *options;
	struct problem_list *problems;
	struct unplaced unplaced; /* with the file's name */
	bool *stays_float;        /* by tensor: asked for */
	bool *excluded;           /* by node: among out->excluded */
	bool failed;
};

/* A fault at a place in the file ("": the whole). Returns false. */
bool import_fault(struct importer *importer, const char *place, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Something worth knowing that is no loss. */
void import_note(struct importer *importer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void import_lose(struct importer *importer)
{
	importer->unplaced.lost = true;
}

/* The float tensor of a name; else it is told as unplaced and GRAPH_NONE returned. */
tensor_id import_tensor(struct importer *importer, const char *name, size_t length);

/* The file's name as the source of the ranges, with a word behind it or "". */
void import_name_ranges(struct importer *importer, const char *word);

/* True for a constant that only readers for biases read. */
bool import_is_bias(const struct graph *graph, tensor_id tensor);

/* "enc_type" and the like as text, "" if it is none. */
const char *import_text(const json_t *object, const char *key);

/* True for JSON's true and for texts like "True". */
bool import_is_true(const json_t *value);

/* ---- What stays float (import_float.c). */

/* The tensor is to be float. */
void import_stay_float(struct importer *importer, tensor_id tensor);

/* The node is to be float, by name. */
void import_exclude(struct importer *importer, const char *name, size_t length);

/* Turns tensors into nodes: one all of whose float outputs are to be float is excluded.
 * What that does not reach is told as unplaced. */
void import_settle_float(struct importer *importer);

/* ---- The formats. */
bool import_detect_model(const struct import_input *input);
bool import_detect_overrides(const struct import_input *input);
void import_read_overrides(struct importer *importer, const struct import_input *input);
bool import_detect_calibration(const struct import_input *input);
void import_read_calibration(struct importer *importer, const struct import_input *input);
bool import_detect_cache(const struct import_input *input);
void import_read_cache(struct importer *importer, const struct import_input *input);

bool import_detect_encodings_0(const struct import_input *input);
bool import_detect_encodings_1(const struct import_input *input);
bool import_detect_encodings_2(const struct import_input *input);
void import_read_encodings(struct importer *importer, const struct import_input *input);

bool import_detect_accuracy(const struct import_input *input);
bool import_detect_pareto(const struct import_input *input);
void import_read_pareto(struct importer *importer, const struct import_input *input);
bool import_detect_ranking(const struct import_input *input);

bool import_detect_subgraphs(const struct import_input *input);
void import_read_subgraphs(struct importer *importer, const struct import_input *input);
bool import_detect_sensitivity(const struct import_input *input);

bool import_detect_loss_debug(const struct import_input *input);
bool import_detect_scores(const struct import_input *input);
void import_read_scores(struct importer *importer, const struct import_input *input);

#endif
