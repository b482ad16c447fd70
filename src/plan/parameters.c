#include "plan/parameters.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work {
	const struct graph *graph;
	const struct quant_options *options;
	struct parameter_table *table;
	struct range *ranges;      /* adjusted copy, by tensor */
	unsigned char *of_numbers; /* float type of numbers in overrides, by tensor */
	struct problem_list *problems;
	struct error *err;
};

/* One fault: a problem to go on with, or the error. */
static bool fault(struct work *w, const char *id, tensor_id tensor, const char *cause,
	const char *remedy)
{
	const char *name = text_quoted_z(graph_tensor_name(w->graph, tensor));

	if (!w->problems)
		return error_set(
			w->err, ERROR_REFUSED, "%s: %s; %s", name, cause, remedy);
	return problem_add(w->problems, SEVERITY_ERROR, id, tensor, PROBLEM_NOWHERE, name,
		       cause, remedy) ||
	       error_set_memory(w->err, "problems");
}

/* Explaining one tensor makes no table. */
static void count_own_type(struct work *w)
{
	if (w->table)
		w->table->own_types++;
}

/* ---- 2.9 */

static bool is_read_by_one_slot(const struct graph *graph, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(graph, tensor, &count);

	return count && graph_is_main(graph, readers[0].node) &&
	       (count == 1 || !graph_is_main(graph, readers[1].node));
}

static void adjust_removable(struct work *w, node_id n)
{
	tensor_id x = graph_input_of(w->graph, n, 0), y = graph_output_of(w->graph, n, 0);

	if (x == GRAPH_NONE || y == GRAPH_NONE || !is_read_by_one_slot(w->graph, x) ||
		!w->ranges[x].type || !w->ranges[y].type)
		return;
	w->ranges[x] = w->ranges[y];
}

/* Type of the range (0, 1): float32, by default the tensor's (Q14). */
static bool adjust_softmax(struct work *w, node_id n)
{
	tensor_id y = graph_output_of(w->graph, n, 0);
	bool own_type = !w->options->ort_compatible;

	if (y == GRAPH_NONE)
		return true;
	if (!w->ranges[y].type)
		return fault(w, "missing-range", y,
			"output of a Softmax that has no calibration range",
			element_is_float(w->graph->tensors[y].element_type)
				? "calibrate again, or give a range for it"
				: "its type is not known, so none is measured: give one "
				  "for it (0 to 1), or exclude its node");
	if (own_type && w->graph->tensors[y].element_type == ELEMENT_FLOAT16)
		count_own_type(w);
	w->ranges[y].low = 0;
	w->ranges[y].high = 1;
	w->ranges[y].type =
		own_type && element_is_float(w->graph->tensors[y].element_type)
			? w->graph->tensors[y].element_type
			: ELEMENT_FLOAT;
	return true;
}

static bool adjust_ranges(struct work *w)
{
	struct selection selection;
	bool ok = selection_make(&selection, w->graph, w->options, w->err);

	for (node_id n = 0; ok && n < w->graph->main_nodes; n++) {
		const char *op = graph_op_type(w->graph, n);

		if (!selection.selected[n])
			continue;
		if (strcmp(op, "Relu") == 0 || strcmp(op, "Clip") == 0)
			adjust_removable(w, n);
		else if (strcmp(op, "Softmax") == 0)
			ok = adjust_softmax(w, n);
	}
	selection_release(&selection);
	return ok;
}

/* ---- 4.6 */

static bool given_scale(const struct entry_params *p, int32_t element, enum qtype type,
	struct scale *scale)
{
	const unsigned both = ENTRY_SCALE | ENTRY_ZERO_POINT;

	if ((p->has & both) != both)
		return false;
	*scale = (struct scale){
		scale_round(element, (double)p->scale), p->zero_point, element, type};
	return true;
}

struct scale_rule parameters_rule(
	const struct quant_options *options, enum qtype type, int32_t element)
{
	return (struct scale_rule){.type = type,
		.element = element,
		.symmetric = options->activation_symmetric,
		.restricted = options->activation_restricted_asymmetric,
		.restricted_in_f32 = options->ort_compatible,
		.has_minimum = options->has_minimum_real_range,
		.minimum = options->minimum_real_range};
}

