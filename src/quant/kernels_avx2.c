/* Kernels for x86-64 with AVX2, chosen when the program runs. */
#include "quant/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define FUNCTION __attribute__((target("avx2")))
#define INLINE FUNCTION static inline
#define LANES 8
#define QUOTIENT_LIMIT 131072.0f /* beyond it nothing comes back into the limits */

typedef __m256 floats;
typedef __m256i integers;

INLINE floats load(const float *x)
{
	return _mm256_loadu_ps(x);
}

INLINE void store(float *out, floats v)
{
	_mm256_storeu_ps(out, v);
}

INLINE floats spread(float x)
{
	return _mm256_set1_ps(x);
}

INLINE floats less(floats a, floats b)
{
	return _mm256_min_ps(a, b);
}

INLINE floats more(floats a, floats b)
{
	return _mm256_max_ps(a, b);
}

INLINE unsigned nan_lanes(floats v)
{
	return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}

INLINE integers quantized(floats x, floats scale, floats zero_point, struct limits limits)
{
	const floats most = _mm256_set1_ps(QUOTIENT_LIMIT),
		     least = _mm256_set1_ps(-QUOTIENT_LIMIT);
	floats q = _mm256_div_ps(x, scale);
	floats number = _mm256_cmp_ps(q, q, _CMP_ORD_Q);

	q = more(less(q, most), least);
	q = _mm256_round_ps(q, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
	q = _mm256_add_ps(q, zero_point);
	q = more(less(q, spread(limits.high)), spread(limits.low));
	return _mm256_cvttps_epi32(_mm256_and_ps(q, number));
}

/* The low 16 bits of each lane, in order. */
INLINE __m128i narrow(integers v)
{
	v = _mm256_srai_epi32(_mm256_slli_epi32(v, 16), 16);
	return _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

INLINE void store_16(uint16_t *out, integers v)
{
	__m128i words = narrow(v);

	memcpy(out, &words, sizeof(words));
}

INLINE void store_8(uint8_t *out, integers v)
{
	__m128i words = _mm_and_si128(narrow(v), _mm_set1_epi16(0xff));
	__m128i bytes = _mm_packus_epi16(words, words);

	memcpy(out, &bytes, sizeof(bytes) / 2);
}

#include "quant/kernels_vector.h"

const struct kernels *kernels_avx2(void)
{
	static const struct kernels set = KERNELS("avx2");

	return __builtin_cpu_supports("avx2") ? &set : NULL;
}

#else

const struct kernels *kernels_avx2(void)
{
	return NULL;
}

#endif
