/* How far values are from their reference, pooled over everything that was added. */
#ifndef QDQEDIT_EVAL_METRIC_H
#define QDQEDIT_EVAL_METRIC_H

#include <stddef.h>
#include <stdint.h>

/* Sums in double: of r^2, (r - q)^2, r q, q^2, |r - q|. */
struct metric {
	double signal, noise, dot, other, error_sum, error_max;
	uint64_t count;
};

void metric_add(
	struct metric *metric, const float *reference, const float *values, size_t count);
void metric_merge(struct metric *metric, const struct metric *other);

/* 10 log10(signal / noise) in dB: infinite without noise, minus infinite without
 * signal, NaN when values were not finite. */
double metric_sqnr(const struct metric *metric);

/* Cosine of the angle between reference and values; 1 when both are zero. */
double metric_cosine(const struct metric *metric);
double metric_mean_error(const struct metric *metric);

#endif
