/* `compare`: a quantized model against its float model. */
#include "eval/compare.h"
#include "base/text.h"
#include "cli/calibrate.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"
#include "qdq/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The two models and what came of them. */
struct comparing {
	const struct args *args;
	struct model *models[2]; /* float, quantized */
	struct graph *graphs[2];
	struct comparison result;
	uint32_t *order; /* of rows: worst first */
};

static const char *type_name(const struct match *match)
{
	return match->type ? element_type_name(match->type) : "float";
}

static const char *row_name(const struct comparing *c, const struct compare_row *row)
{
	return graph_tensor_name(c->graphs[0], row->match.real);
}

static const char *decibels(double value, char text[24])
{
	if (isnan(value))
		return "not finite";
	if (isinf(value))
		return value > 0 ? "exact" : "lost";
	snprintf(text, 24, "%.2f", value);
	return text;
}

/* ---- a table for people */

enum { BAR_WIDTH = 20 };

/* The more error, the longer: 60 dB is none, 0 dB and worse is all. */
static const char *bar(double sqnr, char text[BAR_WIDTH + 1])
{
	double share = isnan(sqnr) ? 1 : (60 - sqnr) / 60;
	int length = (int)lrint(BAR_WIDTH * fmin(fmax(share, 0), 1));

	memset(text, '#', (size_t)length);
	text[length] = '\0';
	return text;
}

static bool put_row(struct print_table *table, const struct comparing *c,
	const struct compare_row *row)
{
	double sqnr = metric_sqnr(&row->after);
	char own[24], ahead[24], picture[BAR_WIDTH + 1];
	bool has_before = row->before.count && !row->match.converted;

	return print_cell(table, "%s%s", words_tensor(c->graphs[0], row->match.real),
		       row->match.output ? " (output)" : "") &&
	       print_cell(table, "%s%s", type_name(&row->match),
		       row->match.converted ? " (converted)" : "") &&
	       print_cell(table, "%s", decibels(sqnr, own)) &&
	       print_cell(table, "%s",
		       has_before ? decibels(metric_sqnr(&row->before), ahead) : "-") &&
	       print_cell(table, "%.6f", metric_cosine(&row->after)) &&
	       print_cell(table, "%.4g", row->after.error_max) &&
	       print_cell(table, "%.4g", metric_mean_error(&row->after)) &&
	       print_cell(table, "%s", bar(sqnr, picture));
}

static int compare_text(const struct comparing *c)
{
	static const char *const heads[] = {"TENSOR", "TYPE", "SQNR DB", "BEFORE",
		"COSINE", "MAX ERROR", "MEAN ERROR", "ERROR"};
	struct print_table table = {.heads = heads, .columns = 8};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < c->result.count; i++) {
		const struct compare_row *row = &c->result.rows[c->order[i]];

		if (row->seen && !put_row(&table, c, row)) {
			error_set_memory(&err, "the table");
			return cli_fail(&err);
		}
	}
	answer("%zu sample%s; worst first; BEFORE is the tensor ahead of its own "
	       "rounding\n",
		c->result.samples, text_s(c->result.samples));
	print_table(&table);
	return EXIT_DONE;
}

/* ---- for programs */

