/* Scale and zero point from a real range (qdq-semantics.md 1.2 to 1.5). */
#ifndef QDQEDIT_RULES_SCALE_H
#define QDQEDIT_RULES_SCALE_H

#include "rules/options.h"

/* A scale with its zero point. `value` is a value of `element` (ELEMENT_FLOAT or
 * ELEMENT_FLOAT16), the type it is stored in. */
struct scale {
	double value;
	int32_t zero_point;
	int32_t element;
	enum qtype type;
};

/* How a range becomes a scale. `element` is the type F the range is in. For ONNX Runtime
 * the ends may differ in type: then the wider one stands where both meet. */
struct scale_rule {
	enum qtype type;
	int32_t element;
	int32_t low_element; /* of the low end; 0: F too */
	bool symmetric, reduced;
	bool restricted; /* ActivationRestrictedAsymmetric, if it applies to the type */
	bool restricted_in_f32; /* its scale is float32 whatever F is (Q14) */
	bool has_minimum;       /* MinimumRealRange */
	double minimum;
};

/* The value rounded to F. */
double scale_round(int32_t element, double value);

/* 1.3. False if the range holds a NaN (or an infinity on both sides). */
bool scale_from_range(
	const struct scale_rule *rule, double rmin, double rmax, struct scale *scale);

/* What each step of 1.3 made of a range; for people. */
struct scale_steps {
	double low, high;           /* with 0 taken in */
	double wide_high;           /* with MinimumRealRange */
	double used_low, used_high; /* made symmetric if it is to be */
	int32_t qmin, qmax;
	int32_t element; /* the type of the high end, and of the scale */
	double exact;    /* the scale before it is rounded to F */
	double zero;     /* the zero point before it is rounded */
	bool too_small;  /* 1 and 0 are taken instead */
	bool restricted; /* replaced by ActivationRestrictedAsymmetric */
};

/* The same as scale_from_range, step by step. */
bool scale_trace_range(const struct scale_rule *rule, double rmin, double rmax,
	struct scale_steps *steps, struct scale *scale);

/* 1.5, per block: rmin and rmax are the extremes of the block's data. */
bool scale_from_block(
	const struct scale_rule *rule, double rmin, double rmax, struct scale *scale);

/* 1.9: the default of `symmetric` for a weight of a type. */
bool scale_weight_symmetric(const struct quant_options *options, enum qtype type);

#endif
