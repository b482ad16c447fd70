#include "ui/values.h"

#include "eval/profile.h"
#include "plan/parameters.h"
#include "ui/words.h"

#include <math.h>
#include <stdio.h>

enum { LABEL = 1, VALUE = 11, COLUMNS = 64, NARROWEST = 8 };

struct lines {
	const struct ui *ui;
	const struct area *area;
	const struct range *range;
	const struct tensor_profile *profile; /* NULL: not measured */
	int y;
};

static int value_line(struct lines *lines, const char *label)
{
	area_text(lines->area, LABEL, lines->y, ROLE_MUTED, label);
	return lines->y++;
}

/* ---- The histogram: columns of equal width between real bounds. */

struct bars {
	double low, high;
	double sums[COLUMNS];
	int width;
};

/* A bin's count goes to the columns that it covers, by their shares. */
static void add_bin(struct bars *bars, double from, double to, double count)
{
	double step = (bars->high - bars->low) / bars->width;
	int first = (int)((from - bars->low) / step);
	int last = (int)((to - bars->low) / step);

	first = first < 0 ? 0 : first;
	for (int i = first; i <= last && i < bars->width && to > from; i++) {
		double left = fmax(from, bars->low + step * i);
		double right = fmin(to, bars->low + step * (i + 1));

		if (right > left)
			bars->sums[i] += count * (right - left) / (to - from);
	}
}

static bool fill_bars(const struct lines *lines, struct bars *bars)
{
	const struct range_histogram *kept = lines->range->histogram;
	const struct tensor_profile *profile = lines->profile;

	if (kept && kept->edges) {
		bars->low = kept->edges[0];
		bars->high = kept->edges[kept->bins];
	} else if (profile) {
		bars->low = profile->low;
		bars->high = profile->high;
	}
	if (!(bars->high > bars->low))
		return false;
	for (uint32_t i = 0; kept && kept->edges && i < kept->bins; i++)
		add_bin(bars, kept->edges[i], kept->edges[i + 1],
			(double)kept->counts[i]);
	for (int i = 0; !(kept && kept->edges) && i < PROFILE_BINS; i++) {
		double step = (bars->high - bars->low) / PROFILE_BINS;

		add_bin(bars, bars->low + step * i, bars->low + step * (i + 1),
			profile->bins[i]);
	}
	return true;
}

/* What lies outside the range stands out: it is clipped. */
static enum role column_role(const struct lines *lines, const struct bars *bars, int i)
{
	double step = (bars->high - bars->low) / bars->width;
	double from = bars->low + step * i, to = from + step;

	return to <= lines->range->low || from >= lines->range->high ? ROLE_WARNING
								     : ROLE_MUTED;
}

static void draw_bars(struct lines *lines)
{
	struct bars bars = {.width = lines->area->r.w - VALUE - 1};
	double most = 1e-9;
	char low[32], high[32];

	bars.width = bars.width > COLUMNS ? COLUMNS : bars.width;
	if (bars.width < NARROWEST || !fill_bars(lines, &bars))
		return;
	for (int i = 0; i < bars.width; i++)
		most = fmax(most, bars.sums[i]);
	for (int i = 0; i < bars.width; i++) {
		int level = bars.sums[i] > 0 ? 1 + (int)(bars.sums[i] * 7 / most) : 0;

		area_text(lines->area, VALUE + i, lines->y, column_role(lines, &bars, i),
			word_bar(level));
	}
	lines->y++;
	snprintf(low, sizeof(low), "%.4g", bars.low);
	snprintf(high, sizeof(high), "%.4g", bars.high);
	area_text(lines->area, VALUE, lines->y, ROLE_MUTED, low);
	area_right(lines->area, VALUE + bars.width, lines->y++, ROLE_MUTED, high);
}

/* ---- Each type. */

/* Signal power over step^2 / 12, for values spread evenly over the range. */
static double estimate(const struct range *range, double step)
{
	double lo = range->low, hi = range->high, power;

	if (!(hi > lo) || !(step > 0))
		return 0;
	power = (hi * hi + hi * lo + lo * lo) / 3;
	return 10 * log10(power / (step * step / 12));
}

/* What was measured of a type, or NULL. */
static const struct rounding_sums *measured(const struct lines *lines, enum qtype type)
{
	const struct profile *profile = measure_profile(lines->ui);

	for (int i = 0; lines->profile && i < PROFILE_TYPES; i++)
		if (profile->types[i] == type && lines->profile->as[i].count)
			return &lines->profile->as[i];
	return NULL;
}

static void draw_measured(
	const struct lines *lines, int y, const struct rounding_sums *sums)
{
	double clipped = 100 * rounding_sums_clipped(sums);
	char number[32];

	measure_decibels(rounding_sums_sqnr(sums), number, sizeof(number));
	area_text(lines->area, VALUE + 20, y, ROLE_TEXT, number);
	if (sums->clipped && clipped < 0.01)
		area_text(lines->area, VALUE + 30, y, ROLE_WARNING, "<0.01 % clipped");
	else if (sums->clipped)
		area_print(lines->area, VALUE + 30, y, ROLE_WARNING, "%.2f %% clipped",
			clipped);
	else
		area_text(lines->area, VALUE + 30, y, ROLE_MUTED, "none clipped");
}

static void draw_step(struct lines *lines, enum qtype type)
{
	const struct quant_options *options = lines->ui->session->plan->options;
	const struct range *range = lines->range;
	const struct rounding_sums *sums = measured(lines, type);
	struct scale_rule rule = parameters_rule(options, type, range->type);
	struct scale scale;
	char label[16];
	int y;

	if (!scale_from_range(&rule, range->low, range->high, &scale))
		return;
	snprintf(label, sizeof(label), "%s step", word_type(type));
	y = value_line(lines, label);
	area_print(lines->area, VALUE, y, ROLE_TEXT, "%.3g", scale.value);
	area_print(lines->area, VALUE + 10, y, ROLE_TEXT, "zp %d", scale.zero_point);
	if (sums)
		draw_measured(lines, y, sums);
	else
		area_print(lines->area, VALUE + 20, y, ROLE_MUTED, "~%.0f dB",
			estimate(range, scale.value));
}

static void draw_missing(struct lines *lines, int y)
{
	const struct ranges *ranges = lines->ui->session->plan->ranges;

	area_text(lines->area, VALUE, y, ROLE_WARNING,
		ranges->count ? "none for this tensor" : "none loaded");
	area_text(lines->area, VALUE, lines->y++, ROLE_MUTED, ":ranges FILE reads them");
}

int values_draw(struct ui *ui, const struct area *area, tensor_id tensor, int y)
{
	const struct ranges *ranges = ui->session->plan->ranges;
	const struct profile *profile = measure_profile(ui);
	struct lines lines = {
		.ui = ui, .area = area, .range = ranges_find(ranges, tensor), .y = y};
	enum qtype base = ui->outcome->base;
	int x;

	if (graph_is_constant(ui->outcome->graph, tensor))
		return y;
	y = value_line(&lines, "range");
	if (!lines.range) {
		draw_missing(&lines, y);
		return lines.y;
	}
	if (profile && tensor < ui->outcome->graph->main_tensors &&
		profile->of[tensor].as[0].count)
		lines.profile = &profile->of[tensor];
	x = area_print(area, VALUE, y, ROLE_TEXT, "%.6g … %.6g   ", lines.range->low,
		lines.range->high);
	area_field(area, x, y, area->r.w - x, ROLE_TEXT, ranges->source);
	draw_bars(&lines);
	draw_step(&lines, base);
	draw_step(&lines, qtype_wider(base));
	return lines.y;
}
