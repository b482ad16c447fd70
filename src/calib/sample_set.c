#include "calib/sample_set.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a loaded sample holds on to. */
struct held {
	struct loaded *values;
	size_t count;
	char place[300]; /* where it comes from, for errors */
};

static bool find_inputs(struct sample_set *set, struct error *err)
{
	const struct graph *graph = set->graph;

	for (uint32_t i = 0; i < graph->input_count; i++) {
		tensor_id tensor = graph->inputs[i];

		if (graph->tensors[tensor].flags & TENSOR_INITIALIZER)
			continue;
		if (!ARRAY_PUSH(&set->inputs, tensor))
			return error_set_memory(err, "samples");
	}
	return set->inputs.count ||
	       error_set(err, ERROR_REFUSED,
		       "the model has no inputs; there is nothing to give samples to");
}

static bool read_shape(struct sample_set *set, const char *text, size_t length,
	uint32_t input, struct error *err)
{
	int64_t dims[NPY_RANK];
	const char *at = text;
	size_t rank = 0;
	char *end;

	while (at < text + length) {
		if (rank == NPY_RANK || !isdigit((unsigned char)*at))
			break;
		dims[rank++] = strtoll(at, &end, 10);
		at = end + (*end == ',');
	}
	if (at < text + length)
		return error_set(err, ERROR_USAGE,
			"--shape: %s is no list of extents; write it as 1,3,48,320 or "
			"as NAME=1,3,48,320;NAME=1",
			text_quoted(text, length));
	set->shapes[input] = arena_alloc(&set->arena, (rank + 1) * sizeof(*dims));
	if (!set->shapes[input])
		return error_set_memory(err, "shapes");
	memcpy(set->shapes[input], dims, rank * sizeof(*dims));
	set->ranks[input] = rank;
	return true;
}

/* One "NAME=1,2" or, in a model of one input, "1,2". */
static bool read_named_shape(
	struct sample_set *set, const char *text, size_t length, struct error *err)
{
	size_t divider = length;
	uint32_t input = set->inputs.count == 1 ? 0 : UINT32_MAX;

	while (divider > 0 && text[divider - 1] != '=')
		divider--;
	if (divider)
		input = sample_find_input(set, text, divider - 1);
	if (input == UINT32_MAX)
		return error_set(err, ERROR_USAGE,
			"--shape: %s names no input of the model; write NAME=1,3,48,320",
			text_quoted(text, divider ? divider - 1 : length));
	return read_shape(set, text + divider, length - divider, input, err);
}

bool sample_read_shapes(struct sample_set *set, const char *text, struct error *err)
{
	set->shapes =
		arena_zalloc(&set->arena, set->inputs.count + 1, sizeof(*set->shapes));
	set->ranks =
		arena_zalloc(&set->arena, set->inputs.count + 1, sizeof(*set->ranks));
	if (!set->shapes || !set->ranks)
		return error_set_memory(err, "shapes");
	while (*text) {
		size_t length = strcspn(text, ";");

		if (length && !read_named_shape(set, text, length, err))
			return false;
		text += length + (text[length] == ';');
	}
	return true;
}

static bool read_shard(struct sample_set *set, const char *text, struct error *err)
{
	unsigned long part = 0, whole = 0;
	int length = 0;

	if (sscanf(text, "%lu/%lu%n", &part, &whole, &length) != 2 || text[length] ||
		part < 1 || part > whole)
		return error_set(err, ERROR_USAGE,
			"--shard: %s is not I/N with I from 1 to N; write 1/4 for the "
			"first of four",
			text_quoted_z(text));
	set->shard_first = part - 1;
	set->shard_step = whole;
	return true;
}

static bool list_blobs(
	struct sample_set *set, const struct sample_request *request, struct error *err)
{
	for (size_t i = 0; i < request->blob_count; i++) {
		struct sample_part part = {
			.kind = PART_NPZ, .path = "", .blob = &request->blobs[i]};
		struct sample_item item = {set->parts.count, 1};

		if (!ARRAY_PUSH(&set->parts, part) || !ARRAY_PUSH(&set->items, item))
			return error_set_memory(err, "samples");
	}
	return true;
}

static bool list_random(
	struct sample_set *set, const struct sample_request *request, struct error *err)
{
	set->random = true;
	set->seed = (uint64_t)request->seed;
	for (int64_t i = 0; i < request->random; i++)
		if (!ARRAY_PUSH(&set->items, (struct sample_item){0, 0}))
			return error_set_memory(err, "samples");
	return true;
}

static void take_share(struct sample_set *set, enum sample_share share)
{
	size_t count = sample_set_count(set);

	if (count < SAMPLES_ENOUGH)
		return;
	if (share == SAMPLES_FOR_RANGES)
		set->left_out = SAMPLES_APART;
	if (share == SAMPLES_FOR_ACCURACY)
		set->skipped = count - SAMPLES_APART;
}

static bool fill_set(
	struct sample_set *set, const struct sample_request *request, struct error *err)
{
	bool has_data = request->data && request->data->count;

