#include "calib/minmax.h"

#include "calib/pairwise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A result in the arithmetic of the tensor's type. */
static float rounded(int32_t type, double value)
{
	return type == ELEMENT_FLOAT16 ? half_to_float(half_from_double(value))
				       : (float)value;
}

bool minmax_init(struct minmax *minmax, struct collector *collector, bool symmetric,
	struct error *err)
{
	const struct quant_options *options = collector->request->options;
	size_t slots = collector->slots.count;

	minmax->collector = collector;
	minmax->symmetric = symmetric;
	minmax->moving = options->calib_moving_average;
	minmax->constant = options->calib_averaging_constant;
	minmax->ranges = calloc(slots, sizeof(*minmax->ranges));
	minmax->has = calloc(slots, sizeof(*minmax->has));
	return (minmax->ranges && minmax->has) || error_set_memory(err, "ranges");
}

void minmax_release(struct minmax *minmax)
{
	free(minmax->ranges);
	free(minmax->has);
	free(minmax->column);
}

bool minmax_begin(struct minmax *minmax, size_t samples, struct error *err)
{
	struct collector *collector = minmax->collector;

	if (!minmax->moving)
		return true;
	free(collector->extents);
	free(minmax->column);
	collector->extents =
		calloc(samples * collector->slots.count + 1, sizeof(*collector->extents));
	minmax->column = calloc(samples + 1, sizeof(*minmax->column));
	return (collector->extents && minmax->column) ||
	       error_set_memory(err, "the moving average");
}

/* numpy.nanmean: samples without a number count as 0 in the sum and not in the number. */
static float mean_of(
	struct minmax *minmax, size_t slot, size_t samples, bool high, int32_t type)
{
	const struct collector *collector = minmax->collector;
	size_t numbers = 0;

	for (size_t i = 0; i < samples; i++) {
		const struct extent *extent =
			&collector->extents[i * collector->slots.count + slot];
		bool number = extent->low <= extent->high;

		minmax->column[i] = !number ? 0 : high ? extent->high : extent->low;
		numbers += number;
	}
	return rounded(
		type, (double)rounded(type, pairwise_sum(minmax->column, samples, 1)) /
			      (double)numbers);
}

static float averaged(const struct minmax *minmax, float old, float new, int32_t type)
{
	float step = rounded(type, (double)new - (double)old);
	float part =
		rounded(type, (double)rounded(type, minmax->constant) * (double)step);

	return rounded(type, (double)old + (double)part);
}

static struct extent merged(const struct minmax *minmax, const struct extent *old,
	const struct extent *new, int32_t type)
{
	if (minmax->moving)
		return (struct extent){averaged(minmax, old->low, new->low, type),
			averaged(minmax, old->high, new->high, type)};
	return (struct extent){fminf(old->low, new->low), fmaxf(old->high, new->high)};
}

static void end_slot(
	struct minmax *minmax, size_t slot, const struct stats *stats, size_t samples)
{
	const struct collector *collector = minmax->collector;
	int32_t type =
		collector->graph->tensors[collector->slots.items[slot]].element_type;
	struct extent new = {stats->low, stats->high};

	if (!(stats->low <= stats->high))
		return;
	if (minmax->moving) {
		new.low = mean_of(minmax, slot, samples, false, type);
		new.high = mean_of(minmax, slot, samples, true, type);
	}
	if (minmax->symmetric) {
		new.high = fmaxf(fabsf(new.low), fabsf(new.high));
		new.low = -new.high;
	}
	minmax->ranges[slot] = minmax->has[slot]
				       ? merged(minmax, &minmax->ranges[slot], &new, type)
				       : new;
	minmax->has[slot] = true;
}

void minmax_end(struct minmax *minmax, const struct stats *stats, size_t samples)
{
	for (size_t i = 0; i < minmax->collector->slots.count; i++)
		end_slot(minmax, i, &stats[i], samples);
}

void minmax_range(const struct minmax *minmax, size_t slot, float *low, float *high)
{
	*low = minmax->ranges[slot].low;
	*high = minmax->ranges[slot].high;
}
