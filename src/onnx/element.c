/* Element types: names, sizes, half precision. */
#include "onnx/tensor.h"

#include <math.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned bits;
} elements[ELEMENT_COUNT] = {
	[ELEMENT_NONE] = {"undefined", 0},
	[ELEMENT_FLOAT] = {"float", 32},
	[ELEMENT_UINT8] = {"uint8", 8},
	[ELEMENT_INT8] = {"int8", 8},
	[ELEMENT_UINT16] = {"uint16", 16},
	[ELEMENT_INT16] = {"int16", 16},
	[ELEMENT_INT32] = {"int32", 32},
	[ELEMENT_INT64] = {"int64", 64},
	[ELEMENT_STRING] = {"string", 0},
	[ELEMENT_BOOL] = {"bool", 8},
	[ELEMENT_FLOAT16] = {"float16", 16},
	[ELEMENT_DOUBLE] = {"double", 64},
	[ELEMENT_UINT32] = {"uint32", 32},
	[ELEMENT_UINT64] = {"uint64", 64},
	[ELEMENT_COMPLEX64] = {"complex64", 64},
	[ELEMENT_COMPLEX128] = {"complex128", 128},
	[ELEMENT_BFLOAT16] = {"bfloat16", 16},
	[ELEMENT_FLOAT8E4M3FN] = {"float8e4m3fn", 8},
	[ELEMENT_FLOAT8E4M3FNUZ] = {"float8e4m3fnuz", 8},
	[ELEMENT_FLOAT8E5M2] = {"float8e5m2", 8},
	[ELEMENT_FLOAT8E5M2FNUZ] = {"float8e5m2fnuz", 8},
	[ELEMENT_UINT4] = {"uint4", 4},
	[ELEMENT_INT4] = {"int4", 4},
	[ELEMENT_FLOAT4E2M1] = {"float4e2m1", 4},
	[ELEMENT_FLOAT8E8M0] = {"float8e8m0", 8},
	[ELEMENT_UINT2] = {"uint2", 2},
	[ELEMENT_INT2] = {"int2", 2},
	[ELEMENT_FLOAT6E2M3] = {"float6e2m3", 6},
	[ELEMENT_FLOAT6E3M2] = {"float6e3m2", 6},
};

const char *element_type_name(int32_t type)
{
	return type >= 0 && type < ELEMENT_COUNT ? elements[type].name : NULL;
}

unsigned element_type_bits(int32_t type)
{
	return type >= 0 && type < ELEMENT_COUNT ? elements[type].bits : 0;
}

float half_to_float(uint16_t bits)
{
	uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
	uint32_t exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff, word;
	float value;

	if (exponent == 0) {
		value = ldexpf((float)fraction, -24);
		return sign ? -value : value;
	}
	exponent = exponent == 0x1f ? 0xff : exponent + 127 - 15;
	word = sign | exponent << 23 | fraction << 13;
	memcpy(&value, &word, sizeof(value));
	return value;
}

/* Adds the rounding of a value that was cut to `kept`: half to even. */
static uint64_t round_even(uint64_t value, unsigned drop)
{
	uint64_t kept = value >> drop;
	uint64_t rest = value & ((UINT64_C(1) << drop) - 1);
	uint64_t half = UINT64_C(1) << (drop - 1);

	return kept + (rest > half || (rest == half && (kept & 1)));
}

uint16_t half_from_double(double value)
{
	uint64_t word, fraction;
	int exponent;
	uint16_t sign;

	memcpy(&word, &value, sizeof(word));
	sign = (uint16_t)(word >> 48 & 0x8000);
	exponent = (int)(word >> 52 & 0x7ff) - 1023;
	fraction = word & ((UINT64_C(1) << 52) - 1);
	if (exponent == 1024)
		return sign | 0x7c00 |
		       (fraction ? 0x200 | (uint16_t)(fraction >> 42) : 0);
	if (exponent > 15)
		return sign | 0x7c00;
	if (exponent >= -14)
		return sign + (uint16_t)round_even(
				      (uint64_t)(exponent + 15) << 52 | fraction, 42);
	if (exponent < -25)
		return sign;
	return sign | (uint16_t)round_even(fraction | UINT64_C(1) << 52,
			      (unsigned)(42 - 14 - exponent));
}