static json_t *json_decibels(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_row(const struct comparing *c, const struct compare_row *row)
{
	json_t *object = json_object();

	json_object_set_new(
		object, "tensor", json_tensor_name(c->graphs[0], row->match.real));
	json_object_set_new(object, "type", json_string(type_name(&row->match)));
	json_object_set_new(object, "converted", json_boolean(row->match.converted));
	json_object_set_new(object, "output", json_boolean(row->match.output));
	json_object_set_new(object, "exact", json_boolean(row->after.noise == 0));
	json_object_set_new(object, "sqnr", json_decibels(metric_sqnr(&row->after)));
	json_object_set_new(object, "before_sqnr",
		row->before.count ? json_decibels(metric_sqnr(&row->before))
				  : json_null());
	json_object_set_new(object, "cosine", json_decibels(metric_cosine(&row->after)));
	json_object_set_new(object, "max_error", json_decibels(row->after.error_max));
	json_object_set_new(
		object, "mean_error", json_decibels(metric_mean_error(&row->after)));
	return object;
}

static int compare_json(const struct comparing *c)
{
	json_t *outputs = json_array(), *tensors = json_array();

	for (size_t i = 0; i < c->result.count; i++) {
		const struct compare_row *row = &c->result.rows[c->order[i]];

		if (row->seen)
			json_array_append_new(
				row->match.output ? outputs : tensors, json_row(c, row));
	}
	return print_json(json_pack("{s:I, s:b, s:i, s:o, s:o}", "samples",
		(json_int_t)c->result.samples, "random", c->args->random > 0, "unmatched",
		(int)c->result.unmatched, "outputs", outputs, "tensors", tensors));
}

static int compare_csv(const struct comparing *c)
{
	answer("tensor,type,converted,output,sqnr_db,before_sqnr_db,cosine,max_error,"
	       "mean_error\n");
	for (size_t i = 0; i < c->result.count; i++) {
		const struct compare_row *row = &c->result.rows[c->order[i]];

		if (!row->seen)
			continue;
		answer_csv_text(row_name(c, row));
		answer(",%s,%d,%d", type_name(&row->match), row->match.converted,
			row->match.output);
		answer_csv_number(metric_sqnr(&row->after));
		if (row->before.count)
			answer_csv_number(metric_sqnr(&row->before));
		else
			answer(",");
		answer_csv_number(metric_cosine(&row->after));
		answer_csv_number(row->after.error_max);
		answer_csv_number(metric_mean_error(&row->after));
		answer("\n");
	}
	return EXIT_DONE;
}

/* ---- running */

static const struct comparing *sorting; /* qsort hands over no argument */

static double rank(uint32_t row)
{
	double sqnr = metric_sqnr(&sorting->result.rows[row].after);

	return isnan(sqnr) ? -INFINITY : sqnr;
}

static int worst_first(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	double left = rank(x), right = rank(y);

	return left != right ? (left < right ? -1 : 1) : (x < y ? -1 : 1);
}

static bool sort_rows(struct comparing *c, struct error *err)
{
	c->order = calloc(c->result.count + 1, sizeof(*c->order));
	if (!c->order)
		return error_set_memory(err, "the table");
	for (uint32_t i = 0; i < c->result.count; i++)
		c->order[i] = i;
	sorting = c;
	qsort(c->order, c->result.count, sizeof(*c->order), worst_first);
	return true;
}

static bool open_models(struct comparing *c, struct error *err)
{
	struct model_options options = {
		.strict_external_data = c->args->strict_external_data};

	for (int i = 0; i < 2; i++) {
		c->models[i] = model_open(
			c->args->operands.items[i], &options, run_progress(), err);
		if (!c->models[i] || !run_check_target(c->args, c->models[i], err))
			return false;
		c->graphs[i] = graph_build(c->models[i], err);
		if (!c->graphs[i])
			return false;
	}
	return true;
}

static bool run_samples(
	struct comparing *c, struct sample_set *samples, struct error *err)
{
	struct compare_request request = {.real = c->graphs[0],
		.quantized = c->graphs[1],
		.samples = samples,
		.threads = c->args->threads};
	bool done;

	request.runtime = ort_runtime_open(c->args->ort_lib, NULL, err);
	if (!request.runtime)
		return false;
	done = compare_models(&request, &c->result, run_progress(), err);
	ort_runtime_close(request.runtime);
	if (*sample_set_note(samples))
		print_note("%s", sample_set_note(samples));
	return done;
}

static bool compare(struct comparing *c, struct error *err)
{
	struct sample_set *samples;
	bool done;

	if (!open_models(c, err))
		return false;
	samples = run_open_samples(c->args, c->graphs[0], err);
	if (!samples)
		return false;
	done = run_samples(c, samples, err) && sort_rows(c, err);
	sample_set_free(samples);
	return done;
}

static int put_comparison(const struct comparing *c)
{
	if (c->args->random)
		print_note("the samples are random: the figures are for trying things "
			   "out");
	if (qdq_is_quantized(c->models[0]))
		print_note("%s is quantized: the figures say how far the other is "
			   "from it",
			text_path(c->args->operands.items[0]));
	if (c->result.unmatched)
		print_note("%u float tensor%s no counterpart in the other model",
			c->result.unmatched,
			c->result.unmatched == 1 ? " has" : "s have");
	if (c->args->json)
		return compare_json(c);
	return c->args->csv ? compare_csv(c) : compare_text(c);
}

int run_compare(const struct args *args)
{
	struct comparing c = {.args = args};
	struct error err = ERROR_INIT;
	int code;

	if (!run_has_samples(args)) {
		error_set(&err, ERROR_USAGE,
			"compare: samples are wanted; add --data PATH or --random N");
		return cli_fail(&err);
	}
	code = compare(&c, &err) ? put_comparison(&c) : cli_fail(&err);
	comparison_release(&c.result);
	free(c.order);
	for (int i = 0; i < 2; i++) {
		graph_free(c.graphs[i]);
		model_free(c.models[i]);
	}
	return code;
}
