#include "eval/metric.h"

#include <math.h>

enum { LANES = 4 };

/* Four sums side by side, joined at the end. */
struct lanes {
	double signal[LANES], noise[LANES], dot[LANES], other[LANES], error[LANES];
};

static void add_lanes(struct lanes *sums, double *max, const float *reference,
	const float *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double r = reference[i], q = values[i], error = fabs(r - q);
		size_t k = i % LANES;

		sums->signal[k] += r * r;
		sums->noise[k] += error * error;
		sums->dot[k] += r * q;
		sums->other[k] += q * q;
		sums->error[k] += error;
		*max = error > *max || error != error ? error : *max;
	}
}

static double join(const double lanes[LANES])
{
	return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

void metric_add(
	struct metric *metric, const float *reference, const float *values, size_t count)
{
	struct lanes sums = {{0}, {0}, {0}, {0}, {0}};

	add_lanes(&sums, &metric->error_max, reference, values, count);
	metric->signal += join(sums.signal);
	metric->noise += join(sums.noise);
	metric->dot += join(sums.dot);
	metric->other += join(sums.other);
	metric->error_sum += join(sums.error);
	metric->count += count;
}

void metric_merge(struct metric *metric, const struct metric *other)
{
	metric->signal += other->signal;
	metric->noise += other->noise;
	metric->dot += other->dot;
	metric->other += other->other;
	metric->error_sum += other->error_sum;
	metric->count += other->count;
	if (other->error_max > metric->error_max || isnan(other->error_max))
		metric->error_max = other->error_max;
}

double metric_sqnr(const struct metric *metric)
{
	if (isnan(metric->noise) || isnan(metric->signal))
		return NAN;
	if (metric->noise == 0)
		return INFINITY;
	return 10 * log10(metric->signal / metric->noise);
}

double metric_cosine(const struct metric *metric)
{
	double lengths = sqrt(metric->signal) * sqrt(metric->other);

	if (lengths == 0)
		return metric->signal == metric->other ? 1 : 0;
	return metric->dot / lengths;
}

double metric_mean_error(const struct metric *metric)
{
	return metric->count ? metric->error_sum / (double)metric->count : 0;
}
