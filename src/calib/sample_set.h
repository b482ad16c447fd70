/* What the parts that list and load samples share; private to src/calib. */
#ifndef QDQEDIT_CALIB_SAMPLE_SET_H
#define QDQEDIT_CALIB_SAMPLE_SET_H

#include "base/arena.h"
#include "calib/npy.h"
#include "calib/sample.h"

enum part_kind { PART_NPZ, PART_NPY, PART_PB, PART_BIN };

/* A file that gives one input, or (PART_NPZ) all. */
struct sample_part {
	enum part_kind kind;
	uint32_t input; /* index of set->inputs; for .pb a guess by its number */
	const char *path;
	const struct sample_blob *blob; /* in place of the file, or NULL */
};
struct part_list ARRAY_OF(struct sample_part);

/* A sample: consecutive parts; none for a random one. */
struct sample_item {
	size_t first, count;
};
struct item_list ARRAY_OF(struct sample_item);

struct input_list ARRAY_OF(tensor_id);

struct sample_set {
	const struct graph *graph;
	struct input_list inputs;
	struct part_list parts;
	struct item_list items;
	struct arena arena;
	int64_t **shapes; /* by input: extents given with --shape, or NULL */
	size_t *ranks;    /* of these */
	bool random;
	uint64_t seed;
	size_t shard_first, shard_step;
	size_t skipped, left_out; /* of the shard: at its begin, at its end */
	char note[256];
};

/* One value while it is loaded; the data become the sample's. */
struct loaded {
	unsigned char *data;
	size_t bytes;
	int32_t type;
	int64_t dims[NPY_RANK];
	size_t rank;
	char descr[32]; /* the file's word for a type that ONNX has not, or "" */
};

/* Lists files and folders into parts and items. */
bool sample_list_files(
	struct sample_set *set, const struct text_list *data, struct error *err);

/* Reads --shape. */
bool sample_read_shapes(struct sample_set *set, const char *text, struct error *err);

/* Fills every input of `values` (as many as inputs, zeroed) from the parts of an item,
 * whose place in errors (escaped) is left in `place`. */
bool sample_read_parts(struct sample_set *set, const struct sample_item *item,
	struct loaded *values, char *place, size_t room, struct error *err);

/* Random values for all inputs; depends on the seed and the index alone. */
bool sample_make_random(
	struct sample_set *set, size_t index, struct loaded *values, struct error *err);

/* Checks a value against the model's input and adds a batch axis that is missing. */
bool sample_fit(struct sample_set *set, uint32_t input, struct loaded *value,
	const char *place, struct error *err);

/* The extent that the model asks for, -1 where it is free. */
int64_t sample_wanted_dim(const struct sample_set *set, uint32_t input, size_t axis);

/* Bytes of `rank` extents of a type; false if they are negative or do not fit. */
bool sample_bytes(int32_t type, const int64_t *dims, size_t rank, size_t *bytes);

/* The input of that name, or UINT32_MAX; '/' and ':' of the name may be '_' in it. */
uint32_t sample_find_input(const struct sample_set *set, const char *name, size_t length);

#endif
