/* One encoding as AIMET writes it: its three generations (export-formats.md 5). */
#include "export/encoding.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { BITS_MAX = 32, CHANNELS_MAX = 1 << 24 };

#define WHY_MEMORY "out of memory"

static bool fail(const char **why, const char *text)
{
	*why = text;
	return false;
}

/* A number or a flat list of numbers. */
static bool read_numbers(
	struct encoding_numbers *out, const json_t *value, const char **why)
{
	out->count = 0;
	if (json_is_number(value))
		return ARRAY_PUSH(out, json_number_value(value)) || fail(why, WHY_MEMORY);
	if (!json_is_array(value) || json_array_size(value) > CHANNELS_MAX)
		return fail(why, "scales and offsets are numbers or lists of numbers");
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *number = json_array_get(value, i);

		if (!json_is_number(number))
			return fail(why, "a scale or offset is no number");
		if (!ARRAY_PUSH(out, json_number_value(number)))
			return fail(why, WHY_MEMORY);
	}
	return true;
}

static bool read_bits(struct encoding *e, const json_t *value, const char **why)
{
	double bits = json_number_value(value);

	if (!json_is_number(value) || bits != floor(bits) || bits < 1 || bits > BITS_MAX)
		return fail(why, "its width is no number of bits from 1 to 32");
	e->bits = (int)bits;
	return true;
}

static void clear(struct encoding *e)
{
	e->is_float = e->blocked = e->is_signed = e->per_channel = e->has_axis = false;
	e->bits = 0;
	e->axis = 0;
	e->scales.count = e->zero_points.count = 0;
}

static bool is_float_word(const json_t *value)
{
	const char *text = json_string_value(value);

	return text &&
	       (!strncasecmp(text, "float", 5) || !strncasecmp(text, "fp", 2) ||
		       !strncasecmp(text, "bfloat", 6) || !strncasecmp(text, "bf", 2));
}

/* Offsets of an unsigned grid as zero points of the stored type: z = -offset, less half
 * the grid when it is signed (5.4). */
static void to_zero_points(struct encoding *e)
{
	double half = e->is_signed ? ldexp(1, e->bits - 1) : 0;

	for (size_t i = 0; i < e->zero_points.count; i++)
		e->zero_points.items[i] = -e->zero_points.items[i] - half;
}

/* ---- 0.6.1 and older: a record for each channel */

/* Where the record has only the ends of its grid. */
static bool numbers_from_ends(
	const json_t *record, int bits, double *scale, double *offset, const char **why)
{
	const json_t *low = json_object_get(record, "min"),
		     *high = json_object_get(record, "max");

	if (!json_is_number(low) || !json_is_number(high))
		return fail(why, "it has neither scale and offset nor min and max");
	*scale =
		(json_number_value(high) - json_number_value(low)) / (ldexp(1, bits) - 1);
	if (!(*scale > 0))
		return fail(why, "its min is not below its max");
	*offset = rint(json_number_value(low) / *scale);
	return true;
}

static bool read_channel(struct encoding *e, const json_t *record, const char **why)
{
	const json_t *scale = json_object_get(record, "scale"),
		     *offset = json_object_get(record, "offset");
	double s = json_number_value(scale), o = json_number_value(offset);

	if (!json_is_number(scale) || !json_is_number(offset)) {
		if (!numbers_from_ends(record, e->bits, &s, &o, why))
			return false;
	}
	if (!ARRAY_PUSH(&e->scales, s) || !ARRAY_PUSH(&e->zero_points, o))
		return fail(why, WHY_MEMORY);
	return true;
}

bool encoding_read_0(struct encoding *e, const json_t *value, const char **why)
{
	const json_t *first = json_is_array(value) ? json_array_get(value, 0) : value;
	size_t count = json_is_array(value) ? json_array_size(value) : 1;

	clear(e);
	if (!json_is_object(first) || count > CHANNELS_MAX)
		return fail(why, "an encoding is an object, or a list of one for each "
				 "channel");
	if (!read_bits(e, json_object_get(first, "bitwidth"), why))
		return false;
	e->is_float = is_float_word(json_object_get(first, "dtype"));
	e->is_signed = import_is_true(json_object_get(first, "is_symmetric"));
	for (size_t i = 0; i < count && !e->is_float; i++) {
		const json_t *record =
			json_is_array(value) ? json_array_get(value, i) : value;

		if (!read_channel(e, record, why))
			return false;
	}
	to_zero_points(e);
	return true;
}

