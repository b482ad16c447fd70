#include "plan/scores.h"

#include "base/output.h"
#include "base/text.h"
#include "plan/json.h"
#include "plan/scores_reader.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_FOR_SCORES "scores"

/* The first that a file has is taken. */
const struct score_word score_words[] = {
	{"qdq_err", SCORES_LOW_FIRST, true},
	{"sqnr_db", SCORES_LOW_FIRST, true},
	{"sqnr", SCORES_LOW_FIRST, true},
	{"alone", SCORES_LOW_FIRST, true},
	{"snr_db", SCORES_LOW_FIRST, true},
	{"snr", SCORES_LOW_FIRST, true},
	{"psnr", SCORES_LOW_FIRST, true},
	{"xmodel_err", SCORES_LOW_FIRST, true},
	{"cosine", SCORES_LOW_FIRST, false},
	{"cosine_similarity", SCORES_LOW_FIRST, false},
	{"accuracy", SCORES_LOW_FIRST, false},
	{"mse", SCORES_HIGH_FIRST, false},
	{"rmse", SCORES_HIGH_FIRST, false},
	{"mae", SCORES_HIGH_FIRST, false},
	{"kl", SCORES_HIGH_FIRST, false},
	{"kl_divergence", SCORES_HIGH_FIRST, false},
	{"l1", SCORES_HIGH_FIRST, false},
	{"l2", SCORES_HIGH_FIRST, false},
	{"max_error", SCORES_HIGH_FIRST, false},
	{"mean_error", SCORES_HIGH_FIRST, false},
	{"max_abs_error", SCORES_HIGH_FIRST, false},
	{"error", SCORES_HIGH_FIRST, false},
	{"loss", SCORES_HIGH_FIRST, false},
	{"sensitivity", SCORES_HIGH_FIRST, false},
	{"score", SCORES_UNORDERED, false},
	{"value", SCORES_UNORDERED, false},
};

static const char *const name_words[] = {"tensor", "name", "tensor_name", "node",
	"node_name", "layer", "layer_name", "op"};

/* Whether a text is the word, whatever its letters' case and what divides its parts. */
static bool is_word(const char *text, size_t length, const char *word)
{
	size_t i = 0;

	for (; i < length && word[i]; i++) {
		char c = (char)tolower((unsigned char)text[i]);

		if ((c == ' ' || c == '-' ? '_' : c) != word[i])
			return false;
	}
	return i == length && !word[i];
}

int score_word_rank(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(score_words) / sizeof(score_words[0]); i++)
		if (is_word(text, length, score_words[i].word))
			return (int)i;
	return -1;
}

bool score_is_name_word(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(name_words) / sizeof(name_words[0]); i++)
		if (is_word(text, length, name_words[i]))
			return true;
	return false;
}

bool scores_fault(struct scores_reader *reader, const char *place, const char *remedy,
	const char *format, ...)
{
	va_list args;

	reader->failed = true;
	va_start(args, format);
	if (!problem_add_in(reader->problems, SEVERITY_ERROR, "scores", PROBLEM_NOWHERE,
		    reader->unplaced.file, place, remedy, format, args))
		reader->unplaced.lost = true;
	va_end(args);
	return false;
}

static bool is_float(const struct graph *graph, tensor_id tensor)
{
	int32_t type = graph->tensors[tensor].known_type;

	return !type || type == ELEMENT_FLOAT || type == ELEMENT_FLOAT16 ||
	       type == ELEMENT_BFLOAT16;
}

static void push(struct scores_reader *reader, tensor_id tensor, double value)
{
	if (!ARRAY_PUSH(reader->out, (struct tensor_score){tensor, value}))
		reader->unplaced.lost = true;
}

/* False if no output of the node is float. */
static bool push_outputs(struct scores_reader *reader, node_id node, double value)
{
	const struct graph *g = reader->graph;
	bool any = false;

	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id tensor = graph_output_of(g, node, i);

		if (tensor == GRAPH_NONE || !is_float(g, tensor))
			continue;
		push(reader, tensor, value);
		any = true;
	}
	return any;
}

static void no_float(struct scores_reader *reader, const char *name, size_t length)
{
	unplaced_add(
		&reader->unplaced, PROBLEM_NOWHERE, name, length, "", "it is not float");
}

void scores_put_node(
	struct scores_reader *reader, const char *name, size_t length, double value)
{
	node_id node = graph_find_node(reader->graph, name, length);

	if (node == GRAPH_NONE)
		unplaced_name(&reader->unplaced, 'n', name, length);
	else if (!push_outputs(reader, node, value))
		no_float(reader, name, length);
}

