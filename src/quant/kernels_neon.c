/* Kernels for 64-bit ARM, all of which have NEON. */
#include "quant/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#define FUNCTION
#define INLINE static inline
#define LANES 4
#define QUOTIENT_LIMIT 131072.0f /* beyond it nothing comes back into the limits */

typedef float32x4_t floats;
typedef int32x4_t integers;

INLINE floats load(const float *x)
{
	return vld1q_f32(x);
}

INLINE void store(float *out, floats v)
{
	vst1q_f32(out, v);
}

INLINE floats spread(float x)
{
	return vdupq_n_f32(x);
}

/* NaN in the first value: the second one. */
INLINE floats less(floats a, floats b)
{
	return vbslq_f32(vcltq_f32(a, b), a, b);
}

INLINE floats more(floats a, floats b)
{
	return vbslq_f32(vcgtq_f32(a, b), a, b);
}

INLINE unsigned nan_lanes(floats v)
{
	static const uint32_t bits[4] = {1, 2, 4, 8};
	uint32x4_t nan = vmvnq_u32(vceqq_f32(v, v));

	return vaddvq_u32(vandq_u32(nan, vld1q_u32(bits)));
}

INLINE integers quantized(floats x, floats scale, floats zero_point, struct limits limits)
{
	floats q = vdivq_f32(x, scale);
	uint32x4_t number = vceqq_f32(q, q);

	q = more(less(q, spread(QUOTIENT_LIMIT)), spread(-QUOTIENT_LIMIT));
	q = vaddq_f32(vrndnq_f32(q), zero_point);
	q = more(less(q, spread(limits.high)), spread(limits.low));
	return vandq_s32(vcvtq_s32_f32(q), vreinterpretq_s32_u32(number));
}

INLINE void store_16(uint16_t *out, integers v)
{
	vst1_u16(out, vmovn_u32(vreinterpretq_u32_s32(v)));
}

INLINE void store_8(uint8_t *out, integers v)
{
	uint16x4_t words = vmovn_u32(vreinterpretq_u32_s32(v));
	uint8x8_t bytes = vmovn_u16(vcombine_u16(words, words));

	vst1_lane_u32((uint32_t *)(void *)out, vreinterpret_u32_u8(bytes), 0);
}

#include "quant/kernels_vector.h"

const struct kernels *kernels_neon(void)
{
	static const struct kernels set = KERNELS("neon");

	return &set;
}

#else

const struct kernels *kernels_neon(void)
{
	return NULL;
}

#endif
