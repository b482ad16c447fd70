/* Ranges from JSON: all forms of command-line.md 4. */
#include "base/text.h"
#include "plan/json.h"
#include "plan/ranges.h"
#include "plan/ranges_histogram.h"
#include "plan/ranges_plain.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRANGERS_SHOWN = 3 };

struct reader {
	struct ranges *out; /* of this file alone */
	const struct graph *graph;
	const char *name;
	struct problem_list *problems;
	tensor_id tensor;
	const char *key; /* name of the tensor at hand */
	size_t key_length;
	size_t strangers;
	char shown[400]; /* the first of them */
	bool in_data;    /* the tensors are members of "data" */
	bool literal;    /* of struct ranges */
	bool lost, failed;
};

static bool fault(struct reader *r, const char *id, const char *field, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool fault(struct reader *r, const char *id, const char *field, const char *remedy,
	const char *format, ...)
{
	char inner[640];
	va_list args;

	snprintf(inner, sizeof(inner), "%s%s%s", r->key ? text_quoted_z(r->key) : "",
		*field && r->key ? "." : "", field);
	r->failed = true;
	va_start(args, format);
	if (!problem_add_in(r->problems, SEVERITY_ERROR, id, r->tensor, r->name, inner,
		    remedy, format, args))
		r->lost = true;
	va_end(args);
	return false;
}

/* The one number inside lists of one element. */
static const json_t *innermost(const json_t *value)
{
	while (json_is_array(value) && json_array_size(value) == 1)
		value = json_array_get(value, 0);
	return value;
}

/* An infinite end is taken: constants that stand for "no bound" have one, and only what
 * is quantized with it is at fault. Literally, so is NaN, which a Relu or Softmax may
 * replace. */
static bool read_special(
	struct reader *r, const char *field, const char *token, double *out)
{
	bool nan = !strcmp(token, "NaN");

	*out = nan ? (double)NAN : *token == '-' ? -INFINITY : INFINITY;
	return !nan || (r->literal && r->tensor != GRAPH_NONE) ||
	       fault(r, "range", field, "calibrate again without such samples",
		       "the range is NaN");
}

/* To a value of the type; false and unchanged if it is too large (literally it becomes
 * infinite). */
static bool round_to(const struct reader *r, int32_t type, double *value)
{
	double largest = type == ELEMENT_FLOAT16 ? 65504.0 : (double)FLT_MAX;

	if (!r->literal && fabs(*value) > largest)
		return false;
	*value = type == ELEMENT_FLOAT16 ? (double)half_to_float(half_from_double(*value))
					 : (double)(float)*value;
	return true;
}

static bool read_number(struct reader *r, const char *field, const json_t *value,
	int32_t type, double *out)
{
	const json_t *number = innermost(value);

	if (json_is_string(number) && json_string_value(number)[0] == '\x7f')
		return read_special(r, field, json_string_value(number) + 1, out);
	if (!json_is_number(number))
		return fault(r, "range", field, "write one number",
			"%s where one number belongs", plan_json_kind(number));
	*out = json_number_value(number);
	return round_to(r, type, out) ||
	       fault(r, "range", field, "write a number of the tensor's type",
		       "%g does not fit %s", *out,
		       type == ELEMENT_FLOAT16 ? "float16" : "float32");
}

static int32_t dtype_of(struct reader *r, const char *field, const json_t *value)
{
	const char *dtype = json_string_value(json_object_get(value, "dtype"));

	if (!dtype || !strcmp(dtype, "float32"))
		return ELEMENT_FLOAT;
	if (!strcmp(dtype, "float16"))
		return ELEMENT_FLOAT16;
	fault(r, "range", field, "calibrate with ONNX Runtime's quantizer",
		"the dtype %s is neither float32 nor float16", text_quoted_z(dtype));
	return 0;
}

/* The float type of the tensor at hand; float32 if the graph does not have it. */
static int32_t own_type(const struct reader *r)
{
	return r->tensor != GRAPH_NONE && r->graph->tensors[r->tensor].element_type ==
						  ELEMENT_FLOAT16
		       ? ELEMENT_FLOAT16
		       : ELEMENT_FLOAT;
}

/* One end of a record: {"data": ..., "dtype": ...} or a bare number. */
static bool read_end(struct reader *r, const char *field, const json_t *value,
	double *out, int32_t *type, bool *bare)
{
	if (!value)
		return fault(r, "range", field, "give both ends", "it is missing");
	*bare = !json_is_object(value);
	if (*bare) {
		*type = own_type(r);
		return read_number(r, field, value, ELEMENT_FLOAT, out);
	}
	*type = dtype_of(r, field, value);
	value = json_object_get(value, "data");
	if (!value)
		return fault(r, "range", field, "write {\"data\": [...]}",
			"an object without data");
	return *type && read_number(r, field, value, *type, out);
}

/* Infinity above -Infinity is what the reductions of an empty tensor give; its scale is
 * that of the range 0 to 0. */
static void set_foreign(struct reader *r, const struct foreign_range *range)
{
	if (!ranges_set_foreign(r->out, r->key, r->key_length, range, NULL))
		r->lost = true;
}

static void set_known(struct reader *r, const struct range *range)
{
	bool inside = r->graph->tensors[r->tensor].scope != 0, given;

	if (inside && ranges_set_inside(r->out, r->graph, r->key, r->key_length, range,
			      &given, NULL))
		return;
	if (inside || !ranges_set(r->out, r->graph, r->tensor, range->low, range->high,
			      range->type, NULL))
		r->lost = true;
	else
		r->out->of[r->tensor].bare = range->bare;
}

static void set_range(struct reader *r, double low, double high, int32_t type, bool bare)
{
	if (low == INFINITY && high == -INFINITY)
		low = high = 0;
	if (low > high && !r->literal) {
		fault(r, "range", "", "swap them or calibrate again",
			"the low end %g is above the high end %g", low, high);
		return;
	}
	if (r->tensor == GRAPH_NONE)
		set_foreign(r, &(struct foreign_range){low, high, type, bare});
	else
		set_known(
			r, &(struct range){
				   .low = low, .high = high, .type = type, .bare = bare});
}

static uint8_t form_of(const json_t *end)
{
	if (!json_is_object(end))
		return RANGE_BARE;
	return json_is_array(json_object_get(end, "data")) ? RANGE_LIST : RANGE_SCALAR;
}

static void read_rest(struct reader *r, const json_t *record)
{
	struct range *range =
		r->tensor != GRAPH_NONE && r->out->of ? &r->out->of[r->tensor] : NULL;

	if (!range || !range->type)
		return;
	range->low_form = form_of(json_object_get(record, "lowest"));
	range->high_form = form_of(json_object_get(record, "highest"));
	r->lost |= !ranges_read_histogram(r->out, r->tensor, record);
}

static void read_record(struct reader *r, const json_t *value)
{
	double low, high;
	int32_t low_type, high_type;
	bool low_bare, high_bare;
	bool ok = read_end(r, "lowest", json_object_get(value, "lowest"), &low, &low_type,
		&low_bare);

	ok &= read_end(r, "highest", json_object_get(value, "highest"), &high, &high_type,
		&high_bare);
	if (!ok)
		return;
	set_range(r, low, high, low_type == high_type ? low_type : ELEMENT_FLOAT,
		low_bare && high_bare);
	read_rest(r, value);
}

static void read_pair(struct reader *r, const json_t *value)
{
	int32_t type = own_type(r);
	double low, high;

	if (json_array_size(value) != 2)
		fault(r, "range", "", "write [low, high]",
			"%zu numbers where a low and a high end belong",
			json_array_size(value));
	else if (read_number(r, "low", json_array_get(value, 0), type, &low) &&
		 read_number(r, "high", json_array_get(value, 1), type, &high))
		set_range(r, low, high, r->tensor == GRAPH_NONE ? 0 : type, false);
}

static void stranger(struct reader *r, const char *key, size_t length)
{
	size_t used = strlen(r->shown);

	if (r->strangers++ < STRANGERS_SHOWN)
		snprintf(r->shown + used, sizeof(r->shown) - used, "%s%s",
			used ? ", " : "", text_quoted(key, length));
}

/* A tensor of the main graph, else one inside a body: nothing is quantized there, but
 * ranges can have been measured. */
static tensor_id find_tensor(const struct graph *graph, const char *name, size_t length)
{
	tensor_id found = graph_find_tensor(graph, name, length);
	scope_id scope = 0;

	return found != GRAPH_NONE ? found
				   : graph_find_inside(graph, name, length, &scope);
}

/* A name that is in the model only after an opset raise may have a range. */
static bool looks_like_range(const json_t *value)
{
	return json_is_array(value) ? json_array_size(value) == 2 &&
					      json_is_number(json_array_get(value, 0))
				    : json_object_get(value, "lowest") != NULL;
}

static void read_tensor(struct reader *r, const char *key, size_t length, json_t *value)
{
	r->tensor = find_tensor(r->graph, key, length);
	if (r->tensor == GRAPH_NONE) {
		stranger(r, key, length);
		if (!looks_like_range(value))
			return;
	}
	r->key = key;
	r->key_length = length;
	if (json_is_object(value))
		read_record(r, value);
	else if (json_is_array(value))
		read_pair(r, value);
	else
		fault(r, "range", "", "write [low, high]", "%s where a range belongs",
			plan_json_kind(value));
	r->key = NULL;
	r->tensor = GRAPH_NONE;
}

static bool read_method(struct reader *r, const json_t *value)
{
	const char *text = json_string_value(
		json_is_object(value) ? json_object_get(value, "value") : value);
	const char *dot = text ? strrchr(text, '.') : NULL;

	for (int i = 0; text && i < METHOD_PLAIN; i++) {
		enum calibration_method method = (enum calibration_method)i;

		if (strcmp(dot ? dot + 1 : text, ranges_method_name(method)) != 0)
			continue;
		r->out->method = method;
		return true;
	}
	return fault(r, "method", "calibration_method",
		"take MinMax, Entropy, Percentile or Distribution",
		"%s is no calibration method", text ? text_quoted_z(text) : "this");
}

static void read_root(struct reader *r, json_t *root)
{
	json_t *data = json_object_get(root, "data"), *value;
	const char *cls = json_string_value(json_object_get(root, "CLS"));
	const char *key;
	size_t length;

	if (!json_is_object(root)) {
		fault(r, "json", "", "write {\"tensor\": [low, high]}",
			"%s where an object belongs", plan_json_kind(root));
		return;
	}
	r->out->method = METHOD_PLAIN;
	r->out->random = json_is_true(json_object_get(root, RANGES_RANDOM_KEY));
	if (json_is_object(data) &&
		(cls || json_object_get(root, "calibration_method"))) {
		r->out->method = METHOD_MINMAX;
		if (json_object_get(root, "calibration_method") &&
			!read_method(r, json_object_get(root, "calibration_method")))
			return;
		root = data;
		r->in_data = true;
	} else if (cls) {
		fault(r, "json", "data", "calibrate again",
			"the object of tensors is missing");
		return;
	}
	json_object_keylen_foreach(root, key, length, value)
		read_tensor(r, key, length, value);
}

/* One plain range; false if only the general reader can say what is wrong with it. */
static bool read_plain_range(struct reader *r, const struct plain_range *p)
{
	bool pair = !p->low_type;
	int32_t type, low_type, high_type;
	double low = p->low, high = p->high;

	r->tensor = find_tensor(r->graph, p->key, p->key_length);
	r->key = p->key;
	r->key_length = p->key_length;
	low_type = pair ? own_type(r) : p->low_type;
	high_type = pair ? low_type : p->high_type;
	type = low_type == high_type ? low_type : ELEMENT_FLOAT;
	if (r->tensor == GRAPH_NONE) {
		stranger(r, p->key, p->key_length);
		type = pair ? 0 : type;
	}
	if (!round_to(r, low_type, &low) || !round_to(r, high_type, &high) ||
		low > high ||
		(r->tensor == GRAPH_NONE ? names_find(&r->out->foreign_names, p->key,
						   p->key_length) != NAME_NONE
					 : ranges_find(r->out, r->tensor) != NULL))
		return false;
	set_range(r, low, high, type, false);
	return true;
}

/* The text with the members cut out, for the rest of the form. */
static json_t *parse_around(const struct plain_ranges *plain, const char *json,
	size_t length, const char *name)
{
	struct problem_list unheard = {0};
	size_t rest = length - plain->to;
	char *text = malloc(plain->from + rest + 1);
	json_t *root = NULL;

	if (text) {
		memcpy(text, json, plain->from);
		memcpy(text + plain->from, json + plain->to, rest);
		root = plan_json_parse(text, plain->from + rest, name, &unheard);
	}
	problem_clear(&unheard);
	free(text);
	return root;
}

/* Reads all if the text is plain and without a fault; else nothing was read. */
static bool read_plain(struct reader *r, const char *json, size_t length)
{
	struct problem_list unheard = {0}, *heard = r->problems;
	struct reader before = *r;
	struct plain_ranges plain;
	struct plain_range range;
	json_t *root;
	int step = -1;

	if (!plain_ranges_find(json, length, &plain))
		return false;
	root = parse_around(&plain, json, length, r->name);
	r->problems = &unheard;
	if (root)
		read_root(r, root);
	if (root && !r->failed && r->in_data == plain.in_data)
		while ((step = plain_ranges_next(&plain, &range)) == 1)
			if (!read_plain_range(r, &range))
				break;
	json_decref(root);
	problem_clear(&unheard);
	r->problems = heard;
	r->key = NULL;
	r->tensor = GRAPH_NONE;
	if (!step && !r->lost)
		return true;
	ranges_release(r->out);
	*r = before;
	return false;
}

static void tell_strangers(struct reader *r)
{
	char file[256], cause[640];

	if (!r->strangers)
		return;
	text_escape(file, sizeof(file), r->name, strlen(r->name));
	snprintf(cause, sizeof(cause), "%zu tensor%s not in this model: %s%s",
		r->strangers, r->strangers == 1 ? " is" : "s are", r->shown,
		r->strangers > STRANGERS_SHOWN ? ", ..." : "");
	if (!r->out->count && !r->failed && !r->literal)
		fault(r, "range", "", "give the model it was made for",
			"none of its %zu tensor%s is in this model", r->strangers,
			text_s(r->strangers));
	else if (!problem_add(r->problems, SEVERITY_NOTE, "range", PROBLEM_NOWHERE,
			 PROBLEM_NOWHERE, file, cause, "they are passed over"))
		r->lost = true;
}

static bool read_tree(struct reader *r, const char *json, size_t length)
{
	json_t *root = plan_json_parse(json, length, r->name, r->problems);

	if (root)
		read_root(r, root);
	json_decref(root);
	return root;
}

static bool merge(struct reader *r, struct ranges *into, struct error *err)
{
	if (!ranges_can_merge(into) || !ranges_can_merge(r->out))
		return fault(r, "method", "calibration_method",
			"give one file, or calibrate with MinMax",
			"ranges of this method cannot be merged with others");
	return ranges_merge(into, r->out, r->graph, err);
}

static void name_source(struct ranges *ranges, const char *name, bool merged)
{
	unsigned files = 1;
	char *comma;

	if (!merged) {
		text_escape(ranges->source, 200, name, strlen(name));
		return;
	}
	comma = strrchr(ranges->source, ',');
	if (!comma || sscanf(comma, ", %u files", &files) != 1)
		comma = ranges->source + strlen(ranges->source);
	snprintf(comma, sizeof(ranges->source) - (size_t)(comma - ranges->source),
		", %u files", files + 1);
}

bool ranges_read(struct ranges *ranges, const struct graph *graph, const char *json,
	size_t length, const char *name, struct problem_list *problems, struct error *err)
{
	struct ranges own = {0};
	struct reader r = {.out = &own,
		.graph = graph,
		.name = name,
		.problems = problems,
		.tensor = GRAPH_NONE,
		.literal = ranges->literal};
	bool merged = ranges->count > 0;

	if (!read_plain(&r, json, length) && !read_tree(&r, json, length))
		return false;
	tell_strangers(&r);
	if (r.lost)
		error_set_memory(err, "ranges");
	if (!r.lost && !r.failed && merged)
		merge(&r, ranges, err);
	if (!r.lost && !r.failed && !error_is_set(err)) {
		if (merged) {
			ranges_release(&own);
		} else {
			ranges_release(ranges);
			*ranges = own;
		}
		name_source(ranges, name, merged);
		return true;
	}
	ranges_release(&own);
	return false;
}