void scores_put(
	struct scores_reader *reader, const char *name, size_t length, double value)
{
	const struct graph *g = reader->graph;
	tensor_id tensor = graph_find_tensor(g, name, length);

	if (tensor == GRAPH_NONE && graph_find_node(g, name, length) != GRAPH_NONE)
		scores_put_node(reader, name, length, value);
	else if (tensor == GRAPH_NONE)
		unplaced_name(&reader->unplaced, 't', name, length);
	else if (is_float(g, tensor))
		push(reader, tensor, value);
	else
		no_float(reader, name, length);
}

void scores_release(struct scores *scores)
{
	ARRAY_RELEASE(scores);
	*scores = (struct scores){0};
}

/* ---- order */

struct ranked {
	struct tensor_score score;
	double key; /* low ones first */
	size_t at;
};

static int worst_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static double key_of(double value, enum score_order order)
{
	if (isnan(value))
		return -INFINITY;
	return order == SCORES_LOW_FIRST ? value : -value;
}

bool scores_sort(struct scores *scores, const struct graph *graph, enum score_order order,
	struct error *err)
{
	struct ranked *ranked = calloc(scores->count + 1, sizeof(*ranked));
	bool *taken = calloc(graph->tensor_count + (size_t)1, sizeof(*taken));
	size_t count = scores->count;

	if (!ranked || !taken) {
		free(ranked);
		free(taken);
		return error_set_memory(err, MEMORY_FOR_SCORES);
	}
	for (size_t i = 0; i < count; i++)
		ranked[i] = (struct ranked){
			scores->items[i], key_of(scores->items[i].value, order), i};
	qsort(ranked, count, sizeof(*ranked), worst_first);
	scores->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (taken[ranked[i].score.tensor])
			continue;
		taken[ranked[i].score.tensor] = true;
		scores->items[scores->count++] = ranked[i].score;
	}
	scores->order = order;
	free(ranked);
	free(taken);
	return true;
}

/* ---- the whole */

static void read_any(struct scores_reader *reader, const char *text, size_t length)
{
	json_t *root;

	if (!plan_json_begins(text, length)) {
		scores_read_csv(reader, text, length);
		return;
	}
	root = plan_json_parse(text, length, reader->unplaced.file, reader->problems);
	if (root)
		scores_read_json(reader, root);
	else
		reader->failed = true;
	json_decref(root);
}

/* What the words that came with the numbers say. */
static void take_word(struct scores_reader *reader)
{
	const struct score_word *word = reader->word;
	struct scores *out = reader->out;

	if (!word)
		return;
	if (!*out->measure)
		snprintf(out->measure, sizeof(out->measure), "%s", word->word);
	if (!out->order)
		out->order = word->order;
	out->decibels = word->decibels;
}

bool scores_read(struct scores *scores, const struct graph *graph, const char *text,
	size_t length, const char *name, struct problem_list *problems, struct error *err)
{
	struct scores_reader reader = {.out = scores,
		.graph = graph,
		.problems = problems,
		.unplaced = {.list = problems, .graph = graph, .file = name}};
	bool done;

	*scores = (struct scores){0};
	read_any(&reader, text, length);
	take_word(&reader);
	if (!reader.failed && !scores->count && !reader.unplaced.lost)
		scores_fault(&reader, "", "give the model that they were measured on",
			"no score of a tensor of this model is in it");
	done = !reader.failed && !reader.unplaced.lost;
	if (reader.unplaced.lost || (!done && !problem_count(problems, SEVERITY_ERROR)))
		error_set_memory(err, MEMORY_FOR_SCORES);
	else if (done && scores->order)
		done = scores_sort(scores, graph, scores->order, err);
	if (!done)
		scores_release(scores);
	return done;
}

bool scores_need_order(const char *path, struct error *err)
{
	return error_set(err, ERROR_REFUSED,
		"%s: it does not say whether high scores are good or bad; add --higher "
		"better or --higher worse",
		text_path(path));
}

bool scores_load(struct scores *scores, const struct graph *graph, const char *path,
	enum score_order otherwise, struct problem_list *problems, struct error *err)
{
	size_t length;
	char *text = input_read(path, SCORES_BYTES_MAX, &length, err);
	bool done;

	*scores = (struct scores){0};
	if (!text)
		return false;
	done = scores_read(scores, graph, text, length, path, problems, err);
	free(text);
	if (!done) {
		problem_check(problems, err);
		return false;
	}
	if (!scores->order && !otherwise)
		done = scores_need_order(path, err);
	else if (!scores->order)
		done = scores_sort(scores, graph, otherwise, err);
	if (!done)
		scores_release(scores);
	return done;
}
