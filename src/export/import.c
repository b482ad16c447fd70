#include "export/import.h"

#include "base/text.h"
#include "export/importer.h"
#include "export/writer.h"
#include "rules/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct import_format import_formats[] = {
	{"onnx", "a quantized ONNX model: its Q and DQ nodes, whoever made it",
		IMPORT_OVERRIDES | IMPORT_RANGES, import_detect_model, NULL},
	{"ort-calibration",
		"ranges as ONNX Runtime's save_tensors_data and write_calibration_table "
		"write them (JSON)",
		IMPORT_RANGES, import_detect_calibration, import_read_calibration},
	{"encodings-2.0.0", "AIMET and QAIRT encodings, versions 2.x",
		IMPORT_OVERRIDES | IMPORT_RANGES | IMPORT_FLOAT,
		import_detect_encodings_2, import_read_encodings},
	{"encodings", "AIMET and QAIRT encodings, version 1.0.0",
		IMPORT_OVERRIDES | IMPORT_RANGES | IMPORT_FLOAT,
		import_detect_encodings_1, import_read_encodings},
	{"encodings-0.6.1", "AIMET, SNPE and QNN encodings, versions up to 0.6.1",
		IMPORT_OVERRIDES | IMPORT_RANGES | IMPORT_FLOAT,
		import_detect_encodings_0, import_read_encodings},
	{"aimet-accuracy-list", "AIMET's accuracy_list.json: scores of groups",
		IMPORT_SCORES, import_detect_accuracy, import_read_scores},
	{"aimet-pareto-list",
		"AIMET's pareto_list.json: the types of its last point, and scores",
		IMPORT_SEEDS | IMPORT_FLOAT | IMPORT_SCORES, import_detect_pareto,
		import_read_pareto},
	{"aimet-sensitivity", "AIMET's ranked sensitivities (also for LiteMP)",
		IMPORT_SCORES, import_detect_ranking, import_read_scores},
	{"quark-subgraphs", "Quark's subgraphs, promoted as regions", IMPORT_SEEDS,
		import_detect_subgraphs, import_read_subgraphs},
	{"quark-sensitivity", "Quark's sensitivity cache", IMPORT_SCORES,
		import_detect_sensitivity, import_read_scores},
	{"ort-loss-debug", "results of ONNX Runtime's qdq_loss_debug, saved as JSON",
		IMPORT_SCORES, import_detect_loss_debug, import_read_scores},
	{"ort", "ONNX Runtime's TensorQuantOverrides (JSON)", IMPORT_OVERRIDES,
		import_detect_overrides, import_read_overrides},
	{"ort-cache", "write_calibration_table's calibration.cache: one magnitude each",
		IMPORT_RANGES, import_detect_cache, import_read_cache},
	{"scores", "tensors and scores, as CSV or JSON", IMPORT_SCORES,
		import_detect_scores, import_read_scores},
};

const size_t import_format_count = sizeof(import_formats) / sizeof(import_formats[0]);

const struct import_format *import_find(const char *name, struct error *err)
{
	size_t length = strlen(name);
	struct text_nearest near = {name, length, length < 6 ? 2 : 4, NULL};

	for (size_t i = 0; i < import_format_count; i++) {
		if (!strcmp(name, import_formats[i].name))
			return &import_formats[i];
		text_offer(&near, import_formats[i].name);
	}
	error_set(err, ERROR_USAGE,
		"--format %s: there is no such format to import; %s%s%s",
		text_quoted_z(name),
		near.found ? "did you mean " : "see 'qdqedit import --list'",
		near.found ? near.found : "", near.found ? "?" : "");
	return NULL;
}

void import_release(struct imported *imported)
{
	overrides_release(&imported->overrides);
	ranges_release(&imported->ranges);
	ARRAY_RELEASE(&imported->seeds);
	text_list_release(&imported->excluded);
	scores_release(&imported->scores);
	arena_clear(&imported->arena);
	*imported = (struct imported){0};
}

/* ---- what readers use */

