/* Overrides from JSON: the form of command-line.md 3. Rules between keys and against the
 * model's tensors are in overrides_check.c. */
#include "base/text.h"
#include "plan/entry.h"
#include "plan/json.h"
#include "plan/telling.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct overrides *out;
	const struct graph *graph;
	const struct quant_options *options; /* or NULL: rules are not looked at */
	const char *name;
	struct problem_list *problems;
	tensor_id tensor; /* the one at hand, or GRAPH_NONE */
	const char *key;  /* its name */
	char path[48];    /* "[2].convert" */
	bool lost;        /* memory is gone */
	bool failed;
};

/* One fault at the field `field` of the path at hand. */
static bool fault(struct reader *r, const char *id, const char *field, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool fault(struct reader *r, const char *id, const char *field, const char *remedy,
	const char *format, ...)
{
	char inner[768];
	va_list args;

	snprintf(inner, sizeof(inner), "%s%s%s%s", r->key ? text_quoted_z(r->key) : "",
		r->path, *field ? "." : "", field);
	r->failed = true;
	va_start(args, format);
	if (!problem_add_in(r->problems, SEVERITY_ERROR, id, r->tensor, r->name, inner,
		    remedy, format, args))
		r->lost = true;
	va_end(args);
	return false;
}

static bool read_type(struct reader *r, struct entry_params *p, const json_t *value)
{
	if (!json_is_string(value))
		return fault(r, "type", "quant_type", "write a type such as \"QUInt16\"",
			"%s where the name of a type belongs", plan_json_kind(value));
	p->type = qtype_parse(json_string_value(value), json_string_length(value));
	if (p->type == QTYPE_NONE)
		return fault(r, "type", "quant_type",
			"take QUInt8, QInt8, QUInt16, QInt16, QUInt4 or QInt4",
			"%s is no quantization type that is supported",
			text_quoted(json_string_value(value), json_string_length(value)));
	return true;
}

/* A number, or a list that holds just one. */
static const json_t *only_number(struct reader *r, const char *key, const json_t *value)
{
	const json_t *one = value;

	if (json_is_array(one) && json_array_size(one) == 1)
		one = json_array_get(one, 0);
	if (json_is_number(one))
		return one;
	if (json_is_string(one) && json_string_value(one)[0] == '\x7f')
		fault(r, "number", key, "write a finite number", "%s is no number",
			json_string_value(one) + 1);
	else
		fault(r, "number", key, "write one number", "%s where a number belongs",
			plan_json_kind(one));
	return NULL;
}

static bool read_float(struct reader *r, const char *key, float *out, const json_t *value)
{
	const json_t *number = only_number(r, key, value);
	double wide = number ? json_number_value(number) : 0;

	if (!number)
		return false;
	if (isinf((float)wide))
		return fault(r, "number", key, "write a number that float32 holds",
			"%g does not fit float32", wide);
	*out = (float)wide;
	return true;
}

static bool read_integer(
	struct reader *r, const char *key, int32_t *out, const json_t *value)
{
	const json_t *number = only_number(r, key, value);
	double wide = number ? json_number_value(number) : 0;

	if (!number)
		return false;
	if (wide != floor(wide) || fabs(wide) > INT32_MAX)
		return fault(r, "number", key, "write a whole number",
			"%g is no whole number", wide);
	*out = (int32_t)wide;
	return true;
}

static bool read_bool(struct reader *r, const char *key, bool *out, const json_t *value)
{
	if (!json_is_boolean(value))
		return fault(r, "boolean", key, "write true or false",
			"%s where true or false belongs", plan_json_kind(value));
	*out = json_is_true(value);
	return true;
}

/* Reads a key that entries and their convert parts share; -1 if it is none of them. */
static int read_shared(
	struct reader *r, struct entry_params *p, const char *key, const json_t *value)
{
	static const char *const keys[] = {"quant_type", "axis", "scale", "zero_point",
		"symmetric", "reduce_range", "rmin", "rmax"};
	unsigned k = 0;
	bool ok = false;

	while (k < 8 && strcmp(key, keys[k]) != 0)
		k++;
	switch (1u << k) {
	case ENTRY_TYPE:
		ok = read_type(r, p, value);
		break;
	case ENTRY_AXIS:
		if (json_is_null(value))
			return 1;
		ok = read_integer(r, key, &p->axis, value);
		break;
	case ENTRY_SCALE:
		ok = read_float(r, key, &p->scale, value);
		break;
	case ENTRY_ZERO_POINT:
		ok = read_integer(r, key, &p->zero_point, value);
		break;
	case ENTRY_SYMMETRIC:
		ok = read_bool(r, key, &p->symmetric, value);
		break;
	case ENTRY_REDUCE_RANGE:
		ok = read_bool(r, key, &p->reduce_range, value);
		break;
	case ENTRY_RMIN:
		ok = read_float(r, key, &p->rmin, value);
		break;
	case ENTRY_RMAX:
		ok = read_float(r, key, &p->rmax, value);
		break;
	default:
		return -1;
	}
	if (ok)
		p->has |= 1u << k;
	return ok;
}

static void unknown_key(struct reader *r, const char *key, bool convert)
{
	if (!strcmp(key, "recv_nodes"))
		fault(r, "key", key, "move it into convert",
			"receivers belong to the convert part");
	else if (!strcmp(key, "convert"))
		fault(r, "key", key, "leave it out", "a conversion inside a conversion");
	else
		fault(r, "key", key,
			convert ? "convert takes quant_type, scale, zero_point, "
				  "symmetric, rmin, rmax, recv_nodes"
				: "entries take quant_type, axis, scale, zero_point, "
				  "symmetric, reduce_range, rmin, rmax, convert",
			"unknown key %s", text_quoted_z(key));
}

static bool is_reader(const struct reader *r, name_id name)
{
	const struct graph_tensor *t = &r->graph->tensors[r->tensor];

	for (uint32_t i = 0; i < t->reader_count; i++) {
		node_id node = r->graph->readers[t->first_reader + i].node;

		if (graph_is_main(r->graph, node) && r->graph->nodes[node].name == name)
			return true;
	}
	return false;
}

static name_id read_receiver(struct reader *r, const json_t *value)
{
	const char *text = json_string_value(value);
	name_id name;
	char readers[768];

	if (!text) {
		fault(r, "receivers", "recv_nodes", "write names of nodes",
			"%s where the name of a node belongs", plan_json_kind(value));
		return NAME_NONE;
	}
	name = names_find(&r->graph->names, text, json_string_length(value));
	if (name != NAME_NONE && is_reader(r, name))
		return name;
	telling_readers(r->graph, r->tensor, readers, sizeof(readers));
	fault(r, "receivers", "recv_nodes", "take only nodes that read it",
		"%s does not read this tensor; %s",
		text_quoted(text, json_string_length(value)), readers);
	return NAME_NONE;
}

static void read_receivers(struct reader *r, struct entry_list *list, const json_t *value)
{
	size_t count = json_array_size(value), found = 0;
	name_id *names;

	if (!json_is_array(value)) {
		fault(r, "receivers", "recv_nodes", "write a list of names",
			"%s where a list of nodes belongs", plan_json_kind(value));
		return;
	}
	names = calloc(count + 1, sizeof(*names));
	for (size_t i = 0; names && i < count; i++) {
		name_id name = read_receiver(r, json_array_get(value, i));

		if (name != NAME_NONE)
			names[found++] = name;
	}
	if (!names ||
		!entry_add_receivers(r->out, r->graph, list, names, (uint32_t)found))
		r->lost = true;
	free(names);
}

static void read_convert(
	struct reader *r, struct entry_list *list, struct entry *entry, json_t *value)
{
	size_t used = strlen(r->path);
	const char *key;
	json_t *item;

	if (!json_is_object(value)) {
		fault(r, "convert", "convert", "write {\"quant_type\": ...}",
			"%s where an object belongs", plan_json_kind(value));
		return;
	}
	entry->own.has |= ENTRY_CONVERT;
	snprintf(r->path + used, sizeof(r->path) - used, ".convert");
	json_object_foreach(value, key, item)
	{
		if (!strcmp(key, "recv_nodes") && entry == list->entries)
			read_receivers(r, list, item);
		else if (!strcmp(key, "axis") ||
			 read_shared(r, &entry->convert, key, item) < 0)
			unknown_key(r, key, true);
	}
	r->path[used] = '\0';
}

static void read_entry(
	struct reader *r, struct entry_list *list, uint32_t index, json_t *value)
{
	struct entry *entry = &list->entries[index];
	const char *key;
	json_t *item;

	if (list->count > 1)
		snprintf(r->path, sizeof(r->path), "[%u]", (unsigned)index);
	if (json_is_object(value)) {
		json_object_foreach(value, key, item)
		{
			if (!strcmp(key, "convert"))
				read_convert(r, list, entry, item);
			else if (read_shared(r, &entry->own, key, item) < 0)
				unknown_key(r, key, false);
		}
	} else {
		fault(r, index ? "C9" : "T2", "", "write {\"quant_type\": ...}",
			"%s where an object belongs", plan_json_kind(value));
	}
	r->path[0] = '\0';
}

static void unknown_tensor(struct reader *r, const char *key, size_t length)
{
	char near[256], remedy[320];

	graph_suggest(r->graph, 't', key, length, near, sizeof(near));
	snprintf(remedy, sizeof(remedy), "%s%s%s",
		*near ? "did you mean " : "take it out", near,
		*near ? "?" : " or give the model it was made for");
	fault(r, "unknown-tensor", "", remedy, "tensor is not present in the model");
}

/* A list with a fault in it is not loaded. It is the last one. */
static void take_back(struct reader *r)
{
	if (r->tensor != GRAPH_NONE && r->out->index && r->out->index[r->tensor]) {
		r->out->index[r->tensor] = 0;
		r->out->count--;
	}
}

static void check(struct reader *r, const struct entry_list *list)
{
	struct error err = ERROR_INIT;

	if (overrides_check_list(list, r->graph, r->options, r->name, r->problems, &err))
		return;
	r->failed = true;
	r->lost |= err.kind == ERROR_MEMORY;
}

static void read_tensor(struct reader *r, const char *key, size_t length, json_t *value)
{
	size_t faults_before = r->problems->count;
	struct entry_list *list = NULL;

	r->key = key;
	r->tensor = graph_find_tensor(r->graph, key, length);
	if (r->tensor == GRAPH_NONE) {
		unknown_tensor(r, key, length);
	} else if (!json_is_array(value)) {
		fault(r, "T1", "", "put it in [ ]", "%s where a list of entries belongs",
			plan_json_kind(value));
	} else if (json_array_size(value) > UINT32_MAX) {
		fault(r, "C4", "", "write one entry for each channel",
			"too many entries");
	} else {
		list = overrides_add(r->out, r->graph, r->tensor);
		if (!list || !entry_list_set_count(
				     r->out, list, (uint32_t)json_array_size(value))) {
			r->lost = true;
			return;
		}
		for (uint32_t i = 0; i < list->count; i++)
			read_entry(r, list, i, json_array_get(value, i));
	}
	if (r->problems->count > faults_before)
		take_back(r);
	else if (r->options)
		check(r, list);
	r->key = NULL;
	r->tensor = GRAPH_NONE;
}

static bool read_text(
	struct reader *r, const char *json, size_t length, struct error *err)
{
	json_t *root = plan_json_parse(json, length, r->name, r->problems);
	const char *key;
	size_t key_length;
	json_t *value;

	*r->out = (struct overrides){0};
	if (!root)
		return false;
	if (!json_is_object(root))
		fault(r, "json", "", "write {\"tensor\": [{...}]}",
			"%s where an object of tensors belongs", plan_json_kind(root));
	else
		json_object_keylen_foreach(root, key, key_length, value)
			read_tensor(r, key, key_length, value);
	json_decref(root);
	if (r->lost)
		error_set_memory(err, MEMORY_FOR_OVERRIDES);
	if (r->lost)
		overrides_release(r->out);
	return !r->lost && !r->failed;
}

bool overrides_read(struct overrides *out, const struct graph *graph, const char *json,
	size_t length, const char *name, struct problem_list *problems, struct error *err)
{
	return overrides_load(out, graph, NULL, json, length, name, problems, err);
}

bool overrides_load(struct overrides *out, const struct graph *graph,
	const struct quant_options *options, const char *json, size_t length,
	const char *name, struct problem_list *problems, struct error *err)
{
	struct reader r = {.out = out,
		.graph = graph,
		.options = options,
		.name = name,
		.problems = problems,
		.tensor = GRAPH_NONE};

	return read_text(&r, json, length, err);
}
