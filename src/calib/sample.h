/* Samples: values for a model's inputs, from files or made at random. */
#ifndef QDQEDIT_CALIB_SAMPLE_H
#define QDQEDIT_CALIB_SAMPLE_H

#include "graph/graph.h"
#include "ort/ort.h"
#include "rules/options.h"

/* An .npz archive in memory (the built-in demos have some). */
struct sample_blob {
	const char *name;
	const void *bytes;
	size_t size;
};

/* Which of the samples: when there are enough (SAMPLES_ENOUGH), the last ones are kept
 * apart for measuring accuracy, and ranges come from the others. */
enum sample_share { SAMPLES_ALL, SAMPLES_FOR_RANGES, SAMPLES_FOR_ACCURACY };
enum { SAMPLES_APART = 6, SAMPLES_ENOUGH = 12 };

/* What to read. Texts are borrowed for the call, blobs for the life of the set. */
struct sample_request {
	const struct text_list *data;    /* files and folders; may be NULL */
	const struct sample_blob *blobs; /* used when there is neither data nor random */
	size_t blob_count;
	int64_t random;    /* number of random samples, 0: none */
	int64_t seed;      /* of the random ones */
	const char *shape; /* "1,3,48,320" or "x=1,3,H;y=1": of raw .bin files, and of
			      free extents in random samples; NULL: none */
	const char *shard; /* "I/N": every N-th from the I-th on; NULL: all */
	enum sample_share share;
};

struct sample_set;

/* One sample: a value for every input that the model asks for. */
struct sample {
	struct ort_input *inputs;
	size_t count;
	void *held; /* private */
};

/* Lists the samples; nothing is read yet. Files of a folder stand in natural order,
 * subfolders behind them. Refuses a folder without samples, files of unknown kinds, names
 * that are no input of the model, missing inputs. The graph must outlive the set. Freed
 * by sample_set_free. */
struct sample_set *sample_set_open(const struct graph *graph,
	const struct sample_request *request, struct error *err);
void sample_set_free(struct sample_set *set);

size_t sample_set_count(const struct sample_set *set);
bool sample_set_is_share(const struct sample_set *set);
bool sample_set_is_random(const struct sample_set *set);

/* Reads one sample (any thread, one at a time). Element types and shapes are checked
 * against the model: an error names file, input, what is wanted and what was found. */
bool sample_load(
	struct sample_set *set, size_t index, struct sample *sample, struct error *err);
void sample_release(struct sample *sample);

/* Sets `err` to why a run with the sample failed, with its file as the place; false. */
bool sample_fail(
	const struct sample *sample, const struct error *cause, struct error *err);

/* What was made to fit while loading ("a batch axis was added to 'x'"), or "". */
const char *sample_set_note(const struct sample_set *set);

/* The inputs a sample has: main-graph inputs without an initializer. */
size_t sample_set_inputs(const struct sample_set *set, const tensor_id **inputs);

#endif