bool import_fault(struct importer *importer, const char *place, const char *remedy,
	const char *format, ...)
{
	va_list args;

	importer->failed = true;
	va_start(args, format);
	if (!problem_add_in(importer->problems, SEVERITY_ERROR, "import", PROBLEM_NOWHERE,
		    importer->unplaced.file, place, remedy, format, args))
		import_lose(importer);
	va_end(args);
	return false;
}

void import_note(struct importer *importer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!problem_add_in(importer->problems, SEVERITY_NOTE, "import", PROBLEM_NOWHERE,
		    importer->unplaced.file, "", "", format, args))
		import_lose(importer);
	va_end(args);
}

tensor_id import_tensor(struct importer *importer, const char *name, size_t length)
{
	tensor_id tensor = graph_find_tensor(importer->graph, name, length);
	int32_t type;

	if (tensor == GRAPH_NONE) {
		unplaced_name(&importer->unplaced, 't', name, length);
		return GRAPH_NONE;
	}
	type = importer->graph->tensors[tensor].known_type;
	if (!type || element_is_float(type))
		return tensor;
	unplaced_add(&importer->unplaced, tensor, name, length, "",
		"it is not quantized: it holds %s", element_type_name(type));
	return GRAPH_NONE;
}

void import_name_ranges(struct importer *importer, const char *word)
{
	struct ranges *ranges = &importer->out->ranges;
	const char *file = importer->unplaced.file;

	ranges->method = METHOD_PLAIN;
	text_escape(ranges->source, 200, file, strlen(file));
	strcat(ranges->source, word);
}

/* As rules/op_rules.c marks biases. */
static bool reads_bias(const struct graph *graph, const struct graph_reader *reader)
{
	const char *type = graph_op_type(graph, reader->node);
	enum op_class class = op_rule_find(type, strlen(type))->op_class;

	return reader->slot == 2 &&
	       (class == OP_CONV || class == OP_GEMM || class == OP_NORMALIZATION);
}

bool import_is_bias(const struct graph *graph, tensor_id tensor)
{
	uint32_t count, i = 0;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	while (i < count && reads_bias(graph, &readers[i]))
		i++;
	return count && i == count && graph_is_constant(graph, tensor);
}

const char *import_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

bool import_is_true(const json_t *value)
{
	return json_is_true(value) ||
	       (json_is_string(value) && !strcasecmp(json_string_value(value), "true"));
}

/* ---- overrides that break a rule */

/* Takes those out that a fault is about. */
static void compact(struct overrides *overrides, const bool *faulty)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < overrides->count; i++) {
		tensor_id tensor = overrides->lists[i].tensor;

		overrides->index[tensor] = 0;
		if (faulty[tensor])
			continue;
		overrides->lists[kept++] = overrides->lists[i];
		overrides->index[tensor] = kept;
	}
	overrides->count = kept;
}

/* What the rules of overrides do not allow has no place. ONNX Runtime's own overrides
 * are refused for it, as they are everywhere. */
static void check_overrides(struct importer *m)
{
	struct problem_list faults = {0};
	bool *faulty = calloc(m->graph->tensor_count + (size_t)1, sizeof(*faulty));
	bool strict = m->out->format->detect == import_detect_overrides;

	if (!faulty)
		import_lose(m);
	else
		overrides_check(&m->out->overrides, m->graph, m->options,
			m->unplaced.file, &faults, NULL);
	for (size_t i = 0; faulty && i < faults.count; i++) {
		const struct problem *p = &faults.items[i];

		if (p->severity != SEVERITY_ERROR || p->tensor == PROBLEM_NOWHERE)
			continue;
		faulty[p->tensor] = true;
		m->failed |= strict;
		if (!problem_add(m->problems, strict ? SEVERITY_ERROR : SEVERITY_WARNING,
			    strict ? p->id : UNPLACED, p->tensor, p->node, p->place,
			    p->cause, p->remedy))
			import_lose(m);
	}
	if (faulty && m->out->overrides.count)
		compact(&m->out->overrides, faulty);
	problem_clear(&faults);
	free(faulty);
}

bool import_detect_model(const struct import_input *input)
{
	return import_begins_model(input->text, input->length);
}