	if (!find_inputs(set, err) ||
		(request->shape && !sample_read_shapes(set, request->shape, err)) ||
		(request->shard && !read_shard(set, request->shard, err)))
		return false;
	if (has_data && request->random > 0)
		return error_set(err, ERROR_USAGE,
			"--random: it cannot stand with --data; leave one out");
	if (has_data                  ? !sample_list_files(set, request->data, err)
		: request->random > 0 ? !list_random(set, request, err)
				      : !list_blobs(set, request, err))
		return false;
	if (!sample_set_count(set) && set->items.count)
		return error_set(err, ERROR_REFUSED,
			"--shard: %s takes none of %zu samples; split them into fewer "
			"parts",
			text_quoted_z(request->shard), set->items.count);
	take_share(set, request->share);
	return sample_set_count(set) ||
	       error_set(err, ERROR_USAGE,
		       "samples: there are none; give them with --data PATH, or "
		       "--random N");
}

struct sample_set *sample_set_open(const struct graph *graph,
	const struct sample_request *request, struct error *err)
{
	struct sample_set *set = calloc(1, sizeof(*set));

	if (!set) {
		error_set_memory(err, "samples");
		return NULL;
	}
	set->graph = graph;
	set->shard_step = 1;
	if (fill_set(set, request, err))
		return set;
	sample_set_free(set);
	return NULL;
}

void sample_set_free(struct sample_set *set)
{
	if (!set)
		return;
	ARRAY_RELEASE(&set->inputs);
	ARRAY_RELEASE(&set->parts);
	ARRAY_RELEASE(&set->items);
	arena_clear(&set->arena);
	free(set);
}

size_t sample_set_count(const struct sample_set *set)
{
	size_t whole = set->items.count;

	return whole <= set->shard_first
		       ? 0
		       : (whole - set->shard_first - 1) / set->shard_step + 1 -
				 set->skipped - set->left_out;
}

bool sample_set_is_share(const struct sample_set *set)
{
	return set->skipped || set->left_out;
}

bool sample_set_is_random(const struct sample_set *set)
{
	return set->random;
}

const char *sample_set_note(const struct sample_set *set)
{
	return set->note;
}

size_t sample_set_inputs(const struct sample_set *set, const tensor_id **inputs)
{
	*inputs = set->inputs.items;
	return set->inputs.count;
}

static bool fit_all(struct sample_set *set, struct loaded *values, const char *place,
	struct error *err)
{
	for (uint32_t i = 0; i < set->inputs.count; i++) {
		if (!values[i].type && !values[i].descr[0])
			return error_set(err, ERROR_REFUSED,
				"%s: no value for input %s; add it to the sample", place,
				text_quoted_z(graph_tensor_name(
					set->graph, set->inputs.items[i])));
		if (!sample_fit(set, i, &values[i], place, err))
			return false;
	}
	return true;
}

static bool load_values(
	struct sample_set *set, size_t index, struct held *held, struct error *err)
{
	size_t at = set->shard_first + (set->skipped + index) * set->shard_step;

	if (set->random) {
		snprintf(held->place, sizeof(held->place), "random sample %zu", at + 1);
		return sample_make_random(set, at, held->values, err) &&
		       fit_all(set, held->values, held->place, err);
	}
	return sample_read_parts(set, &set->items.items[at], held->values, held->place,
		       sizeof(held->place), err) &&
	       fit_all(set, held->values, held->place, err);
}

static void hand_over(const struct sample_set *set, struct sample *sample)
{
	const struct held *held = sample->held;

	for (size_t i = 0; i < held->count; i++) {
		const struct loaded *value = &held->values[i];
		size_t bits = element_type_bits(value->type);

		sample->inputs[i].name =
			graph_tensor_name(set->graph, set->inputs.items[i]);
		sample->inputs[i].value = (struct ort_tensor){value->data, value->bytes,
			value->bytes / (bits / 8), value->dims, value->rank, value->type};
	}
	sample->count = held->count;
}

bool sample_load(
	struct sample_set *set, size_t index, struct sample *sample, struct error *err)
{
	struct held *held = calloc(1, sizeof(*held));

	memset(sample, 0, sizeof(*sample));
	sample->held = held;
	sample->inputs = calloc(set->inputs.count + 1, sizeof(*sample->inputs));
	if (held)
		held->values = calloc(set->inputs.count + 1, sizeof(*held->values));
	if (!held || !sample->inputs || !held->values) {
		sample_release(sample);
		return error_set_memory(err, "a sample");
	}
	held->count = set->inputs.count;
	if (!load_values(set, index, held, err)) {
		sample_release(sample);
		return false;
	}
	hand_over(set, sample);
	return true;
}

bool sample_fail(
	const struct sample *sample, const struct error *cause, struct error *err)
{
	const struct held *held = sample->held;

	if (cause->kind != ERROR_REFUSED || !held)
		return error_set(err, cause->kind, "%s", cause->text);
	return error_set(err, cause->kind, "%s: %s", held->place, cause->text);
}

void sample_release(struct sample *sample)
{
	struct held *held = sample->held;

	for (size_t i = 0; held && held->values && i < held->count; i++)
		free(held->values[i].data);
	if (held)
		free(held->values);
	free(held);
	free(sample->inputs);
	memset(sample, 0, sizeof(*sample));
}
