#include "eval/rounding.h"

#include "calib/scan.h"
#include "onnx/tensor.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

struct rounding rounding_of(const struct scale *scale)
{
	int32_t qmin, qmax;

	if (scale->type == QTYPE_NONE)
		return (struct rounding){0, 0, 0};
	qtype_range(scale->type, false, false, &qmin, &qmax);
	return (struct rounding){(float)scale->value, (float)(qmin - scale->zero_point),
		(float)(qmax - scale->zero_point)};
}

static void round_plain(
	const struct rounding *r, const float *values, float *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		float x = rintf(values[i] / r->scale);

		x = x > r->low ? x : r->low;
		x = x < r->high ? x : r->high;
		out[i] = x * r->scale + 0.0f; /* an integer has no -0 */
	}
}

#if defined(__x86_64__)

enum { LANES = 8 };

__attribute__((target("avx2"))) static size_t round_avx2(
	const struct rounding *r, const float *values, float *out, size_t count)
{
	__m256 scale = _mm256_set1_ps(r->scale);
	__m256 low = _mm256_set1_ps(r->low), high = _mm256_set1_ps(r->high);
	size_t whole = count - count % LANES;

	for (size_t i = 0; i < whole; i += LANES) {
		__m256 x = _mm256_div_ps(_mm256_loadu_ps(values + i), scale);

		x = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
		x = _mm256_min_ps(_mm256_max_ps(x, low), high);
		x = _mm256_add_ps(_mm256_mul_ps(x, scale), _mm256_setzero_ps());
		_mm256_storeu_ps(out + i, x);
	}
	return whole;
}

__attribute__((target("avx2,f16c"))) static size_t narrow_fast(
	const float *values, uint16_t *out, size_t count)
{
	size_t whole = count - count % LANES;

	for (size_t i = 0; i < whole; i += LANES)
		_mm_storeu_si128(
			(__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(values + i),
						      _MM_FROUND_TO_NEAREST_INT));
	return whole;
}

static size_t narrow_some(const float *values, uint16_t *out, size_t count)
{
	return __builtin_cpu_supports("avx2") ? narrow_fast(values, out, count) : 0;
}

static size_t round_fast(
	const struct rounding *r, const float *values, float *out, size_t count)
{
	return __builtin_cpu_supports("avx2") ? round_avx2(r, values, out, count) : 0;
}

#else

static size_t round_fast(
	const struct rounding *r, const float *values, float *out, size_t count)
{
	(void)r, (void)values, (void)out, (void)count;
	return 0;
}

static size_t narrow_some(const float *values, uint16_t *out, size_t count)
{
	(void)values, (void)out, (void)count;
	return 0;
}

#endif

void rounding_apply(
	const struct rounding *rounding, const float *values, float *out, size_t count)
{
	size_t done;

	if (rounding->scale == 0) {
		if (out != values && count)
			memmove(out, values, count * sizeof(*out));
		return;
	}
	done = round_fast(rounding, values, out, count);
	round_plain(rounding, values + done, out + done, count - done);
}

static void narrow(const float *values, uint16_t *out, size_t count)
{
	for (size_t i = narrow_some(values, out, count); i < count; i++)
		out[i] = half_from_double(values[i]);
}

void rounding_apply_half(const struct rounding *rounding, const uint16_t *values,
	uint16_t *out, size_t count)
{
	float block[SCAN_BLOCK];

	if (rounding->scale == 0) {
		if (out != values && count)
			memmove(out, values, count * sizeof(*out));
		return;
	}
	for (size_t at = 0; at < count; at += SCAN_BLOCK) {
		size_t part = count - at < SCAN_BLOCK ? count - at : SCAN_BLOCK;

		scan_widen(values + at, part, block);
		rounding_apply(rounding, block, block, part);
		narrow(block, out + at, part);
	}
}
