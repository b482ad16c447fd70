/* Numbers as the shortest decimal text that reads back to the same value. */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A positive value as 0.DIGITS times ten to the power `point`. */
struct decimal {
	char digits[24];
	int count;
	int point;
};

/* Takes "d.ddde+XX" apart, whatever the locale writes for the point. */
static void split(struct decimal *out, const char *text)
{
	const char *e = strchr(text, 'e');

	out->count = 0;
	for (const char *p = text; p < e; p++)
		if (*p >= '0' && *p <= '9')
			out->digits[out->count++] = *p;
	while (out->count > 1 && out->digits[out->count - 1] == '0')
		out->count--;
	out->point = atoi(e + 1) + 1;
}

static bool reads_back(const char *text, double value, bool is_float)
{
	return is_float ? strtof(text, NULL) == (float)value
			: strtod(text, NULL) == value;
}

/* Adds one to the last digit of "d.ddde+XX"; false where the first would overflow. */
static bool step_up(char *text)
{
	char *p = strchr(text, 'e') - 1;

	for (; p > text; p--) {
		if (*p >= '0' && *p < '9') {
			++*p;
			return true;
		}
		if (*p == '9')
			*p = '0';
	}
	return *p < '9' && ++*p;
}

/* The fewest digits that read back. Any number of up to FLT_DIG or DBL_DIG digits
 * survives the way through the type, so those digits without their trailing zeros
 * are the shortest; only subnormal values need the walk from one digit on. Above a
 * power of two the values lie twice as far apart as below, so there a number that
 * is not the nearest of its length may read back: the next one up. */
static void shortest(struct decimal *out, double value, bool is_float)
{
	bool subnormal = value < (is_float ? 0x1p-126 : 0x1p-1022);
	int most = is_float ? 9 : 17;
	bool power = frexp(value, &(int){0}) == 0.5;
	char text[40];

	for (int n = subnormal ? 1 : (is_float ? 6 : 15); n <= most; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, value);
		if (n == most || reads_back(text, value, is_float))
			break;
		if (power && step_up(text) && reads_back(text, value, is_float))
			break;
	}
	split(out, text);
}

/* Positional below 1e16 and from 1e-4 on, otherwise scientific with an exponent of at
 * least two digits: as Python prints a float. */
static void lay_out(char *out, const struct decimal *d, bool point)
{
	int exponent = d->point - 1;

	if (exponent < -4 || exponent >= 16) {
		snprintf(out, 31, "%c%s%.*s%s%02d", d->digits[0], d->count > 1 ? "." : "",
			d->count - 1, d->digits + 1, exponent < 0 ? "e-" : "e+",
			abs(exponent));
		return;
	}
	if (d->point <= 0) {
		snprintf(out, 31, "0.%.*s%.*s", -d->point, "0000", d->count, d->digits);
		return;
	}
	for (int i = 0; i < d->point; i++)
		*out++ = i < d->count ? d->digits[i] : '0';
	if (d->count > d->point) {
		*out++ = '.';
		for (int i = d->point; i < d->count; i++)
			*out++ = d->digits[i];
	} else if (point) {
		*out++ = '.';
		*out++ = '0';
	}
	*out = '\0';
}

static char *number_text(char out[32], double value, bool point, bool is_float)
{
	struct decimal decimal;
	char *at = out;

	if (isnan(value))
		return strcpy(out, "NaN");
	if (signbit(value))
		*at++ = '-';
	if (isinf(value))
		strcpy(at, "Infinity");
	else if (value == 0)
		strcpy(at, point ? "0.0" : "0");
	else {
		shortest(&decimal, fabs(value), is_float);
		lay_out(at, &decimal, point);
	}
	return out;
}

char *text_f32(char out[32], float value, bool point)
{
	return number_text(out, (double)value, point, true);
}

char *text_f64(char out[32], double value, bool point)
{
	return number_text(out, value, point, false);
}
