/* ONNX Runtime's own files: overrides, calibration ranges, the cache for TensorRT, and
 * scores. */
#include "export/importer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- overrides */

/* {"tensor": [{...}]}; a first member tells. */
bool import_detect_overrides(const struct import_input *input)
{
	const char *key;
	json_t *value;

	if (!json_is_object(input->root))
		return false;
	json_object_foreach((json_t *)input->root, key, value) return json_is_array(
		value) &&
		(!json_array_size(value) || json_is_object(json_array_get(value, 0)));
	return true;
}

/* A name that the model does not have is told; all else that is wrong is a fault. */
static bool is_unplaced(const struct problem *problem)
{
	return !strcmp(problem->id, "unknown-tensor") ||
	       !strcmp(problem->id, "receivers");
}

static void take_problems(struct importer *m, const struct problem_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct problem *p = &list->items[i];
		bool unplaced = is_unplaced(p);

		m->failed |= p->severity == SEVERITY_ERROR && !unplaced;
		if (!problem_add(m->problems, unplaced ? SEVERITY_WARNING : p->severity,
			    unplaced ? UNPLACED : p->id, p->tensor, p->node, p->place,
			    p->cause, p->remedy))
			import_lose(m);
	}
}

void import_read_overrides(struct importer *importer, const struct import_input *input)
{
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;

	overrides_read(&importer->out->overrides, importer->graph, input->text,
		input->length, importer->unplaced.file, &problems, &err);
	if (error_is_set(&err))
		import_lose(importer);
	take_problems(importer, &problems);
	problem_clear(&problems);
}

/* ---- calibration ranges */

static bool is_range(const json_t *value)
{
	return json_object_get(value, "lowest") ||
	       (json_array_size(value) == 2 && json_is_number(json_array_get(value, 0)) &&
		       json_is_number(json_array_get(value, 1)));
}

bool import_detect_calibration(const struct import_input *input)
{
	const char *key;
	json_t *value;

	if (!strcmp(import_text(input->root, "CLS"), "TensorsData"))
		return true;
	json_object_foreach((json_t *)input->root, key, value) return is_range(value);
	return false;
}

void import_read_calibration(struct importer *importer, const struct import_input *input)
{
	struct error err = ERROR_INIT;

	if (ranges_read(&importer->out->ranges, importer->graph, input->text,
		    input->length, importer->unplaced.file, importer->problems, &err))
		return;
	importer->failed = true;
	if (error_is_set(&err))
		import_lose(importer);
}

/* ---- calibration.cache: "name number" a line, the number being the larger end */

/* The number behind the last blank of a line; false if there is none. */
static bool split_line(
	const char *line, size_t length, size_t *name_length, double *value)
{
	size_t at = length;
	char text[64], *end;

	while (at && line[at - 1] != ' ')
		at--;
	if (at < 2 || length == at || length - at >= sizeof(text))
		return false;
	memcpy(text, line + at, length - at);
	text[length - at] = '\0';
	*value = strtod(text, &end);
	*name_length = at - 1;
	return !*end && strlen(text) == length - at;
}

static size_t line_length(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));

	return stop ? (size_t)(stop - at) : (size_t)(end - at);
}

bool import_detect_cache(const struct import_input *input)
{
	size_t length = line_length(input->text, input->text + input->length), name;
	double value;

	if (input->root)
		return false;
	length -= length && input->text[length - 1] == '\r';
	return split_line(input->text, length, &name, &value) &&
	       !memchr(input->text, ',', length);
}

static void put_magnitude(
	struct importer *m, const char *name, size_t length, double value)
{
	tensor_id tensor = import_tensor(m, name, length);
	int32_t type;

	if (tensor == GRAPH_NONE)
		return;
	type = m->graph->tensors[tensor].known_type;
	if (!isfinite(value) || value < 0) {
		unplaced_add(&m->unplaced, tensor, name, length, "",
			"%g is no magnitude: all values were below 0", value);
		return;
	}
	value = (double)(float)value;
	if (!ranges_set(&m->out->ranges, m->graph, tensor, -value, value,
		    type ? type : ELEMENT_FLOAT, NULL))
		import_lose(m);
}

void import_read_cache(struct importer *importer, const struct import_input *input)
{
	const char *at = input->text, *end = at + input->length;
	size_t line = 0;

	while (at < end && !importer->failed) {
		size_t whole = line_length(at, end), length = whole, name;
		double value;
		char place[32];

		length -= length && at[length - 1] == '\r';
		line++;
		if (length && split_line(at, length, &name, &value)) {
			put_magnitude(importer, at, name, value);
		} else if (length) {
			snprintf(place, sizeof(place), "line %zu", line);
			import_fault(importer, place,
				"write the name of a tensor, a blank and a number",
				"no magnitude is on the line");
		}
		at += whole + (at + whole < end);
	}
	import_name_ranges(importer, ", magnitudes");
	import_note(importer,
		"it holds one number for each tensor, its larger end: the ranges are "
		"taken as that far to both sides of 0");
}

/* ---- scores */

static const json_t *first_member(const json_t *object)
{
	return json_object_iter_value(json_object_iter((json_t *)object));
}

/* compute_activation_error's results, alone or beside compute_weight_error's. */
bool import_detect_loss_debug(const struct import_input *input)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)input->root, key,
		value) if (json_object_get(value, "qdq_err") ||
			   json_object_get(first_member(value), "qdq_err")) return true;
	return false;
}

/* What is left: any JSON, and text whose first line is divided in two. */
bool import_detect_scores(const struct import_input *input)
{
	size_t length = line_length(input->text, input->text + input->length);

	return input->root || memchr(input->text, ',', length) ||
	       memchr(input->text, ';', length) || memchr(input->text, '\t', length) ||
	       (length && *input->text == '#');
}

void import_read_scores(struct importer *importer, const struct import_input *input)
{
	struct error err = ERROR_INIT;

	if (scores_read(&importer->out->scores, importer->graph, input->text,
		    input->length, importer->unplaced.file, importer->problems, &err))
		return;
	importer->failed = true;
	if (error_is_set(&err))
		import_lose(importer);
}