bool import_begins_model(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && i < 64; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f')
			return true;
	}
	return false;
}

/* ---- the whole */

static const struct import_format *detect(const struct import_input *input)
{
	for (size_t i = 0; i < import_format_count; i++)
		if (import_formats[i].detect(input))
			return &import_formats[i];
	return NULL;
}

static bool is_empty(const struct imported *out)
{
	return !out->overrides.count && !out->ranges.count &&
	       !out->ranges.foreign_names.count && !out->seeds.count &&
	       !out->excluded.count && !out->scores.count;
}

static void read_as(struct importer *m, const struct import_input *input,
	const struct import_format *format)
{
	m->out->format = format ? format : detect(input);
	if (!m->out->format) {
		import_fault(m, "", "name one of 'qdqedit import --list' with --format",
			"it is of no format that is known");
		return;
	}
	if (!m->out->format->read) {
		import_fault(m, "", "give the name of a file",
			"a model is read from a file only");
		return;
	}
	m->out->format->read(m, input);
	if (m->failed || m->unplaced.lost)
		return;
	import_settle_float(m);
	if (m->out->overrides.count)
		check_overrides(m);
	/* the order of other tools' files means nothing */
	if (m->out->format->detect != import_detect_overrides)
		overrides_put_wide_first(&m->out->overrides);
	if (m->failed || !is_empty(m->out))
		return;
	if (!unplaced_count(m->problems, true))
		import_note(m, "there is nothing in it");
	else
		import_fault(m, "", "give the model that it was made for",
			"nothing in it has a place in this model");
}

bool import_read(struct imported *out, const struct graph *graph,
	const struct quant_options *options, const char *text, size_t length,
	const char *name, const struct import_format *format,
	struct problem_list *problems, struct error *err)
{
	struct importer m = {.out = out,
		.graph = graph,
		.options = options,
		.problems = problems,
		.unplaced = {.list = problems, .graph = graph, .file = name}};
	struct import_input input = {text, length, NULL};
	json_t *root = NULL;
	bool json = plan_json_begins(text, length), done;

	*out = (struct imported){0};
	m.stays_float = calloc(graph->tensor_count + (size_t)1, sizeof(bool));
	m.excluded = calloc(graph->node_count + (size_t)1, sizeof(bool));
	if (json)
		root = plan_json_parse(text, length, name, problems);
	input.root = root;
	if (!m.stays_float || !m.excluded)
		import_lose(&m);
	else if (root || !json)
		read_as(&m, &input, format);
	done = (root || !json) && !m.failed && !m.unplaced.lost;
	if (m.unplaced.lost || (!done && !problem_count(problems, SEVERITY_ERROR)))
		error_set_memory(err, "what is imported");
	json_decref(root);
	free(m.stays_float);
	free(m.excluded);
	if (!done)
		import_release(out);
	return done;
}

/* ---- losses */

/* What stands in a place behind the name of the file, "" if it is about the whole. */
static const char *inner_place(const char *place, const char *name)
{
	char file[256];
	size_t length;

	text_escape(file, sizeof(file), name, strlen(name));
	length = strlen(file);
	if (strncmp(place, file, length) != 0)
		return place;
	return place[length] ? place + length + 2 : "";
}

bool import_list_losses(const struct problem_list *problems, const char *name,
	bool accept_float, struct loss_list *losses, struct error *err)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];
		bool is_float = !strcmp(p->id, UNPLACED_FLOAT);
		char why[1024];

		if (!unplaced_is(p) || (is_float && accept_float))
			continue;
		snprintf(why, sizeof(why), "%s%s%s", p->cause, *p->remedy ? "; " : "",
			p->remedy);
		if (!loss_add(losses, &(struct loss){.kind = LOSS_LOST,
					      .part = is_float ? PART_FLOAT : PART_TYPES,
					      .word = is_float ? "float" : "entry",
					      .subject = inner_place(p->place, name),
					      .detail = "",
					      .why = why}))
			return error_set_memory(err, "the report");
	}
	return true;
}