/* What one side of an entry asks for. */
static void find_source(const struct work *w, tensor_id tensor,
	const struct entry_params *p, struct parameter_source *source)
{
	const struct quant_options *o = w->options;
	const struct range *range = &w->ranges[tensor];
	int32_t element = w->of_numbers[tensor];
	enum qtype type = p->has & ENTRY_TYPE ? p->type : o->activation_type;

	*source =
		(struct parameter_source){.replaced = p->has & (ENTRY_RMIN | ENTRY_RMAX),
			.low = range->low,
			.high = range->high,
			.rule = parameters_rule(
				o, type, p->has & ENTRY_RMAX ? element : range->type)};
	source->rule.low_element = p->has & ENTRY_RMIN ? element : range->type;
	if (p->has & ENTRY_SYMMETRIC)
		source->rule.symmetric = p->symmetric;
	if (p->has & ENTRY_RMIN)
		source->low = scale_round(element, (double)p->rmin);
	if (p->has & ENTRY_RMAX)
		source->high = scale_round(element, (double)p->rmax);
	source->given = given_scale(p, element, type, &source->scale);
}

/* ONNX Runtime has a float32 scale where the tensor is float16 (Q14). */
static bool restricted_is_mended(const struct scale_rule *rule)
{
	return rule->restricted && !rule->restricted_in_f32 && rule->type == QTYPE_U8 &&
	       !rule->symmetric && rule->element == ELEMENT_FLOAT16;
}

/* The parameters that one side of an entry asks for. */
static bool compute_side(struct work *w, tensor_id tensor, const struct entry_params *p,
	struct scale *scale)
{
	struct parameter_source source;

	find_source(w, tensor, p, &source);
	*scale = source.scale;
	if (!source.given && restricted_is_mended(&source.rule))
		count_own_type(w);
	if (source.given ||
		scale_from_range(&source.rule, source.low, source.high, scale))
		return true;
	*scale = (struct scale){1.0, 0, source.rule.element, source.rule.type};
	return fault(w, "nan-range", tensor, "its range is not a number",
		"calibrate again with data that give finite values");
}

static bool compute(struct work *w, tensor_id tensor)
{
	static const struct entry none = {0};
	const struct entry_list *list = overrides_find(w->table->overrides, tensor);
	const struct entry *entry = list && list->count ? &list->entries[0] : &none;
	struct parameters *p = &w->table->of[tensor];

	if (list && !list->count && w->options->ort_compatible)
		return fault(w, "empty-list", tensor,
			"has an empty list of overrides, where ONNX Runtime fails",
			"take it out of the overrides");
	if (list && (list->count > 1 || (entry->own.has & ENTRY_AXIS))) {
		if (!w->options->ort_compatible)
			return true;
		return fault(w, "range-of-weight", tensor,
			"has a calibration range and per-channel overrides",
			"take it out of the ranges");
	}
	p->known = true;
	p->entry = entry;
	if (!compute_side(w, tensor, &entry->own, &p->original))
		return false;
	return !(entry->own.has & ENTRY_CONVERT) ||
	       compute_side(w, tensor, &entry->convert, &p->converted);
}

/* By default every range is in the type of its tensor. For ONNX Runtime a bare number
 * in the file is a float32 (Q37). */
static void settle_types(struct work *w)
{
	for (tensor_id t = 0; t < w->graph->main_tensors; t++) {
		int32_t own = w->graph->tensors[t].element_type;
		struct range *range = &w->ranges[t];

		if (range->type && w->options->ort_compatible && range->bare)
			range->type = ELEMENT_FLOAT;
		if (!range->type || !element_is_float(own) || w->options->ort_compatible)
			continue;
		if (w->table && range->bare && own != ELEMENT_FLOAT)
			w->table->bare_ranges++;
		range->type = own;
		range->low = scale_round(own, range->low);
		range->high = scale_round(own, range->high);
	}
}

/* The ranges as they are used: in the types and, unless they were taken out of a
 * quantized model, with the neighbours of 2.9. */
