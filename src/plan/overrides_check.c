/* The rules of qdq-semantics.md 4.3 and 4.4, for every tensor and entry, and the values
 * that command-line.md 3 refuses in both modes. */
#include "base/text.h"
#include "plan/entry.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct checker {
	const struct graph *graph;
	const struct quant_options *options;
	const char *file;
	struct problem_list *problems;
	const struct entry_list *list;
	uint32_t at;   /* entry at hand */
	bool convert;  /* its convert part is looked at */
	bool constant; /* the tensor counts as an initializer */
	bool lost, failed;
};

static void say(struct checker *c, enum severity severity, const char *id,
	const char *field, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

static void say(struct checker *c, enum severity severity, const char *id,
	const char *field, const char *remedy, const char *format, ...)
{
	char inner[768], index[16] = "";
	name_id name = c->graph->tensors[c->list->tensor].name;
	va_list args;

	if (c->list->count > 1)
		snprintf(index, sizeof(index), "[%u]", (unsigned)c->at);
	snprintf(inner, sizeof(inner), "%s%s%s%s%s",
		text_quoted(names_text(&c->graph->names, name),
			names_length(&c->graph->names, name)),
		index, c->convert ? ".convert" : "", *field ? "." : "", field);
	c->failed |= severity == SEVERITY_ERROR;
	va_start(args, format);
	if (!problem_add_in(c->problems, severity, id, c->list->tensor, c->file, inner,
		    remedy, format, args))
		c->lost = true;
	va_end(args);
}

#define FAULT(c, id, field, remedy, ...)                                                 \
	say(c, SEVERITY_ERROR, id, field, remedy, __VA_ARGS__)

static bool counts_as_initializer(const struct checker *c, tensor_id tensor)
{
	uint16_t flags = c->graph->tensors[tensor].flags;

	return (flags & TENSOR_INITIALIZER) ||
	       ((flags & TENSOR_CONSTANT) && !c->options->keep_constants &&
		       !c->options->ort_compatible);
}

/* The keys that scale and zero point exclude, as a text. */
static const char *excluded_keys(const struct entry_params *p, char *out, size_t room)
{
	static const struct {
		unsigned key;
		const char *name;
	} keys[] = {{ENTRY_SYMMETRIC, "symmetric"}, {ENTRY_REDUCE_RANGE, "reduce_range"},
		{ENTRY_RMAX, "rmax"}, {ENTRY_RMIN, "rmin"}};
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (p->has & keys[i].key)
			used += (size_t)snprintf(out + used, room - used, "%s%s",
				used ? ", " : "", keys[i].name);
	return out;
}

static bool has_both(const struct entry_params *p, unsigned a, unsigned b)
{
	return (p->has & a) && (p->has & b);
}

static bool has_one(const struct entry_params *p, unsigned a, unsigned b)
{
	return !(p->has & a) != !(p->has & b);
}

/* T3, T4 and their like for convert parts and channels. */
static void check_scale_keys(struct checker *c, const struct entry_params *p,
	const char *pair_id, const char *excluded_id)
{
	char keys[64];

	if (has_one(p, ENTRY_SCALE, ENTRY_ZERO_POINT))
		FAULT(c, pair_id, "", "give the other one or take it out",
			"Must provide both 'scale' and 'zero_point'");
	if ((p->has & ENTRY_SCALE) && *excluded_keys(p, keys, sizeof(keys)))
		FAULT(c, excluded_id, "", "keep one of the two ways",
			"option(s) [%s] are invalid with 'scale' and 'zero_point'", keys);
}

static bool zero_point_fits(
	const struct checker *c, const struct entry_params *p, enum qtype fallback)
{
	enum qtype types[2] = {fallback, fallback};

	if (p->has & ENTRY_TYPE)
		types[0] = types[1] = p->type;
	else if (c->constant)
		types[1] = c->options->weight_type;
	for (int i = 0; i < 2; i++)
		if (p->zero_point >= qtypes[types[i]].full[0] &&
			p->zero_point <= qtypes[types[i]].full[1])
			return true;
	return false;
}

/* Values that are refused in both modes (quirk Q24). */
static void check_values(
	struct checker *c, const struct entry_params *p, enum qtype fallback)
{
	enum qtype type = p->has & ENTRY_TYPE ? p->type : fallback;

	if ((p->has & ENTRY_SCALE) && !(p->scale > 0 && isfinite(p->scale)))
		FAULT(c, "Q24", "scale", "give a positive number",
			"scale %g is not positive as a float32", (double)p->scale);
	if ((p->has & ENTRY_ZERO_POINT) && !zero_point_fits(c, p, fallback))
		FAULT(c, "Q24", "zero_point", "give one that the type holds",
			"zero point %d is outside %s (%d to %d)", (int)p->zero_point,
			qtypes[type].name, (int)qtypes[type].full[0],
			(int)qtypes[type].full[1]);
	if (((p->has & ENTRY_RMIN) && !isfinite(p->rmin)) ||
		((p->has & ENTRY_RMAX) && !isfinite(p->rmax)))
		FAULT(c, "Q24", "rmin", "give finite numbers", "the range is not finite");
	if (has_both(p, ENTRY_RMIN, ENTRY_RMAX) && p->rmin > p->rmax)
		FAULT(c, "Q24", "rmin", "swap them", "rmin %g is above rmax %g",
			(double)p->rmin, (double)p->rmax);
}

static void check_convert(
	struct checker *c, const struct entry *entry, enum qtype own_type)
{
	c->convert = true;
	if (c->constant)
		FAULT(c, "T6", "", "set quant_type in the entry itself",
			"an initializer is stored, not converted");
	if (!(entry->convert.has & ENTRY_TYPE))
		FAULT(c, "T7", "quant_type", "say to which type",
			"a conversion needs a quant_type");
	else if (entry->convert.type == own_type)
		FAULT(c, "T9", "quant_type", "take another type or no convert",
			"converts from %s to the same type", qtypes[own_type].name);
	if (entry->convert.has & ENTRY_REDUCE_RANGE)
		FAULT(c, "T8", "reduce_range", "take it out",
			"reduce_range is for initializers only");
	check_scale_keys(c, &entry->convert, "T10", "T11");
	check_values(c, &entry->convert, c->options->activation_type);
	c->convert = false;
}

static void check_per_tensor(struct checker *c)
{
	const struct entry *entry = &c->list->entries[0];
	enum qtype type = entry->own.has & ENTRY_TYPE ? entry->own.type
						      : c->options->activation_type;

	check_scale_keys(c, &entry->own, "T3", "T4");
	if ((entry->own.has & ENTRY_REDUCE_RANGE) && !c->constant)
		FAULT(c, "T5", "reduce_range", "take it out",
			"reduce_range is for initializers only");
	check_values(c, &entry->own, c->options->activation_type);
	if (entry->own.has & ENTRY_CONVERT)
		check_convert(c, entry, type);
}

static int32_t normal_axis(const struct checker *c, int32_t axis)
{
	return axis < 0 ? axis + c->graph->tensors[c->list->tensor].rank : axis;
}

static void check_first_channel(struct checker *c)
{
	const struct entry_params *first = &c->list->entries[0].own;
	const struct graph_tensor *t = &c->graph->tensors[c->list->tensor];
	int32_t axis = first->has & ENTRY_AXIS ? normal_axis(c, first->axis) : 0;

	if (!c->constant)
		FAULT(c, "C1", "", "give one entry without axis",
			"per-channel entries are for initializers only");
	if (!(first->has & ENTRY_AXIS))
		FAULT(c, "C2", "axis", "say which axis has the channels",
			"several entries need an axis in the first");
	else if (t->rank >= 0 && (axis < 0 || axis >= t->rank))
		FAULT(c, "C3", "axis", "take one of its axes",
			"axis %d of a tensor of rank %d", (int)first->axis, (int)t->rank);
	else if (t->rank >= 0 && c->list->count > 1 &&
		 c->graph->dims[t->first_dim + (uint32_t)axis] != c->list->count)
		FAULT(c, "C4", "", "give one entry, or one for each channel",
			"%u entries for %lld channels", (unsigned)c->list->count,
			(long long)c->graph->dims[t->first_dim + (uint32_t)axis]);
	if (first->has & ENTRY_CONVERT)
		FAULT(c, "C5", "convert", "take it out",
			"an initializer is stored, not converted");
	check_scale_keys(c, first, "C6", "C7");
	if (has_one(first, ENTRY_RMIN, ENTRY_RMAX))
		FAULT(c, "C8", "", "give both or none", "only one of rmin and rmax");
	check_values(c, first, c->options->weight_type);
}

static void check_next_channel(struct checker *c)
{
	const struct entry_params *first = &c->list->entries[0].own;
	const struct entry_params *p = &c->list->entries[c->at].own;
	enum qtype type = first->has & ENTRY_TYPE ? first->type : c->options->weight_type;

	if (p->has & ENTRY_CONVERT)
		FAULT(c, "C10", "convert", "take it out",
			"an initializer is stored, not converted");
	if ((p->has & ENTRY_TYPE) &&
		(!(first->has & ENTRY_TYPE) || p->type != first->type))
		FAULT(c, "C11", "quant_type", "write the first entry's",
			"differs from the first channel's type");
	if ((p->has & ENTRY_AXIS) && (first->has & ENTRY_AXIS) &&
		p->axis != first->axis && p->axis != normal_axis(c, first->axis))
		FAULT(c, "C12", "axis", "write the first entry's",
			"differs from the first channel's axis");
	if ((p->has & ENTRY_SYMMETRIC) &&
		(!(first->has & ENTRY_SYMMETRIC) || p->symmetric != first->symmetric))
		FAULT(c, "C13", "symmetric", "write the first entry's",
			"differs from the first channel's");
	if ((p->has & ENTRY_REDUCE_RANGE) &&
		(!(first->has & ENTRY_REDUCE_RANGE) ||
			p->reduce_range != first->reduce_range))
		FAULT(c, "C14", "reduce_range", "write the first entry's",
			"differs from the first channel's");
	if (has_both(first, ENTRY_SCALE, ENTRY_ZERO_POINT) &&
		!has_both(p, ENTRY_SCALE, ENTRY_ZERO_POINT))
		FAULT(c, "C15", "", "give them for every channel",
			"the first channel has scale and zero_point, this one not");
	if (has_both(p, ENTRY_SCALE, ENTRY_ZERO_POINT))
		check_scale_keys(c, p, "C15", "C16");
	if (has_both(first, ENTRY_RMIN, ENTRY_RMAX) &&
		!has_both(p, ENTRY_RMIN, ENTRY_RMAX))
		FAULT(c, "C17", "", "give them for every channel",
			"the first channel has rmin and rmax, this one not");
	check_values(c, p, type);
}

static void check_list(struct checker *c)
{
	const struct graph_tensor *t = &c->graph->tensors[c->list->tensor];

	c->at = 0;
	c->constant = counts_as_initializer(c, c->list->tensor);
	if (!c->list->count)
		return;
	if (!t->element_type)
		say(c, c->options->ort_compatible ? SEVERITY_ERROR : SEVERITY_WARNING,
			"unknown-type", "", "run shape inference on the model first",
			"the type of this tensor is not known, so it stays as it is");
	if (c->list->count == 1 && !(c->list->entries[0].own.has & ENTRY_AXIS)) {
		check_per_tensor(c);
		return;
	}
	check_first_channel(c);
	for (c->at = 1; c->at < c->list->count; c->at++)
		check_next_channel(c);
}

bool overrides_check_list(const struct entry_list *list, const struct graph *graph,
	const struct quant_options *options, const char *name,
	struct problem_list *problems, struct error *err)
{
	struct checker c = {.graph = graph,
		.options = options,
		.file = name,
		.problems = problems,
		.list = list};

	check_list(&c);
	if (c.lost)
		return error_set_memory(err, MEMORY_FOR_OVERRIDES);
	return !c.failed;
}

bool overrides_check(const struct overrides *overrides, const struct graph *graph,
	const struct quant_options *options, const char *name,
	struct problem_list *problems, struct error *err)
{
	struct error memory = ERROR_INIT;
	bool ok = true;

	for (uint32_t i = 0; i < overrides->count && !error_is_set(&memory); i++)
		ok &= overrides_check_list(
			&overrides->lists[i], graph, options, name, problems, &memory);
	if (error_is_set(&memory))
		return error_set_memory(err, MEMORY_FOR_OVERRIDES);
	return ok;
}
