/* Kernels for x86 with SSE2, which every x86-64 has. */
#include "quant/kernels.h"

#if defined(__SSE2__)

#include <emmintrin.h>
#include <string.h>

#define FUNCTION
#define INLINE static inline
#define LANES 4
#define QUOTIENT_LIMIT 131072.0f /* beyond it nothing comes back into the limits */

typedef __m128 floats;
typedef __m128i integers;

INLINE floats load(const float *x)
{
	return _mm_loadu_ps(x);
}

INLINE void store(float *out, floats v)
{
	_mm_storeu_ps(out, v);
}

INLINE floats spread(float x)
{
	return _mm_set1_ps(x);
}

INLINE floats less(floats a, floats b)
{
	return _mm_min_ps(a, b);
}

INLINE floats more(floats a, floats b)
{
	return _mm_max_ps(a, b);
}

INLINE unsigned nan_lanes(floats v)
{
	return (unsigned)_mm_movemask_ps(_mm_cmpunord_ps(v, v));
}

INLINE integers quantized(floats x, floats scale, floats zero_point, struct limits limits)
{
	const floats most = _mm_set1_ps(QUOTIENT_LIMIT),
		     least = _mm_set1_ps(-QUOTIENT_LIMIT);
	floats q = _mm_div_ps(x, scale);
	floats number = _mm_cmpord_ps(q, q);

	q = more(less(q, most), least);
	q = _mm_cvtepi32_ps(_mm_cvtps_epi32(q));
	q = _mm_add_ps(q, zero_point);
	q = more(less(q, spread(limits.high)), spread(limits.low));
	return _mm_cvttps_epi32(_mm_and_ps(q, number));
}

/* The low 16 bits of each lane, twice. */
INLINE __m128i narrow(integers v)
{
	v = _mm_srai_epi32(_mm_slli_epi32(v, 16), 16);
	return _mm_packs_epi32(v, v);
}

INLINE void store_16(uint16_t *out, integers v)
{
	__m128i words = narrow(v);

	memcpy(out, &words, sizeof(words) / 2);
}

INLINE void store_8(uint8_t *out, integers v)
{
	__m128i words = _mm_and_si128(narrow(v), _mm_set1_epi16(0xff));
	__m128i bytes = _mm_packus_epi16(words, words);

	memcpy(out, &bytes, sizeof(bytes) / 4);
}

#include "quant/kernels_vector.h"

const struct kernels *kernels_sse2(void)
{
	static const struct kernels set = KERNELS("sse2");

	return &set;
}

#else

const struct kernels *kernels_sse2(void)
{
	return NULL;
}

#endif