static bool prepare_ranges(struct work *w, const struct ranges *ranges)
{
	size_t size = ((size_t)w->graph->tensor_count + 1) * sizeof(*w->ranges);

	w->ranges = calloc(1, size);
	w->of_numbers = malloc((size_t)w->graph->tensor_count + 1);
	if (!w->ranges || !w->of_numbers)
		return error_set_memory(w->err, "ranges");
	if (ranges->of)
		memcpy(w->ranges, ranges->of, size - sizeof(*w->ranges));
	settle_types(w);
	for (tensor_id t = 0; t < w->graph->main_tensors; t++)
		w->of_numbers[t] = (unsigned char)w->ranges[t].type;
	return w->graph->quantized || adjust_ranges(w);
}

static bool compute_all(struct work *w, const struct ranges *ranges)
{
	if (!prepare_ranges(w, ranges))
		return false;
	for (tensor_id t = 0; t < w->graph->main_tensors; t++) {
		if (w->ranges[t].type && !compute(w, t))
			return false;
	}
	return true;
}

struct parameter_table *parameters_make(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, struct problem_list *problems, struct error *err)
{
	struct parameter_table *table = calloc(1, sizeof(*table));
	struct work w = {.graph = graph,
		.options = options,
		.table = table,
		.problems = problems,
		.err = err};
	bool ok = false, none = !ranges->of && (problems || !options->ort_compatible);

	if (table) {
		table->graph = graph;
		table->overrides = overrides;
		table->of = calloc((size_t)graph->tensor_count + 1, sizeof(*table->of));
		ok = table->of && (none || compute_all(&w, ranges));
	}
	free(w.ranges);
	free(w.of_numbers);
	if (ok)
		return table;
	error_set_memory(err && error_is_set(err) ? NULL : err, "parameters");
	parameters_free(table);
	return NULL;
}

bool parameters_explain(const struct graph *graph, const struct quant_options *options,
	const struct overrides *overrides, const struct ranges *ranges, tensor_id tensor,
	bool converted, struct parameter_source *source, bool *known, struct error *err)
{
	static const struct entry none = {0};
	const struct entry_list *list = overrides_find(overrides, tensor);
	const struct entry *entry = list && list->count ? &list->entries[0] : &none;
	struct work w = {.graph = graph, .options = options, .err = err};
	bool ok;

	*known = false;
	if (!ranges->of || tensor >= graph->main_tensors)
		return true;
	ok = prepare_ranges(&w, ranges);
	if (ok && w.ranges[tensor].type) {
		*known = true;
		find_source(
			&w, tensor, converted ? &entry->convert : &entry->own, source);
	}
	free(w.ranges);
	free(w.of_numbers);
	return ok;
}

void parameters_free(struct parameter_table *table)
{
	if (!table)
		return;
	free(table->of);
	free(table);
}

void parameters_facts(const void *arg, tensor_id tensor, struct tensor_facts *facts)
{
	const struct parameter_table *table = arg;
	const struct parameters *p = &table->of[tensor];
	const struct entry_list *list = overrides_find(table->overrides, tensor);

	*facts = (struct tensor_facts){.axis = -1};
	if (p->known) {
		facts->flags = FACT_PARAMETERS | FACT_KNOWN;
		facts->type = p->original.type;
		facts->zero_point = p->original.zero_point;
		facts->scale = p->original.value;
		if (p->converted.type != QTYPE_NONE)
			facts->flags |= FACT_CONVERTED;
	}
	if (list && list->count) {
		facts->flags |= FACT_OVERRIDE;
		if (list->entries[0].own.has & ENTRY_AXIS) {
			facts->flags |= FACT_AXIS;
			facts->axis = list->entries[0].own.axis;
		}
	}
}

const struct scale *parameters_for_reader(
	const struct parameter_table *table, tensor_id tensor, node_id node)
{
	const struct parameters *p = &table->of[tensor];

	if (p->converted.type == QTYPE_NONE ||
		!entry_converts_for(p->entry, table->graph, node))
		return &p->original;
	return &p->converted;
}