/* ---- 1.0.0: lists of scales and offsets in one record */

/* Fractions that the offsets have besides. */
static bool add_shift(struct encoding *e, const json_t *value, const char **why)
{
	struct encoding_numbers shift = {0};
	bool fine = !value || json_is_null(value) || read_numbers(&shift, value, why);

	for (size_t i = 0; fine && shift.count && i < e->zero_points.count; i++)
		e->zero_points.items[i] += shift.items[shift.count > i ? i : 0];
	ARRAY_RELEASE(&shift);
	return fine;
}

bool encoding_read_1(struct encoding *e, const json_t *value, const char **why)
{
	const char *kind = import_text(value, "enc_type");

	clear(e);
	if (!read_bits(e, json_object_get(value, "bw"), why))
		return false;
	e->is_float = is_float_word(json_object_get(value, "dtype"));
	e->is_signed = import_is_true(json_object_get(value, "is_sym"));
	e->per_channel = !strcasecmp(kind, "PER_CHANNEL");
	e->blocked = !strcasecmp(kind, "PER_BLOCK") || !strcasecmp(kind, "LPBQ") ||
		     json_object_get(value, "per_block_int_scale");
	if (e->is_float || e->blocked)
		return true;
	if (!read_numbers(&e->scales, json_object_get(value, "scale"), why) ||
		!read_numbers(&e->zero_points, json_object_get(value, "offset"), why) ||
		!add_shift(e, json_object_get(value, "zero_point_shift"), why))
		return false;
	if (!e->scales.count || e->scales.count != e->zero_points.count)
		return fail(why, "it has not as many offsets as scales");
	to_zero_points(e);
	return true;
}

/* ---- 2.x: the inputs of QuantizeLinear */

/* "uint8", "int16". */
static bool read_dtype(struct encoding *e, const char *text, const char **why)
{
	static const struct {
		const char *name;
		int bits;
	} widths[] = {
		{"int2", 2}, {"int4", 4}, {"int8", 8}, {"int16", 16}, {"int32", 32}};
	const char *rest = text + (*text == 'u');

	e->is_signed = *text != 'u';
	e->is_float = strstr(text, "float") != NULL;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (!strcmp(rest, widths[i].name))
			e->bits = widths[i].bits;
	return e->is_float || e->bits ||
	       fail(why, "its output_dtype is none that is known");
}

static bool is_nested(const json_t *value)
{
	return json_is_object(value) || json_is_array(json_array_get(value, 0));
}

bool encoding_read_2(struct encoding *e, const json_t *value, const char **why)
{
	const json_t *scale = json_object_get(value, "y_scale"),
		     *zero = json_object_get(value, "y_zero_point"),
		     *axis = json_object_get(value, "axis");

	clear(e);
	if (!read_dtype(e, import_text(value, "output_dtype"), why))
		return false;
	e->has_axis = e->per_channel = json_is_integer(axis);
	e->axis = json_integer_value(axis);
	e->blocked = json_is_number(json_object_get(value, "block_size")) ||
		     json_object_get(value, "per_block_int_scale") || is_nested(scale);
	if (e->is_float || e->blocked)
		return true;
	if (!read_numbers(&e->scales, scale, why))
		return false;
	if (zero && !json_is_null(zero) && !read_numbers(&e->zero_points, zero, why))
		return false;
	while (e->zero_points.count < e->scales.count && (!zero || json_is_null(zero)))
		if (!ARRAY_PUSH(&e->zero_points, 0))
			return fail(why, WHY_MEMORY);
	if (!e->scales.count || e->scales.count != e->zero_points.count)
		return fail(why, "it has not as many zero points as scales");
	return true;
}
