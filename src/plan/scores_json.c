/* Scores from JSON: maps, lists of records, and the lists of AIMET and Quark. */
#include "base/text.h"
#include "plan/json.h"
#include "plan/scores_reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A number, also one of those that Python writes beyond JSON; false if it is none. */
static bool number_of(const json_t *value, double *out)
{
	const char *text = json_string_value(value);

	if (json_is_number(value)) {
		*out = json_number_value(value);
		return true;
	}
	if (!text)
		return false;
	if (!strcmp(text, JSON_NAN))
		*out = NAN;
	else if (!strcmp(text, JSON_INFINITY))
		*out = INFINITY;
	else if (!strcmp(text, JSON_MINUS_INFINITY))
		*out = -INFINITY;
	else
		return false;
	return true;
}

/* The member of a record that is its score: the first record of the file decides which
 * word that is. NULL if it has none. */
static const json_t *score_of(struct scores_reader *r, const json_t *record)
{
	int best = -1;
	const json_t *found = NULL;
	const char *key;
	size_t length;
	json_t *value;

	json_object_keylen_foreach((json_t *)record, key, length, value)
	{
		int rank = score_word_rank(key, length);
		double number;

		if (rank < 0 || json_is_object(value) || json_is_array(value))
			continue;
		if (r->word ? &score_words[rank] != r->word : best >= 0 && rank > best)
			continue;
		if (!number_of(value, &number) && !json_is_null(value))
			continue;
		best = rank;
		found = value;
	}
	if (found && !r->word)
		r->word = &score_words[best];
	return found;
}

static void put_value(
	struct scores_reader *r, const char *name, size_t length, const json_t *value)
{
	double number;

	if (number_of(value, &number))
		scores_put(r, name, length, number);
	else if (!json_is_null(value))
		unplaced_add(&r->unplaced, PROBLEM_NOWHERE, name, length,
			"write a number", "%s where a score belongs",
			plan_json_kind(value));
}

static const json_t *name_of(const json_t *record)
{
	const char *key;
	size_t length;
	json_t *value;

	json_object_keylen_foreach((json_t *)record, key, length,
		value) if (json_is_string(value) &&
			   score_is_name_word(key, length)) return value;
	return NULL;
}

static bool bad_row(struct scores_reader *r, size_t row, const char *wanted)
{
	char place[32];

	snprintf(place, sizeof(place), "[%zu]", row);
	return scores_fault(r, place, wanted, "this is no score of a tensor");
}

/* {"tensor": ..., "sqnr": ...} */
static bool read_record(struct scores_reader *r, size_t row, const json_t *record)
{
	const json_t *name = name_of(record), *score = score_of(r, record);

	if (!name || !score)
		return bad_row(r, row, "write {\"tensor\": NAME, \"score\": NUMBER}");
	put_value(r, json_string_value(name), json_string_length(name), score);
	return true;
}

/* ---- AIMET's lists */

const json_t *amp_member_name(const json_t *member, const char **kind)
{
	const json_t *name = member;

	*kind = "";
	if (json_is_array(member)) {
		if (json_array_size(member) != 2 ||
			!json_is_string(json_array_get(member, 0)))
			return NULL;
		*kind = json_string_value(json_array_get(member, 0));
		name = json_array_get(member, 1);
	}
	return json_is_string(name) ? name : NULL;
}

bool amp_row_read(const json_t *row, struct amp_row *out)
{
	bool accuracy = json_is_array(json_array_get(row, 0));
	const json_t *score = json_array_get(row, accuracy ? 2 : 1);

	if (json_array_size(row) != 4)
		return false;
	out->group = json_array_get(row, accuracy ? 0 : 2);
	out->candidate = json_array_get(row, accuracy ? 1 : 3);
	out->has_score = number_of(score, &out->score);
	return json_is_array(out->group) && out->has_score &&
	       (json_is_string(out->candidate) || json_is_array(out->candidate));
}

static bool read_amp_row(struct scores_reader *r, size_t row, const json_t *list)
{
	struct amp_row amp;
	const char *kind;

	if (!amp_row_read(list, &amp))
		return bad_row(r, row,
			"AIMET's rows are [group, candidate, score, operations] or "
			"[operations, score, group, candidate]");
	for (size_t i = 0; i < json_array_size(amp.group); i++) {
		const json_t *name = amp_member_name(json_array_get(amp.group, i), &kind);

		if (!name)
			return bad_row(
				r, row, "a group is a list of [\"activation\", NAME]");
		scores_put(
			r, json_string_value(name), json_string_length(name), amp.score);
	}
	r->out->order = SCORES_LOW_FIRST;
	snprintf(r->out->measure, sizeof(r->out->measure), "accuracy");
	return true;
}

/* ---- Quark's sensitivity cache: how far the output is from float when these nodes
 * alone are promoted, so that low scores are of those that matter most. */

static bool read_candidate(struct scores_reader *r, size_t row, const json_t *entry)
{
	const json_t *nodes = json_object_get(entry, "candidate_nodes");
	double score;

	if (!json_is_array(nodes) || !number_of(json_object_get(entry, "score"), &score))
		return bad_row(r, row, "Quark writes candidate_nodes and score");
	if (json_is_false(json_object_get(entry, "enabled")))
		return true;
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *name = json_array_get(nodes, i);

		if (!json_is_string(name))
			return bad_row(r, row, "candidate_nodes are names");
		scores_put_node(
			r, json_string_value(name), json_string_length(name), score);
	}
	return true;
}

static void read_quark(struct scores_reader *r, const json_t *results)
{
	size_t row = 0;

	while (row < json_array_size(results) &&
		read_candidate(r, row, json_array_get(results, row)))
		row++;
	r->out->order = SCORES_LOW_FIRST;
	snprintf(r->out->measure, sizeof(r->out->measure), "distance");
}

/* ---- lists and maps */

static bool is_pair(const json_t *row)
{
	double number;

	return json_array_size(row) == 2 && json_is_string(json_array_get(row, 0)) &&
	       number_of(json_array_get(row, 1), &number);
}

static bool read_row(struct scores_reader *r, size_t row, const json_t *value)
{
	const json_t *name;

	if (json_is_object(value))
		return read_record(r, row, value);
	if (is_pair(value)) {
		name = json_array_get(value, 0);
		put_value(r, json_string_value(name), json_string_length(name),
			json_array_get(value, 1));
		return true;
	}
	return read_amp_row(r, row, value);
}

static void read_list(struct scores_reader *r, const json_t *list)
{
	size_t row = 0;

	while (row < json_array_size(list) && read_row(r, row, json_array_get(list, row)))
		row++;
}

static void read_map(struct scores_reader *r, const json_t *map, bool whole);

/* A member of the map: a score, a record with one, or a map of its own ("weights"). */
static void read_member(struct scores_reader *r, const char *key, size_t length,
	const json_t *value, bool whole)
{
	const json_t *score = json_is_object(value) ? score_of(r, value) : value;
	int rank = score_word_rank(key, length);

	if (json_is_object(value) && !score && whole && json_object_size(value)) {
		if (rank >= 0 && !r->word)
			r->word = &score_words[rank];
		read_map(r, value, false);
	} else if (!score) {
		unplaced_add(&r->unplaced, PROBLEM_NOWHERE, key, length, "write a number",
			"no score is in it");
	} else {
		put_value(r, key, length, score);
	}
}

static void read_map(struct scores_reader *r, const json_t *map, bool whole)
{
	const char *key;
	size_t length;
	json_t *value;

	json_object_keylen_foreach((json_t *)map, key, length, value)
		read_member(r, key, length, value, whole);
}

/* AIMET's ranked sensitivities: the worst stands first, which tells the order. */
static void read_ranking(struct scores_reader *r, const json_t *list)
{
	size_t count = r->out->count;

	read_list(r, list);
	if (r->word && r->word->order)
		return;
	if (r->out->count > count)
		r->out->order = r->out->items[count].value <=
						r->out->items[r->out->count - 1].value
					? SCORES_LOW_FIRST
					: SCORES_HIGH_FIRST;
}

void scores_read_json(struct scores_reader *r, const json_t *root)
{
	const json_t *ranking = json_object_get(root, "ranking"),
		     *results = json_object_get(root, "results"),
		     *tensors = json_object_get(root, "tensors"),
		     *scores = json_object_get(root, "scores");

	if (json_is_array(root))
		read_list(r, root);
	else if (json_is_array(ranking))
		read_ranking(r, ranking);
	else if (json_is_array(results))
		read_quark(r, results);
	else if (json_is_array(tensors))
		read_list(r, tensors);
	else if (json_is_array(scores))
		read_list(r, scores);
	else if (json_is_object(root))
		read_map(r, root, true);
	else
		scores_fault(r, "", "write {\"tensor\": NUMBER}",
			"%s where scores belong", plan_json_kind(root));
}
